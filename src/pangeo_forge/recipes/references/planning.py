"""The steps of a virtual recipe's plan: from what is known of the inputs to references to their chunks."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pangeo_forge.plans import checks
from pangeo_forge.plans.layout import Layout, Wishes, make_layout
from pangeo_forge.plans.plan import Cost, PlanContext, Results, Stage
from pangeo_forge.plans.references import finding
from pangeo_forge.plans.references.finding import Find, Found
from pangeo_forge.plans.references.joining import check_chunks, choose_referenced, count_chunks, note_copied
from pangeo_forge.plans.references.writing import ReferenceProduct, WriteReferences
from pangeo_forge.plans.stamps import Stamp
from pangeo_forge.recipes.sampling import choose_samples

if TYPE_CHECKING:
    from pangeo_forge.recipes.virtual import VirtualRecipe


@dataclass(frozen=True)
class ReferencePlanning:
    """The steps of a recipe's plan in one context; each is a pure function of the earlier stages' results."""

    recipe: VirtualRecipe
    context: PlanContext
    product: ReferenceProduct

    def sample(self) -> dict[str, Any]:
        """Open the first input of each set of variables, and the last of all."""
        look = Find(self.recipe.pattern, self.recipe.virtual_source)
        return {"inspect": functools.reduce(finding.combine, [look(number) for number in choose_samples(self.recipe.pattern)])}

    def describe(self, results: Results) -> dict[str, Any]:
        """Say what the dataset will be."""
        layout, chunks = self._lay_out(results)
        variables = [
            {
                "name": variable.name,
                "dims": list(variable.dims),
                "shape": list(variable.shape),
                "chunks": list(chunks.get(variable.name, variable.shape)),
                "dtype": "string" if variable.dtype.kind == "O" else str(variable.dtype),
                "bytes": variable.nbytes,
                "chunk_bytes": _count_bytes(chunks.get(variable.name, variable.shape), variable.itemsize),
            }
            for variable in layout.variables.values()
        ]
        exact = results["inspect"].survey.inputs == len(self.recipe.pattern)
        return {"sizes": layout.sizes, "variables": variables, "exact": exact}

    def inspect(self, results: Results) -> Stage:
        """Open every input's header, and find where its chunks lie."""
        pattern = self.recipe.pattern
        notes = ("the cache is not used: references lead to the files where they are",) if self.context.cache is not None else ()
        return Stage("inspect", range(len(pattern)), Find(pattern, self.recipe.virtual_source), finding.combine, notes=notes)

    def write(self, results: Results) -> Stage:
        """Write the references, and what is copied."""
        found: Found = results["inspect"]
        recipe = self.recipe
        layout, _ = self._lay_out(results)
        referenced, copied = choose_referenced(layout, found, recipe.pattern, recipe.inline_below)
        if found.survey.inputs == len(recipe.pattern):
            check_chunks(layout, found, recipe.pattern, referenced)
        nbytes = sum(variable.nbytes for variable in copied) + sum(values.nbytes for values in layout.gathered.values())
        chunks = sum(count_chunks(variable, next(iter(found.arrays[variable.name].values()))) for variable in referenced)
        function = WriteReferences(
            layout, found, recipe.pattern, recipe.virtual_source, self.context.target, self.product, recipe.inline_below
        )
        cost = Cost(nbytes, nbytes, chunks + len(copied) + len(layout.gathered), nbytes)
        return Stage("write", (None,), function, cost=cost, notes=(*layout.notes, *note_copied(copied, found, recipe.pattern)))

    def check(self, results: Results) -> Stage:
        """Open the dataset, and compare it with some inputs."""
        layout, _ = self._lay_out(results)
        numbers = checks.choose_inputs(self.recipe.pattern, self.context.checks)
        source = self.recipe.source
        function = checks.Check(layout, self.recipe.pattern, source, self.context.target, self.product, source.access.decoding)
        return Stage("check", (None, *numbers) if numbers else (), function, checks.join)

    def stamps(self, results: Results) -> Mapping[int, Stamp]:
        """Say which version of each input was read."""
        found: Found = results["inspect"]
        return found.survey.stamps

    def _lay_out(self, results: Results) -> tuple[Layout, Mapping[str, tuple[int, ...]]]:
        found: Found = results["inspect"]
        layout = make_layout(found.survey, self.recipe.pattern, Wishes(None, {}, self.recipe.attrs))
        chunks = {name: next(iter(arrays.values())).chunks for name, arrays in found.arrays.items()}
        return layout, {name: chunks[name] for name in chunks if name not in layout.gathered}


def _count_bytes(chunks: tuple[int, ...], itemsize: int) -> int:
    for length in chunks:
        itemsize *= length
    return itemsize
