"""The map: land where land is, and areas where they are."""

from __future__ import annotations

import pytest

from pangeo_forge.catalog.views import make_boxes
from pangeo_forge.tui.land import parse_path
from pangeo_forge.tui.world import draw_world


def at(longitude: float, latitude: float, boxes=(), width: int = 72, height: int = 18) -> tuple[str, bool]:
    """Give the character of a place, and whether it is marked."""
    row = draw_world(width, height, boxes)[int((90 - latitude) / 180 * height)]
    marks = [(character, run.is_area) for run in row for character in run.text]
    assert len(marks) == width
    return marks[int((longitude + 180) / 360 * width)]


@pytest.mark.parametrize("place", [(25, 25), (-100, 45), (100, 60), (-55, -12), (134, -25), (0, -85)])
def test_land_is_full(place):
    assert at(*place)[0] == "⣿"


@pytest.mark.parametrize("place", [(-30, 30), (-150, -20), (80, -30), (0, 85)])
def test_the_sea_is_empty(place):
    assert at(*place)[0] == "⠀"


def test_an_area_is_marked_and_nothing_else():
    boxes = make_boxes([-30, 0, 0, 40])
    assert at(-15, 20, boxes)[1]
    assert not any(at(*place, boxes)[1] for place in [(15, 20), (-45, 20), (-15, 55), (-15, -15)])


def test_an_area_across_the_antimeridian_is_at_both_edges():
    boxes = make_boxes([160, -20, -160, 20])
    assert at(175, 0, boxes)[1]
    assert at(-175, 0, boxes)[1]
    assert not at(0, 0, boxes)[1]


@pytest.mark.parametrize("bbox", [[10, 50, 10, 50], [180, 90, 180, 90], [-180, -90, -180, -90], [179.9, -90, -179.9, -89]])
def test_an_area_of_a_point_is_seen(bbox):
    assert any(run.is_area for row in draw_world(72, 18, make_boxes(bbox)) for run in row)


def test_the_whole_globe_is_marked():
    assert all(run.is_area for row in draw_world(40, 10, make_boxes([-180, -90, 180, 90])) for run in row)


def test_a_map_without_room_is_nothing():
    assert draw_world(0, 0, make_boxes([0, 0, 1, 1])) == []


def test_a_path_is_read_from_step_to_step():
    assert parse_path("M1 2l3 0 -1.5 -4zM-10 -20l1 1z") == (((1, -2), (4, -2), (2.5, 2)), ((-10, 20), (-9, 19)))
