"""Where a dataset comes from: which version of each input was read, and links to all that had a part in it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from email.utils import formatdate
from pathlib import Path
from urllib.error import HTTPError

import numpy as np
import pyarrow.parquet as pq
import pytest
import xarray as xr

from pangeo_forge.api.cataloguing import open_tree
from pangeo_forge.catalog.library import Library
from pangeo_forge.catalog.sources.manifest import list_sources, make_manifest
from pangeo_forge.plans.inputs import InputFile
from pangeo_forge.plans.stamps import Stamp, stamp_of
from pangeo_forge.web.app import make_app
from servers.asgi import serve_app
from servers.static import serve_static

Forge = Callable[..., subprocess.CompletedProcess[str]]

META = """
title: "Warmth"
description: "Made up"
recipes:
  - id: sst
    object: "recipe:recipe"
"""

NATIVE = """
from pangeo_forge.recipes import ConcatDim, FilePattern, ZarrRecipe

recipe = ZarrRecipe(FilePattern(lambda time: f"{folder}/{{time}}.nc", ConcatDim("time", (2000, 2001))){more})
"""

REFERENCES = """
from pangeo_forge.recipes import ConcatDim, FilePattern, VirtualRecipe

recipe = VirtualRecipe(
    FilePattern(lambda time: f"{folder}/{{time}}.nc", ConcatDim("time", (2000, 2001))), format="kerchunk-json"{more}
)
"""

CLASSIC = """
from pangeo_forge_recipes.patterns import ConcatDim, FilePattern
from pangeo_forge_recipes.recipes import HDFReferenceRecipe

recipe = HDFReferenceRecipe(FilePattern(lambda time: f"{folder}/{{time}}.nc", ConcatDim("time", (2000, 2001))){more})
"""


def write_archive(folder: Path, *, width: int = 2) -> None:
    """Write two files of `width` times two values each."""
    folder.mkdir(exist_ok=True)
    for year in (2000, 2001):
        time = np.array([f"{year}-01-01", f"{year}-07-01"], "M8[ns]")
        values = (("time", "x"), np.random.default_rng(year).random((2, width)))
        xr.Dataset({"sst": values}, {"time": time}).to_netcdf(folder / f"{year}.nc", engine="h5netcdf")
        os.utime(folder / f"{year}.nc", (1_000_000_000 + year, 1_000_000_000 + year))


def write_feedstock(folder: Path, recipe: str, archive: str, more: str = "") -> Path:
    folder.mkdir()
    (folder / "meta.yaml").write_text(META)
    (folder / "recipe.py").write_text(recipe.format(folder=archive, more=more))
    return folder


def find_item(home: Path) -> Path:
    (path,) = [path for path in (home / "bakery" / "catalog").glob("*.sst/*.json") if path.name != "collection.json"]
    return path


def read_item(home: Path) -> dict:
    return json.loads(find_item(home).read_text())


def read_inputs(home: Path) -> list[dict]:
    return pq.read_table(find_item(home).parent / read_item(home)["assets"]["inputs"]["href"]).to_pylist()


def digest(path: Path) -> str:
    return f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


@pytest.mark.server
@pytest.mark.parametrize("recipe", [NATIVE, REFERENCES, CLASSIC], ids=["native", "references", "class-api"])
def test_of_inputs_on_the_web_the_version_that_was_read_is_listed(recipe: str, forge: Forge, forge_home: Path, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    write_archive(archive)
    with serve_static(archive) as url:
        ended = forge("recipe", "run", write_feedstock(tmp_path / "warmth", recipe, url))
        assert ended.returncode == 0, ended.stderr
    for row, year in zip(read_inputs(forge_home), (2000, 2001), strict=True):
        assert (row["url"], row["keys"]) == (f"{url}/{year}.nc", json.dumps({"time": str(year)}))
        assert (row["size"], row["modified"].timestamp()) == ((archive / f"{year}.nc").stat().st_size, 1_000_000_000 + year)
        assert len(row["etag"]) == 32  # which the server makes of size and time
        assert row["checksum"] == digest(archive / f"{year}.nc")


@pytest.mark.server
def test_of_a_large_input_no_more_is_read_for_its_checksum(forge: Forge, forge_home: Path, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    write_archive(archive, width=100_000)
    with serve_static(archive) as url:
        assert forge("recipe", "run", write_feedstock(tmp_path / "warmth", NATIVE, url)).returncode == 0
    assert [(len(row["etag"]), row["checksum"]) for row in read_inputs(forge_home)] == [(32, None), (32, None)]


@pytest.mark.server
def test_of_an_input_in_the_cache_the_checksum_is_listed_and_what_its_server_said(forge: Forge, forge_home: Path, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    write_archive(archive, width=100_000)
    with serve_static(archive) as url:
        feedstock = write_feedstock(tmp_path / "warmth", NATIVE, url)
        ended = forge("recipe", "run", feedstock, "--cache", tmp_path / "cache")
        assert ended.returncode == 0, ended.stderr
    for row, year in zip(read_inputs(forge_home), (2000, 2001), strict=True):
        assert (row["checksum"], len(row["etag"])) == (digest(archive / f"{year}.nc"), 32)
        assert row["modified"].timestamp() == 1_000_000_000 + year


@pytest.mark.server
def test_of_an_input_on_s3_the_etag_is_listed(forge: Forge, forge_home: Path, tmp_path: Path, s3_server) -> None:
    (tmp_path / "served").mkdir()
    write_archive(tmp_path / "served" / "archive")
    served = s3_server(tmp_path / "served")
    options = 'json.loads(os.environ["ARCHIVE_OPTIONS"])'
    recipe = "import json\nimport os\n" + NATIVE.replace("(2000, 2001))){more}", f"(2000, 2001)), fsspec_open_kwargs={options})")
    feedstock = write_feedstock(tmp_path / "warmth", recipe, "s3://archive")
    ended = forge("recipe", "run", feedstock, ARCHIVE_OPTIONS=json.dumps(served.storage_options))
    assert ended.returncode == 0, ended.stderr
    for row, year in zip(read_inputs(forge_home), (2000, 2001), strict=True):
        content = (tmp_path / "served" / "archive" / f"{year}.nc").read_bytes()
        assert row["etag"] == hashlib.md5(content, usedforsecurity=False).hexdigest()
        assert row["modified"].timestamp() == 1_000_000_000 + year


@pytest.mark.server
def test_links_lead_to_the_inputs_and_to_an_account_of_the_run(forge: Forge, forge_home: Path, tmp_path: Path) -> None:
    write_archive(tmp_path / "archive")
    with serve_static(tmp_path / "archive") as url:
        assert forge("recipe", "run", write_feedstock(tmp_path / "warmth", NATIVE, url)).returncode == 0
    item = read_item(forge_home)
    assert [link["href"] for link in item["links"] if link["rel"] == "derived_from"] == [
        item["assets"]["inputs"]["href"],
        f"{url}/2000.nc",
        f"{url}/2001.nc",
    ]
    (where,) = [link["href"] for link in item["links"] if link["rel"] == "processing-execution"]
    account = json.loads((find_item(forge_home).parent / where).read_text())
    assert (account["id"], account["state"], account["inputs"]) == (item["properties"]["pangeo_forge:run"], "succeeded", 2)
    assert [stage["name"] for stage in account["stages"]] == ["inspect", "prepare", "store", "finalize", "check"]
    assert str(tmp_path) not in json.dumps({name: value for name, value in account.items() if name != "source"})


def test_the_recipe_is_among_the_software_with_its_commit(forge: Forge, forge_home: Path, tmp_path: Path) -> None:
    write_archive(tmp_path / "archive")
    feedstock = write_feedstock(tmp_path / "warmth", NATIVE, str(tmp_path / "archive"))
    for arguments in (("init", "-q"), ("add", "."), ("-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-qm", "One")):
        subprocess.run(["git", *arguments], cwd=feedstock, check=True)
    assert forge("recipe", "run", feedstock).returncode == 0
    properties = read_item(forge_home)["properties"]
    assert properties["processing:software"]["warmth/sst"] == properties["processing:version"]


def test_many_inputs_are_not_linked_to_one_by_one() -> None:
    files = [InputFile(number, f"https://example.org/{number}.nc", {"time": number}, {"time": number}) for number in range(11)]
    assert (list_sources(files[:2]), list_sources(files)) == (["https://example.org/0.nc", "https://example.org/1.nc"], [])


def test_neither_local_files_nor_addresses_with_secrets_are_linked_to() -> None:
    urls = ["/data/a.nc", "file:///data/a.nc", "https://me:secret@example.org/a.nc"]
    assert list_sources([InputFile(number, url, {}, {}) for number, url in enumerate(urls)]) == []


def test_the_list_of_inputs_holds_no_secrets() -> None:
    file = InputFile(0, "https://me:secret@example.org/a.nc?token=secret", {}, {"time": 1})
    assert b"secret" not in make_manifest([file], {})


def test_positions_are_listed_where_keys_are_not_known(tmp_path: Path) -> None:
    (tmp_path / "inputs.parquet").write_bytes(make_manifest([InputFile(0, "https://example.org/a.nc", {"time": 3}, {})], {0: Stamp(5)}))
    (row,) = pq.read_table(tmp_path / "inputs.parquet").to_pylist()
    assert (row["keys"], row["size"], row["etag"]) == ('{"time": "3"}', 5, None)


@pytest.mark.parametrize(
    "details",
    [
        {"Last-Modified": formatdate(86_400, usegmt=True)},
        {"updated": "1970-01-02T00:00:00.000Z"},
        {"mtime": 86_400.0},
    ],
    ids=["HTTP", "Google", "local"],
)
def test_times_are_understood_as_file_systems_write_them(details: dict) -> None:
    assert stamp_of(details).modified.isoformat() == "1970-01-02T00:00:00+00:00"


@pytest.mark.parametrize("details", [{"Last-Modified": "yesterday"}, {"mtime": 1e300}, {"Content-MD5": "?"}, {"size": None}, {}])
def test_what_cannot_be_understood_of_a_file_is_not_known(details: dict) -> None:
    assert stamp_of(details) == Stamp()


def test_a_digest_of_the_server_is_taken_as_a_checksum() -> None:
    assert stamp_of({"Content-MD5": "XUFAKrxLKna5cZ2REBfFkg=="}) == Stamp(checksum="md5:5d41402abc4b2a76b9719d911017c592")


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The catalogue of a run. To be read only."""
    folder = tmp_path_factory.mktemp("catalogued")
    write_archive(folder / "archive")
    feedstock = write_feedstock(folder / "warmth", NATIVE, str(folder / "archive"))
    command = [sys.executable, "-m", "pangeo_forge", "recipe", "run", str(feedstock)]
    subprocess.run(command, env=os.environ | {"PANGEO_FORGE_HOME": str(folder / "home")}, capture_output=True, check=True)
    return folder / "home" / "bakery" / "catalog"


@pytest.fixture(scope="module")
def site(catalog: Path) -> Iterator[str]:
    """The address of a server of that catalogue."""
    with serve_app(make_app(Library(open_tree(catalog)))) as address:
        yield address


def get(address: str) -> tuple[str, bytes]:
    """Ask a server; give the media type and the content."""
    with urllib.request.urlopen(address) as response:
        return response.headers.get_content_type(), response.read()


def test_all_of_it_is_led_to_by_relative_addresses_so_that_a_catalogue_can_be_moved(catalog: Path) -> None:
    item = read_item(catalog.parent.parent)
    kept = [link["href"] for link in item["links"] if link["rel"] in ("derived_from", "processing-execution", "processing-software")]
    assert [href.split("/")[:2] for href in kept] == [["..", "_runs"], ["..", "environments"], ["..", "inputs"]]


@pytest.mark.server
def test_the_page_of_a_dataset_leads_to_its_inputs_its_run_and_its_packages(site: str) -> None:
    found = re.findall(r'href="(/files/[^"]+)"', get(f"{site}/datasets/warmth.sst")[1].decode())
    assert [path.split("/")[2] for path in found] == ["_runs", "inputs", "environments"]
    assert [get(site + path)[0] for path in found] == ["application/json", "application/vnd.apache.parquet", "text/plain"]


@pytest.mark.server
def test_so_does_the_api(site: str) -> None:
    (item,) = json.loads(get(f"{site}/stac/collections/warmth.sst/items")[1])["features"]
    assert get(item["assets"]["inputs"]["href"])[1].startswith(b"PAR1")
    assert all("://" in link["href"] for link in item["links"] if link["rel"] != "store")


@pytest.mark.server
@pytest.mark.parametrize("path", ["/files/catalog/catalog.json", "/files/inputs/..%2Fcatalog.json", "/files/inputs/nothing.parquet"])
def test_nothing_else_is_given_out(site: str, path: str) -> None:
    with pytest.raises(HTTPError, match="404"):
        get(site + path)


def test_an_export_leads_to_the_inputs_by_their_whole_address(catalog: Path, forge: Forge, tmp_path: Path) -> None:
    assert forge("catalog", "export", catalog, "--as", "geoparquet", "--output", tmp_path / "items.parquet").returncode == 0
    (row,) = pq.read_table(tmp_path / "items.parquet").to_pylist()
    hrefs = [link["href"] for link in row["links"] if link["rel"] == "derived_from"]
    assert [Path(href).parent for href in hrefs] == [catalog / "inputs"]


@pytest.mark.parametrize("recipe", [NATIVE, REFERENCES, CLASSIC], ids=["native", "references", "class-api"])
def test_checksums_of_all_inputs_are_made_where_that_is_asked_for(recipe: str, forge: Forge, forge_home: Path, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    write_archive(archive)
    ended = forge("recipe", "run", write_feedstock(tmp_path / "warmth", recipe, str(archive)), "--checksums")
    assert ended.returncode == 0, ended.stderr
    assert [row["checksum"] for row in read_inputs(forge_home)] == [digest(archive / f"{year}.nc") for year in (2000, 2001)]


@pytest.mark.server
def test_they_are_not_made_twice(forge: Forge, tmp_path: Path) -> None:
    write_archive(tmp_path / "archive")
    with serve_static(tmp_path / "archive") as url:
        ended = forge("recipe", "run", write_feedstock(tmp_path / "warmth", NATIVE, url), "--checksums")
    assert (ended.returncode, "checksum" in ended.stderr) == (0, False)  # small files over the network were read whole anyway
