"""References of files as kerchunk makes and combines them: what the recipes of both older APIs become that ask for references."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pangeo_forge.plans import checks
from pangeo_forge.plans.kerchunk.checking import Check
from pangeo_forge.plans.kerchunk.merging import Merge
from pangeo_forge.plans.kerchunk.scanning import Scan, Scanned, open_references
from pangeo_forge.plans.kerchunk.writing import WriteReferences, list_inputs
from pangeo_forge.plans.plan import Plan, PlanContext, Results, Stage, Step
from pangeo_forge.plans.products import KerchunkJson, KerchunkParquet, Origin, Product
from pangeo_forge.plans.stamps import Stamp
from pangeo_forge.recipes.patterns import FilePattern
from pangeo_forge.recipes.sampling import choose_samples


@dataclass(frozen=True)
class KerchunkRecipe:
    """Combine references to the chunks of files into one dataset, by the values of the coordinates, as kerchunk does.

    A `VirtualRecipe` combines files by their place in the pattern, and makes more kinds of references. This one has the meaning that
    the older APIs have, in their own words.

    Parameters
    ----------
    pattern : FilePattern
        Which files.
    merge : Merge
        How references are combined.
    file_type : str, optional
        ``grib`` for files that begin with something else; others are told by their first bytes.
    protocol : str, optional
        What stands before addresses that name no protocol.
    inline_threshold : int
        Chunks of fewer bytes are kept in the references themselves.
    options : mapping
        What else kerchunk's readers are given: ``filter``, ``max_chunk_size``, …
    parquet : bool
        Whether Parquet is written, not JSON.
    """

    pattern: FilePattern
    merge: Merge
    file_type: str | None = None
    protocol: str | None = None
    inline_threshold: int = 500
    options: Mapping[str, Any] = field(default_factory=dict)
    parquet: bool = False

    @property
    def scan(self) -> Scan:
        """How the references of an input are found."""
        return Scan(
            self.pattern,
            self.pattern.fsspec_open_kwargs,
            self.file_type,
            self.protocol,
            self.inline_threshold,
            self.merge.read,
            self.options,
        )

    @property
    def product(self) -> Product:
        """What is made."""
        origin = Origin(self.scan.url_of(0), self.pattern.fsspec_open_kwargs)
        return KerchunkParquet(origin) if self.parquet else KerchunkJson(origin)

    def prune(self) -> KerchunkRecipe:
        """Make the recipe of the first two keys of every concat dimension."""
        return replace(self, pattern=self.pattern.prune())

    def plan(self, context: PlanContext) -> Plan:
        """Say how the references are made: see `Plan`."""
        planning = Planning(self, context)
        steps = (Step("inspect", planning.inspect), Step("write", planning.write), Step("check", planning.check))
        return Plan(steps, planning.sample, planning.describe, self.product, planning.stamps)


@dataclass(frozen=True)
class Planning:
    """The steps of a recipe's plan in one context; each is a pure function of the earlier stages' results."""

    recipe: KerchunkRecipe
    context: PlanContext

    def inspect(self, results: Results) -> Stage:
        """Scan every input."""
        return Stage("inspect", range(len(self.recipe.pattern)), self.recipe.scan, _join)

    def write(self, results: Results) -> Stage:
        """Combine the references, and write them."""
        recipe = self.recipe
        inputs = list_inputs(recipe.pattern, results["inspect"], recipe.protocol)
        return Stage("write", (None,), WriteReferences(inputs, recipe.merge, self.context.target, recipe.parquet))

    def check(self, results: Results) -> Stage:
        """Open the dataset, and compare it with some inputs."""
        recipe = self.recipe
        numbers = checks.choose_inputs(recipe.pattern, self.context.checks)
        function = Check(recipe.scan, recipe.merge, recipe.product, self.context.target)
        return Stage("check", (None, *numbers) if numbers else (), function, checks.join)

    def sample(self) -> dict[str, Any]:
        """Scan the first input of each set of variables, and the last of all."""
        scanned: Scanned = {}
        for number in choose_samples(self.recipe.pattern):
            scanned |= self.recipe.scan(number)
        return {"inspect": scanned}

    def describe(self, results: Results) -> dict[str, Any]:
        """Say what the dataset will be."""
        recipe, scanned = self.recipe, results["inspect"]
        merged = recipe.merge(list_inputs(recipe.pattern, scanned, recipe.protocol))
        exact = len(scanned) == len(recipe.pattern)
        with open_references(merged, recipe.pattern.fsspec_open_kwargs) as dataset:
            sizes = {str(dim): size for dim, size in dataset.sizes.items()}
            if not exact:
                sizes |= self._extrapolate(sizes)
            variables = [_describe_variable(str(name), variable, sizes) for name, variable in dataset.variables.items()]
        return {"sizes": sizes, "variables": variables, "exact": exact}

    def stamps(self, results: Results) -> Mapping[int, Stamp]:
        """Say which version of each input was read."""
        scanned: Scanned = results["inspect"]
        return {number: one.stamp for number, one in scanned.items()}

    def _extrapolate(self, sizes: Mapping[str, int]) -> dict[str, int]:
        """Estimate the steps of all inputs from those of the first and the last."""
        shape = self.recipe.pattern.concat_shape
        sampled = {dim: 2 if length > 1 else 1 for dim, length in shape.items()}
        return {dim: sizes[dim] * length // sampled[dim] for dim, length in shape.items() if dim in sizes}


def _join(a: Scanned, b: Scanned) -> Scanned:
    return a | b


def _describe_variable(name: str, variable: Any, sizes: Mapping[str, int]) -> dict[str, Any]:
    shape = [sizes[dim] for dim in variable.dims]
    chunks = list(variable.encoding.get("chunks") or shape)
    stored = variable.encoding.get("dtype", variable.dtype)
    return {
        "name": name,
        "dims": list(variable.dims),
        "shape": shape,
        "chunks": chunks,
        "dtype": str(stored),
        "bytes": math.prod(shape) * stored.itemsize,
        "chunk_bytes": math.prod(chunks) * stored.itemsize,
    }
