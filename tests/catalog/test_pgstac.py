"""Catalogues pushed into pgstac, on a real PostgreSQL with PostGIS, and served from there by a program that knows nothing of us."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import psycopg
import pystac_client
import pytest
import xarray as xr

from pangeo_forge.api.cataloguing import create_catalog
from pangeo_forge.api.pushing import push_catalog
from pangeo_forge.catalog.pgstac.connecting import connect
from pangeo_forge.catalog.pgstac.records import Records
from pangeo_forge.catalog.storage.tree import Tree
from pangeo_forge.environments.store import python_in
from pangeo_forge.environments.uv import find_uv
from pangeo_forge.errors import TargetError, UsageError

pytestmark = [pytest.mark.server, pytest.mark.slow]

Database = Callable[[], str]


@pytest.fixture
def make_database(postgres_url: str) -> Iterator[Database]:
    """Make an empty database of one's own; gives its address."""
    user, host = re.match(r"postgresql\+psycopg://(\w+)@/postgres\?host=(.+)", postgres_url).groups()  # type: ignore[union-attr]
    made: list[str] = []
    with psycopg.connect(f"host={host} user={user} dbname=postgres", autocommit=True) as connection:
        there = connection.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'postgis'").fetchone()
        if there is None:
            pytest.skip("needs PostGIS in PostgreSQL (Debian: apt-get install postgresql-postgis)")

        def make() -> str:
            made.append(f"stac_{uuid4().hex}")
            connection.execute(f"CREATE DATABASE {made[-1]}")
            return f"host={host} user={user} dbname={made[-1]}"

        yield make
        for name in made:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def write_store(path: Path, title: str, *, west: float | None = 0.0) -> None:
    place = (
        {}
        if west is None
        else {"lon": ("lon", [west, west + 1], {"units": "degrees_east"}), "lat": ("lat", [10.0, 11.0], {"units": "degrees_north"})}
    )
    times = np.array(["2000-01-01", "2000-07-01"], "M8[ns]")
    ds = xr.Dataset({"sst": (("time", "lat", "lon"), np.ones((2, 2, 2)))}, {"time": times, **place}, {"title": title, "license": "MIT"})
    ds.to_zarr(path, mode="w", consolidated=False)


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    """A catalogue of three datasets, one of which is nowhere."""
    write_store(tmp_path / "stores/east.zarr", "In the east", west=20)
    write_store(tmp_path / "stores/edge.zarr", "Across the antimeridian", west=179.5)
    write_store(tmp_path / "stores/nowhere.zarr", "Nowhere", west=None)
    create_catalog(tmp_path / "stores")
    return tmp_path / "stores/catalog"


def ask(address: str, query: str, *values: Any) -> Any:
    with psycopg.connect(address, options="-c search_path=pgstac,public") as connection:
        row = connection.execute(query, values).fetchone()
        return row and row[0]


def find(address: str, **asked: Any) -> dict[str, Any]:
    """Ask pgstac itself; gives the Items by Collection."""
    found = ask(address, "SELECT search(%s::jsonb)", json.dumps(asked))
    return {item["collection"]: item for item in found["features"]}


def test_an_empty_database_gets_pgstac_and_the_whole_catalogue(catalog: Path, make_database: Database) -> None:
    address = make_database()
    told: list[tuple[int, int]] = []
    pushed = push_catalog(catalog, address, progress=lambda done, of: told.append((done, of)))
    assert pushed.installed
    assert (pushed.collections, pushed.items) == (3, 3)
    assert told[-1] == (3, 3)
    assert ask(address, "SELECT count(*) FROM collections") == 3
    assert set(find(address)) == {"east", "edge", "nowhere"}
    assert set(find(address, **{"filter-lang": "cql2-json", "filter": {"op": "like", "args": [{"property": "title"}, "In%"]}})) == {"east"}
    assert set(find(address, bbox=[15, 0, 30, 20])) == {"east", "nowhere"}


def test_items_come_out_as_they_went_in(catalog: Path, make_database: Database) -> None:
    address = make_database()
    push_catalog(catalog, address)
    (path,) = (catalog / "east").glob("east-*.json")
    written, kept = json.loads(path.read_text()), find(address)["east"]
    written["properties"] = {name: value for name, value in written["properties"].items() if value is not None}  # which pgstac takes away
    for name in ("id", "bbox", "geometry", "properties", "assets"):
        assert kept[name] == written[name]


def test_pushing_again_writes_what_is_new_and_changes_nothing_else(catalog: Path, make_database: Database) -> None:
    address = make_database()
    push_catalog(catalog, address)
    before = ask(address, "SELECT string_agg(i::text, ',' ORDER BY id) FROM items i WHERE collection <> 'east'")
    write_store(catalog.parent / "east.zarr", "Farther in the east", west=30)
    create_catalog(catalog.parent)
    again = push_catalog(catalog, address)
    assert not again.installed
    assert ask(address, "SELECT content->>'title' FROM collections WHERE id = 'east'") == "Farther in the east"
    assert ask(address, "SELECT count(*) FROM items WHERE collection = 'east'") == Records(open_tree(catalog)).items - 2
    assert ask(address, "SELECT string_agg(i::text, ',' ORDER BY id) FROM items i WHERE collection <> 'east'") == before


def open_tree(catalog: Path) -> Tree:
    from pangeo_forge.api import cataloguing

    return cataloguing.open_tree(catalog)


def test_an_older_pgstac_is_brought_up_to_date_only_if_that_is_asked_for(catalog: Path, make_database: Database) -> None:
    from pypgstac.db import PgstacDB
    from pypgstac.migrate import Migrate

    address = make_database()
    with PgstacDB(dsn=address) as database:
        Migrate(database).run_migration("0.9.6")
    with pytest.raises(UsageError, match=r"the database has pgstac 0\.9\.6.*loads into") as caught:
        push_catalog(catalog, address)
    assert "--migrate" in str(caught.value.hint)
    pushed = push_catalog(catalog, address, migrate=True)
    assert (pushed.migrated_from, pushed.installed) == ("0.9.6", False)
    assert len(find(address)) == 3


def test_an_index_that_names_a_collection_which_is_not_there_is_not_pushed(catalog: Path, make_database: Database) -> None:
    (catalog / "east/collection.json").unlink()
    with pytest.raises(UsageError, match="lacks Collections"):
        push_catalog(catalog, make_database())


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("postgresql://forge:hunter2@127.0.0.1:1/stac", "cannot be reached: Connection refused"),
        ("postgresql://forge:hun@ter2@nowhere.invalid/stac", "cannot be reached: failed to resolve host"),
        ("postgresql//forge:hunter2@127.0.0.1", "address cannot be read"),
        ("host=127.0.0.1 port=1 password=hunter2 dbname", "address cannot be read"),
        ("host=/nowhere user=forge password=hunter2", "cannot be reached: No such file or directory"),
    ],
)
def test_a_database_that_is_not_there_is_told_without_its_password(address: str, why: str) -> None:
    with pytest.raises((UsageError, TargetError), match=why) as caught:
        connect(address)
    assert "ter2" not in "".join(traceback.format_exception(caught.value)) + repr(caught.value.to_dict())


def test_the_command_keeps_the_password_to_itself(catalog: Path) -> None:
    command = [sys.executable, "-m", "pangeo_forge", "catalog", "push", str(catalog), "--verbose"]
    environ = {**os.environ, "PANGEO_FORGE_PGSTAC": "postgresql://forge:hun@ter2@nowhere.invalid/stac"}
    ended = subprocess.run(command, env=environ, capture_output=True, text=True)
    assert ended.returncode == 1
    assert ended.stderr.startswith("error: the database cannot be reached: failed to resolve host\n")
    assert "ter2" not in ended.stdout + ended.stderr


def test_what_the_server_refuses_is_told_in_its_words(catalog: Path, make_database: Database) -> None:
    with pytest.raises(TargetError, match='database "not_there" does not exist'):
        push_catalog(catalog, re.sub("dbname=.*", "dbname=not_there", make_database()))


def test_no_database_at_all_is_told_with_what_names_one(catalog: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("PG") or name == "PANGEO_FORGE_PGSTAC"]:
        monkeypatch.delenv(name)
    with pytest.raises(UsageError, match="no database is named"):
        push_catalog(catalog)


def test_libpqs_own_variables_name_the_database(catalog: Path, make_database: Database) -> None:
    host, user, name = re.match(r"host=(.+) user=(.+) dbname=(.+)", make_database()).groups()  # type: ignore[union-attr]
    inherited = {name: value for name, value in os.environ.items() if name != "PANGEO_FORGE_PGSTAC"}
    command = [sys.executable, "-m", "pangeo_forge", "catalog", "push", str(catalog)]
    ended = subprocess.run(command, env={**inherited, "PGHOST": host, "PGUSER": user, "PGDATABASE": name}, capture_output=True, text=True)
    assert re.fullmatch(r"the database had no pgstac: [\d.]+ was installed\n3 Collections and 3 Items pushed\n", ended.stdout), ended.stderr


def test_assets_that_are_named_from_their_item_are_named_from_anywhere(tmp_path: Path, catalog: Path) -> None:
    from pangeo_forge.catalog.index.table import make_index, make_row, read_index

    (row,) = [each for each in read_index((catalog / "index.parquet").read_bytes()) if each["collection"] == "east"]
    item = json.loads(row["item"])
    item["assets"]["thumbnail"] = {"href": "./picture.png"}
    (catalog / "index.parquet").write_bytes(make_index([make_row(item)]))
    (read,) = Records(open_tree(catalog)).read_items()
    assert read["assets"]["thumbnail"]["href"] == f"{catalog}/east/picture.png"


@pytest.fixture(scope="session")
def fastapi_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment of its own with the server that stands before pgstac."""
    folder = tmp_path_factory.mktemp("fastapi") / "environment"
    uv = find_uv(os.environ)
    uv.run("venv", "--quiet", "--no-project", "--python", sys.executable, folder, cwd=folder.parent)
    server = ("stac-fastapi.pgstac==7.2.0", "stac-fastapi-api==7.0.0", "uvicorn==0.38.0")
    uv.run("pip", "install", "--quiet", "--python", python_in(folder), "--only-binary", ":all:", *server, cwd=folder.parent)
    return python_in(folder)


@pytest.fixture
def serve_pgstac(fastapi_python: Path) -> Iterator[Callable[[str], str]]:
    """Serve a database; gives the address."""
    started: list[subprocess.Popen[str]] = []

    def serve(address: str) -> str:
        host, user, name = re.match(r"host=(.+) user=(.+) dbname=(.+)", address).groups()  # type: ignore[union-attr]
        told = {"PGHOST": host.replace("/", "%2F"), "PGPORT": "5432", "PGUSER": user, "PGPASSWORD": "none", "PGDATABASE": name}
        command = [str(fastapi_python), "-m", "uvicorn", "--factory", "stac_fastapi.pgstac.app:create_app", "--port", "0"]
        process = subprocess.Popen(command, env={**os.environ, **told}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stderr
        lines = []
        for line in process.stderr:
            lines.append(line)
            if match := re.search(r"running on (http://\S+)", line):
                return match[1]
        raise AssertionError("".join(lines))

    yield serve
    for process in started:
        process.terminate()
        process.communicate()


def test_a_foreign_server_and_a_foreign_client_find_what_was_pushed(
    catalog: Path, make_database: Database, serve_pgstac: Callable[[str], str]
) -> None:
    address = make_database()
    push_catalog(catalog, address)
    client = pystac_client.Client.open(serve_pgstac(address))
    assert {collection.id for collection in client.get_collections()} == {"east", "edge", "nowhere"}
    found = client.search(filter={"op": "=", "args": [{"property": "title"}, "In the east"]}).item_collection()
    assert [item.assets["data"].href for item in found] == [f"{catalog.parent}/east.zarr"]
