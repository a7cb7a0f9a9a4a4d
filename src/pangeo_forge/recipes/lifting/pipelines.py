"""From the steps of a recorded pipeline to a recipe."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pangeo_forge.recipes.lifting.chunking import read_chunks
from pangeo_forge.recipes.lifting.following import read_following
from pangeo_forge.recipes.lifting.lifted import LiftedRecipe, UnliftedPipeline
from pangeo_forge.recipes.lifting.opening import open_pattern, read_opening
from pangeo_forge.recipes.lifting.processing import Process
from pangeo_forge.recipes.lifting.reasons import CannotLift
from pangeo_forge.recipes.lifting.references import ReferenceWriter, lift_references
from pangeo_forge.recipes.standins import beam, transforms
from pangeo_forge.recipes.standins.patterns import FilePattern, PatternItems
from pangeo_forge.recipes.standins.processing import clean_open_kwargs
from pangeo_forge.recipes.zarr import ZarrRecipe


def lift_or_keep(pipeline: Any, reference: str) -> LiftedRecipe | UnliftedPipeline:
    """Read a recorded pipeline as a plan, or keep why it cannot be read as one."""
    try:
        return lift(pipeline)
    except CannotLift as error:
        return UnliftedPipeline(reference, str(error), _find_append_dim(pipeline))


def _find_append_dim(pipeline: Any) -> str | None:
    """Find along which dimension a pipeline appends, as far as its steps tell without being expanded."""
    steps = pipeline.steps if isinstance(pipeline, beam.Chain) else (pipeline,)
    return next((step.append_dim for step in steps if isinstance(step, transforms.StoreToZarr) and step.append_dim), None)


def lift(pipeline: Any) -> LiftedRecipe:
    """Read a recorded pipeline.

    Raises
    ------
    CannotLift
        If it does what no plan does.
    """
    try:
        steps = beam.flatten((pipeline,))
    except beam.CannotRecord as error:
        raise CannotLift(str(error)) from error
    pattern = _read_source(steps[0])
    place, writer = _find_writer(steps)
    before, after = steps[1:place], steps[place + 1 :]
    if not isinstance(writer, transforms.StoreToZarr):
        return LiftedRecipe(lift_references(pattern, before, writer), writer.store_name, tuple(read_following(after)))
    opening, calls = read_opening(before)
    if writer.append_dim:
        raise CannotLift(f"it appends along {writer.append_dim!r} to a store that exists")
    recipe = ZarrRecipe(
        open_pattern(pattern, opening),
        preprocess=Process(calls, {dim.name: dim.operation for dim in pattern.combine_dims}) if calls else None,
        target_chunks=read_chunks(writer, pattern),
        open_kwargs=clean_open_kwargs(opening.xarray_kwargs),
        encoding=writer.encoding or {},
        attrs={f"pangeo-forge:{name}": value for name, value in writer.attrs.items()},
    )
    return LiftedRecipe(recipe, writer.store_name, tuple(read_following(after)))


def _read_source(step: beam.PTransform) -> FilePattern:
    if not isinstance(step, beam.Create):
        raise CannotLift(f"it begins with {type(step).__name__}, not with Create")
    if isinstance(step.values, PatternItems):
        return step.values.pattern
    raise CannotLift("its Create is given something else than the items() of a pattern")


def _find_writer(steps: Sequence[beam.PTransform]) -> tuple[int, transforms.StoreToZarr | ReferenceWriter]:
    found = [(number, step) for number, step in enumerate(steps) if isinstance(step, transforms.StoreToZarr | ReferenceWriter)]
    if len(found) != 1:
        raise CannotLift(f"it has {len(found)} steps that write a store")
    return found[0]
