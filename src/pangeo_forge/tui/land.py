"""The outline of the world's land, as the pages' map has it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from itertools import accumulate

#: Longitude and latitude in degrees.
Point = tuple[float, float]

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@lru_cache(maxsize=1)
def read_land() -> tuple[tuple[Point, ...], ...]:
    """Read the outline: closed rings of points."""
    picture = (files("pangeo_forge.web") / "static" / "land.svg").read_text(encoding="utf-8")
    match = re.search(r' d="([^"]*)"', picture)
    return parse_path(match[1]) if match else ()


def parse_path(path: str) -> tuple[tuple[Point, ...], ...]:
    """Read an SVG path of rings: each ``M`` with its first point, ``l`` with the steps from one to the next, and ``z``.

    SVG counts y southwards, so that latitudes are turned over.
    """
    return tuple(_follow(_pairs(_NUMBER.findall(ring))) for ring in path.split("M") if ring.strip())


def _follow(steps: Sequence[Point]) -> tuple[Point, ...]:
    xs, ys = accumulate(x for x, _ in steps), accumulate(y for _, y in steps)
    return tuple((x, -y) for x, y in zip(xs, ys, strict=True))


def _pairs(numbers: Sequence[str]) -> list[Point]:
    values = [float(number) for number in numbers]
    return list(zip(values[::2], values[1::2], strict=True))
