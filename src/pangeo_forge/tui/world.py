"""A map of the world in characters: land in the dots of Braille, two by four in each, and areas as marked characters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, floor

from pangeo_forge.catalog.views import Box
from pangeo_forge.tui.land import read_land

#: The bits of the dots of a character of Braille, row by row (Unicode, U+2800).
_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))


@dataclass(frozen=True, slots=True)
class Run:
    """Characters that stand beside each other, all of them within an area or none."""

    text: str
    is_area: bool


def draw_world(width: int, height: int, boxes: Sequence[Box]) -> list[list[Run]]:
    """Draw the world with some areas, row by row.

    Parameters
    ----------
    width, height : int
        In characters.
    boxes : sequence of Box
        The areas; each is at least one character large.
    """
    marked = [_mark(width, height, box) for box in boxes]
    return [
        _join(line, [any(row in rows and column in columns for columns, rows in marked) for column in range(width)])
        for row, line in enumerate(_draw_land(width, height))
    ]


def _mark(width: int, height: int, box: Box) -> tuple[range, range]:
    """Give the columns and the rows of characters that a box touches by a half at least, or its middle."""
    return (
        _touched((box.x + 180) / 360 * width, (box.x + box.width + 180) / 360 * width, width),
        _touched((box.y + 90) / 180 * height, (box.y + box.height + 90) / 180 * height, height),
    )


def _touched(first: float, last: float, count: int) -> range:
    start, end = floor(first + 0.5), ceil(last - 0.5)
    if start >= end:
        start = min(floor((first + last) / 2), count - 1)
        end = start + 1
    return range(max(start, 0), min(end, count))


def _join(line: str, marks: Sequence[bool]) -> list[Run]:
    runs: list[Run] = []
    for character, mark in zip(line, marks, strict=True):
        if runs and runs[-1].is_area == mark:
            runs[-1] = Run(runs[-1].text + character, mark)
        else:
            runs.append(Run(character, mark))
    return runs


@lru_cache(maxsize=8)
def _draw_land(width: int, height: int) -> tuple[str, ...]:
    cells = [[0x2800] * width for _ in range(height)]
    for y, crossings in enumerate(_cross(height * 4)):
        for west, east in zip(crossings[::2], crossings[1::2], strict=True):
            for x in range(_dot(west, width), _dot(east, width)):
                cells[y // 4][x // 2] |= _BITS[y % 4][x % 2]
    return tuple("".join(map(chr, row)) for row in cells)


def _dot(longitude: float, width: int) -> int:
    """Give the first dot whose middle is not west of a longitude."""
    return min(ceil((longitude + 180) / 360 * 2 * width - 0.5), 2 * width)


def _cross(rows: int) -> list[list[float]]:
    """Give the longitudes at which the middle of each row of dots meets the coast, from west to east."""
    crossings: list[list[float]] = [[] for _ in range(rows)]
    for ring in read_land():
        for (x, y), (next_x, next_y) in zip(ring, (*ring[1:], ring[0]), strict=True):
            top, bottom = ((90 - each) / 180 * rows - 0.5 for each in (max(y, next_y), min(y, next_y)))
            for row in range(max(ceil(top), 0), min(ceil(bottom), rows)):
                latitude = 90 - (row + 0.5) / rows * 180
                crossings[row].append(x + (latitude - y) / (next_y - y) * (next_x - x))
    return [sorted(row) for row in crossings]
