"""One job after the other: list a feedstock's recipes, outline a run, or bake a recipe."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pangeo_forge.engines.base import Engine, Outcome, Progress, make_engine
from pangeo_forge.errors import CheckFailed, ForgeError
from pangeo_forge.plans import targets
from pangeo_forge.plans.checks import Findings, open_dataset
from pangeo_forge.plans.plan import Cost, Plan, PlanContext, Recipe, Stage, Target
from pangeo_forge.recipes.loading import check_portable, load_recipe, load_recipes
from pangeo_forge.worker.checkpoints import Checkpoints
from pangeo_forge.worker.events import Event, Note, RecipeLoaded, StageEnded, StageStarted, TaskEnded, TaskRetried
from pangeo_forge.worker.job import Job
from pangeo_forge.worker.versions import find_versions
from pangeo_forge.worker.warming import warm_up_for

Tell = Callable[[Event], None]

#: A listing opens files of at most so many recipes to estimate their sizes.
_ESTIMATED = 20


def run_job(job: Job, tell: Tell) -> dict[str, Any]:
    """Do what a job asks for, and return what was found."""
    return {"ids": name_recipes, "list": list_recipes, "plan": outline, "bake": bake}[job.kind](job, tell)


def name_recipes(job: Job, tell: Tell) -> dict[str, Any]:
    """Load all recipes of a feedstock, and name them."""
    return {"recipes": [{"id": recipe_id} for recipe_id, _ in load_recipes(Path(job.folder), _entries(job), job.load_timeout_s)]}


def list_recipes(job: Job, tell: Tell) -> dict[str, Any]:
    """Load all recipes of a feedstock, and describe each."""
    recipes = []
    for number, (recipe_id, recipe) in enumerate(load_recipes(Path(job.folder), _entries(job), job.load_timeout_s)):
        record: dict[str, Any] = {
            "id": recipe_id,
            "dialect": _dialect(recipe),
            "kind": getattr(recipe, "kind", type(recipe).__name__),
            "inputs": count_inputs(recipe),
        }
        record |= _estimate(job, recipe) if number < _ESTIMATED else {"bytes": None, "problem": None}
        recipes.append(record)
    return {"recipes": recipes}


def _estimate(job: Job, recipe: Recipe) -> dict[str, Any]:
    """Estimate a dataset's size from a few inputs; an input that cannot be opened is a fact about the recipe, not a failure."""
    try:
        plan = recipe.plan(_context(job))
        described = plan.describe(plan.sample())
    except ForgeError as error:
        return {"bytes": None, "problem": str(error)}
    return {"bytes": sum(variable["bytes"] for variable in described["variables"]), "problem": None}


def outline(job: Job, tell: Tell) -> dict[str, Any]:
    """Say what a run would do."""
    recipe_id, recipe = _load(job, tell)
    plan = recipe.plan(_context(job))
    results = plan.sample()
    stages = [_describe_stage(stage) for stage in plan.outline(results)]
    return {"id": recipe_id, "inputs": count_inputs(recipe), "pruned": job.pruned, "dataset": plan.describe(results), "stages": stages}


def _describe_stage(stage: Stage) -> dict[str, Any]:
    cost = stage.cost
    return {
        "name": stage.name,
        "tasks": len(stage.tasks),
        "bytes_read": cost.bytes_read,
        "bytes_written": cost.bytes_written,
        "chunks": cost.chunks,
        "memory_per_task": cost.memory_per_task,
        "notes": list(stage.notes),
    }


def bake(job: Job, tell: Tell) -> dict[str, Any]:
    """Make a dataset."""
    recipe_id, recipe = _load(job, tell)
    if job.pruned:
        check_portable(recipe, recipe_id)
    context = _context(job)
    checkpoints = Checkpoints(Path(job.scratch))
    if not job.resume:
        targets.check_place(context.target, overwrite=job.overwrite)
    warm_up_for([job.target, *(source.url for source in getattr(recipe, "pattern", ())[:1])])
    engine = make_engine(job.engine, job.engine_options)
    try:
        results = run_plan(recipe.plan(context), engine, checkpoints, tell)
    finally:
        engine.close()
    found: Findings = results.get("check") or Findings()
    _judge(found, job, tell)
    with open_dataset(context.target) as dataset:
        shown = repr(dataset)
    return {
        "snippet": make_snippet(job),
        "repr": shown,
        "values_compared": found.values,
        "bytes_stored": targets.measure(context.target),
        "peak_memory": max(_usage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) * 1024,
        "cpu_s": sum(_usage(who).ru_utime + _usage(who).ru_stime for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)),
    }


def _usage(who: int) -> resource.struct_rusage:
    return resource.getrusage(who)


def _judge(found: Findings, job: Job, tell: Tell) -> None:
    """End a run whose dataset is not what it should be; of a full run, what is only doubtful is noted."""
    serious = [*found.wrong, *(found.doubtful if job.pruned else ())]
    if serious:
        from pangeo_forge.errors import Problem

        raise CheckFailed(
            "the dataset was written, but is not what it should be" if len(serious) > 1 else f"the dataset was written, but {serious[0]}",
            problems=[Problem(text) for text in serious] if len(serious) > 1 else (),
            where=job.target,
            hint="Look at the dataset, and at what preprocess does to the inputs.",
        )
    for text in found.doubtful:
        tell(Note(message=text))


def make_snippet(job: Job) -> str:
    """Write the code that opens the dataset."""
    options = f", storage_options={dict.fromkeys(job.target_options, '…')}" if job.target_options else ""
    return f'import xarray as xr\n\nds = xr.open_zarr("{job.target}"{options})'


def run_plan(plan: Plan, engine: Engine, checkpoints: Checkpoints, tell: Tell) -> dict[str, Any]:
    """Run the stages of a plan that are not done yet, and return each one's combined result."""
    results: dict[str, Any] = {}
    for step in plan.steps:
        stage = step.make_stage(results)
        if not len(stage.tasks):
            continue
        progress = checkpoints.load(step.name) or Progress.start(stage)
        began = time.perf_counter()
        tell(_started(stage, progress))
        results[step.name] = engine.run(stage, progress, _Reporter(tell, checkpoints)) if 0 in progress.done else progress.combined
        checkpoints.save(step.name, progress)
        tell(StageEnded(stage=step.name, seconds=time.perf_counter() - began))
    return results


def _started(stage: Stage, progress: Progress) -> StageStarted:
    described = _describe_stage(stage)
    return StageStarted(stage=described.pop("name"), done=progress.done.count(1), **{**described, "notes": stage.notes})


@dataclass
class _Reporter:
    """Turns what an engine tells into events, and keeps checkpoints on the way."""

    tell: Tell
    checkpoints: Checkpoints

    def task_ended(self, stage: Stage, number: int, outcome: Outcome, progress: Progress) -> None:
        took = outcome.result if isinstance(outcome.result, Cost) else Cost()
        self.tell(
            TaskEnded(
                stage=stage.name,
                task=number,
                seconds=outcome.seconds,
                bytes_read=took.bytes_read,
                bytes_written=took.bytes_written,
                chunks=took.chunks,
                peak_memory=outcome.peak_memory,
            )
        )
        self.checkpoints.save_if_due(stage.name, progress)

    def task_retried(self, stage: Stage, number: int, attempt: int, delay_s: float, error: ForgeError) -> None:
        self.tell(TaskRetried(stage=stage.name, task=number, attempt=attempt, delay_s=delay_s, error=error.to_dict()))


def _load(job: Job, tell: Tell) -> tuple[str, Recipe]:
    recipe_id, recipe = load_recipe(Path(job.folder), _entries(job), job.recipe_id, job.load_timeout_s)
    whole = count_inputs(recipe)
    if job.pruned:
        recipe = recipe.prune()
    tell(RecipeLoaded(recipe_id=recipe_id, dialect=_dialect(recipe), inputs=count_inputs(recipe), versions=find_versions()))
    if job.pruned and whole == count_inputs(recipe) and whole > 1:
        tell(Note(message=f"pruning keeps all {whole} inputs: no concat dimension has more than two keys"))
    return recipe_id, recipe


def _entries(job: Job) -> list[tuple[str | None, str]]:
    return [(entry.id, entry.object) for entry in job.entries]


def _context(job: Job) -> PlanContext:
    scratch = Target(str(Path(job.scratch) / "intermediate.zarr") if job.scratch else "")
    cache = Target(job.cache, job.cache_options) if job.cache else None
    return PlanContext(Target(job.target, job.target_options), scratch, cache, job.task_memory, job.checks)


def count_inputs(recipe: Recipe) -> int:
    """Count a recipe's inputs; 0 where it has no pattern."""
    return len(getattr(recipe, "pattern", ()))


def _dialect(recipe: Recipe) -> str:
    own = "native" if type(recipe).__module__.startswith("pangeo_forge.") else "plugin"
    return str(getattr(recipe, "dialect", own))


def explain_bug(error: BaseException) -> dict[str, Any]:
    """Describe an exception that is not one of ours, so that it looks like the bug that it is."""
    import traceback

    return {
        "kind": "Bug",
        "message": f"unexpected {type(error).__name__}: {error}",
        "hint": "This is a fault of pangeo-forge or of a library. Please report it with what --verbose shows.",
        "where": None,
        "detail": "".join(traceback.format_exception(error)),
        "problems": [],
    }
