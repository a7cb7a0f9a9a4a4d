"""Which parts of which inputs a box of a variable is made of."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from pangeo_forge.plans.layout import Layout, TargetVariable
from pangeo_forge.plans.schema import Array


def find_pieces(
    layout: Layout, variable: TargetVariable, block: tuple[slice, ...]
) -> Iterator[tuple[dict[str, int], tuple[slice, ...], tuple[slice, ...]]]:
    """Find the inputs that a block of a variable is made of.

    Yields
    ------
    positions : dict of str to int
        The input's position along each concat dimension.
    within, into : tuple of slice
        Which part of the input, and where in the block it goes.
    """
    choices: list[list[tuple[int | None, slice, slice]]] = []
    for dim, part in zip(variable.dims, block, strict=True):
        if dim in variable.concat_dims:
            choices.append(list(_split(layout.offsets[dim], part)))
        else:
            choices.append([(None, part, slice(0, part.stop - part.start))])
    for choice in itertools.product(*choices):
        positions = dict.fromkeys(layout.offsets, 0)
        positions |= {dim: position for dim, (position, _, _) in zip(variable.dims, choice, strict=True) if position is not None}
        yield positions, tuple(within for _, within, _ in choice), tuple(into for _, _, into in choice)


def _split(offsets: Array, part: slice) -> Iterator[tuple[int, slice, slice]]:
    position = int(np.searchsorted(offsets, part.start, side="right")) - 1
    while position < len(offsets) - 1 and offsets[position] < part.stop:
        begin, end = int(offsets[position]), int(offsets[position + 1])
        low, high = max(begin, part.start), min(end, part.stop)
        if low < high:
            yield position, slice(low - begin, high - begin), slice(low - part.start, high - part.start)
        position += 1
