"""Which colours values are drawn in, and from where to where."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pangeo_forge.catalog.pictures.reading import Values

#: matplotlib's names: one for values that grow, one for values on two sides of zero.
GROWING = "viridis"
TWO_SIDED = "RdBu_r"


@dataclass(frozen=True, slots=True)
class Scale:
    """Where colours begin and end, which they are, and between which most values lie."""

    most: tuple[float, float]
    low: float
    high: float
    colormap: str


def find_scale(values: Values) -> Scale:
    """Find the scale of some values: from the 2nd to the 98th percentile, so that a few outliers do not take all colours.

    Values that lie on both sides of zero about as far get colours that do so, too.
    """
    finite = values[np.isfinite(values)]
    if not finite.size:
        return Scale((0.0, 1.0), 0.0, 1.0, GROWING)
    low, high = (float(each) + 0.0 for each in np.percentile(finite, [2, 98]))  # adding makes -0 to 0
    if low == high:
        low, high = float(finite.min()) + 0.0, float(finite.max()) + 0.0
    if low == high:
        return Scale((low, high), low - 0.5, high + 0.5, GROWING)
    if low < 0 < high and max(-low, high) < 4 * min(-low, high):
        far = max(-low, high)
        return Scale((low, high), -far, far, TWO_SIDED)
    return Scale((low, high), low, high, GROWING)
