"""`pangeo_forge.open`: whatever a catalogue leads to becomes a dataset."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pystac
import pytest
import xarray as xr
import zarr

import pangeo_forge as pf
from pangeo_forge.api.cataloguing import create_catalog
from pangeo_forge.catalog.snippets import write_snippets
from pangeo_forge.plans.targets import with_numcodecs
from pangeo_forge.recipes import VirtualRecipe, pattern_from_file_sequence
from virtualizing import FORMATS, bake, combined, make_files


def make_dataset(value: float = 1.0) -> xr.Dataset:
    lat, lon = ("lat", [0.0, 1.0], {"units": "degrees_north"}), ("lon", [10.0, 11.0], {"units": "degrees_east"})
    return xr.Dataset({"sst": (("lat", "lon"), np.full((2, 2), value))}, {"lat": lat, "lon": lon}, {"title": "Made up"})


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """A target with one store and its catalogue."""
    make_dataset().to_zarr(tmp_path / "target" / "sst.zarr", consolidated=False)
    create_catalog(tmp_path / "target")
    return tmp_path / "target"


def find_item(target: Path) -> Path:
    return next(path for path in (target / "catalog" / "sst").glob("*.json") if path.name != "collection.json")


def test_objects_are_opened_by_their_place(target: Path) -> None:
    for path in (find_item(target), target / "catalog" / "sst" / "collection.json"):
        for place in (path, str(path), path.as_uri()):
            xr.testing.assert_identical(pf.open(place).load(), make_dataset())


def test_objects_are_opened_as_dictionaries_and_as_those_of_pystac(target: Path) -> None:
    path = find_item(target)
    record, item = json.loads(path.read_text()), pystac.Item.from_file(str(path))
    collection = pystac.Collection.from_file(str(path.with_name("collection.json")))
    for what in (record, record["assets"]["data"], item, item.assets["data"], collection):
        xr.testing.assert_identical(pf.open(what).load(), make_dataset())


def test_a_store_is_opened_by_its_place(target: Path) -> None:
    xr.testing.assert_identical(pf.open(target / "sst.zarr").load(), make_dataset())


def test_a_store_of_zarr_2_needs_no_gathered_metadata(tmp_path: Path) -> None:
    make_dataset().to_zarr(tmp_path / "old.zarr", zarr_format=2, consolidated=False)
    xr.testing.assert_identical(pf.open(tmp_path / "old.zarr").load(), make_dataset())


def test_an_address_in_an_object_is_relative_to_the_object(target: Path) -> None:
    path = find_item(target)
    record = json.loads(path.read_text())
    record["assets"]["data"]["href"] = "../../sst.zarr"
    path.write_text(json.dumps(record))
    for what in (path, pystac.Item.from_file(str(path)), pystac.Item.from_file(str(path)).assets["data"]):
        xr.testing.assert_identical(pf.open(what).load(), make_dataset())


def test_another_asset_is_opened_by_its_name(target: Path) -> None:
    make_dataset(2.0).to_zarr(target / "other.zarr", consolidated=False)
    record = json.loads(find_item(target).read_text())
    record["assets"]["other"] = {"href": str(target / "other.zarr")}
    xr.testing.assert_identical(pf.open(record, asset="other").load(), make_dataset(2.0))
    with pytest.raises(pf.ForgeError, match="has no asset 'nothing'"):
        pf.open(record, asset="nothing")


def test_what_leads_nowhere_says_so(target: Path) -> None:
    with pytest.raises(pf.ForgeError, match="there is nothing to open"):
        pf.open(target / "nothing.json")
    with pytest.raises(pf.ForgeError, match="has no asset with data"):
        pf.open(target / "catalog" / "catalog.json")
    with pytest.raises(pf.ForgeError, match="a int cannot be opened"):
        pf.open(1)
    shutil.rmtree(target / "sst.zarr")
    with pytest.raises(pf.ForgeError, match="there is no dataset"):
        pf.open(find_item(target))


@pytest.mark.server
def test_a_catalogue_and_its_store_are_opened_over_http(target: Path, http_server: Callable[..., Any]) -> None:
    zarr.consolidate_metadata(target / "sst.zarr")  # web servers list no folders
    path = find_item(target)
    record = json.loads(path.read_text())
    record["assets"]["data"]["href"] = "../../sst.zarr"
    path.write_text(json.dumps(record))
    url = http_server(target).url
    for place in (f"{url}/catalog/sst/{path.name}", f"{url}/sst.zarr"):
        xr.testing.assert_identical(pf.open(place).load(), make_dataset())


@pytest.mark.server
def test_a_store_on_s3_is_opened_with_what_its_asset_only_names(tmp_path: Path, s3_server: Callable[..., Any]) -> None:
    make_dataset().to_zarr(tmp_path / "served" / "bucket" / "sst.zarr", consolidated=False)
    served = s3_server(tmp_path / "served")
    create_catalog("s3://bucket", tmp_path / "catalog", storage_options=served.storage_options, output_options={"auto_mkdir": False})
    collection = tmp_path / "catalog" / "sst" / "collection.json"
    assert not any(secret in collection.read_text() for secret in (served.storage_options["key"], served.storage_options["secret"]))
    xr.testing.assert_identical(pf.open(collection, storage_options=served.storage_options).load(), make_dataset())


@pytest.mark.parametrize("form", FORMATS)
def test_references_are_found_catalogued_and_opened(tmp_path: Path, form: Any) -> None:
    urls = make_files(tmp_path)
    (tmp_path / "target").mkdir()
    bake(VirtualRecipe(pattern_from_file_sequence(urls, "time"), format=form), tmp_path / "target")[0].close()
    assert create_catalog(tmp_path / "target", references_to=[str(tmp_path)]).described == 1
    again = create_catalog(tmp_path / "target")
    assert (again.described, again.unchanged, again.problems) == (0, 1, ())
    collection = tmp_path / "target" / "catalog" / "out" / "collection.json"
    asset = json.loads(collection.read_text())["assets"]["data"]
    assert asset["type"] == ("application/vnd.zarr+icechunk" if form == "icechunk" else "application/vnd.zarr+kerchunk")
    assert ("version" in asset) == (form == "icechunk")
    with pf.open(collection) as dataset:
        xr.testing.assert_identical(dataset.load(), combined(urls))
    made: dict[str, Any] = {}
    with with_numcodecs():  # who runs it is warned of codecs that are not in the specification of Zarr 3
        exec(write_snippets(asset)[0].code, made)
    with made["ds"] as dataset:
        xr.testing.assert_identical(dataset.load(), combined(urls))
