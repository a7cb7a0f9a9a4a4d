"""Tasks by their number: sequences that are counted at once and made one at a time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np


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
    first : tuple of int
        The first step along each that is written.
    """

    variables: tuple[str, ...]
    concat_dims: tuple[str, ...]
    span: tuple[int, ...]
    counts: tuple[int, ...]
    first: tuple[int, ...]


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


@dataclass(frozen=True, slots=True)
class Box:
    """A variable, from its first steps that are written to its last, and how it is divided into blocks."""

    variable: str
    first: tuple[int, ...]
    shape: tuple[int, ...]
    block: tuple[int, ...]

    @property
    def counts(self) -> tuple[int, ...]:
        """How many blocks there are along each dimension; they lie at multiples of their length."""
        return tuple(-(-size // step) - first // step for first, size, step in zip(self.first, self.shape, self.block, strict=True))


def _step(at: int, length: int, first: int) -> slice:
    """Give the step of a number, of those that lie at multiples of their length, from `first` on."""
    number = first // length + at
    return slice(max(number * length, first), (number + 1) * length)


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
                    dim: _step(int(at), step, first)
                    for dim, at, step, first in zip(bundle.concat_dims, place, bundle.span, bundle.first, strict=True)
                }
                return Region(bundle.variables, extent)
            rest -= math.prod(bundle.counts)
        raise IndexError(item)


@dataclass(frozen=True)
class BlockTasks(Sequence[Block]):
    """The blocks of several variables, one after the other, each made when it is asked for."""

    boxes: tuple[Box, ...]

    def __len__(self) -> int:
        return sum(math.prod(box.counts) for box in self.boxes)

    @overload
    def __getitem__(self, item: int) -> Block: ...
    @overload
    def __getitem__(self, item: slice) -> Sequence[Block]: ...
    def __getitem__(self, item: Any) -> Any:
        """Make the task of a number."""
        rest = item
        for box in self.boxes:
            if rest < math.prod(box.counts):
                place = np.unravel_index(rest, box.counts)
                steps = (_step(int(at), length, first) for at, length, first in zip(place, box.block, box.first, strict=True))
                return Block(
                    box.variable, tuple(slice(part.start, min(part.stop, size)) for part, size in zip(steps, box.shape, strict=True))
                )
            rest -= math.prod(box.counts)
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
