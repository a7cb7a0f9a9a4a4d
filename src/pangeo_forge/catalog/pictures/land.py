"""The outline of land, as the pages have it."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

Ring = npt.NDArray[np.float64]


@lru_cache(maxsize=1)
def read_land() -> tuple[Ring, ...]:
    """Read the rings of land at 1:110 million, each an array of (longitude, latitude)."""
    text = (files("pangeo_forge") / "web" / "static" / "land.svg").read_text()
    path = re.search(r' d="([^"]+)"', text)
    assert path is not None
    return tuple(_read_ring(ring) for ring in path[1].split("M")[1:])


def _read_ring(text: str) -> Ring:
    """Read a ring that begins at a point and goes on by steps; y counts southwards."""
    numbers = np.array([float(number) for number in re.findall(r"-?[\d.]+", text)]).reshape(-1, 2)
    ring = np.cumsum(numbers, axis=0)
    return np.column_stack([ring[:, 0], -ring[:, 1]])
