"""The steps of a native recipe's plan: from what is known of the inputs to the stages that make the store."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pangeo_forge.plans import checks, survey
from pangeo_forge.plans.caching import Fetch
from pangeo_forge.plans.chunks import ODD_CHUNKS, count_units, find_fault
from pangeo_forge.plans.layout import Layout, TargetVariable, Wishes, make_layout
from pangeo_forge.plans.plan import Cost, PlanContext, Results, Stage, Step
from pangeo_forge.plans.reading import Source
from pangeo_forge.plans.stamps import Stamp
from pangeo_forge.plans.stores import Finalize, Inspect, Prepare, Store, WriteRegion
from pangeo_forge.plans.survey import Survey
from pangeo_forge.plans.tasks import JoinedTasks, RegionTasks
from pangeo_forge.plans.work import Work, block_tasks, divide
from pangeo_forge.recipes.sampling import choose_samples
from pangeo_forge.types import format_size

if TYPE_CHECKING:
    from pangeo_forge.recipes.zarr import ZarrRecipe


@dataclass(frozen=True)
class Planning:
    """The steps of a recipe's plan in one context; each is a pure function of the earlier stages' results."""

    recipe: ZarrRecipe
    context: PlanContext

    def sample(self) -> dict[str, Any]:
        """Open the first input of each set of variables, and the last of all."""
        look = Inspect(self.recipe.pattern, self.recipe.source)
        return {"inspect": functools.reduce(survey.combine, [look(number) for number in choose_samples(self.recipe.pattern)])}

    def describe(self, results: Results) -> dict[str, Any]:
        """Say what the dataset will be."""
        layout, _ = self.lay_out(results)
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
        return {"sizes": layout.sizes, "variables": variables, "exact": exact}

    def first_steps(self) -> tuple[Step, ...]:
        """Give the steps that come before all inputs are looked at: none."""
        return ()

    @property
    def source(self) -> Source:
        """How the inputs are read once they are in the cache, if there is one."""
        return replace(self.recipe.source, cache=self.context.cache)

    def cache(self, results: Results) -> Stage:
        """Fetch the inputs that are on other machines, if there is a cache."""
        pattern, cache = self.recipe.pattern, self.context.cache
        if cache is None or self.recipe.opener is not None:
            return Stage("cache", (), _nothing)
        return Stage("cache", range(len(pattern)), Fetch(pattern, self.source.access, cache), _add)

    def inspect(self, results: Results) -> Stage:
        """Open every input's header."""
        pattern = self.recipe.pattern
        return Stage("inspect", range(len(pattern)), Inspect(pattern, self.source), survey.combine)

    def prepare(self, results: Results) -> Stage:
        """Write metadata and coordinates."""
        layout, work = self.lay_out(results)
        gathered = [layout.variables[name].new_nbytes for name in layout.gathered]
        cost = Cost(bytes_written=sum(gathered), chunks=len(gathered), memory_per_task=sum(gathered))
        function = Prepare(layout, self.context.target, self.recipe.format, self.context.scratch, work)
        return Stage("prepare", (None,), function, cost=cost, notes=layout.notes)

    def spread(self, results: Results) -> Stage:
        """Write what goes through the intermediate store."""
        layout, work = self.lay_out(results)
        variables = [layout.variables[name] for name in work.two_passes]
        chunks = {name: passes.chunks for name, passes in work.two_passes.items()}
        tasks = RegionTasks(work.spread)
        nbytes = sum(variable.new_nbytes for variable in variables)
        cost = Cost(nbytes, nbytes, sum(count_units(v.first, v.shape, chunks[v.name]) for v in variables), 2 * work.memory)
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
        layout, work = self.lay_out(results)
        chunks = {name: variable.unit for name, variable in layout.variables.items()}
        write_region = WriteRegion(
            layout, self.recipe.pattern, self.source, self.context.target, chunks, work.memory, results["inspect"].largest
        )
        tasks = JoinedTasks((RegionTasks(work.direct), block_tasks(layout, work)))
        nbytes = sum(variable.new_nbytes for variable in layout.stored)
        cost = Cost(nbytes, nbytes, sum(variable.unit_count for variable in layout.stored), _task_nbytes(layout, work))
        notes = [
            f"{v.name}: one target chunk is {format_size(_unit_nbytes(v))}, more than a task may hold ({format_size(work.memory)})"
            for v in layout.stored
            if _unit_nbytes(v) > work.memory
        ]
        notes += [note for variable in layout.stored if (note := _note_odd_chunks(variable))]
        return Stage("store", tasks, Store(write_region, self.context.scratch), _add, cost, tuple(notes))

    def finalize(self, results: Results) -> Stage:
        """Consolidate the metadata."""
        return Stage("finalize", (None,), Finalize(self.context.target, self.context.scratch))

    def check(self, results: Results) -> Stage:
        """Open the dataset, and compare it with some inputs."""
        layout, _ = self.lay_out(results)
        source = self.source
        numbers = checks.choose_inputs(self.recipe.pattern, self.context.checks)
        function = checks.Check(layout, self.recipe.pattern, source, self.context.target, self.recipe.product, source.access.decoding)
        return Stage("check", (None, *numbers) if numbers else (), function, checks.join)

    def stamps(self, results: Results) -> Mapping[int, Stamp]:
        """Say which version of each input was read."""
        found: Survey = results["inspect"]
        return found.stamps

    def lay_out(self, results: Results) -> tuple[Layout, Work]:
        """Decide how the dataset is laid out, and who writes what of it."""
        found: Survey = results["inspect"]
        recipe = self.recipe
        layout = make_layout(
            found, recipe.pattern, Wishes(recipe.target_chunks, recipe.encoding, recipe.attrs, recipe.compat, recipe.ordered)
        )
        return layout, divide(layout, self.context.task_memory, reads_whole=recipe.source.is_processed)


def _nothing(task: None) -> None:
    """Do nothing, for a stage without tasks."""


def _add(a: Cost, b: Cost) -> Cost:
    return a + b


def _unit_nbytes(variable: TargetVariable) -> int:
    nbytes = variable.itemsize
    for chunk in variable.unit:
        nbytes *= chunk
    return nbytes


def _note_odd_chunks(variable: TargetVariable) -> str | None:
    nbytes = math.prod(variable.chunks) * variable.itemsize
    fault = find_fault(nbytes, variable.nbytes)
    return f"{ODD_CHUNKS.format(variable=variable.name, size=format_size(nbytes), fault=fault)} [PFR025]" if fault else None


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
