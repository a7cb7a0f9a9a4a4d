"""What is said of a run in whole lines: where it begins, what went wrong and is tried again, what is to be known."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pangeo_forge.errors import ForgeError
from pangeo_forge.types import format_duration, redact_url
from pangeo_forge.worker.events import EnvironmentReady, Event, Note, RecipeLoaded, RunStarted, StageStarted, TargetSettled, TaskRetried

_RETRIES_EVERY_S = 1.0


def describe_start(event: RunStarted) -> str:
    """Say which run begins."""
    job = event.job
    what = f"{job.get('recipe_id')}{' (pruned)' if job.get('pruned') else ''}"
    again = f", attempt {event.attempt}" if event.attempt > 1 else ""
    return f"run {event.run_id}{again}: {what} into {redact_url(str(job.get('target')))}"


def describe_environment(event: EnvironmentReady) -> list[str]:
    """Say what a recipe runs in, and what of its requirements is taken otherwise."""
    notes = [f"note: {remark}" for remark in event.remarks]
    if event.key is None:
        return notes
    count = len(event.packages)
    built = ", built just now," if event.was_built else ""
    return [f"environment {event.key}{built} with {count} package{'s' if count != 1 else ''} of the recipe's own", *notes]


def describe_recipe(event: RecipeLoaded) -> str:
    """Say what was loaded."""
    return f"{event.recipe_id}: {event.inputs:,} input{'s' if event.inputs != 1 else ''}, {event.dialect} recipe"


def describe_retry(event: TaskRetried) -> str:
    """Say what failed and is tried again."""
    error = _describe_error(event.error)
    return f"{event.stage}: task {event.task} failed and is tried again in {format_duration(event.delay_s)}: {error}"


def _describe_error(record: dict[str, Any]) -> str:
    try:
        return str(ForgeError.from_dict(record))
    except (KeyError, TypeError, AttributeError):  # a worker of another version
        return str(record.get("message", record))


@dataclass(slots=True)
class Remarks:
    """Passes on what is worth a line of its own; of retries, which come in thousands where an archive is down, one a second.

    Parameters
    ----------
    say : callable
        Writes a line.
    """

    say: Callable[[str], None]
    _next_retry: float = 0.0
    _unsaid: int = 0

    def add(self, event: Event) -> None:
        """Take in the next event."""
        match event:
            case RunStarted():
                self.say(describe_start(event))
            case EnvironmentReady():
                for line in describe_environment(event):
                    self.say(line)
            case RecipeLoaded():
                self.say(describe_recipe(event))
            case TargetSettled():
                self.say(f"the dataset goes to {redact_url(event.target)}")
            case StageStarted():
                for note in event.notes:
                    self.say(f"note: {note}")
            case Note():
                self.say(f"note: {event.message}")
            case TaskRetried():
                self._say_retry(event)

    def _say_retry(self, event: TaskRetried) -> None:
        now = time.monotonic()
        if now < self._next_retry:
            self._unsaid += 1
            return
        more = f" (and {self._unsaid} more)" if self._unsaid else ""
        self.say(describe_retry(event) + more)
        self._next_retry, self._unsaid = now + _RETRIES_EVERY_S, 0
