"""Where values come to lie: north up, west to the left, whatever way their grid runs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from pangeo_forge.catalog.pictures.colours import find_scale
from pangeo_forge.catalog.pictures.fields import choose_field, find_steps
from pangeo_forge.catalog.pictures.raster import Raster, rasterize
from pangeo_forge.catalog.pictures.wanted import CannotDraw


def make_grid(lon: Any, lat: Any, values: Any = None, **others: Any) -> xr.Dataset:
    """Make a dataset whose values are 1000 times the latitude, plus the longitude from -180 to 180."""
    lon, lat = np.asarray(lon, "f8"), np.asarray(lat, "f8")
    east = (lon + 180) % 360 - 180
    told = 1000 * lat[:, np.newaxis] + east if values is None else values
    places = {"lat": ("lat", lat, {"units": "degrees_north"}), "lon": ("lon", lon, {"units": "degrees_east"})}
    return xr.Dataset({"v": (("lat", "lon"), told)}, {**places, **others})


def draw(ds: xr.Dataset, pixels: int = 36, **steps: int) -> Raster:
    field = choose_field(ds)
    assert field.footprint
    return rasterize(field, find_steps(field, steps)[0], field.footprint.bbox, pixels)


@pytest.mark.parametrize("north_first", [True, False])
@pytest.mark.parametrize("first", [0.0, -180.0, 90.0])
def test_a_globe_begins_at_180_west_wherever_its_archive_cuts_it(first: float, north_first: bool) -> None:
    lat = np.arange(-85.0, 90, 10)
    raster = draw(make_grid(np.arange(first + 5, first + 365, 10), lat[::-1] if north_first else lat), 36)
    assert raster.bbox == (-180, -90, 180, 90)
    assert raster.values[0].tolist() == (85_000 + np.arange(-175.0, 180, 10)).tolist()
    assert raster.values[:, 0].tolist() == (1000 * lat[::-1] - 175).tolist()


def test_a_box_across_the_antimeridian_is_drawn_in_one_piece() -> None:
    raster = draw(make_grid(np.arange(170.0, 191, 10), [0.0, 10, 20]), 3)
    assert raster.bbox == (165, -5, 195, 25)
    assert raster.values[-1].tolist() == [170, -180, -170]


def test_radians_are_degrees_as_well() -> None:
    ds = make_grid(np.arange(0.0, 41, 10), np.arange(0.0, 21, 10))
    turned = ds.assign_coords(
        {
            name: (name, np.deg2rad(ds[name].values), {"standard_name": each, "units": "radians"})
            for name, each in (("lat", "latitude"), ("lon", "longitude"))
        }
    )
    assert draw(turned, 5).values.tolist() == draw(ds, 5).values.tolist()


def test_a_gap_between_two_parts_of_an_axis_stays_empty() -> None:
    raster = draw(make_grid([0.0, 1, 2, 3, 20, 21, 22, 23], np.arange(0.0, 8)), 24)
    empty = np.isnan(raster.values).all(axis=0)
    assert not empty[:4].any() and empty[8:18].all() and not empty[-3:].any()


@given(seed=st.integers(0, 2**32 - 1), turned=st.booleans())
def test_a_curvilinear_grid_is_drawn_as_the_same_grid_with_axes_is(seed: int, turned: bool) -> None:
    random = np.random.default_rng(seed)
    plain = make_grid(np.arange(8) * 2.0 - 30, np.arange(6) * 2.0 + 10, random.normal(size=(6, 8)))
    lon, lat = np.meshgrid(plain.lon, plain.lat)
    told = {"lat": (("y", "x"), lat, {"units": "degrees_north"}), "lon": (("y", "x"), lon, {"units": "degrees_east"})}
    curved = xr.Dataset({"v": (("y", "x"), plain.v.values)}, told)
    if turned:
        curved = curved.transpose("x", "y").isel(x=slice(None, None, -1))
    assert draw(curved, 8).bbox == draw(plain, 8).bbox
    np.testing.assert_array_equal(draw(curved, 8).values, draw(plain, 8).values)


def test_a_few_points_are_dots() -> None:
    told = {"lat": ("place", [0.0, 40], {"units": "degrees_north"}), "lon": ("place", [0.0, 40], {"units": "degrees_east"})}
    raster = draw(xr.Dataset({"v": ("place", [1.0, 2.0])}, told), 100)
    there = np.isfinite(raster.values)
    assert there[-1, 0] and there[0, -1] and there.mean() < 0.01


def test_points_along_a_track_do_not_spread_over_what_lies_beside_it() -> None:
    along = np.linspace(0.0, 40, 3000)
    told = {"lat": ("obs", along, {"units": "degrees_north"}), "lon": ("obs", along, {"units": "degrees_east"})}
    assert np.isfinite(draw(xr.Dataset({"v": ("obs", along)}, told), 200).values).mean() < 0.08


def test_points_that_lie_everywhere_cover_what_lies_between_them() -> None:
    random = np.random.default_rng(0)
    lat, lon = (("node", random.uniform(0, 40, 3000), {"units": f"degrees_{side}"}) for side in ("north", "east"))
    assert np.isfinite(draw(xr.Dataset({"v": ("node", np.ones(3000))}, {"lat": lat, "lon": lon}), 200).values).mean() > 0.98


def test_of_time_and_depth_time_runs_to_the_right() -> None:
    days = np.arange("2000-01-01", "2000-01-11", dtype="M8[D]").astype("M8[ns]")
    field = choose_field(xr.Dataset({"v": (("time", "depth"), np.ones((10, 5)))}, {"time": days}))
    assert (field.layout, field.dims) == ("image", ("depth", "time"))


def test_the_last_time_that_has_values_is_chosen_first() -> None:
    ds = make_grid(np.arange(4.0), np.arange(4.0)).expand_dims(time=np.array(["2000-01-01", "2000-02-01"], "M8[ns]"))
    assert [each["time"] for each in find_steps(choose_field(ds), {})] == [1, 0]


def test_a_variable_without_a_place_is_passed_over_for_one_that_has_one() -> None:
    ds = make_grid(np.arange(4.0), np.arange(4.0))
    assert choose_field(xr.Dataset({"count": ("n", [1, 2])}).merge(ds)).name == "v"


@pytest.mark.parametrize(
    ("ds", "why"),
    [
        (xr.Dataset(), "nothing to draw"),
        (xr.Dataset({"name": ("n", ["a", "b"])}), "nothing to draw"),
        (xr.Dataset({"single": ((), 1.0)}), "nothing to draw"),
    ],
)
def test_a_dataset_without_numbers_says_that_there_is_nothing_to_draw(ds: xr.Dataset, why: str) -> None:
    with pytest.raises(CannotDraw, match=why):
        choose_field(ds)


def test_a_step_that_is_not_there_is_said_so() -> None:
    ds = make_grid(np.arange(4.0), np.arange(4.0)).expand_dims(depth=[1.0, 2.0])
    with pytest.raises(CannotDraw, match="depth has no step 2"):
        find_steps(choose_field(ds), {"depth": 2})


def test_colours_are_not_taken_by_outliers() -> None:
    scale = find_scale(np.append(np.linspace(10, 20, 1000), 1e9))
    assert (scale.low, scale.high) == (pytest.approx(10.2, abs=0.1), pytest.approx(19.8, abs=0.1))


def test_colours_of_values_on_both_sides_of_zero_have_zero_in_the_middle() -> None:
    scale = find_scale(np.linspace(-3, 2, 1000))
    assert (scale.low, scale.colormap) == (-scale.high, "RdBu_r")
