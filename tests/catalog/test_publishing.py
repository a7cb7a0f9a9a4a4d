"""Public ends: what is written to a target by its owner is read by everybody at another address, which the catalogue leads to."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import pangeo_forge as pf
from pangeo_forge.api.cataloguing import Search, create_catalog, open_tree, search_catalog, validate_catalog
from pangeo_forge.bakeries.targets import PublicEnd
from pangeo_forge.catalog.entering.publishing import make_public_way
from pangeo_forge.catalog.entry import Way
from pangeo_forge.catalog.health import making
from pangeo_forge.catalog.health.record import read_health
from servers.static import serve_static

Forge = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.server

META = """
title: "Warmth"
description: "Made up"
recipes:
  - id: sst
    object: "recipe:recipe"
"""

RECIPE = """
from pangeo_forge.recipes import ConcatDim, FilePattern, ZarrRecipe

recipe = ZarrRecipe(FilePattern(lambda time: f"{folder}/{{time}}.nc", ConcatDim("time", (2000,))))
"""


def make() -> xr.Dataset:
    return xr.Dataset({"sst": (("time", "x"), np.arange(4.0).reshape(2, 2))}, {"time": np.array(["2000-01-01", "2000-07-01"], "M8[ns]")})


def write_stores(folder: Path) -> None:
    for name in ("cold", "warm"):
        make().to_zarr(folder / f"{name}.zarr", zarr_format=3, consolidated=True)


def write_feedstock(folder: Path) -> Path:
    folder.mkdir()
    make().to_netcdf(folder / "2000.nc")
    (folder / "meta.yaml").write_text(META)
    (folder / "recipe.py").write_text(RECIPE.format(folder=folder))
    return folder


def read_item(catalog: Path, collection: str) -> dict:
    (path,) = (path for path in (catalog / collection).glob("*.json") if path.name != "collection.json")
    return json.loads(path.read_text())


@pytest.fixture
def published(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A target with two stores, and the address at which everybody reads it."""
    (tmp_path / "target").mkdir()
    write_stores(tmp_path / "target")
    with serve_static(tmp_path / "target") as url:
        yield tmp_path / "target", url


def test_each_dataset_has_a_public_way(published: tuple[Path, str]) -> None:
    target, url = published
    create_catalog(target, public_url=url)
    item = read_item(target / "catalog", "warm")
    assert [(key, asset["href"]) for key, asset in item["assets"].items()] == [
        ("data", str(target / "warm.zarr")),
        ("public", f"{url}/warm.zarr"),
    ]
    assert [link["href"] for link in item["links"] if link["rel"] == "store"] == [str(target / "warm.zarr"), f"{url}/warm.zarr"]


def test_its_snippet_is_executed_as_well(published: tuple[Path, str]) -> None:
    target, url = published
    create_catalog(target, public_url=url)
    health = read_health(open_tree(target))["warm"]
    assert all(health.snippets[key].worked for key in ("data", "public"))


def test_readers_elsewhere_open_the_public_way(published: tuple[Path, str], tmp_path: Path) -> None:
    target, url = published
    create_catalog(target, tmp_path / "catalog", public_url=url)
    item = read_item(tmp_path / "catalog", "warm")
    item["assets"]["data"]["href"] = "/nowhere/warm.zarr"
    xr.testing.assert_equal(pf.open(item).load(), make())


def test_a_target_that_becomes_public_gets_its_public_ways_though_nothing_is_described_anew(published: tuple[Path, str]) -> None:
    target, url = published
    create_catalog(target)
    before = read_item(target / "catalog", "warm")
    outcome = create_catalog(target, public_url=url)
    assert (outcome.described, outcome.unchanged) == (0, 2)
    after = read_item(target / "catalog", "warm")
    assert list(after["assets"]) == ["data", "public"]
    assert {**after["properties"], "storage:schemes": None} == {**before["properties"], "storage:schemes": None}
    collection = json.loads((target / "catalog" / "warm" / "collection.json").read_text())
    assert collection["assets"]["public"]["href"] == f"{url}/warm.zarr"
    assert all(verdict.faults == () for _, verdict in validate_catalog(target))
    assert search_catalog(target, Search(collections=("warm",))).items[0]["assets"] == after["assets"]


def test_the_code_of_a_public_way_that_comes_later_is_executed_as_well(published: tuple[Path, str]) -> None:
    target, url = published
    create_catalog(target)
    assert create_catalog(target, public_url=f"{url}/nothing").problems != ()
    assert create_catalog(target, public_url=url).problems == ()
    health = read_health(open_tree(target))["warm"]
    assert (health.state, bool(health.snippets["public"].worked)) == ("unknown", True)


def test_a_public_end_that_moves_is_followed(published: tuple[Path, str], tmp_path: Path) -> None:
    target, url = published
    create_catalog(target, public_url=url)
    shutil.copytree(target / "warm.zarr", tmp_path / "moved" / "warm.zarr")
    with serve_static(tmp_path / "moved") as moved:
        create_catalog(target, public_url=moved)
    item = read_item(target / "catalog", "warm")
    assert item["assets"]["public"]["href"] == f"{moved}/warm.zarr"
    assert [link["href"] for link in item["links"] if link["rel"] == "store"] == [str(target / "warm.zarr"), f"{moved}/warm.zarr"]


def test_a_run_enters_the_public_end_of_its_bakery(forge: Forge, forge_home: Path, tmp_path: Path) -> None:
    (forge_home / "bakery").mkdir(parents=True)
    with serve_static(forge_home / "bakery") as url:
        ended = forge("recipe", "run", write_feedstock(tmp_path / "warmth"), PANGEO_FORGE_PUBLIC_URL=url)
        assert (ended.returncode, "fails" in ended.stderr) == (0, False), ended.stderr
        item = read_item(forge_home / "bakery" / "catalog", "warmth.sst")
        assert item["assets"]["public"]["href"] == f"{url}/warmth/sst.zarr"
        again = forge("catalog", "create", "local", PANGEO_FORGE_PUBLIC_URL=url)
        assert again.stdout == "0 described, 1 unchanged, 0 gone\n"
    health = read_health(open_tree(forge_home / "bakery"))["warmth.sst"]
    assert health.snippets["public"].worked


def test_a_dataset_at_a_place_of_its_own_has_no_public_end(forge: Forge, forge_home: Path, tmp_path: Path) -> None:
    feedstock, place = write_feedstock(tmp_path / "warmth"), tmp_path / "elsewhere.zarr"
    assert forge("recipe", "run", feedstock, "--target", place, PANGEO_FORGE_PUBLIC_URL="https://data.example.org").returncode == 0
    assert list(read_item(forge_home / "bakery" / "catalog", "warmth.sst")["assets"]) == ["data", "inputs"]


def test_a_public_end_that_does_not_answer_is_told_and_the_run_is_good(forge: Forge, forge_home: Path, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        ended = forge("recipe", "run", write_feedstock(tmp_path / "warmth"), PANGEO_FORGE_PUBLIC_URL=url)
    assert ended.returncode == 0
    assert "the code that opens the dataset, as the catalogue shows it, fails" in ended.stderr


def test_a_public_end_that_answers_nothing_is_not_waited_for(published: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> None:
    target, _ = published
    monkeypatch.setattr(making, "_PATIENCE_S", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        outcome = create_catalog(target, public_url=f"http://127.0.0.1:{silent.getsockname()[1]}")
    assert [why for _, why in outcome.problems] == ["executing its snippet took longer than 0.5 s"] * 2


def test_a_public_end_is_remembered_until_it_is_withdrawn(published: tuple[Path, str]) -> None:
    target, url = published
    create_catalog(target, public_url=url)
    make().to_zarr(target / "hot.zarr", zarr_format=3, consolidated=True)
    assert create_catalog(target).described == 1
    assert all("public" in read_item(target / "catalog", name)["assets"] for name in ("cold", "hot", "warm"))
    create_catalog(target, public_url="")
    assert not any("public" in read_item(target / "catalog", name)["assets"] for name in ("cold", "hot", "warm"))
    create_catalog(target)
    assert "public" not in read_item(target / "catalog", "warm")["assets"]


def test_a_target_that_is_moved_keeps_its_public_end(published: tuple[Path, str], tmp_path: Path) -> None:
    target, url = published
    create_catalog(target, tmp_path / "catalog", public_url=url)
    moved = Path(shutil.copytree(target, tmp_path / "moved", copy_function=shutil.copy2))
    create_catalog(moved, tmp_path / "catalog")
    assert read_item(tmp_path / "catalog", "warm")["assets"]["public"]["href"] == f"{url}/warm.zarr"


def test_a_run_adds_the_public_end_that_the_catalogue_knows(forge: Forge, forge_home: Path, tmp_path: Path) -> None:
    feedstock = write_feedstock(tmp_path / "warmth")
    assert forge("recipe", "run", feedstock).returncode == 0
    with serve_static(forge_home / "bakery") as url:
        assert forge("catalog", "create", "local", "--public-url", url).returncode == 0
    assert forge("recipe", "run", feedstock, "--overwrite").returncode == 0
    collection = json.loads((forge_home / "bakery" / "catalog" / "warmth.sst" / "collection.json").read_text())
    assert collection["assets"]["public"]["href"] == f"{url}/warmth/sst.zarr"


def test_nothing_stays_of_a_public_end_of_another_protocol(published: tuple[Path, str]) -> None:
    target, url = published
    create_catalog(target)
    create_catalog(target, public_url="s3://bucket/stores")
    create_catalog(target, public_url=url)
    item = read_item(target / "catalog", "warm")
    assert {"xarray:storage_options", "storage:refs"} & set(item["assets"]["public"]) == set()
    xr.testing.assert_equal(pf.open(item["assets"]["public"]).load(), make())


def test_names_are_written_as_addresses_want_them() -> None:
    assert PublicEnd("/srv", "https://h").find("/srv/a b#c?d%2F.zarr") == "https://h/a%20b%23c%3Fd%252F.zarr"
    assert PublicEnd("/srv", "s3://b").find("/srv/a b.zarr") == "s3://b/a b.zarr"


@pytest.mark.parametrize(
    "url",
    ["/srv/stores", "file:///srv/stores", "https://me:secret@example.org", "http://", "s3://", "https://h/x?token=secret", "https://[h"],
)
def test_an_address_that_nobody_else_can_read_is_refused(forge: Forge, tmp_path: Path, url: str) -> None:
    ended = forge("catalog", "create", tmp_path, "--public-url", url)
    assert (ended.returncode, "secret" in ended.stderr) == (2, False)
    assert "public URL" in ended.stderr


@pytest.mark.parametrize(
    ("root", "url", "place", "found"),
    [
        ("s3://bucket/stores", "https://cdn.example.org/s", "s3://bucket/stores/a/b.zarr", "https://cdn.example.org/s/a/b.zarr"),
        ("s3a://bucket/stores/", "https://cdn.example.org/s/", "s3://bucket/stores/b.zarr", "https://cdn.example.org/s/b.zarr"),
        ("s3://bucket/stores", "https://cdn.example.org", "s3://bucket/stores-of-others/b.zarr", None),
        ("/srv", "https://cdn.example.org", "/srv", None),
    ],
)
def test_a_place_is_found_at_its_public_end(root: str, url: str, place: str, found: str | None) -> None:
    assert PublicEnd(root, url).find(place) == found


def test_an_object_store_that_is_open_to_all_is_read_without_credentials() -> None:
    place = {"client_kwargs": {"endpoint_url": "http://127.0.0.1:9"}}
    way = Way(key="data", href="s3://bucket/a.zarr", format="zarr", storage_options={"key": "…", "secret": "…", **place})
    public = make_public_way(way, PublicEnd("s3://bucket", "s3://open"))
    assert public is not None
    assert (public.href, public.storage_options) == ("s3://open/a.zarr", {**place, "anon": True})
