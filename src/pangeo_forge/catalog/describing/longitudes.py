"""How far some longitudes reach, on a circle that archives cut open in different places.

A reach is a pair of degrees (west, east) with -180 <= west < 180. As in GeoJSON (RFC 7946, section 5.2) west is greater than east
where the antimeridian is crossed.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

Degrees = npt.NDArray[np.float64]
Reach = tuple[float, float]

GLOBE: Reach = (-180.0, 180.0)

#: Scattered points that leave no gap as wide as this are taken to surround the globe.
WIDEST_GAP = 30.0

#: Longitudes are often stored as 32-bit floats, so that a span of the whole circle may look smaller by so much.
_TOLERANCE = 1e-3


def reach_of_axis(values: Iterable[Degrees], half_cell: float | None = None) -> Reach:
    """Find how far an axis reaches, its cells included.

    Parameters
    ----------
    values : iterable of array
        Degrees east along the axis, piece by piece, in any cut: 0 to 360, -180 to 180, or going on over either end.
    half_cell : float, optional
        Half the width of a cell, degrees; by default half the most usual distance of neighbours in the first piece, and nothing for a
        single value.
    """
    before: Degrees = np.empty(0)
    ends: list[float] = []
    for piece in values:
        along = np.unwrap(np.concatenate([before, piece]), period=360.0)
        if half_cell is None:
            steps = np.abs(np.diff(along))
            half_cell = float(np.median(steps)) / 2 if steps.size else 0.0
        ends += [float(along.min()), float(along.max())]
        before = along[-1:]
    half = half_cell or 0.0
    return make_reach(min(ends) - half, max(ends) + half)


class Circle:
    """Which longitudes some scattered points have, gathered piece by piece.

    Of each degree around the globe the least and the greatest longitude are kept: all that bound a gap of more than a degree.
    """

    def __init__(self) -> None:
        self._least = np.full(361, np.inf)  # what rounding takes up to 360 has a place of its own
        self._greatest = np.full(361, -np.inf)

    def add(self, values: Degrees) -> None:
        """Add points: degrees east, in any order and any cut."""
        around = np.mod(values, 360.0)
        degree = around.astype(np.intp)
        np.minimum.at(self._least, degree, around)
        np.maximum.at(self._greatest, degree, around)

    def reach(self, half_cell: float = 0.0) -> Reach:
        """Find how far the points reach: from behind their widest gap, around the circle, to before it.

        Parameters
        ----------
        half_cell : float
            Half the width of what a point stands for, degrees.
        """
        held = np.isfinite(self._least)
        least, greatest = self._least[held], self._greatest[held]
        gaps = np.append(least[1:], least[0] + 360.0) - greatest
        widest = int(gaps.argmax())
        if gaps[widest] < WIDEST_GAP:
            return GLOBE
        west = float(least[(widest + 1) % least.size])
        return make_reach(west - half_cell, west + 360.0 - float(gaps[widest]) + half_cell)


def make_reach(west: float, east: float) -> Reach:
    """Wrap a span of degrees, ``west <= east``, to where it lies on the globe; one of the whole circle is `GLOBE`."""
    if east - west >= 360.0 - _TOLERANCE:
        return GLOBE
    wrapped = _wrap(west)
    end = wrapped + (east - west)
    return wrapped, end if end <= 180.0 else end - 360.0


def split(reach: Reach) -> tuple[Reach, ...]:
    """Cut a reach at the antimeridian, so that west is not greater than east in any part."""
    west, east = reach
    return (reach,) if west <= east else ((west, 180.0), (-180.0, east))


def _wrap(degrees: float) -> float:
    return (degrees + 180.0) % 360.0 - 180.0
