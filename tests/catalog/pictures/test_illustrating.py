"""Pictures as assets of a catalogue."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import xarray as xr

import pangeo_forge as pf
from pangeo_forge.api.cataloguing import create_catalog, open_tree
from pangeo_forge.api.picturing import illustrate_catalog
from pangeo_forge.catalog.library import Library

NOTHING = "there is nothing to draw: no variable holds numbers along a dimension"


def write_store(path: Path, values: Any) -> None:
    lat, lon = ("lat", [10.0, 11.0], {"units": "degrees_north"}), ("lon", [0.0, 1.0], {"units": "degrees_east"})
    xr.Dataset({"v": (("lat", "lon"), values)}, {"lat": lat, "lon": lon}).to_zarr(path, mode="w", consolidated=False)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    write_store(tmp_path / "warm.zarr", [[1.0, 2.0], [3.0, 4.0]])
    xr.Dataset({"single": ((), 1.0)}).to_zarr(tmp_path / "single.zarr", consolidated=False)
    create_catalog(tmp_path)
    return tmp_path


def read_objects(target: Path, dataset: str) -> list[dict[str, Any]]:
    """Read the Item and the Collection of a dataset, and its Item in the index."""
    folder = target / "catalog" / dataset
    collection = json.loads((folder / "collection.json").read_text())
    (item,) = (json.loads(path.read_text()) for path in folder.glob(f"{dataset}-*.json"))
    found = Library(open_tree(target)).read_item(dataset, item["id"])
    assert found
    return [item, collection, found]


def test_pictures_are_assets_of_the_item_and_its_collection_and_lie_beside_them(target: Path) -> None:
    outcome = illustrate_catalog(target)
    assert outcome.drawn == 1
    for record in read_objects(target, "warm"):
        for role in ("thumbnail", "overview"):
            asset = record["assets"][role]
            assert (asset["roles"], asset["type"]) == ([role], "image/png")
            assert (target / "catalog" / "warm" / asset["href"]).read_bytes().startswith(b"\x89PNG")
        assert next(iter(record["assets"])) == "data"
        (render,) = record.get("renders", record.get("properties", {}).get("renders")).values()
        assert (render["rescale"], render["colormap_name"], render["assets"]) == ([[1.0, 4.0]], "viridis", ["data"])
        assert "https://stac-extensions.github.io/render/v2.0.0/schema.json" in record["stac_extensions"]


def test_what_cannot_be_drawn_is_named_with_the_reason(target: Path) -> None:
    assert illustrate_catalog(target).without == (("single", NOTHING),)


def test_what_has_pictures_is_not_drawn_again_but_a_new_version_is(target: Path) -> None:
    assert illustrate_catalog(target).drawn == 1
    assert create_catalog(target).unchanged == 2
    assert illustrate_catalog(target).drawn == 0
    item = next((target / "catalog" / "warm").glob("warm-*.json"))
    later = pf.open(item).load().assign_attrs(title="Warmer")
    shutil.rmtree(target / "warm.zarr")
    later.drop_encoding().to_zarr(target / "warm.zarr", consolidated=False)
    assert create_catalog(target).described == 1
    assert illustrate_catalog(target).drawn == 1


def test_pictures_go_with_the_dataset_that_they_are_of(target: Path) -> None:
    illustrate_catalog(target)
    shutil.rmtree(target / "warm.zarr")
    create_catalog(target)
    assert not list((target / "catalog").rglob("*.png"))


@pytest.mark.slow
def test_the_command_draws_and_tells_of_what_it_could_not_draw(target: Path) -> None:
    command = [sys.executable, "-m", "pangeo_forge", "catalog", "create", str(target), "--pictures"]
    ended = subprocess.run(command, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout.splitlines()) == (
        0,
        [
            "0 described, 2 unchanged, 0 gone",
            "1 drawn",
            f"single has no picture: {NOTHING}",
        ],
    )
