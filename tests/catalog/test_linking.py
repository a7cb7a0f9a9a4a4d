"""The links of a catalogue: relative, so that it can be moved, or whole, where it is read at a known URL."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pystac
import pytest
import xarray as xr

from pangeo_forge.api.cataloguing import Search, create_catalog, open_tree, search_catalog, validate_catalog
from pangeo_forge.catalog.entering.adding import add_entry
from pangeo_forge.catalog.sources.finding import Walk
from pangeo_forge.catalog.sources.reading import read_entry
from pangeo_forge.catalog.storage.linking import THROUGH, relink
from servers.static import serve_static

pytestmark = pytest.mark.server


def write_store(path: Path, values: float = 1.0) -> None:
    xr.Dataset({"sst": (("y", "x"), np.full((2, 2), values))}).to_zarr(path, mode="w", zarr_format=3, consolidated=False)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    for name in ("cold", "warm"):
        write_store(tmp_path / "target" / f"{name}.zarr")
    return tmp_path / "target"


@pytest.fixture
def url(target: Path) -> Iterator[str]:
    """The address at which the target is read."""
    with serve_static(target) as address:
        yield address


def list_links(catalog: Path) -> list[str]:
    records = [json.loads(path.read_text()) for path in catalog.rglob("*.json") if path.name != "health.json"]
    return [link["href"] for record in records for link in record["links"] if link["rel"] in THROUGH]


def test_they_are_relative_where_nobody_says_otherwise(target: Path) -> None:
    create_catalog(target)
    assert all(href.startswith(("./", "../")) for href in list_links(target / "catalog"))


def test_a_foreign_reader_walks_through_a_catalogue_by_its_whole_addresses(target: Path, url: str) -> None:
    create_catalog(target, catalog_url=f"{url}/catalog")
    assert all(href.startswith(f"{url}/catalog/") for href in list_links(target / "catalog"))
    root = pystac.Catalog.from_file(f"{url}/catalog/catalog.json")
    assert sorted(child.id for child in root.get_children()) == ["cold", "warm"]
    (item,) = root.get_child("warm").get_items()
    assert item.get_self_href() == f"{url}/catalog/warm/{item.id}.json"
    assert item.get_collection().get_self_href() == f"{url}/catalog/warm/collection.json"


def test_such_a_catalogue_is_valid(target: Path, url: str) -> None:
    create_catalog(target, catalog_url=f"{url}/catalog")
    assert [verdict.faults for _, verdict in validate_catalog(target)] == [()] * 5


def test_they_stay_as_they_are_when_the_catalogue_is_made_again(target: Path, url: str) -> None:
    create_catalog(target, catalog_url=f"{url}/catalog")
    write_store(target / "hot.zarr")
    assert create_catalog(target).described == 1
    assert all(href.startswith(f"{url}/catalog/") for href in list_links(target / "catalog"))


def test_they_are_written_anew_when_the_catalogue_is_read_elsewhere(target: Path, url: str) -> None:
    create_catalog(target)
    before = read_all(target / "catalog")
    for base in (f"{url}/catalog", "https://data.example.org/c", ""):
        assert create_catalog(target, catalog_url=base).described == 0
        assert all(href.startswith(f"{base}/" if base else ("./", "../")) for href in list_links(target / "catalog"))
    assert read_all(target / "catalog") == before


def test_a_version_that_is_added_is_linked_to_as_the_others_are(target: Path, url: str) -> None:
    create_catalog(target, catalog_url=f"{url}/catalog")
    write_store(target / "hot.zarr")
    found = Walk(*fsspec.url_to_fs(str(target / "hot.zarr"))).find()
    assert found is not None
    add_entry(open_tree(target), read_entry(found, "hot", str(target / "hot.zarr"), {}), "hot.zarr", "", title="", description="")
    assert all(href.startswith(f"{url}/catalog/") for href in list_links(target / "catalog"))
    assert "hot" in {child.id for child in pystac.Catalog.from_file(f"{url}/catalog/catalog.json").get_children()}


def test_a_catalogue_with_relative_links_is_read_where_it_was_moved_to(target: Path, tmp_path: Path) -> None:
    create_catalog(target)
    shutil.move(target / "catalog", tmp_path / "moved")
    root = pystac.Catalog.from_file(str(tmp_path / "moved" / "catalog.json"))
    assert sorted(item.collection_id for item in root.get_items(recursive=True)) == ["cold", "warm"]
    assert search_catalog(tmp_path / "moved", Search()).matched == 2


def test_a_relinking_that_was_cut_short_is_finished() -> None:
    half_done = [
        {"rel": "root", "href": "https://data.example.org/catalog.json"},
        {"rel": "parent", "href": "./collection.json"},
        {"rel": "via", "href": "./not-ours.json"},
    ]
    assert [each["href"] for each in relink(half_done, "warm/warm-1.json", None, "https://data.example.org")] == [
        "https://data.example.org/warm/warm-1.json",
        "https://data.example.org/catalog.json",
        "https://data.example.org/warm/collection.json",
        "./not-ours.json",
    ]


def test_both_at_once_cannot_be_had(forge, target: Path) -> None:
    ended = forge("catalog", "create", target, "--absolute", "https://data.example.org", "--relative")
    assert (ended.returncode, "--absolute and --relative" in ended.stderr) == (2, True)


def read_all(catalog: Path) -> dict[str, Any]:
    return {str(path.relative_to(catalog)): json.loads(path.read_text()) for path in catalog.rglob("*.json") if path.name != "health.json"}
