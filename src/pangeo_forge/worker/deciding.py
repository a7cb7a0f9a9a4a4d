"""Which way a recipe goes: by a plan of its own, or by Apache Beam, and why."""

from __future__ import annotations

from pangeo_forge.errors import UsageError
from pangeo_forge.plans.plan import Recipe
from pangeo_forge.recipes.lifting.lifted import LiftedRecipe, UnliftedPipeline
from pangeo_forge.worker.choosing import find_dialect
from pangeo_forge.worker.job import BEAM, Job

#: Engines that are this machine, as Beam is; who chooses another one means another machine.
_HERE = ("local", "serial", BEAM)


def find_reason_for_beam(job: Job, recipe: Recipe) -> str | None:
    """Say why a recipe is run by Apache Beam, or None if it is not.

    Raises
    ------
    UsageError
        If Beam is asked for where there is no pipeline, or another machine where there is no plan, or for what Beam does not do.
    """
    if isinstance(recipe, UnliftedPipeline):
        reason = recipe.reason
    elif job.engine != BEAM:
        return None
    elif isinstance(recipe, LiftedRecipe):
        reason = "the engine 'beam' was chosen"
    else:
        raise UsageError(
            f"the engine 'beam' runs pipelines of the Beam API, and the recipe is of another dialect ({find_dialect(recipe)})",
            hint="Leave out --engine beam.",
        )
    if job.engine not in _HERE:
        raise UsageError(
            f"the engine {job.engine!r} runs plans, and there is none of this pipeline: {reason}",
            hint="Leave out --engine: Apache Beam runs the pipeline on this machine.",
        )
    if not job.isolated:
        raise UsageError(
            f"the pipeline needs an environment of its own, since Apache Beam runs it: {reason}",
            hint="Leave out --no-isolation.",
        )
    along = getattr(recipe, "append_dim", None)
    if along is not None:
        raise UsageError(
            f"the recipe appends along {along!r} to a dataset that is there, which Apache Beam does again whenever a run is repeated",
            hint="Leave out --engine beam." if isinstance(recipe, LiftedRecipe) else "Leave out append_dim, and bake the whole dataset.",
        )
    return reason
