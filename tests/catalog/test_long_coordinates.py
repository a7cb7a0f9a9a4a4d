"""Coordinates of any length are described in bounded memory, and as if they had been read whole."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
import zarr
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

import pangeo_forge as pf
from pangeo_forge.api.cataloguing import Search, search_catalog
from pangeo_forge.catalog.describing import axes, footprint, pieces
from pangeo_forge.catalog.describing.dataset import describe
from pangeo_forge.catalog.describing.indexing import takes_indexes
from pangeo_forge.catalog.describing.pieces import read_pieces
from pangeo_forge.catalog.entry import Format, Way
from pangeo_forge.catalog.snippets import write_snippets
from pangeo_forge.catalog.stac.assets import make_assets, read_way

TIMES = {"units": "seconds since 2000-01-01", "calendar": "noleap", "standard_name": "time"}
EAST = {"units": "degrees_east", "standard_name": "longitude"}
NORTH = {"units": "degrees_north", "standard_name": "latitude"}


#: What is first used of a library imports it, which takes as long as the machine is busy.
untimed = settings(deadline=None)


@contextmanager
def in_pieces(values: int) -> Iterator[None]:
    """Take so many values for a long coordinate, and read it by a third of that."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (pieces, axes, footprint):
            patch.setattr(module, "HELD", values)
        patch.setattr(pieces, "_PIECE", max(1, values // 3))
        yield


def along(dim: str, values: Any, attrs: dict[str, str], chunk: int) -> xr.Variable:
    return xr.Variable(dim, np.asarray(values), attrs, {"chunks": (chunk,)})


def describe_both(ds: xr.Dataset, held: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Describe a dataset as if its coordinates were short, and as if they were long."""
    whole = describe(ds).to_dict()
    with in_pieces(held):
        return whole, describe(ds).to_dict()


# As if they had been read whole.

lengths = st.integers(1, 12)


@untimed
@given(shape=st.tuples(lengths, lengths, lengths), chunks=st.tuples(lengths, lengths, lengths), held=st.integers(1, 100))
def test_pieces_hold_each_value_once(shape, chunks, held):
    values = np.arange(np.prod(shape)).reshape(shape)
    array = xr.Variable(("x", "y", "z"), values, encoding={"chunks": chunks})
    with in_pieces(held):
        read = [piece for (piece,) in read_pieces(array)]
    assert sorted(np.concatenate(read)) == list(range(values.size))


@untimed
@given(length=st.integers(1, 50), chunk=st.integers(1, 60), held=st.integers(1, 50))
def test_pieces_of_one_dimension_keep_its_order(length, chunk, held):
    with in_pieces(held):
        read = [piece for (piece,) in read_pieces(along("x", np.arange(length), {}, chunk))]
    assert list(np.concatenate(read)) == list(range(length))


@untimed
@given(shape=st.tuples(lengths, lengths), chunk=st.integers(1, 12), other=st.integers(1, 12), held=st.integers(1, 50))
def test_arrays_in_different_chunks_are_read_in_step(shape, chunk, other, held):
    values = np.arange(np.prod(shape)).reshape(shape)
    arrays = [xr.Variable(("x", "y"), values, encoding={"chunks": chunks}) for chunks in ((chunk, 1), (1, other))]
    with in_pieces(held):
        assert all((one == two).all() for one, two in read_pieces(*arrays))


seconds = st.integers(-(10**9), 10**9)


@untimed
@given(first=seconds, times=st.lists(st.none() | seconds, max_size=30), chunk=st.integers(1, 10), held=st.integers(1, 9))
@pytest.mark.parametrize("calendar", ["noleap", "360_day", "proleptic_gregorian"])
def test_times_in_any_order_have_the_same_ends(calendar, first, times, chunk, held):
    numbers = [float(first), *(np.nan if time is None else float(time) for time in times)]
    whole, long = describe_both(xr.Dataset(coords={"time": along("time", numbers, TIMES | {"calendar": calendar}, chunk)}), held)
    assert long == whole


@untimed
@given(points=st.lists(st.tuples(st.floats(-360, 360), st.floats(-100, 100)), min_size=1, max_size=40), held=st.integers(1, 20))
def test_scattered_points_have_the_same_bounding_box(points, held):
    lon, lat = np.array(points).T
    ds = xr.Dataset(coords={"lon": along("cell", lon, EAST, 3), "lat": along("cell", lat, NORTH, 4)})
    whole, long = describe_both(ds, held)
    assert long == whole


@untimed
@given(west=st.floats(-180, 180), width=st.floats(1, 400), length=st.integers(12, 60), held=st.integers(9, 60), chunk=st.integers(1, 60))
def test_the_axes_of_a_grid_have_the_same_bounding_box_and_steps(west, width, length, held, chunk):
    lon = np.mod(np.linspace(west, west + width, length), 360.0)
    lat = np.linspace(89, -89, length)
    ds = xr.Dataset(coords={"lon": along("lon", lon, EAST, chunk), "lat": along("lat", lat, NORTH, chunk)})
    whole, long = describe_both(ds, held)
    assert long["bbox"] == pytest.approx(whole["bbox"], abs=2e-6)
    assert long["dimensions"]["lat"]["step"] == pytest.approx(178 / (length - 1))
    assert long["dimensions"] == whole["dimensions"]


@untimed
@given(values=st.lists(st.integers(0, 3) | st.just(np.nan), min_size=1, max_size=30), held=st.integers(1, 20))
def test_a_dimension_of_numbers_has_the_same_extent_and_step(values, held):
    whole, long = describe_both(xr.Dataset(coords={"level": along("level", np.array(values, "f8"), {}, 4)}), held)
    assert long == whole


@pytest.mark.parametrize("pole", [90, -90])
def test_a_large_grid_whose_border_runs_around_a_pole_reaches_up_to_it(pole):
    x, y = np.meshgrid(np.linspace(-1, 1, 20), np.linspace(-1, 1, 20))
    lon, lat = np.rad2deg(np.arctan2(y, x)), np.sign(pole) * (90 - 30 * np.hypot(x, y))
    ds = xr.Dataset(coords={"lon": (("j", "i"), lon, EAST), "lat": (("j", "i"), lat, NORTH)})
    # The corners are at 90° less the root of two times 30°, and a cell is 60° / 19 wide.
    corner, half = 90 - 30 * np.sqrt(2), 60 / 19 / 2
    for bbox in (described["bbox"] for described in describe_both(ds, 100)):
        assert (bbox[0], bbox[2]) == (-180, 180)
        assert pole in bbox
        assert corner - half <= min(abs(bbox[1]), abs(bbox[3])) <= corner


@untimed
@given(west=st.floats(-180, 180), turn=st.floats(0, 45), held=st.integers(16, 300))
def test_a_curvilinear_grid_has_the_same_bounding_box(west, turn, held):
    i, j = np.meshgrid(np.arange(20.0), np.arange(18.0))
    angle = np.deg2rad(turn)
    lon, lat = west + i * np.cos(angle) - j * np.sin(angle), i * np.sin(angle) + j * np.cos(angle)
    grid = (xr.Variable(("j", "i"), values, attrs, {"chunks": (5, 7)}) for values, attrs in ((lon, EAST), (lat, NORTH)))
    whole, long = describe_both(xr.Dataset(coords=dict(zip(("lon", "lat"), grid, strict=True))), held)
    assert long["bbox"] == pytest.approx(whole["bbox"], abs=2e-6)


@pytest.mark.parametrize(("length", "first", "last"), [(501, 0, 200_000), (2000, 200_000, 0), (3000, 0, 200_000)])
def test_the_axes_of_a_projection_have_the_same_bounding_box(length, first, last):
    crs = CRS("EPSG:32633").to_cf()
    axis = np.linspace(first, last, length)
    east = along("x", 400_000 + axis, {"standard_name": "projection_x_coordinate", "units": "m"}, 100)
    north = along("y", 5_000_000 + axis, {"standard_name": "projection_y_coordinate", "units": "m"}, 100)
    ds = xr.Dataset({"crs": ((), 0, crs), "v": ((), 0, {"grid_mapping": "crs"})}, {"x": east, "y": north})
    whole, long = describe_both(ds, 300)
    assert long["bbox"] == pytest.approx(whole["bbox"], abs=1e-4)


# In bounded memory.

SCRIPT = """
import resource, sys
from pangeo_forge.api.cataloguing import create_catalog
outcome = create_catalog(sys.argv[1], workers=1)
assert outcome.problems == (), outcome.problems
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def write_track(store: Path, length: int, chunk: int) -> None:
    """Write times that run backwards, in a calendar that only cftime has, and a track that stays at one place but for its start."""
    group = zarr.open_group(store, mode="w")
    options: dict[str, Any] = {"shape": (length,), "chunks": (chunk,), "dimension_names": ["time"]}
    times = group.create_array("time", dtype="i4", attributes=TIMES, **options)
    for start in range(0, length, chunk):
        times[start : start + chunk] = np.arange(length - start, max(length - start - chunk, 0), -1)
    for name, value, attrs in (("lon", 20.0, EAST), ("lat", -30.0, NORTH)):
        array = group.create_array(name, dtype="f8", fill_value=value, attributes=attrs, **options)
        array[0] = value + 1.0


def catalogue_apart(folder: Path) -> tuple[dict[str, Any], int]:
    """Catalogue a folder in a process of its own; give its one Item, and how many bytes of memory that took at most."""
    said = subprocess.run([sys.executable, "-c", SCRIPT, folder], check=True, capture_output=True, text=True).stdout
    (item,) = search_catalog(folder, Search()).items
    return item, int(said) * 1024


@pytest.mark.slow
def test_cataloguing_tens_of_millions_of_times_and_places_takes_little_more_memory_than_a_few(tmp_path: Path) -> None:
    write_track(tmp_path / "few" / "track.zarr", 10, 10)
    write_track(tmp_path / "many" / "track.zarr", 30_000_000, 1_000_000)
    _, few = catalogue_apart(tmp_path / "few")
    item, many = catalogue_apart(tmp_path / "many")
    properties = item["properties"]
    # 30,000,000 seconds are 347 days, 5 hours and 20 minutes; after 334 days it is the first of December.
    assert (properties["start_datetime"], properties["end_datetime"]) == ("2000-01-01T00:00:01Z", "2000-12-14T05:20:00Z")
    assert item["bbox"] == [20.0, -30.0, 21.0, -29.0]
    assert many - few < 150_000_000  # the times alone are 240 MB once xarray has opened them, and 9 GB as objects


# Without indexes.


def track(length: int, calendar: str) -> xr.Dataset:
    """Give times that take no memory, as there is one value for all."""
    times = xr.Variable("time", np.broadcast_to(np.int32(0), length), TIMES | {"calendar": calendar})
    return xr.Dataset(coords=xr.Coordinates({"time": times}, indexes={}))


@pytest.mark.parametrize(
    ("calendar", "length", "taken"),
    [("standard", 10_000_000, True), ("standard", 20_000_000, False), ("360_day", 1_000_000, True), ("360_day", 2_000_000, False)],
)
def test_indexes_are_taken_of_coordinates_that_fit_into_a_readers_memory(calendar: str, length: int, taken: bool) -> None:
    assert takes_indexes(track(length, calendar)) is taken


def test_coordinates_that_are_no_dimensions_take_no_indexes() -> None:
    assert takes_indexes(track(20_000_000, "standard").rename_vars(time="when"))


def test_a_dataset_with_very_long_coordinates_is_opened_without_indexes_by_its_snippet_and_by_us(tmp_path: Path) -> None:
    write_track(tmp_path / "track.zarr", 10, 10)
    way = Way(key="data", href=str(tmp_path / "track.zarr"), format="zarr", zarr_format=3, indexed=False)
    asset = make_assets([way])["data"]
    assert read_way("data", asset) == way
    (snippet,) = write_snippets(asset)
    scope: dict[str, Any] = {}
    exec(snippet.code, scope)
    with scope["ds"] as shown, pf.open(asset) as opened:
        assert list(shown.indexes) == list(opened.indexes) == []
        assert shown["time"].size == 10


@pytest.mark.parametrize("form", ["kerchunk-json", "icechunk"])
def test_references_and_repositories_with_very_long_coordinates_are_shown_to_be_opened_without_indexes(form: Format) -> None:
    way = Way(key="data", href="/data/track", format=form, indexed=False)
    (snippet,) = write_snippets(make_assets([way])["data"])
    assert "create_default_indexes=False" in snippet.code
