"""From the steps of a recorded pipeline to a recipe."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pangeo_forge.errors import UsageError
from pangeo_forge.recipes.lifting.chunking import read_chunks
from pangeo_forge.recipes.lifting.following import read_following
from pangeo_forge.recipes.lifting.lifted import LiftedRecipe, UnliftedPipeline
from pangeo_forge.recipes.lifting.opening import Before, OwnOpener, open_pattern, read_before
from pangeo_forge.recipes.lifting.processing import Process
from pangeo_forge.recipes.lifting.reasons import CannotLift
from pangeo_forge.recipes.lifting.references import ReferenceWriter, lift_references
from pangeo_forge.recipes.lifting.sources import Inputs, read_inputs
from pangeo_forge.recipes.standins import beam, transforms
from pangeo_forge.recipes.standins.processing import clean_open_kwargs
from pangeo_forge.recipes.zarr import ZarrRecipe

#: What a module may call its recipe.
RECORDED = (beam.PTransform, beam.PCollection, beam.Pipeline)


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
        steps = beam.flatten(beam.find_steps(pipeline))
    except beam.CannotRecord as error:
        raise CannotLift(str(error)) from error
    if not steps or not isinstance(steps[0], beam.Create):
        raise CannotLift(f"it begins with {type(steps[0]).__name__ if steps else 'nothing'}, not with Create")
    place, writer = _find_writer(steps)
    following = tuple(read_following(steps[place + 1 :]))
    if not isinstance(writer, transforms.StoreToZarr):
        return LiftedRecipe(lift_references(steps[0], steps[1:place], writer), writer.store_name, following)
    before = read_before(steps[0], steps[1:place])
    inputs = read_inputs(steps[0], before.choosing)
    _check_dims(writer, inputs)
    try:
        return LiftedRecipe(_make_recipe(inputs, before, writer), writer.store_name, following)
    except UsageError as error:  # a native recipe takes less than the peer
        raise CannotLift(str(error)) from error


def _find_writer(steps: Sequence[beam.PTransform]) -> tuple[int, transforms.StoreToZarr | ReferenceWriter]:
    found = [(number, step) for number, step in enumerate(steps) if isinstance(step, transforms.StoreToZarr | ReferenceWriter)]
    if len(found) != 1:
        raise CannotLift(f"it has {len(found)} steps that write a store")
    return found[0]


def _check_dims(writer: transforms.StoreToZarr, inputs: Inputs) -> None:
    named = {dim.name: dim.operation for dim in writer.combine_dims}
    if named != inputs.operations:
        raise CannotLift(f"it combines along {', '.join(named) or 'nothing'}, but its inputs lie along {', '.join(inputs.operations)}")


def _make_recipe(inputs: Inputs, before: Before, writer: transforms.StoreToZarr) -> ZarrRecipe:
    wishes: dict[str, Any] = {
        "target_chunks": read_chunks(writer, inputs.concat_dims),
        "encoding": writer.encoding or {},
        # Its author's tools did not compare what they kept of the first file, nor look at the order of coordinates.
        "compat": "override",
        "ordered": False,
        "attrs": {f"pangeo-forge:{name}": value for name, value in writer.attrs.items()},
        "append_dim": writer.append_dim or None,
    }
    if before.opening is None:
        return ZarrRecipe(inputs.pattern, opener=OwnOpener(before.steps, inputs.operations), **wishes)
    options = before.opening.xarray_kwargs
    process = Process(before.steps, inputs.operations, options.get("chunks")) if before.steps else None
    pattern = open_pattern(inputs.pattern, before.opening)
    return ZarrRecipe(pattern, preprocess=process, open_kwargs=clean_open_kwargs(options, before.opening.file_type), **wishes)
