"""Describe the recipes of a feedstock."""

from __future__ import annotations

from typing import Any

from pangeo_forge.errors import ForgeError
from pangeo_forge.plans.plan import AppendingRecipe, Recipe
from pangeo_forge.worker.choosing import count_inputs, find_dialect, make_context
from pangeo_forge.worker.events import Tell
from pangeo_forge.worker.job import Job
from pangeo_forge.worker.loading import load_all

#: A listing opens files of at most so many recipes to estimate their sizes.
_ESTIMATED = 20


def name_recipes(job: Job, tell: Tell) -> dict[str, Any]:
    """Load all recipes of a feedstock, and name them."""
    return {"recipes": [{"id": recipe_id} for recipe_id, _ in load_all(job, tell)]}


def list_recipes(job: Job, tell: Tell) -> dict[str, Any]:
    """Load all recipes of a feedstock, and describe each."""
    recipes = []
    for number, (recipe_id, recipe) in enumerate(load_all(job, tell)):
        record: dict[str, Any] = {
            "id": recipe_id,
            "dialect": find_dialect(recipe),
            "kind": getattr(recipe, "kind", type(recipe).__name__),
            "inputs": count_inputs(recipe),
        }
        record |= _estimate(job, recipe) if number < _ESTIMATED else {"bytes": None, "problem": None}
        recipes.append(record)
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
