"""Loading the recipes of a job, under the eyes of the parent: it ends a worker that a module holds up for too long."""

from __future__ import annotations

import faulthandler
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from pangeo_forge.plans.plan import Recipe
from pangeo_forge.recipes.loading import load_ids, load_recipe, load_recipes
from pangeo_forge.worker.events import LoadingEnded, LoadingStarted, Tell
from pangeo_forge.worker.job import Job

#: So long after a module's time is over the interpreter writes down where it is, if it is still there.
_DUMP_AFTER_S = 1.0


def load_all(job: Job, tell: Tell) -> Iterator[tuple[str, Recipe]]:
    """Yield all recipes of a job's feedstock; see `load_recipes`."""
    return load_recipes(Path(job.folder), _get_entries(job), job.load_timeout_s, _watched(job, tell))


def load_names(job: Job, tell: Tell) -> Iterator[str]:
    """Yield the ids of all recipes of a job's feedstock; see `load_ids`."""
    return load_ids(Path(job.folder), _get_entries(job), job.load_timeout_s, _watched(job, tell))


def load_one(job: Job, tell: Tell) -> tuple[str, Recipe]:
    """Load the recipe that a job names; see `load_recipe`."""
    return load_recipe(Path(job.folder), _get_entries(job), job.recipe_id, job.load_timeout_s, _watched(job, tell))


def _get_entries(job: Job) -> list[tuple[str | None, str]]:
    return [(entry.id, entry.object) for entry in job.entries]


def _watched(job: Job, tell: Tell) -> Callable[[str], AbstractContextManager[None]]:
    @contextmanager
    def watch(module: str) -> Iterator[None]:
        log = os.dup(2)  # a module may close its own standard error
        tell(LoadingStarted(module=module, timeout_s=job.load_timeout_s))
        faulthandler.enable(log)
        faulthandler.dump_traceback_later(job.load_timeout_s + _DUMP_AFTER_S, file=log)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()
            faulthandler.enable(2)
            os.close(log)
            tell(LoadingEnded(module=module))

    return watch
