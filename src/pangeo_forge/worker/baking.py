"""Bake a recipe: run its plan, and look at what was made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pangeo_forge.engines.base import make_engine
from pangeo_forge.errors import CheckFailed, Problem, UsageError
from pangeo_forge.plans import targets
from pangeo_forge.plans.checks import Findings
from pangeo_forge.plans.checksums import add_checksums
from pangeo_forge.plans.plan import Plan, Target
from pangeo_forge.plans.products import check_place
from pangeo_forge.recipes.loading import check_portable
from pangeo_forge.worker.beaming import bake_by_beam
from pangeo_forge.worker.checkpoints import Checkpoints
from pangeo_forge.worker.choosing import announce, make_context, settle_target
from pangeo_forge.worker.deciding import find_reason_for_beam
from pangeo_forge.worker.describing import Read, describe_for_catalog
from pangeo_forge.worker.events import Note, Tell
from pangeo_forge.worker.job import Job
from pangeo_forge.worker.loading import load_one
from pangeo_forge.worker.running import run_plan
from pangeo_forge.worker.usage import measure_usage
from pangeo_forge.worker.warming import warm_up_for


def bake(job: Job, tell: Tell) -> dict[str, Any]:
    """Make a dataset."""
    recipe_id, recipe = load_one(job, tell)
    reason = find_reason_for_beam(job, recipe)
    if reason is not None:
        return bake_by_beam(job, recipe_id, reason, tell)
    recipe = announce(job, recipe_id, recipe, tell)
    if job.pruned:
        check_portable(recipe, recipe_id)
    job = settle_target(job, recipe, tell)
    context = make_context(job)
    plan = recipe.plan(context)
    if job.checksums and hasattr(recipe, "pattern"):
        plan = add_checksums(plan, recipe.pattern)
    checkpoints = Checkpoints(Path(job.scratch))
    if not job.resume:
        _check_target(plan, context.target, overwrite=job.overwrite)
    warm_up_for([job.target, *(source.url for source in getattr(recipe, "pattern", ())[:1])])
    engine = make_engine(job.engine, job.engine_options)
    try:
        results = run_plan(plan, engine, checkpoints, tell)
    finally:
        engine.close()
    found: Findings = results.get("check") or Findings()
    _judge(found, job, tell)
    with plan.product.open(context.target) as dataset:
        shown = repr(dataset)
    describe_for_catalog(job, plan.product, context.target, tell, Read(getattr(recipe, "pattern", ()), plan.stamps(results)))
    return {
        "snippet": plan.product.snippet(context.target),
        "repr": shown,
        "values_compared": found.values,
        "bytes_stored": targets.measure(context.target),
        **measure_usage(),
    }


def _check_target(plan: Plan, target: Target, *, overwrite: bool) -> None:
    """Make sure that a dataset may be written at the target, or that the one to append to is there."""
    if not plan.appends:
        check_place(target, overwrite=overwrite)
        return
    if overwrite:
        raise UsageError(
            "the recipe appends to the dataset at the target, and --overwrite would remove that",
            hint="Leave out --overwrite, or bake without append_dim.",
        )
    targets.check_dataset(target)


def _judge(found: Findings, job: Job, tell: Tell) -> None:
    """End a run whose dataset is not what it should be; of a full run, what is only doubtful is noted."""
    serious = [*found.wrong, *(found.doubtful if job.pruned else ())]
    if serious:
        raise CheckFailed(
            "the dataset was written, but is not what it should be" if len(serious) > 1 else f"the dataset was written, but {serious[0]}",
            problems=[Problem(text) for text in serious] if len(serious) > 1 else (),
            where=job.target,
            hint="Look at the dataset, and at what preprocess does to the inputs.",
        )
    for text in found.doubtful:
        tell(Note(message=text))
