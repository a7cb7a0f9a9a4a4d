"""Describe the recipes of a feedstock."""

from __future__ import annotations

import time
from typing import Any

from pangeo_forge.errors import ForgeError
from pangeo_forge.plans.plan import AppendingRecipe, Recipe
from pangeo_forge.worker.choosing import count_inputs, find_dialect, make_context
from pangeo_forge.worker.events import RecipesListed, Tell
from pangeo_forge.worker.job import Job
from pangeo_forge.worker.loading import load_all, load_names

#: A listing opens files of at most so many recipes to estimate their sizes.
_ESTIMATED = 20
#: How often a listing says how far it is, seconds.
_TOLD_EVERY_S = 0.2


def name_recipes(job: Job, tell: Tell) -> dict[str, Any]:
    """Name all recipes of a feedstock."""
    return {"recipes": [{"id": recipe_id} for recipe_id in load_names(job, tell)]}


def list_recipes(job: Job, tell: Tell) -> dict[str, Any]:
    """Load all recipes of a feedstock, and describe each."""
    recipes: list[dict[str, Any]] = []
    due = time.monotonic() + _TOLD_EVERY_S
    for number, (recipe_id, recipe) in enumerate(load_all(job, tell)):
        record: dict[str, Any] = {
            "id": recipe_id,
            "dialect": find_dialect(recipe),
            "kind": getattr(recipe, "kind", type(recipe).__name__),
            "inputs": count_inputs(recipe),
        }
        record |= _estimate(job, recipe) if number < _ESTIMATED else {"bytes": None, "problem": None}
        recipes.append(record)
        if time.monotonic() >= due:
            tell(RecipesListed(count=len(recipes)))
            due = time.monotonic() + _TOLD_EVERY_S
    return {"recipes": recipes}


def _estimate(job: Job, recipe: Recipe) -> dict[str, Any]:
    """Estimate a dataset's size from a few inputs; an input that cannot be opened is a fact about the recipe, not a failure."""
    try:
        alone = recipe.alone() if isinstance(recipe, AppendingRecipe) else recipe  # a listing knows of no target
        plan = alone.plan(make_context(job))
        described = plan.describe(plan.sample())
    except ForgeError as error:
        return {"bytes": None, "problem": str(error)}
    return {"bytes": sum(variable["bytes"] for variable in described["variables"]), "problem": None}
