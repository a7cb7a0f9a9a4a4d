"""One job after the other: each kind of job has a module of its own."""

from __future__ import annotations

import traceback
from typing import Any

from pangeo_forge.plans.blaming import blame, describe, find_place
from pangeo_forge.types import redact_text
from pangeo_forge.worker.baking import bake
from pangeo_forge.worker.events import Tell
from pangeo_forge.worker.job import Job
from pangeo_forge.worker.listing import list_recipes, name_recipes
from pangeo_forge.worker.outlining import outline


def run_job(job: Job, tell: Tell) -> dict[str, Any]:
    """Do what a job asks for, and return what was found."""
    return {"ids": name_recipes, "list": list_recipes, "plan": outline, "bake": bake}[job.kind](job, tell)


def explain_unexpected(error: BaseException) -> dict[str, Any]:
    """Describe an exception that is not one of ours: as the recipe's if it came through its code, else so that it looks like a bug."""
    place = find_place(error)
    if place is not None:
        return blame(error, run_job, place).to_dict()
    return {
        "kind": "Bug",
        "message": f"unexpected {describe(error)}",
        "hint": "This is a fault of pangeo-forge or of a library. Please report it with what --verbose shows.",
        "where": None,
        "detail": redact_text("".join(traceback.format_exception(error))),
        "problems": [],
    }
