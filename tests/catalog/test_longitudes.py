"""Longitudes lie on a circle: how far some reach does not depend on where an archive cuts it open."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pangeo_forge.catalog.describing.longitudes import GLOBE, Circle, reach_of_axis, split


def reach_of(*pieces):
    circle = Circle()
    for piece in pieces:
        circle.add(piece)
    return circle.reach()


def test_a_global_axis_from_0_to_360_is_the_globe():
    assert reach_of_axis([np.arange(0.0, 360.0, 0.25)]) == GLOBE


def test_a_global_axis_of_32_bit_floats_is_the_globe():
    assert reach_of_axis([np.linspace(0, 358.59375, 256, dtype="f4").astype("f8")]) == GLOBE


def test_a_region_in_the_pacific_keeps_west_greater_than_east():
    assert reach_of_axis([np.arange(150.0, 221.0, 2.5)], half_cell=1.25) == (148.75, -138.75)


def test_an_axis_that_goes_on_over_the_end_of_its_cut_is_one_region():
    assert reach_of_axis([np.array([350.0, 355.0, 0.0, 5.0])]) == (-12.5, 7.5)


def test_one_longitude_reaches_nowhere():
    assert reach_of_axis([np.array([237.5])]) == (-122.5, -122.5)


def test_points_around_the_antimeridian_are_one_region():
    assert reach_of(np.array([170.0, -175.0, 178.0])) == (170.0, -175.0)


def test_points_that_leave_no_wide_gap_are_the_globe():
    assert reach_of(np.arange(-179.0, 180.0, 20.0)) == GLOBE


def test_a_reach_over_the_antimeridian_is_cut_in_two():
    assert split((170.0, -175.0)) == ((170.0, 180.0), (-180.0, -175.0))


@given(west=st.floats(-180, 179.9), width=st.floats(1, 300), turns=st.integers(-2, 2))
def test_the_cut_makes_no_difference(west, width, turns):
    values = np.linspace(west, west + width, 50)
    in_any_cut = np.mod(values + 180.0, 360.0) - 180.0 + 360.0 * turns
    assert reach_of_axis([in_any_cut]) == pytest.approx(reach_of_axis([values]), abs=1e-6)


@given(st.lists(st.floats(-180, 180), min_size=1, max_size=30))
def test_all_points_lie_within_their_reach(values):
    parts = split(reach_of(np.array(values)))
    assert all(
        any(west - 1e-6 <= turned <= east + 1e-6 for west, east in parts for turned in (lon, lon - 360, lon + 360)) for lon in values
    )


@given(st.lists(st.floats(-720, 720), min_size=1, max_size=40))
def test_points_reach_from_behind_the_widest_gap_of_all_of_them_to_before_it(values):
    around = np.unique(np.mod(values, 360.0))
    gaps = np.diff(around, append=around[0] + 360.0)
    widest = int(gaps.argmax())
    west, east = around[(widest + 1) % around.size], around[widest]
    reach = reach_of(*(np.array([value]) for value in values))
    if gaps[widest] < 30.0:
        assert reach == GLOBE
    else:
        assert [np.cos(np.deg2rad(end)) for end in reach] == pytest.approx([np.cos(np.deg2rad(end)) for end in (west, east)], abs=1e-9)
        assert [np.sin(np.deg2rad(end)) for end in reach] == pytest.approx([np.sin(np.deg2rad(end)) for end in (west, east)], abs=1e-9)
