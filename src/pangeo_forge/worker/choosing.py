"""The recipe that a job is about, and what it is planned with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pangeo_forge.bakeries.targets import DEFAULT_SUFFIX
from pangeo_forge.plans.plan import PlanContext, Recipe, Target, find_append_dim
from pangeo_forge.recipes.remarks import take_remarks
from pangeo_forge.worker.events import Note, RecipeLoaded, TargetSettled, Tell
from pangeo_forge.worker.job import Job
from pangeo_forge.worker.loading import load_one
from pangeo_forge.worker.versions import find_versions


def load_chosen(job: Job, tell: Tell) -> tuple[str, Recipe]:
    """Load the recipe that a job names, pruned if the job says so."""
    recipe_id, recipe = load_one(job, tell)
    return recipe_id, announce(job, recipe_id, recipe, tell)


def announce(job: Job, recipe_id: str, recipe: Recipe, tell: Tell) -> Recipe:
    """Tell of a recipe that was loaded, and give it, pruned if the job says so."""
    whole, append_dim = count_inputs(recipe), find_append_dim(recipe)
    if job.pruned:
        recipe = recipe.prune()
    tell(RecipeLoaded(recipe_id=recipe_id, dialect=find_dialect(recipe), inputs=count_inputs(recipe), versions=find_versions()))
    for text in (*take_remarks(), *getattr(recipe, "notes", ())):
        tell(Note(message=text))
    if job.pruned and whole == count_inputs(recipe) and whole > 1:
        tell(Note(message=f"pruning keeps all {whole} inputs: no concat dimension has more than two keys"))
    if job.pruned and append_dim is not None:
        tell(Note(message=f"a test makes a dataset of its own: nothing is appended along {append_dim!r}"))
    return recipe


def make_context(job: Job) -> PlanContext:
    """Say what the recipe of a job is planned with."""
    scratch = Target(str(Path(job.scratch) / "intermediate.zarr") if job.scratch else "")
    cache = Target(job.cache, job.cache_options) if job.cache else None
    return PlanContext(Target(job.target, job.target_options), scratch, cache, job.task_memory, job.checks)


def settle_target(job: Job, recipe: Recipe, tell: Tell) -> Job:
    """Let a target that nobody chose be named after what the recipe makes, which only its plan knows."""
    suffix = recipe.plan(make_context(job)).product.suffix
    if not job.default_target or job.target.endswith(suffix):
        return job
    target = job.target.removesuffix(DEFAULT_SUFFIX) + suffix
    tell(TargetSettled(target=target))
    return replace(job, target=target)


def count_inputs(recipe: Recipe) -> int:
    """Count a recipe's inputs; 0 where it has no pattern."""
    return len(getattr(recipe, "pattern", ()))


def find_dialect(recipe: Recipe) -> str:
    """Name the API that a recipe is written in."""
    own = "native" if type(recipe).__module__.startswith("pangeo_forge.") else "plugin"
    return str(getattr(recipe, "dialect", own))
