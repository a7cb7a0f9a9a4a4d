"""How the target is chunked: from what the recipe asks for to a number of elements along each dimension."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from pangeo_forge.errors import UserError
from pangeo_forge.types import parse_size

if TYPE_CHECKING:
    import xarray as xr

#: Uncompressed bytes of a chunk where the recipe does not say: large enough for object stores, small enough to hold many.
DEFAULT_CHUNK = "50MB"

#: Chunks of fewer bytes mean many requests, of more much memory for a single value.
SMALL_CHUNK, LARGE_CHUNK = 10_000_000, 500_000_000
#: So many requests are no burden, however small the chunks.
FEW_CHUNKS = 500
#: What is said of others (see the lint rule PFR025).
ODD_CHUNKS = "the chunks of the variable '{variable}' have {size}, {fault}"

#: In place of a length: as many steps as the first input holds.
OF_INPUT = "input"

Chunks = Mapping[str, int | str] | str | None
#: What a recipe says of chunks, or a function that says it of the outline of the dataset.
ChunkSpec = Chunks | Callable[["xr.Dataset"], Chunks]


def choose_chunks(
    wanted: Chunks, sizes: Mapping[str, int], of_input: Mapping[str, int], variables: Sequence[tuple[tuple[str, ...], int]]
) -> dict[str, int]:
    """Choose the length of a chunk along each dimension.

    Parameters
    ----------
    wanted : mapping, str or None
        Elements along a dimension (-1 for all of it, ``"input"`` for as many as the first input holds), or a size in bytes:
        ``{"time": 10}``, ``{"time": "100MB", "lat": 90}``, ``"100MB"``. Dimensions that are not named are not split, unless the size
        is one for the whole chunk.
    sizes : mapping of str to int
        The target's dimensions.
    of_input : mapping of str to int
        The dimensions along which inputs follow one another, which are split first, and how many steps the first input holds.
    variables : sequence of (tuple of str, int)
        The dimensions of each variable, and the bytes of one value.

    Raises
    ------
    UserError
        If a dimension does not exist, or a length is not one.
    """
    if wanted is None or isinstance(wanted, str):
        return _fit(dict(sizes), _size(wanted or DEFAULT_CHUNK), [dim for dim in sizes if dim in of_input], sizes, variables)
    unknown = [dim for dim in wanted if dim not in sizes]
    if unknown:
        near = difflib.get_close_matches(unknown[0], list(sizes), 1)
        raise UserError(
            f"target_chunks names the dimension {unknown[0]!r}, which the dataset does not have",
            hint=f"Did you mean {near[0]!r}?" if near else f"Its dimensions are {', '.join(sorted(sizes))}.",
        )
    wanted = {dim: of_input.get(dim, -1) if length == OF_INPUT else length for dim, length in wanted.items()}
    chunks = {dim: _length(dim, wanted.get(dim, -1), size) for dim, size in sizes.items()}
    for dim, length in wanted.items():
        if isinstance(length, str):
            chunks = _fit(chunks, _size(length), [dim], sizes, variables, only=dim)
    return chunks


def find_fault(chunk_nbytes: int, nbytes: int) -> str | None:
    """Say what is wrong with chunks of so many bytes in a variable of so many; None if nothing is."""
    count = -(-nbytes // max(chunk_nbytes, 1))
    if chunk_nbytes < SMALL_CHUNK and count > FEW_CHUNKS:
        return f"which makes {count:,} requests for all of it"
    return "which a reader holds whole for a single value" if chunk_nbytes > LARGE_CHUNK else None


def _size(text: str) -> int:
    try:
        size = parse_size(text)
    except ValueError as error:
        raise UserError(f"target_chunks: {error}") from None
    if size < 1:
        raise UserError(f"target_chunks: a chunk of {text!r} holds nothing", hint="Give a size such as '100MB'.")
    return size


def _length(dim: str, length: int | str, size: int) -> int:
    if isinstance(length, str) or length == -1:
        return max(size, 1)
    if length < 1:
        raise UserError(
            f"target_chunks gives {dim!r} the length {length}", hint="Give a number of elements, -1 for all, or a size such as '100MB'."
        )
    return max(min(length, size), 1)


def _fit(
    chunks: dict[str, int],
    limit: int,
    first: Sequence[str],
    sizes: Mapping[str, int],
    variables: Sequence[tuple[tuple[str, ...], int]],
    only: str | None = None,
) -> dict[str, int]:
    """Shorten chunks until the largest variable's is at most `limit` bytes, the dimensions in `first` before the others."""
    chunks = {dim: max(length, 1) for dim, length in chunks.items()}
    for dims, itemsize in sorted(variables, key=lambda variable: -_nbytes(variable, sizes)):
        order = [dim for dim in (*first, *(dim for dim in dims if dim not in first)) if dim in dims]
        for dim in order if only is None else [dim for dim in (only,) if dim in dims]:
            nbytes = math.prod(chunks[dim] for dim in dims) * itemsize
            if nbytes > limit:
                chunks[dim] = max(1, chunks[dim] * limit // nbytes)
    return chunks


def _nbytes(variable: tuple[tuple[str, ...], int], sizes: Mapping[str, int]) -> int:
    dims, itemsize = variable
    return math.prod(sizes[dim] for dim in dims) * itemsize


def fit_block(extent: Sequence[int], chunks: Sequence[int], itemsize: int, limit: int, split_first: Sequence[int] = ()) -> tuple[int, ...]:
    """Shorten a box until it holds at most `limit` bytes, along each dimension a whole number of chunks.

    Parameters
    ----------
    extent : sequence of int
        The box.
    chunks : sequence of int
        The lengths of a chunk.
    itemsize, limit : int
        Bytes of one value and of the box.
    split_first : sequence of int
        The axes to shorten first; then the others in their order.

    Returns
    -------
    tuple of int
        The lengths of the smaller box; one chunk where even that is larger than `limit`.
    """
    block = [max(length, 1) for length in extent]
    for axis in (*split_first, *(axis for axis in range(len(block)) if axis not in split_first)):
        nbytes = math.prod(block) * itemsize
        if nbytes <= limit:
            break
        others = nbytes // block[axis]
        whole_chunks = max(1, limit // (others * chunks[axis])) if others else 1
        block[axis] = min(block[axis], whole_chunks * chunks[axis])
    return tuple(block)


def count_units(first: Sequence[int], shape: Sequence[int], unit: Sequence[int]) -> int:
    """Count the units that cover a box, of those that lie at multiples of their length."""
    return math.prod(-(-end // length) - begin // length for begin, end, length in zip(first, shape, unit, strict=True))
