"""Tasks by their number: sequences that are counted at once and made one at a time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np

from pangeo_forge.plans.chunks import count_blocks


@dataclass(frozen=True, slots=True)
class Bundle:
    """Variables that are written together, since they stand in the same inputs.

    Parameters
    ----------
    variables : tuple of str
    concat_dims : tuple of str
        Their concat dimensions.
    span : tuple of int
        How many steps along each concat dimension one task owns.
    counts : tuple of int
        How many tasks there are along each.
    """

    variables: tuple[str, ...]
    concat_dims: tuple[str, ...]
    span: tuple[int, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Region:
    """What one task writes: some variables over a range of steps along each of their concat dimensions."""

    variables: tuple[str, ...]
    extent: dict[str, slice]


@dataclass(frozen=True, slots=True)
class Block:
    """What one task of the second pass writes: a box of one variable."""

    variable: str
    key: tuple[slice, ...]


def count_each(shape: Sequence[int], step: Sequence[int]) -> tuple[int, ...]:
    """Count the steps along each dimension."""
    return tuple(-(-size // length) for size, length in zip(shape, step, strict=True))


@dataclass(frozen=True)
class RegionTasks(Sequence[Region]):
    """The tasks of several bundles, one after the other, each made when it is asked for."""

    bundles: tuple[Bundle, ...]

    def __len__(self) -> int:
        return sum(math.prod(bundle.counts) for bundle in self.bundles)

    @overload
    def __getitem__(self, item: int) -> Region: ...
    @overload
    def __getitem__(self, item: slice) -> Sequence[Region]: ...
    def __getitem__(self, item: Any) -> Any:
        """Make the task of a number."""
        rest = item
        for bundle in self.bundles:
            if rest < math.prod(bundle.counts):
                place = np.unravel_index(rest, bundle.counts) if bundle.counts else ()
                extent = {
                    dim: slice(int(at) * step, (int(at) + 1) * step)
                    for dim, at, step in zip(bundle.concat_dims, place, bundle.span, strict=True)
                }
                return Region(bundle.variables, extent)
            rest -= math.prod(bundle.counts)
        raise IndexError(item)


@dataclass(frozen=True)
class BlockTasks(Sequence[Block]):
    """The blocks of several variables, one after the other, each made when it is asked for."""

    shapes: tuple[tuple[str, tuple[int, ...], tuple[int, ...]], ...]

    def __len__(self) -> int:
        return sum(count_blocks(shape, block) for _, shape, block in self.shapes)

    @overload
    def __getitem__(self, item: int) -> Block: ...
    @overload
    def __getitem__(self, item: slice) -> Sequence[Block]: ...
    def __getitem__(self, item: Any) -> Any:
        """Make the task of a number."""
        rest = item
        for name, shape, block in self.shapes:
            if rest < count_blocks(shape, block):
                place = np.unravel_index(rest, count_each(shape, block))
                return Block(
                    name,
                    tuple(
                        slice(int(at) * step, min((int(at) + 1) * step, size)) for at, step, size in zip(place, block, shape, strict=True)
                    ),
                )
            rest -= count_blocks(shape, block)
        raise IndexError(item)


@dataclass(frozen=True)
class JoinedTasks(Sequence[Region | Block]):
    """One sequence of tasks after another."""

    parts: tuple[Sequence[Region | Block], ...]

    def __len__(self) -> int:
        return sum(len(part) for part in self.parts)

    @overload
    def __getitem__(self, item: int) -> Region | Block: ...
    @overload
    def __getitem__(self, item: slice) -> Sequence[Region | Block]: ...
    def __getitem__(self, item: Any) -> Any:
        """Make the task of a number."""
        rest = item
        for part in self.parts:
            if rest < len(part):
                return part[rest]
            rest -= len(part)
        raise IndexError(item)
