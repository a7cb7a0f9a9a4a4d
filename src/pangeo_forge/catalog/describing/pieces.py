"""Reading arrays piece by piece, so that memory is bounded however long they are."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

#: An array of at most so many values is held whole.
HELD = 1_000_000

#: So many values of a larger one are held at once, which is some tens of megabytes with all that is computed of them. But a store is read
#: by whole chunks: one that has more values is held, and all that is computed is of parts of it.
_PIECE = 250_000

Values = npt.NDArray[Any]
Array = xr.DataArray | xr.Variable


def read_pieces(*arrays: Array) -> Iterator[tuple[Values, ...]]:
    """Yield the values of arrays of equal shape in step with each other, flat; those of one dimension in their order.

    Parameters
    ----------
    *arrays : DataArray or Variable
        As xarray opens them, lazily. Those of at most `HELD` values are read whole, and remembered if xarray was told to.
    """
    (first, *_) = arrays
    if first.size <= HELD:
        yield tuple(np.ravel(array.values) for array in arrays)
        return
    for block in _blocks(first.shape, _find_chunks(arrays)):
        read = [np.ravel(array[block].values) for array in arrays]
        for start in range(0, read[0].size, _PIECE):
            yield tuple(values[start : start + _PIECE] for values in read)


def read_first(array: Array) -> Any:
    """Read the first value of an array that has some; of what is lazy nothing else is decoded."""
    return np.ravel(array[(slice(1),) * array.ndim].values)[0]


def _blocks(shape: tuple[int, ...], chunks: tuple[int, ...]) -> Iterator[tuple[slice, ...]]:
    """Cut an array into blocks of whole chunks, of about as many values as may be held; one chunk at least."""
    room = max(1, _PIECE // int(np.prod(chunks)))
    parts: list[list[slice]] = []
    for size, chunk in zip(reversed(shape), reversed(chunks), strict=True):
        length = chunk * min(room, -(-size // chunk))
        room = max(1, room * chunk // length)
        parts.insert(0, [slice(start, min(start + length, size)) for start in range(0, size, length)])
    return itertools.product(*parts)


def _find_chunks(arrays: tuple[Array, ...]) -> tuple[int, ...]:
    """Find chunks that hold those of each array. An array that has none may be cut anywhere."""
    return tuple(max(lengths) for lengths in zip(*map(_chunks_of, arrays), strict=True))


def _chunks_of(array: Array) -> list[int]:
    told: Any = array.encoding.get("chunks") or array.encoding.get("preferred_chunks") or ()
    lengths = [told.get(dim, 1) for dim in array.dims] if isinstance(told, Mapping) else list(told)
    if len(lengths) != array.ndim:
        lengths = [1] * array.ndim
    return [max(1, min(int(length), size)) for size, length in zip(array.shape, lengths, strict=True)]
