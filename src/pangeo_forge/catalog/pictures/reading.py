"""Reading a few of the values of a large array, within a bound of memory.

A store is read by whole chunks, however few of their values are wanted. So values are taken on a lattice, block by block of as many
chunks as may be held at once; and where even all the chunks that the lattice touches are too many, the lattice is made wider.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from pangeo_forge.catalog.pictures.wanted import CannotDraw
from pangeo_forge.types import format_size

Values = npt.NDArray[np.float64]

#: So many bytes of chunks are held at once.
HELD = 64_000_000

#: A chunk that is larger is not read for a picture.
_LARGEST_CHUNK = 512_000_000

#: So many bytes of chunks are read for a picture.
_READ = 1_000_000_000


@dataclass(frozen=True, slots=True)
class _Axis:
    """A dimension that values are taken along: all `size` of them, in chunks of `chunk`, at every `stride`."""

    size: int
    chunk: int
    stride: int

    @property
    def places(self) -> npt.NDArray[np.intp]:
        """Where values are taken."""
        return np.arange(min(self.stride // 2, (self.size - 1) // 2), self.size, self.stride)

    @property
    def touched(self) -> int:
        """How many chunks that touches."""
        return len(np.unique(self.places // self.chunk))

    def split(self, chunks: int) -> Iterator[tuple[slice, slice]]:
        """Yield parts of so many chunks: where they come to lie, and where they are read."""
        places = self.places
        number = places // self.chunk // chunks
        starts = [0, *(np.flatnonzero(np.diff(number)) + 1), len(places)]
        for start, stop in itertools.pairwise(starts):
            yield slice(start, stop), slice(int(places[start]), int(places[stop - 1]) + 1, self.stride)


def read_thinned(array: xr.DataArray, steps: Mapping[str, int], most: Mapping[str, int]) -> tuple[Values, dict[str, npt.NDArray[np.intp]]]:
    """Read values of an array on a lattice.

    Parameters
    ----------
    array : DataArray
        As xarray opens it, lazily and without Dask.
    steps : mapping of str to int
        Of these dimensions only one step.
    most : mapping of str to int
        Of each of the other dimensions about so many steps.

    Returns
    -------
    array
        Floats, NaN where there is no value, with the dimensions of `most` in its order.
    dict of str to array
        Which steps were taken.

    Raises
    ------
    CannotDraw
        If a single chunk is too large.
    """
    (values,), taken = read_thinned_together([array], steps, most)
    return values, taken


def read_thinned_together(
    arrays: Sequence[xr.DataArray], steps: Mapping[str, int], most: Mapping[str, int]
) -> tuple[list[Values], dict[str, npt.NDArray[np.intp]]]:
    """Read values of several arrays at the same places, as `read_thinned` does of one."""
    lattices = [_lay_lattice(array, most) for array in arrays]
    strides = {dim: max(axes[dim].stride for axes, _ in lattices) for dim in most}
    laid = [({dim: replace(axis, stride=strides[dim]) for dim, axis in axes.items()}, held) for axes, held in lattices]
    values = [_read(array.isel(dict(steps), missing_dims="ignore"), *lattice, most) for array, lattice in zip(arrays, laid, strict=True)]
    return values, {dim: laid[0][0][dim].places for dim in most}


def _lay_lattice(array: xr.DataArray, most: Mapping[str, int]) -> tuple[dict[str, _Axis], int]:
    """Choose the places where values are read, and find how many bytes a chunk has."""
    chunks = _find_chunks(array)
    held = int(np.prod(list(chunks.values()))) * max(array.dtype.itemsize, np.dtype(array.encoding.get("dtype", array.dtype)).itemsize)
    if held > _LARGEST_CHUNK:
        raise CannotDraw(
            f"a chunk of {array.name} has {format_size(held)}, and at most {format_size(_LARGEST_CHUNK)} are read for a picture"
        )
    axes = {dim: _Axis(array.sizes[dim], chunks[dim], max(1, array.sizes[dim] // most[dim])) for dim in map(str, array.dims) if dim in most}
    return _widen(axes, held), held


def _read(array: xr.DataArray, axes: Mapping[str, _Axis], held: int, most: Mapping[str, int]) -> Values:
    values = np.empty([len(axis.places) for axis in axes.values()])
    for there, here in _blocks(list(axes.values()), held):
        values[there] = array.isel(dict(zip(axes, here, strict=True))).values
    return values.transpose([list(axes).index(dim) for dim in most])


def _widen(axes: Mapping[str, _Axis], held: int) -> dict[str, _Axis]:
    """Widen a lattice until the chunks that it touches may all be read."""
    axes = dict(axes)
    while axes and held * np.prod([axis.touched for axis in axes.values()]) > _READ:
        axes = {dim: _Axis(axis.size, axis.chunk, min(2 * axis.stride, axis.size)) for dim, axis in axes.items()}
    return axes


def _blocks(axes: Sequence[_Axis], held: int) -> Iterator[tuple[tuple[slice, ...], tuple[slice, ...]]]:
    """Yield blocks of chunks that may be held at once: where they come to lie, and where they are read."""
    room = max(1, HELD // max(held, 1))
    parts: list[list[tuple[slice, slice]]] = []
    for axis in reversed(axes):
        parts.insert(0, list(axis.split(room)))
        room = max(1, room // max(1, axis.touched))
    for block in itertools.product(*parts):
        yield tuple(there for there, _ in block), tuple(here for _, here in block)


def _find_chunks(array: xr.DataArray) -> dict[str, int]:
    """Find the lengths of an array's chunks; an array that tells none is read in one."""
    told: Any = array.encoding.get("chunks") or array.encoding.get("preferred_chunks") or array.shape
    lengths = [told[dim] for dim in array.dims] if isinstance(told, Mapping) else list(told)
    if len(lengths) != array.ndim:
        lengths = list(array.shape)
    return {str(dim): max(1, min(int(length), size)) for (dim, size), length in zip(array.sizes.items(), lengths, strict=True)}
