"""``pangeo_forge_recipes.patterns``: which files, described as the recipes of both older APIs do."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import product
from typing import Any, ClassVar

from pangeo_forge.recipes import patterns as native
from pangeo_forge.recipes.standins.indexing import CombineOp, Dimension, Index, Position
from pangeo_forge.recipes.standins.scope import Answered


class FileType(Enum):
    """The format of the files."""

    unknown = "unknown"
    netcdf3 = "netcdf3"
    netcdf4 = "netcdf4"
    grib = "grib"
    opendap = "opendap"
    tiff = "tiff"
    zarr = "zarr"


@dataclass(frozen=True)
class CombineDim:
    """A dimension of a pattern, with a key for each file along it."""

    name: str
    keys: Sequence[Any] = field(repr=False)
    operation: ClassVar[CombineOp]

    @property
    def dimension(self) -> Dimension:
        """Its name and how files are combined along it."""
        return Dimension(self.name, self.operation)


@dataclass(frozen=True)
class ConcatDim(CombineDim):
    """A dimension along which files follow one another."""

    nitems_per_file: int | None = None
    operation: ClassVar[CombineOp] = CombineOp.CONCAT


@dataclass(frozen=True)
class MergeDim(CombineDim):
    """A dimension along which files hold different variables."""

    operation: ClassVar[CombineOp] = CombineOp.MERGE


class FilePattern:
    """The files of a dataset, as ``pangeo_forge_recipes`` describes them.

    Parameters
    ----------
    format_function : callable
        Makes a URL from a key for each dimension.
    *combine_dims : ConcatDim or MergeDim
        The dimensions.
    fsspec_open_kwargs, query_string_secrets : dict, optional
        Options of the file system, and what is added to each URL's query when it is fetched.
    file_type : str
        The format; netcdf4 by default, as it was.
    is_opendap : bool
        What was written before there were file types.
    """

    def __init__(
        self,
        format_function: Callable[..., str],
        *combine_dims: CombineDim,
        fsspec_open_kwargs: dict[str, Any] | None = None,
        query_string_secrets: dict[str, str] | None = None,
        file_type: str | FileType = "netcdf4",
        is_opendap: bool = False,
    ) -> None:
        self.format_function = format_function
        self.combine_dims = combine_dims
        self.fsspec_open_kwargs = fsspec_open_kwargs or {}
        self.query_string_secrets = query_string_secrets or {}
        self.file_type = FileType.opendap if is_opendap else FileType(file_type)
        if self.fsspec_open_kwargs and self.file_type is FileType.opendap:
            raise ValueError("OPeNDAP inputs are not opened with fsspec, so `fsspec_open_kwargs` means nothing for them.")

    def __repr__(self) -> str:
        return f"<FilePattern {self.dims}>"

    @property
    def dims(self) -> dict[str, int]:
        """The number of keys along each dimension."""
        return {dim.name: len(dim.keys) for dim in self.combine_dims}

    @property
    def shape(self) -> tuple[int, ...]:
        """The number of keys along each dimension, in their order."""
        return tuple(self.dims.values())

    @property
    def merge_dims(self) -> list[str]:
        """The names of the merge dimensions."""
        return [dim.name for dim in self.combine_dims if dim.operation is CombineOp.MERGE]

    @property
    def concat_dims(self) -> list[str]:
        """The names of the concat dimensions."""
        return [dim.name for dim in self.combine_dims if dim.operation is CombineOp.CONCAT]

    @property
    def nitems_per_input(self) -> dict[str, int | None]:
        """How many steps along each concat dimension a file holds, where the recipe says so."""
        return {dim.name: dim.nitems_per_file or None for dim in self.combine_dims if isinstance(dim, ConcatDim)}

    @property
    def concat_sequence_lens(self) -> dict[str, int | None]:
        """How many steps there are along each concat dimension, where the recipe says how many a file holds."""
        return {name: None if items is None else items * self.dims[name] for name, items in self.nitems_per_input.items()}

    @property
    def combine_dim_keys(self) -> list[Dimension]:
        """The dimensions, as the transforms of the Beam API take them."""
        return [dim.dimension for dim in self.combine_dims]

    def __len__(self) -> int:
        return len(self.to_native())

    def __getitem__(self, index: Index | tuple[int, ...] | int) -> str:
        """Give the URL of the file at an index, or, as in 0.3, at a place along each dimension."""
        if not isinstance(index, Index):
            numbers = index if isinstance(index, tuple) else (index,)
            places = dict(zip(self.dims, numbers, strict=True))
        else:
            places = {dimension.name: position.value for dimension, position in index.items()}
        return self.format_function(**{dim.name: dim.keys[places[dim.name]] for dim in self.combine_dims})

    def __iter__(self) -> Iterator[Index]:
        for places in product(*map(range, self.shape)):
            yield Index({dim.dimension: Position(place) for dim, place in zip(self.combine_dims, places, strict=True)})

    def items(self) -> PatternItems:
        """Give the index and URL of every file, lazily."""
        return PatternItems(self)

    def prune(self, nkeep: int = native.PRUNED_KEYS) -> FilePattern:
        """Make the pattern of the first keys of each concat dimension."""
        dims = [replace(dim, keys=dim.keys[:nkeep]) if isinstance(dim, ConcatDim) else dim for dim in self.combine_dims]
        pruned = copy.copy(self)
        pruned.combine_dims = tuple(dims)
        return pruned

    def opened_with(self, fsspec_open_kwargs: dict[str, Any], file_type: FileType) -> FilePattern:
        """Make the pattern of the same files with more options of the file system, and of a type."""
        made = copy.copy(self)
        made.fsspec_open_kwargs, made.file_type = {**self.fsspec_open_kwargs, **fsspec_open_kwargs}, file_type
        return made

    def to_native(self) -> native.FilePattern:
        """Make the native pattern of the same files."""
        dims = [
            native.ConcatDim(dim.name, dim.keys, dim.nitems_per_file) if isinstance(dim, ConcatDim) else native.MergeDim(dim.name, dim.keys)
            for dim in self.combine_dims
        ]
        # Others are told by their first bytes.
        known = self.file_type.value if self.file_type in (FileType.zarr, FileType.opendap) else None
        # Secrets of the query are given to the client, so that no URL that is shown holds them.
        secrets = {"params": self.query_string_secrets} if self.query_string_secrets else {}
        return native.FilePattern(
            Answered(self.format_function), *dims, fsspec_open_kwargs={**self.fsspec_open_kwargs, **secrets}, file_type=known
        )


class PatternItems(Iterator[tuple[Index, str]]):
    """What ``pattern.items()`` gives: an iterator, as it was, that still knows the pattern."""

    def __init__(self, pattern: FilePattern) -> None:
        self.pattern = pattern
        self._place = 0

    def __next__(self) -> tuple[Index, str]:
        index = next(itertools.islice(self.pattern, self._place, None))
        self._place += 1
        return index, self.pattern[index]

    def __iter__(self) -> Iterator[tuple[Index, str]]:
        return ((index, self.pattern[index]) for index in itertools.islice(self.pattern, self._place, None))

    def send(self, _: None) -> tuple[Index, str]:
        """Give the next, as a generator does."""
        return next(self)


@dataclass(frozen=True)
class _FileList:
    """The function of a pattern that is made from a list; picklable."""

    files: Sequence[str]
    dimension: str

    def __call__(self, **keys: int) -> str:
        return self.files[keys[self.dimension]]


def pattern_from_file_sequence(
    file_list: Sequence[str], concat_dim: str, nitems_per_file: int | None = None, **options: Any
) -> FilePattern:
    """Make the pattern of files that follow one another."""
    files = list(file_list)
    return FilePattern(_FileList(files, concat_dim), ConcatDim(concat_dim, list(range(len(files))), nitems_per_file), **options)


def prune_pattern(fp: FilePattern, nkeep: int = native.PRUNED_KEYS) -> FilePattern:
    """Make the pattern of the first keys of each concat dimension."""
    return fp.prune(nkeep)
