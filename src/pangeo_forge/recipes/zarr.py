"""The native recipe: an archive of files becomes one Zarr store."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pangeo_forge.errors import UsageError
from pangeo_forge.plans import checks, survey
from pangeo_forge.plans.caching import Fetch
from pangeo_forge.plans.chunks import ChunkSpec
from pangeo_forge.plans.layout import Layout, TargetVariable, Wishes, make_layout
from pangeo_forge.plans.opening import Access
from pangeo_forge.plans.plan import Cost, Plan, PlanContext, Results, Stage, Step
from pangeo_forge.plans.reading import Preprocess, Source
from pangeo_forge.plans.schema import PACKING
from pangeo_forge.plans.stores import Finalize, Inspect, Prepare, Store, WriteRegion
from pangeo_forge.plans.survey import Survey
from pangeo_forge.plans.targets import ZarrFormat
from pangeo_forge.plans.work import JoinedTasks, RegionTasks, Work, block_tasks, divide
from pangeo_forge.recipes.patterns import FilePattern
from pangeo_forge.types import format_size

#: So many sets of variables are opened to outline a run.
_SAMPLED_GROUPS = 16


@dataclass(frozen=True)
class ZarrRecipe:
    """Combine the files of a pattern into one Zarr store.

    Parameters
    ----------
    pattern : FilePattern
        Which files, and how they fit together.
    preprocess : callable, optional
        ``preprocess(ds, source) -> ds`` is given each file, opened and decoded by xarray, and an `InputFile` that tells which
        it is (``source.url``, ``source.keys["time"]``). It must not reorder or drop steps along a concat dimension differently
        from one call to the next, as it may be called several times for a file.
    target_chunks : dict or str, optional
        Elements of a chunk along each dimension (-1 for all), or a size: ``{"time": 10}``, ``{"time": "100MB"}``, ``"100MB"``.
        Dimensions that a dictionary does not name are not split. By default chunks are of at most 50 MB.
    open_kwargs : dict, optional
        What `xarray.open_dataset` is given: ``engine``, ``group``, ``decode_times``, ``drop_variables``, …
    encoding : dict, optional
        By variable: ``dtype``, ``scale_factor``, ``add_offset``, ``_FillValue``, ``units``, ``calendar``, ``compressors``, ``filters``,
        ``serializer``, ``shards`` (``{"time": 100}``: so many elements are one object).
        What is not given is as in the files where these agree, else plain values; chunks and compression are never those of the files.
    attrs : dict, optional
        Attributes of the dataset, in addition to those that all files have in common.
    format : int
        The version of the Zarr format, 3 or 2.

    Examples
    --------
    >>> from pangeo_forge.recipes import ConcatDim, FilePattern, ZarrRecipe
    >>> pattern = FilePattern(lambda time: f"https://example.org/sst_{time}.nc", ConcatDim("time", range(1990, 2020)))
    >>> recipe = ZarrRecipe(pattern, target_chunks={"time": 12})
    """

    pattern: FilePattern
    preprocess: Preprocess | None = field(default=None, kw_only=True)
    target_chunks: ChunkSpec = field(default=None, kw_only=True)
    open_kwargs: Mapping[str, Any] = field(default_factory=dict, kw_only=True)
    encoding: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, kw_only=True)
    attrs: Mapping[str, Any] = field(default_factory=dict, kw_only=True)
    format: ZarrFormat = field(default=3, kw_only=True)

    def __post_init__(self) -> None:
        if not isinstance(self.pattern, FilePattern):
            raise UsageError(f"the first argument of ZarrRecipe is a {type(self.pattern).__name__}, not a FilePattern")
        if self.preprocess is not None and not callable(self.preprocess):
            raise UsageError(f"preprocess is a {type(self.preprocess).__name__}, not a function")
        if self.format not in (2, 3):
            raise UsageError(f"format={self.format!r}, but Zarr has the formats 2 and 3")
        for name, encoding in (self.encoding or {}).items():
            _check_encoding(name, encoding)
        for name in ("open_kwargs", "encoding", "attrs"):
            object.__setattr__(self, name, dict(getattr(self, name) or {}))

    @property
    def source(self) -> Source:
        """How the inputs are read where they are."""
        return Source(Access(self.pattern.fsspec_open_kwargs, self.pattern.file_type, self.open_kwargs), self.preprocess)

    def prune(self) -> ZarrRecipe:
        """Make the recipe of the first two keys of every concat dimension."""
        return replace(self, pattern=self.pattern.prune())

    def plan(self, context: PlanContext) -> Plan:
        """Say how the store is made: see `Plan`."""
        planning = _Planning(self, context)
        steps = (
            Step("cache", planning.cache),
            Step("inspect", planning.inspect),
            Step("prepare", planning.prepare),
            Step("spread", planning.spread),
            Step("store", planning.store),
            Step("finalize", planning.finalize),
            Step("check", planning.check),
        )
        return Plan(steps, planning.sample, planning.describe)


@dataclass(frozen=True)
class _Planning:
    """The steps of a recipe's plan in one context; each is a pure function of the earlier stages' results."""

    recipe: ZarrRecipe
    context: PlanContext

    def sample(self) -> dict[str, Any]:
        """Open the first input of each set of variables, and the last of all."""
        pattern = self.recipe.pattern
        look = Inspect(pattern, self.recipe.source)
        first = dict.fromkeys(pattern.concat_shape, 0)
        numbers = {pattern[{**first, **index}].number for index in _merge_positions(pattern)[:_SAMPLED_GROUPS]} | {len(pattern) - 1}
        found = [look(number) for number in sorted(numbers)]
        result = found[0]
        for other in found[1:]:
            result = survey.combine(result, other)
        return {"inspect": result}

    def describe(self, results: Results) -> dict[str, Any]:
        """Say what the dataset will be."""
        layout, _ = self._lay_out(results)
        variables = [
            {
                "name": variable.name,
                "dims": list(variable.dims),
                "shape": list(variable.shape),
                "chunks": list(variable.chunks),
                "dtype": "string" if variable.dtype.kind == "O" else str(variable.dtype),
                "bytes": variable.nbytes,
                "chunk_bytes": math.prod(variable.chunks) * variable.itemsize,
            }
            for variable in layout.variables.values()
        ]
        exact = results["inspect"].inputs == len(self.recipe.pattern)
        return {"sizes": layout.sizes, "variables": variables, "exact": exact, "format": self.recipe.format}

    @property
    def source(self) -> Source:
        """How the inputs are read once they are in the cache, if there is one."""
        return replace(self.recipe.source, cache=self.context.cache)

    def cache(self, results: Results) -> Stage:
        """Fetch the inputs that are on other machines, if there is a cache."""
        pattern, cache = self.recipe.pattern, self.context.cache
        if cache is None:
            return Stage("cache", (), _nothing)
        return Stage("cache", range(len(pattern)), Fetch(pattern, self.source.access, cache), _add)

    def inspect(self, results: Results) -> Stage:
        """Open every input's header."""
        pattern = self.recipe.pattern
        return Stage("inspect", range(len(pattern)), Inspect(pattern, self.source), survey.combine)

    def prepare(self, results: Results) -> Stage:
        """Write metadata and coordinates."""
        layout, work = self._lay_out(results)
        gathered = [layout.variables[name].nbytes for name in layout.gathered]
        cost = Cost(bytes_written=sum(gathered), chunks=len(gathered), memory_per_task=sum(gathered))
        function = Prepare(layout, self.context.target, self.recipe.format, self.context.scratch, work)
        return Stage("prepare", (None,), function, cost=cost, notes=layout.notes)

    def spread(self, results: Results) -> Stage:
        """Write what goes through the intermediate store."""
        layout, work = self._lay_out(results)
        variables = [layout.variables[name] for name in work.two_passes]
        chunks = {name: passes.chunks for name, passes in work.two_passes.items()}
        tasks = RegionTasks(work.spread)
        nbytes = sum(variable.nbytes for variable in variables)
        cost = Cost(nbytes, nbytes, sum(_count(v.shape, chunks[v.name]) for v in variables), 2 * work.memory)
        function = WriteRegion(
            layout, self.recipe.pattern, self.source, self.context.scratch, chunks, work.memory, results["inspect"].largest
        )
        notes = [
            f"{v.name}: a row of target chunks is {format_size(_row_nbytes(v))}, more than a task may hold "
            f"({format_size(work.memory)}): it goes through an intermediate store, in two passes"
            for v in variables
        ]
        return Stage("spread", tasks, function, cost=cost, notes=tuple(notes))

    def store(self, results: Results) -> Stage:
        """Write the target's chunks."""
        layout, work = self._lay_out(results)
        chunks = {name: variable.unit for name, variable in layout.variables.items()}
        write_region = WriteRegion(
            layout, self.recipe.pattern, self.source, self.context.target, chunks, work.memory, results["inspect"].largest
        )
        tasks = JoinedTasks((RegionTasks(work.direct), block_tasks(layout, work)))
        nbytes = sum(variable.nbytes for variable in layout.stored)
        cost = Cost(nbytes, nbytes, sum(variable.unit_count for variable in layout.stored), _task_nbytes(layout, work))
        notes = [
            f"{v.name}: one target chunk is {format_size(_unit_nbytes(v))}, more than a task may hold ({format_size(work.memory)})"
            for v in layout.stored
            if _unit_nbytes(v) > work.memory
        ]
        return Stage("store", tasks, Store(write_region, self.context.scratch), _add, cost, tuple(notes))

    def finalize(self, results: Results) -> Stage:
        """Consolidate the metadata."""
        return Stage("finalize", (None,), Finalize(self.context.target, self.context.scratch))

    def check(self, results: Results) -> Stage:
        """Open the dataset, and compare it with some inputs."""
        layout, _ = self._lay_out(results)
        source = self.source
        numbers = checks.choose_inputs(self.recipe.pattern, self.context.checks)
        function = checks.Check(layout, self.recipe.pattern, source, self.context.target, source.access.decoding)
        return Stage("check", (None, *numbers) if numbers else (), function, checks.join)

    def _lay_out(self, results: Results) -> tuple[Layout, Work]:
        found: Survey = results["inspect"]
        recipe = self.recipe
        layout = make_layout(found, recipe.pattern, Wishes(recipe.target_chunks, recipe.encoding, recipe.attrs))
        return layout, divide(layout, self.context.task_memory, reads_whole=recipe.preprocess is not None)


def _check_encoding(name: str, encoding: Mapping[str, Any]) -> None:
    known = ("dtype", *PACKING, "compressors", "compressor", "filters", "serializer", "shards")
    for key in encoding:
        if key in ("chunks", "chunksizes"):
            raise UsageError(f"the encoding of {name!r} gives {key!r}", hint="Chunks are chosen by target_chunks, for all variables.")
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            raise UsageError(
                f"the encoding of {name!r} gives {key!r}, which is not known",
                hint=f"Did you mean {near[0]!r}?" if near else f"There are {', '.join(known)}.",
            )


def _nothing(task: None) -> None:
    """Do nothing, for a stage without tasks."""


def _add(a: Cost, b: Cost) -> Cost:
    return a + b


def _merge_positions(pattern: FilePattern) -> list[dict[str, int]]:
    positions: list[dict[str, int]] = [{}]
    for name, size in pattern.merge_shape.items():
        positions = [{**position, name: place} for position in positions for place in range(size)]
    return positions


def _count(shape: tuple[int, ...], chunks: tuple[int, ...]) -> int:
    count = 1
    for size, chunk in zip(shape, chunks, strict=True):
        count *= -(-size // chunk)
    return count


def _unit_nbytes(variable: TargetVariable) -> int:
    nbytes = variable.itemsize
    for chunk in variable.unit:
        nbytes *= chunk
    return nbytes


def _row_nbytes(variable: TargetVariable) -> int:
    nbytes = variable.itemsize
    for dim, chunk, size in zip(variable.dims, variable.unit, variable.shape, strict=True):
        nbytes *= chunk if dim in variable.concat_dims else size
    return nbytes


def _task_nbytes(layout: Layout, work: Work) -> int:
    """Estimate what a task of the last pass holds: its blocks, and as much again while they are read or compressed."""
    spans = {name: dict(zip(bundle.concat_dims, bundle.span, strict=True)) for bundle in work.direct for name in bundle.variables}
    largest = 0
    for bundle in work.direct:
        held = 0
        for name in bundle.variables:
            variable = layout.variables[name]
            nbytes = variable.itemsize
            for dim, size in zip(variable.dims, variable.shape, strict=True):
                nbytes *= min(spans[name].get(dim, size), size)
            held += nbytes
        largest = max(largest, min(held, max(work.memory, *(_unit_nbytes(layout.variables[name]) for name in bundle.variables))))
    for name, passes in work.two_passes.items():
        nbytes = layout.variables[name].itemsize
        for length in passes.block:
            nbytes *= length
        largest = max(largest, nbytes)
    return 2 * largest
