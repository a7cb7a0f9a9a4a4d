"""Which inputs a pipeline begins with."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pangeo_forge.recipes import patterns as native
from pangeo_forge.recipes.lifting.elements import ElementStep, apply_all, read_step
from pangeo_forge.recipes.lifting.reasons import CannotLift
from pangeo_forge.recipes.standins import beam
from pangeo_forge.recipes.standins.indexing import CombineOp, Dimension, Index
from pangeo_forge.recipes.standins.patterns import FilePattern, PatternItems


@dataclass(frozen=True)
class Inputs:
    """The files of a pipeline.

    Parameters
    ----------
    pattern : FilePattern
        The native pattern.
    operations : dict of str to CombineOp
        How the files are combined along each dimension.
    """

    pattern: native.FilePattern
    operations: dict[str, CombineOp]

    @property
    def concat_dims(self) -> list[str]:
        """The dimensions along which files follow one another."""
        return [name for name, operation in self.operations.items() if operation is CombineOp.CONCAT]


def read_inputs(create: beam.Create, choosing: Sequence[ElementStep]) -> Inputs:
    """Read which files a pipeline begins with; the steps that choose them are followed here and now.

    Raises
    ------
    CannotLift
        If its elements are no pairs of an index and a URL, or if these do not fill a grid.
    """
    if not isinstance(create.values, PatternItems) or choosing:
        return _read_elements(create, choosing)
    pattern = create.values.pattern
    return Inputs(_to_native(pattern), {dim.name: dim.operation for dim in pattern.combine_dims})


def count_choosing(create: beam.Create, steps: Sequence[beam.PTransform], *, opens_later: bool) -> int:
    """Count the steps that must be followed to know which inputs there are.

    These are all up to the last that may make several inputs of one, or none; and those that give them their indexes.

    Parameters
    ----------
    create : Create
    steps : sequence of PTransform
        Up to the first that is known to open files.
    opens_later : bool
        Whether there is one. Otherwise a function of the recipe opens them, which must not be called to list its inputs.
    """
    may_change = [not isinstance(step, beam.Map | beam.MapTuple) for step in steps]
    if opens_later:
        changing = max((number + 1 for number, changes in enumerate(may_change) if changes), default=0)
    else:
        changing = next((number for number, changes in enumerate(may_change) if not changes), len(steps))
    return max(changing, 0 if isinstance(create.values, PatternItems) else _count_indexing(create, steps))


def _count_indexing(create: beam.Create, steps: Sequence[beam.PTransform]) -> int:
    """Count the steps until elements are pairs with an index, tried with the first of them."""
    elements = list(create.values)[:1]
    for number, step in enumerate(steps):
        if elements and _is_indexed(elements[0]):
            return number
        elements = _follow([read_step(step)], elements)
    return len(steps)


def _is_indexed(element: Any) -> bool:
    return isinstance(element, tuple) and len(element) == 2 and isinstance(element[0], Index)


def _follow(steps: Sequence[ElementStep], elements: Iterable[Any]) -> list[Any]:
    try:
        return apply_all(steps, elements)
    except Exception as error:  # the recipe's own
        raise CannotLift(f"choosing its inputs fails: {type(error).__name__}: {error}") from error


def _to_native(pattern: FilePattern) -> native.FilePattern:
    if not pattern.combine_dims:
        raise CannotLift("its pattern has no dimension")
    return pattern.to_native()


def _read_elements(create: beam.Create, choosing: Sequence[ElementStep]) -> Inputs:
    elements = _follow(choosing, create.values)
    urls: dict[tuple[int, ...], str] = {}
    dims = _dims_of(elements)
    for index, url in elements:
        place = tuple(index[dim].value for dim in dims)
        if place in urls:
            raise CannotLift(f"two of its inputs have the place {_name(dims, place)}")
        urls[place] = url
    known = _known_pattern(create)
    options = {} if known is None else {"fsspec_open_kwargs": known.fsspec_open_kwargs, "file_type": known.file_type}
    return Inputs(_make_pattern(dims, urls, {} if known is None else known.nitems_per_file, options), {d.name: d.operation for d in dims})


def _known_pattern(step: beam.Create) -> native.FilePattern | None:
    return _to_native(step.values.pattern) if isinstance(step.values, PatternItems) else None


def _dims_of(elements: Sequence[Any]) -> list[Dimension]:
    if not elements:
        raise CannotLift("it begins with no inputs")
    for element in elements:
        if not (_is_indexed(element) and isinstance(element[1], str)):
            raise CannotLift("its Create gives something else than pairs of an index and a URL")
        if element[0].keys() != elements[0][0].keys():
            raise CannotLift("the indexes of its inputs have different dimensions")
    dims = list(elements[0][0])
    if not dims:
        raise CannotLift("the indexes of its inputs have no dimension")
    return dims


def _name(dims: Sequence[Dimension], place: Sequence[int]) -> str:
    return ", ".join(f"{dim.name} {position}" for dim, position in zip(dims, place, strict=True))


def _make_pattern(
    dims: Sequence[Dimension], urls: Mapping[tuple[int, ...], str], items: Mapping[str, int | None], options: Mapping[str, Any]
) -> native.FilePattern:
    shape = [1 + max(place[axis] for place in urls) for axis in range(len(dims))]
    for place in _grid(shape):
        if place not in urls:
            raise CannotLift(f"it has no input at {_name(dims, place)}, but others behind")
    keys = [
        native.ConcatDim(dim.name, range(size), items.get(dim.name))
        if dim.operation is CombineOp.CONCAT
        else native.MergeDim(dim.name, range(size))
        for dim, size in zip(dims, shape, strict=True)
    ]
    return native.FilePattern(Listed(urls, tuple(dim.name for dim in dims)), *keys, **options)


def _grid(shape: Sequence[int]) -> list[tuple[int, ...]]:
    places: list[tuple[int, ...]] = [()]
    for size in shape:
        places = [(*place, position) for place in places for position in range(size)]
    return places


@dataclass(frozen=True)
class Listed:
    """The function of a pattern whose URLs are known one by one; picklable."""

    urls: Mapping[tuple[int, ...], str] = field(repr=False)
    dims: tuple[str, ...]

    def __call__(self, **keys: int) -> str:
        """Give a URL."""
        return self.urls[tuple(keys[dim] for dim in self.dims)]

    @property
    def __signature__(self) -> inspect.Signature:
        return inspect.Signature([inspect.Parameter(dim, inspect.Parameter.KEYWORD_ONLY) for dim in self.dims])
