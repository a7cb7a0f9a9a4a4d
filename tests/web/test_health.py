"""Lists and pages show what the last check found, at once, and as text."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlopen

import numpy as np
import pytest
import xarray as xr

from pangeo_forge.api.cataloguing import create_catalog, open_tree
from pangeo_forge.api.checking import check_catalog
from pangeo_forge.catalog.health.record import read_health, write_health

pytestmark = pytest.mark.server


@pytest.fixture
def catalogued(tmp_path: Path) -> Path:
    xr.Dataset({"sst": ("x", np.ones(3))}).to_zarr(tmp_path / "sst.zarr", consolidated=False)
    create_catalog(tmp_path)
    return tmp_path


def read(address: str) -> str:
    with urlopen(address) as answer:
        return answer.read().decode()


def test_a_dataset_that_was_never_checked_has_no_badge(catalogued: Path, serve_catalog: Callable[[Path], str]) -> None:
    address = serve_catalog(catalogued)
    assert "badge" not in read(address) + read(f"{address}/datasets/sst")


def test_a_check_is_shown_in_the_list_and_on_the_page_of_a_server_that_runs(catalogued: Path, serve_catalog: Callable[[Path], str]) -> None:
    address = serve_catalog(catalogued)
    read(address)
    day = check_catalog(catalogued).datasets["sst"].checked[:10]
    assert "Healthy, checked" in read(address)
    assert f"Executed as it is shown: worked on {day}" in read(f"{address}/datasets/sst")
    shutil.rmtree(catalogued / "sst.zarr")
    check_catalog(catalogued)
    assert "Broken, checked" in read(address)
    page = read(f"{address}/datasets/sst")
    assert "<strong>Broken:</strong> there is nothing any more" in page
    assert f"worked on {day}; then: there is nothing any more" in page


def test_of_another_version_nothing_is_said(catalogued: Path, serve_catalog: Callable[[Path], str]) -> None:
    health = check_catalog(catalogued).datasets["sst"].to_dict()
    path = catalogued / "catalog" / "health.json"
    path.write_text(json.dumps({"datasets": {"sst": {**health, "item": "sst-19990101T000000Z"}}}))
    assert "badge" not in read(serve_catalog(catalogued))


def test_what_a_stranger_wrote_is_shown_as_text(catalogued: Path, serve_catalog: Callable[[Path], str]) -> None:
    check_catalog(catalogued)
    tree = open_tree(catalogued)
    record = read_health(tree)["sst"].to_dict()
    record["findings"] = [{"check": "open", "weight": "broken", "message": "<script>alert(1)</script>", "where": "<b>"}]
    write_health(tree, {"sst": type(read_health(tree)["sst"]).from_dict(record)})
    page = read(f"{serve_catalog(catalogued)}/datasets/sst")
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
