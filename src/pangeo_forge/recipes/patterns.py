"""Which files make up a dataset, and where each belongs in it."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pangeo_forge.errors import ForgeError, RecipeFailed, UsageError
from pangeo_forge.plans.blaming import blame, is_for_us, name_of
from pangeo_forge.plans.inputs import InputFile
from pangeo_forge.types import redact_text

#: How many keys of each concat dimension a pruned pattern keeps.
PRUNED_KEYS = 2


@dataclass(frozen=True, slots=True)
class ConcatDim:
    """A dimension along which files follow one another.

    Parameters
    ----------
    name : str
        The name of the dimension in the files.
    keys : sequence
        What the pattern's function is given, one key a file, in the order of the dimension. Any sized sequence, also a lazy
        one such as a `range` or a `pandas.DatetimeIndex`; it is not copied.
    nitems_per_file : int, optional
        How many steps along the dimension each file holds, where all hold the same number. It is only used to estimate what a
        run will take without opening files, and checked when they are opened.
    """

    name: str
    keys: Sequence[Any]
    nitems_per_file: int | None = None

    def __post_init__(self) -> None:
        _check_dimension(self)
        if self.nitems_per_file is not None and self.nitems_per_file < 1:
            raise UsageError(f"ConcatDim {self.name!r} has nitems_per_file={self.nitems_per_file}, but a file holds at least 1 step")


@dataclass(frozen=True, slots=True)
class MergeDim:
    """A dimension along which files hold different variables of one dataset.

    Parameters
    ----------
    name : str
        A name for it; it does not occur in the files.
    keys : sequence
        What the pattern's function is given, one key for each set of variables.
    """

    name: str
    keys: Sequence[Any]

    def __post_init__(self) -> None:
        _check_dimension(self)


CombineDim = ConcatDim | MergeDim


def _check_dimension(dimension: CombineDim) -> None:
    kind = type(dimension).__name__
    if isinstance(dimension.keys, (str, bytes)) or not hasattr(dimension.keys, "__getitem__") or not hasattr(dimension.keys, "__len__"):
        raise UsageError(
            f"the keys of {kind} {dimension.name!r} are a {type(dimension.keys).__name__}, not a sequence",
            hint="Give a list, a tuple, a range or a pandas index; make a list of a generator or a set.",
        )
    if not len(dimension.keys):
        raise UsageError(f"{kind} {dimension.name!r} has no keys", hint="Give one key for each file.")


@dataclass(frozen=True)
class FilePattern(Sequence[InputFile]):
    """The files of a dataset: a function that makes each one's URL, and the dimensions that they are combined along.

    Nothing is enumerated until it is asked for, so that a pattern of a million files costs nothing.

    Parameters
    ----------
    format_function : callable
        Takes one keyword argument for each dimension, named as the dimension, and returns a URL.
    *combine_dims : ConcatDim or MergeDim
        At least one. The order does not change the dataset, only that of `items`.
    fsspec_open_kwargs : dict, optional
        Options of the file system that the URLs are on: credentials, headers, time-outs.
    file_type : str, optional
        ``netcdf4``, ``netcdf3`` or ``zarr``; found out from the file where it is not given.

    Examples
    --------
    >>> pattern = FilePattern(
    ...     lambda time, variable: f"https://example.org/{variable}_{time}.nc",
    ...     ConcatDim("time", range(1990, 2000)),
    ...     MergeDim("variable", ["tas", "pr"]),
    ... )
    >>> len(pattern)
    20
    >>> pattern[{"time": 1, "variable": 0}].url
    'https://example.org/tas_1991.nc'
    """

    format_function: Callable[..., str]
    combine_dims: tuple[CombineDim, ...]
    fsspec_open_kwargs: Mapping[str, Any] = field(default_factory=dict, repr=False)
    file_type: str | None = None

    def __init__(
        self,
        format_function: Callable[..., str],
        *combine_dims: CombineDim,
        fsspec_open_kwargs: Mapping[str, Any] | None = None,
        file_type: str | None = None,
    ) -> None:
        _check_pattern(format_function, combine_dims)
        object.__setattr__(self, "format_function", format_function)
        object.__setattr__(self, "combine_dims", combine_dims)
        object.__setattr__(self, "fsspec_open_kwargs", dict(fsspec_open_kwargs or {}))
        object.__setattr__(self, "file_type", file_type)

    @property
    def shape(self) -> tuple[int, ...]:
        """The number of keys along each dimension."""
        return tuple(len(dimension.keys) for dimension in self.combine_dims)

    @property
    def concat_dims(self) -> tuple[ConcatDim, ...]:
        """The dimensions along which files follow one another."""
        return tuple(dimension for dimension in self.combine_dims if isinstance(dimension, ConcatDim))

    @property
    def merge_dims(self) -> tuple[MergeDim, ...]:
        """The dimensions along which files hold different variables."""
        return tuple(dimension for dimension in self.combine_dims if isinstance(dimension, MergeDim))

    @property
    def concat_shape(self) -> dict[str, int]:
        """How many files there are along each concat dimension."""
        return {dimension.name: len(dimension.keys) for dimension in self.concat_dims}

    @property
    def merge_shape(self) -> dict[str, int]:
        """How many sets of variables there are along each merge dimension."""
        return {dimension.name: len(dimension.keys) for dimension in self.merge_dims}

    @property
    def nitems_per_file(self) -> dict[str, int | None]:
        """How many steps along each concat dimension a file holds, where the recipe says so."""
        return {dimension.name: dimension.nitems_per_file for dimension in self.concat_dims}

    def __len__(self) -> int:
        return math.prod(self.shape)

    def __getitem__(self, item: Any) -> Any:
        """Return the file at a number, or at a position along each dimension; for a slice, a list of files."""
        if isinstance(item, slice):
            return [self[number] for number in range(*item.indices(len(self)))]
        if isinstance(item, Mapping):
            return self._make_input(self._number(item))
        number = item + len(self) if item < 0 else item
        if not 0 <= number < len(self):
            raise IndexError(f"the pattern has {len(self)} files, so there is no number {item}")
        return self._make_input(number)

    def __iter__(self) -> Iterator[InputFile]:
        return (self._make_input(number) for number in range(len(self)))

    def items(self) -> Iterator[tuple[dict[str, int], str]]:
        """Yield the position along each dimension and the URL of every file."""
        return ((source.index, source.url) for source in self)

    def prune(self, nkeep: int = PRUNED_KEYS) -> FilePattern:
        """Make the pattern of the first `nkeep` keys of every concat dimension and all keys of every merge dimension."""
        dims = tuple(
            replace(dimension, keys=dimension.keys[:nkeep]) if isinstance(dimension, ConcatDim) else dimension
            for dimension in self.combine_dims
        )
        return FilePattern(self.format_function, *dims, fsspec_open_kwargs=self.fsspec_open_kwargs, file_type=self.file_type)

    def _number(self, index: Mapping[str, int]) -> int:
        names = [dimension.name for dimension in self.combine_dims]
        if set(index) != set(names):
            raise KeyError(f"an index of this pattern has the dimensions {names}, not {list(index)}")
        number = 0
        for dimension in self.combine_dims:
            position = index[dimension.name]
            if not 0 <= position < len(dimension.keys):
                raise IndexError(f"{dimension.name!r} has {len(dimension.keys)} keys, so there is no position {position}")
            number = number * len(dimension.keys) + position
        return number

    def _make_input(self, number: int) -> InputFile:
        index: dict[str, int] = {}
        rest = number
        for dimension in reversed(self.combine_dims):
            rest, index[dimension.name] = divmod(rest, len(dimension.keys))
        index = {dimension.name: index[dimension.name] for dimension in self.combine_dims}
        keys = {dimension.name: dimension.keys[index[dimension.name]] for dimension in self.combine_dims}
        return InputFile(number, self._make_url(keys), index, keys)

    def _make_url(self, keys: Mapping[str, Any]) -> str:
        try:
            url = self.format_function(**keys)
        except ForgeError:
            raise
        except BaseException as error:
            if is_for_us(error):
                raise
            raise blame(error, self.format_function, _write_keys(keys)) from error
        if not isinstance(url, str):
            name = name_of(self.format_function)
            raise RecipeFailed(
                f"{name} returned a {type(url).__name__}, not a URL", where=_write_keys(keys), hint="Return the URL as a text."
            )
        return url


def _write_keys(keys: Mapping[str, Any]) -> str:
    return redact_text(", ".join(f"{name}={key!r}" for name, key in keys.items()))


def _check_pattern(format_function: Callable[..., str], combine_dims: tuple[CombineDim, ...]) -> None:
    if not callable(format_function):
        raise UsageError(f"the first argument of FilePattern is a {type(format_function).__name__}, not a function that makes a URL")
    if not combine_dims:
        raise UsageError("a FilePattern needs at least one ConcatDim or MergeDim")
    for dimension in combine_dims:
        if not isinstance(dimension, (ConcatDim, MergeDim)):
            raise UsageError(f"a FilePattern takes ConcatDim and MergeDim after its function, not {type(dimension).__name__}")
    names = [dimension.name for dimension in combine_dims]
    if len(set(names)) < len(names):
        raise UsageError(f"the dimensions of a FilePattern must have different names, not {names}")
    try:
        inspect.signature(format_function).bind(**dict.fromkeys(names))
    except ValueError:  # a function of C that tells no signature
        return
    except TypeError:
        wants = list(inspect.signature(format_function).parameters)
        raise UsageError(
            f"the function of the FilePattern takes {wants}, but its dimensions are {names}",
            hint="Name the function's parameters as the dimensions.",
        ) from None


@dataclass(frozen=True, slots=True)
class _FileList:
    """A pattern's function for files whose URLs are known one by one; picklable."""

    dimension: str

    def __call__(self, **keys: str) -> str:
        return keys[self.dimension]

    @property
    def __signature__(self) -> inspect.Signature:
        return inspect.Signature([inspect.Parameter(self.dimension, inspect.Parameter.KEYWORD_ONLY)])


def pattern_from_file_sequence(
    file_list: Sequence[str],
    concat_dim: str,
    nitems_per_file: int | None = None,
    *,
    fsspec_open_kwargs: Mapping[str, Any] | None = None,
    file_type: str | None = None,
) -> FilePattern:
    """Make the pattern of a list of URLs that follow one another along one dimension.

    Parameters
    ----------
    file_list : sequence of str
        The URLs, in the order of the dimension; each is its own key.
    concat_dim : str
        The name of the dimension.
    nitems_per_file, fsspec_open_kwargs, file_type
        As for `ConcatDim` and `FilePattern`.
    """
    return FilePattern(
        _FileList(concat_dim),
        ConcatDim(concat_dim, file_list, nitems_per_file),
        fsspec_open_kwargs=fsspec_open_kwargs,
        file_type=file_type,
    )
