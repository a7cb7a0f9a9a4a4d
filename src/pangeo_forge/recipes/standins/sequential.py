"""The class API before it had patterns of files (0.1 to 0.3): recipes of a list of URLs, or of a template and its keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, ClassVar

from pangeo_forge.errors import UsageError
from pangeo_forge.recipes.standins.classic import XarrayZarrRecipe
from pangeo_forge.recipes.standins.patterns import ConcatDim, FilePattern, MergeDim, pattern_from_file_sequence


@dataclass
class URLPattern:
    """URLs made by a template from a key of each kind.

    Parameters
    ----------
    fmt_string : str
        The template: ``"https://example.org/{variable}_{year}.nc"``.
    keys : mapping of str to iterable
        The keys of each kind.
    """

    fmt_string: str
    keys: Mapping[str, Iterable[Any]]

    def __iter__(self) -> Iterator[tuple[tuple[Any, ...], str]]:
        for keys in product(*self.keys.values()):
            yield keys, self.fmt_string.format(**dict(zip(self.keys, keys, strict=True)))


@dataclass
class VariableSequencePattern(URLPattern):
    """URLs of files that follow one another, with other variables in other files; one of the two kinds of keys is ``variable``."""

    def __post_init__(self) -> None:
        if len(self.keys) != 2:
            raise ValueError("Exactly two keys are required for VariableSequencePattern")
        if "variable" not in self.keys:
            raise ValueError("keys must contain `variable` for VariableSequencePattern")


@dataclass
class ExplicitURLSequence:
    """URLs of files that follow one another."""

    urls: Sequence[str]

    def __iter__(self) -> Iterator[tuple[int, str]]:
        return iter(enumerate(self.urls))


@dataclass(frozen=True)
class _Template:
    """The function of a pattern that is made from a template; picklable."""

    template: str

    def __call__(self, **keys: Any) -> str:
        return self.template.format(**keys)


class NetCDFtoZarrRecipe(XarrayZarrRecipe):
    """Files that follow one another along `sequence_dim`, as recipes were written before there were patterns.

    What came later, a pattern as the first argument, is taken as well.

    Parameters
    ----------
    file_pattern : FilePattern, optional
        As for `XarrayZarrRecipe`.
    sequence_dim : str, optional
        The concat dimension.
    input_urls : iterable of str, optional
        The files.
    input_pattern : VariableSequencePattern or ExplicitURLSequence, optional
        The files.
    nitems_per_input : int or None
        How many steps each file holds; 1 where nothing is said, as it was.
    **options
        As for `XarrayZarrRecipe`.
    """

    dataset_type: ClassVar[str] = "zarr"

    def __init__(
        self,
        file_pattern: FilePattern | None = None,
        sequence_dim: str | None = None,
        *,
        input_urls: Iterable[str] = (),
        input_pattern: URLPattern | ExplicitURLSequence | None = None,
        nitems_per_input: int | None = 1,
        require_cache: bool = True,
        **options: Any,
    ) -> None:
        if not isinstance(file_pattern, FilePattern):
            urls = input_urls if file_pattern is None else file_pattern
            file_pattern = _make_pattern(urls, input_pattern, sequence_dim, nitems_per_input)
        if "sequence_dim_chunks" in options:
            chunks = options.pop("sequence_dim_chunks")
            options["target_chunks"] = {**options.get("target_chunks", {}), **({file_pattern.concat_dims[0]: chunks} if chunks else {})}
        super().__init__(file_pattern, **options)


class NetCDFtoZarrSequentialRecipe(NetCDFtoZarrRecipe):
    """A list of files."""


class NetCDFtoZarrMultiVarSequentialRecipe(NetCDFtoZarrRecipe):
    """Files with other variables in other files."""


def _make_pattern(urls: Any, pattern: Any, dimension: str | None, items: int | None) -> FilePattern:
    if dimension is None:
        raise UsageError("the recipe names no dimension along which its files follow one another", hint="Give it sequence_dim.")
    if isinstance(pattern, URLPattern):
        kinds = {name: list(keys) for name, keys in pattern.keys.items()}
        [sequence] = [name for name in kinds if name != "variable"]
        dims = [MergeDim(name, keys) if name == "variable" else ConcatDim(name, keys, items) for name, keys in kinds.items()]
        made = FilePattern(_Template(pattern.fmt_string), *dims)
        return made if sequence == dimension else _renamed(made, sequence, dimension)
    return pattern_from_file_sequence(list(pattern.urls if isinstance(pattern, ExplicitURLSequence) else urls), dimension, items)


@dataclass(frozen=True)
class _Renamed:
    """The function of a pattern, given the key of one dimension by another name; picklable."""

    function: Any
    name: str
    dimension: str

    def __call__(self, **keys: Any) -> Any:
        return self.function(**{self.name if name == self.dimension else name: key for name, key in keys.items()})


def _renamed(pattern: FilePattern, name: str, dimension: str) -> FilePattern:
    """Make the pattern whose concat dimension is called as that of the files is."""
    dims = [replace(dim, name=dimension) if dim.name == name else dim for dim in pattern.combine_dims]
    return FilePattern(_Renamed(pattern.format_function, name, dimension), *dims)
