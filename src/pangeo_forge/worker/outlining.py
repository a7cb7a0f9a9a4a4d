"""Say what a run of a recipe would do."""

from __future__ import annotations

from typing import Any

from pangeo_forge.worker.choosing import count_inputs, load_chosen, make_context
from pangeo_forge.worker.events import Tell
from pangeo_forge.worker.job import Job
from pangeo_forge.worker.running import describe_stage


def outline(job: Job, tell: Tell) -> dict[str, Any]:
    """Say what a run would do."""
    recipe_id, recipe = load_chosen(job, tell)
    plan = recipe.plan(make_context(job))
    results = plan.sample()
    stages = [describe_stage(stage) for stage in plan.outline(results)]
    return {
        "id": recipe_id,
        "inputs": count_inputs(recipe),
        "pruned": job.pruned,
        "dataset": plan.describe(results) | {"product": plan.product.title},
        "stages": stages,
    }
