"""Comparing places: boxes in SQL would be quick, but shapes need GEOS, which is asked about the datasets that may come into question."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from shapely.geometry import MultiPolygon, box, shape
from shapely.geometry.base import BaseGeometry

from pangeo_forge.errors import UsageError

_MOST_POINTS = 100_000

#: By the names of CQL2: how a dataset's geometry is compared with one that was given.
RELATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "s_intersects": shapely.intersects,
    "s_disjoint": shapely.disjoint,
    "s_equals": shapely.equals,
    "s_touches": shapely.touches,
    "s_within": shapely.within,
    "s_contains": shapely.contains,
    "s_overlaps": shapely.overlaps,
    "s_crosses": shapely.crosses,
}

#: What the relation is called if its two sides change places; the others stay what they are.
MIRRORED = {"s_within": "s_contains", "s_contains": "s_within"}


@dataclass(frozen=True, slots=True)
class Place:
    """A place that datasets are compared with.

    Parameters
    ----------
    relation : str
        One of `RELATIONS`.
    geometry : BaseGeometry
        Degrees, within -180…180.
    """

    relation: str
    geometry: BaseGeometry

    @property
    def needs_overlap(self) -> bool:
        """Whether it holds only where the two have points in common."""
        return self.relation != "s_disjoint"

    def find_rows(self, rows: Sequence[int], geometries: Sequence[bytes]) -> list[int]:
        """Find which of some datasets it holds for.

        Parameters
        ----------
        rows : sequence of int
        geometries : sequence of bytes
            Of each, as WKB.
        """
        shapely.prepare(self.geometry)
        try:
            holds = RELATIONS[self.relation](shapely.from_wkb(list(geometries)), self.geometry)
        except shapely.errors.GEOSException as error:
            raise UsageError(f"{self.relation} cannot be asked of this geometry: {error}") from None
        return [row for row, held in zip(rows, holds, strict=True) if held]


def read_geometry(written: Any) -> BaseGeometry:
    """Read a geometry of GeoJSON, or CQL2's ``{"bbox": […]}``, which may cross the antimeridian.

    Raises
    ------
    UsageError
        If it is none.
    """
    if isinstance(written, Mapping) and "bbox" in written:
        return _read_box(written["bbox"])
    try:
        geometry = shape(written)
    except (shapely.errors.ShapelyError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError) as error:
        raise UsageError(
            f"the geometry is none of GeoJSON: {error}", hint='For example: {"type": "Point", "coordinates": [9.2, 45.5]}.'
        ) from None
    if geometry.is_empty or not all(map(math.isfinite, geometry.bounds)):
        raise UsageError("the geometry is nowhere")
    if shapely.get_num_coordinates(geometry) > _MOST_POINTS:
        raise UsageError(f"the geometry has more than {_MOST_POINTS:,} points", hint="Simplify it.")
    if not geometry.is_valid:
        raise UsageError(f"the geometry is not valid: {shapely.is_valid_reason(geometry)}")
    return geometry


def _read_box(numbers: Any) -> BaseGeometry:
    if (
        not isinstance(numbers, Sequence)
        or len(numbers) not in (4, 6)
        or not all(isinstance(n, int | float) and math.isfinite(n) for n in numbers)
    ):
        raise UsageError("a bbox has four numbers, or six with heights")
    west, south, *_ = numbers
    east, north = numbers[len(numbers) // 2 :][:2]
    if south > north:
        raise UsageError("a bbox has its south after its north", hint="Write west, south, east, north.")
    if west > east:
        return MultiPolygon([box(west, south, 180, north), box(-180, south, east, north)])
    return box(west, south, east, north)
