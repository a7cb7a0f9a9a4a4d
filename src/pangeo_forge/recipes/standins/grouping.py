"""Several inputs taken for one: what a recipe of the class API calls a chunk, on which its ``process_chunk`` works."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import xarray as xr

from pangeo_forge.plans.inputs import InputFile
from pangeo_forge.plans.reading import Source
from pangeo_forge.recipes import patterns as native
from pangeo_forge.recipes.standins.processing import Process
from pangeo_forge.recipes.standins.splitting import calc_subsets

#: What `xarray.concat` did in those years where it was told nothing.
_CONCAT_DEFAULTS = {"data_vars": "all", "coords": "different", "compat": "equals", "join": "outer", "combine_attrs": "override"}


@dataclass(frozen=True)
class Groups:
    """The keys of a concat dimension, a few at a time: each stands for the first of its group.

    Parameters
    ----------
    count : int
        How many keys there are.
    size : int
        How many make a group; the last may have fewer.
    """

    count: int
    size: int

    def __len__(self) -> int:
        return -(-self.count // self.size)

    def __getitem__(self, item: Any) -> Any:
        if isinstance(item, slice):
            return [self[number] for number in range(*item.indices(len(self)))]
        if not -len(self) <= item < len(self):
            raise IndexError(item)
        return item % len(self) * self.size


@dataclass(frozen=True)
class FirstOfGroup:
    """The function of a pattern of groups: the URL of the first input of each."""

    pattern: native.FilePattern
    dimension: str

    def __call__(self, **keys: Any) -> str:
        """Give a URL."""
        index = {dim.name: keys[dim.name] for dim in self.pattern.combine_dims}
        url: str = self.pattern[index].url
        return url


def group(pattern: native.FilePattern, dimension: str, size: int) -> native.FilePattern:
    """Make the pattern whose inputs are groups of another's, `size` of them along a concat dimension."""
    dims: list[native.CombineDim] = []
    for dim in pattern.combine_dims:
        if isinstance(dim, native.ConcatDim):
            items = dim.nitems_per_file
            whole = items * size if items and len(dim.keys) % size == 0 else None
            dims.append(native.ConcatDim(dim.name, cast("Sequence[int]", Groups(len(dim.keys), size)), whole))
        else:
            dims.append(native.MergeDim(dim.name, range(len(dim.keys))))
    return native.FilePattern(
        FirstOfGroup(pattern, dimension), *dims, fsspec_open_kwargs=pattern.fsspec_open_kwargs, file_type=pattern.file_type
    )


@dataclass(frozen=True)
class Split:
    """The function of a pattern of pieces: the URL of the input that each is of."""

    pattern: native.FilePattern
    dimension: str
    pieces: int

    def __call__(self, **places: int) -> str:
        """Give a URL."""
        index = {**places, self.dimension: places[self.dimension] // self.pieces}
        url: str = self.pattern[index].url
        return url


def split(pattern: native.FilePattern, dimension: str, pieces: int) -> native.FilePattern:
    """Make the pattern whose inputs are pieces of another's, so many of each along a concat dimension."""
    dims: list[native.CombineDim] = [
        native.ConcatDim(dim.name, range(len(dim.keys) * pieces))
        if isinstance(dim, native.ConcatDim)
        else native.MergeDim(dim.name, range(len(dim.keys)))
        for dim in pattern.combine_dims
    ]
    function = Split(pattern, dimension, pieces)
    return native.FilePattern(function, *dims, fsspec_open_kwargs=pattern.fsspec_open_kwargs, file_type=pattern.file_type)


@dataclass(frozen=True)
class ProcessPiece:
    """Takes a piece of an input, and processes it as a chunk.

    Parameters
    ----------
    pattern : FilePattern
        Of the whole inputs.
    dimension : str
        The concat dimension.
    pieces : int
        How many there are of an input.
    process : Process
        The recipe's functions.
    """

    pattern: native.FilePattern
    dimension: str
    pieces: int
    process: Process

    @property
    def __name__(self) -> str:
        """What messages call it."""
        return self.process.__name__

    def __call__(self, ds: xr.Dataset, source: InputFile) -> xr.Dataset:
        """Process the piece that `source` stands for."""
        number, piece = divmod(source.index[self.dimension], self.pieces)
        whole = self.process.of_input(ds, self.pattern[{**source.index, self.dimension: number}])
        lengths = calc_subsets(whole.sizes[self.dimension], self.pieces)
        start = sum(lengths[:piece])
        return self.process.of_chunk(whole.isel({self.dimension: slice(start, start + lengths[piece])}))


@dataclass(frozen=True)
class ProcessGroup:
    """Reads the other inputs of a group, concatenates them to the first, and processes the whole.

    Parameters
    ----------
    pattern : FilePattern
        Of the single inputs.
    dimension : str
        The concat dimension.
    size : int
        How many inputs make a group.
    source : Source
        How the inputs are opened.
    process : Process
        The recipe's functions.
    concat_kwargs : dict
        What `xarray.concat` is told.
    """

    pattern: native.FilePattern
    dimension: str
    size: int
    source: Source
    process: Process
    concat_kwargs: dict[str, Any]

    @property
    def __name__(self) -> str:
        """What messages call it."""
        return self.process.__name__

    def __call__(self, ds: xr.Dataset, source: InputFile) -> xr.Dataset:
        """Process the group of which `ds` is the first input."""
        position = {dim.name: source.keys[dim.name] for dim in self.pattern.combine_dims}
        first = position[self.dimension]
        places = range(first, min(first + self.size, self.pattern.concat_shape[self.dimension]))
        parts = [self.process.of_input(ds, self.pattern[position])]
        parts += [self._read(self.pattern[{**position, self.dimension: place}]) for place in places[1:]]
        return self.process.of_chunk(self._concat(parts))

    def _concat(self, parts: list[xr.Dataset]) -> xr.Dataset:
        # The last group may be of one input; its variables must come out with the dimensions that the others' have.
        if self.pattern.concat_shape[self.dimension] == 1:
            return parts[0]
        return xr.concat(parts, self.dimension, **{**_CONCAT_DEFAULTS, **self.concat_kwargs})

    def _read(self, file: InputFile) -> xr.Dataset:
        with self.source.open(file) as opened:
            return self.process.of_input(self.source.access.decode(opened.raw), file).load()
