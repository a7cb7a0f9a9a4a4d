"""Targets as they should not be: what can be described is, what cannot is named, and all that is written is valid JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from pangeo_forge.api.cataloguing import create_catalog, validate_catalog
from pangeo_forge.errors import UsageError

REWRITE = """
import sys, numpy as np, xarray as xr

for number in range(1000):
    size = 2 + number % 5
    time = ("time", np.arange(size), {"units": f"days since {1900 + number % 100}-01-01"})
    xr.Dataset({f"v{number % 3}": ("time", np.zeros(size))}, {"time": time}).to_zarr(sys.argv[1], mode="w", consolidated=False)
    print(number, flush=True)
"""


def make_dataset(**attrs: Any) -> xr.Dataset:
    lat, lon = ("lat", np.arange(4.0), {"units": "degrees_north"}), ("lon", np.arange(6.0), {"units": "degrees_east"})
    time = ("time", np.arange(3), {"units": "days since 2000-01-01"})
    return xr.Dataset({"sst": (("time", "lat", "lon"), np.ones((3, 4, 6)))}, {"time": time, "lat": lat, "lon": lon}, attrs)


def read_strictly(folder: Path) -> list[dict[str, Any]]:
    """Read all JSON of a catalogue as a strict parser does, which knows no NaN."""

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    return [json.loads(path.read_text(), parse_constant=refuse) for path in (folder / "catalog").rglob("*.json")]


def item_of(folder: Path) -> dict[str, Any]:
    (item,) = [record for record in read_strictly(folder) if record.get("type") == "Feature"]
    return item


@pytest.mark.slow
def test_a_dataset_that_changes_while_it_is_read_stops_nothing(tmp_path: Path) -> None:
    make_dataset().to_zarr(tmp_path / "calm.zarr")
    command = [sys.executable, "-W", "ignore", "-c", REWRITE, tmp_path / "restless.zarr"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        try:
            assert writer.stdout
            writer.stdout.readline()
            for _ in range(15):
                outcome = create_catalog(tmp_path)
                assert all(place.startswith(f"{tmp_path}/restless.zarr") for place, _ in outcome.problems)
                assert any(record.get("id") == "calm" for record in read_strictly(tmp_path))
        finally:
            writer.kill()
    make_dataset().to_zarr(tmp_path / "restless.zarr", mode="w")
    assert create_catalog(tmp_path).problems == ()
    assert all(verdict.faults == () for _, verdict in validate_catalog(tmp_path))


def test_ten_megabytes_of_an_attribute_do_not_reach_the_catalogue(tmp_path: Path) -> None:
    make_dataset(history="x" * 10_000_000).to_zarr(tmp_path / "long.zarr")
    assert create_catalog(tmp_path).problems == ()
    assert sum(path.stat().st_size for path in (tmp_path / "catalog").rglob("*") if path.is_file()) < 200_000


def test_nan_and_infinities_are_not_written_as_numbers(tmp_path: Path) -> None:
    ds = make_dataset(odd=[float("nan"), float("inf")]).assign_coords(lon=("lon", [np.nan, 1, 2, np.inf, 4, 5], {"units": "degrees_east"}))
    ds.sst.attrs["valid_range"] = [-np.inf, np.inf]
    ds.to_zarr(tmp_path / "odd.zarr")
    assert create_catalog(tmp_path).problems == ()
    assert item_of(tmp_path)["bbox"] == [0.5, -0.5, 5.5, 3.5]


def test_folders_that_lead_to_themselves_are_walked_once(tmp_path: Path) -> None:
    make_dataset().to_zarr(tmp_path / "deep" / "sst.zarr")
    (tmp_path / "deep" / "again").symlink_to(tmp_path, target_is_directory=True)
    assert create_catalog(tmp_path).described == 1


def test_a_time_that_cannot_be_decoded_leaves_the_rest_described(tmp_path: Path) -> None:
    ds = make_dataset()
    ds.time.attrs["units"] = "moons since the great flood"
    ds.to_zarr(tmp_path / "odd.zarr")
    ((_, why),) = create_catalog(tmp_path).problems
    assert why.startswith("it does not open: ")  # as the snippet has it, which readers will try
    item = item_of(tmp_path)
    assert item["bbox"] == [-0.5, -0.5, 5.5, 3.5]
    assert "start_datetime" not in item["properties"]


def test_a_coordinate_that_cannot_be_read_is_named_and_stops_no_other(tmp_path: Path) -> None:
    make_dataset().to_zarr(tmp_path / "good.zarr")
    make_dataset().to_zarr(tmp_path / "torn.zarr")
    (tmp_path / "torn.zarr" / "lat" / "c" / "0").write_bytes(b"torn")
    outcome = create_catalog(tmp_path)
    assert [place for place, _ in outcome.problems] == [f"{tmp_path}/torn.zarr"]
    assert item_of(tmp_path)["collection"] == "good"


def test_coordinates_of_words_are_described(tmp_path: Path) -> None:
    make_dataset().assign_coords(lat=("lat", np.array(["a", "b", "c", "d"], dtype=object))).to_zarr(tmp_path / "words.zarr")
    outcome = create_catalog(tmp_path)
    assert outcome.problems == ()
    assert item_of(tmp_path)["properties"]["cube:dimensions"]["lat"]["values"] == ["a", "b", "c", "d"]


def test_a_catalogue_is_kept_on_s3_with_what_it_describes_and_no_secrets(tmp_path: Path, s3_server: Any) -> None:
    make_dataset().to_zarr(tmp_path / "served" / "bucket" / "sst.zarr", consolidated=True)
    served = s3_server(tmp_path / "served")
    assert create_catalog("s3://bucket", storage_options=served.storage_options).described == 1
    again = create_catalog("s3://bucket", storage_options=served.storage_options)
    assert (again.described, again.unchanged) == (0, 1)
    options = served.storage_options
    files = [path for path in (tmp_path / "served" / "bucket" / "catalog").rglob("*") if path.is_file()]
    assert {"catalog.json", "index.parquet", "collection.json"} <= {path.name for path in files}
    for path in files:
        assert not any(str(options[name]).encode() in path.read_bytes() for name in ("key", "secret"))


def test_a_link_that_leads_out_of_the_target_is_named_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    xr.Dataset({"sst": ("x", [1.0])}).to_zarr(tmp_path / "elsewhere.zarr", consolidated=False)
    (tmp_path / "target" / "linked.zarr").symlink_to(tmp_path / "elsewhere.zarr")
    outcome = create_catalog(tmp_path / "target")
    assert outcome.described == 0
    ((place, why),) = outcome.problems
    assert (place, str(tmp_path / "elsewhere.zarr") in why) == (str(tmp_path / "target" / "linked.zarr"), True)


@pytest.mark.parametrize(("root", "message"), [("", "is empty"), ("/", "the whole disk"), ("nowhere", "is not there")])
def test_a_root_of_references_that_allows_nothing_is_refused(tmp_path: Path, root: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        create_catalog(tmp_path, references_to=[root])


def test_a_store_that_holds_nothing_but_groups_is_named_and_not_entered(tmp_path: Path) -> None:
    for group in ("a", "b"):
        xr.Dataset({"sst": ("x", [1.0])}).to_zarr(tmp_path / "tree.zarr", group=group, mode="a", consolidated=False)
    outcome = create_catalog(tmp_path)
    assert outcome.described == 0
    ((place, why),) = outcome.problems
    assert (place, "2 groups (a, b)" in why) == (str(tmp_path / "tree.zarr"), True)
