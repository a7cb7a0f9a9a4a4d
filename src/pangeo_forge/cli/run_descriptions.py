"""Runs and their journals in words and tables."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pangeo_forge.cli.failures import format_recorded
from pangeo_forge.cli.progress.remarks import describe_environment, describe_recipe, describe_retry, describe_start
from pangeo_forge.cli.tables import format_facts, format_table
from pangeo_forge.cli.terminal import find_width
from pangeo_forge.types import format_duration, format_size, printable
from pangeo_forge.worker.events import (
    EnvironmentReady,
    Event,
    Note,
    RecipeLoaded,
    RunEnded,
    RunStarted,
    StageEnded,
    StageStarted,
    TaskEnded,
    TaskRetried,
)

if TYPE_CHECKING:
    from pangeo_forge.runs.run import Run


def describe_runs(runs: Sequence[Run]) -> str:
    """Write a table of runs."""
    if not runs:
        return "There are no such runs."
    rows = [(run.id, run.state, _kind(run), run.feedstock, format_duration(run.seconds), _stored(run) or "-") for run in runs]
    return format_table(("ID", "STATE", "KIND", "FEEDSTOCK", "TOOK", "STORED"), rows, right="TOOK STORED", width=find_width(sys.stdout))


def _kind(run: Run) -> str:
    return "test" if run.pruned else "full"


def _stored(run: Run) -> str | None:
    return format_size(run.bytes_stored) if run.bytes_stored is not None else None


def describe_run(run: Run, *, verbose: bool) -> str:
    """Write all that is known of a run."""
    written = f"{format_size(run.bytes_written)} uncompressed in {run.chunks_written:,} chunks" if run.chunks_written else None
    facts = [
        ("run", run.id),
        ("state", run.state),
        ("recipe", f"{run.recipe_id}{' (pruned)' if run.pruned else ''}"),
        ("feedstock", run.feedstock),
        ("source", run.source),
        ("commit", run.commit),
        ("bakery", f"{run.bakery}, engine {run.engine}"),
        ("target", run.target),
        ("started", _moment(run.started)),
        ("ended", _moment(run.ended)),
        ("attempts", str(run.attempt) if run.attempt > 1 else None),
        ("inputs", f"{run.inputs:,}" if run.inputs is not None else None),
        ("written", written),
        ("stored", _stored(run)),
        ("took", f"{format_duration(run.seconds)}, {format_duration(run.cpu_s)} of processor time"),
        ("memory", f"{format_size(run.peak_memory)} at most" if run.peak_memory else None),
        ("folder", f"{run.folder} on {run.host}"),
    ]
    return "\n\n".join(part for part in (format_facts(facts), *_more(run, verbose)) if part)


def _more(run: Run, verbose: bool) -> list[str]:
    error = format_recorded(run.error, sys.stdout, verbose=verbose) if run.error else ""
    versions = "\n".join(f"  {name} {version}" for name, version in sorted(run.environment.items())) if verbose else ""
    return [error, f"environment\n{versions}" if versions else ""]


def _moment(moment: datetime | None) -> str | None:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if moment else None


def describe_event(event: Event, *, verbose: bool) -> str:
    """Write an event of a journal as a line, or several; those of single tasks only if everything is wanted."""
    text = _words(event, verbose)
    clock = f"{datetime.fromtimestamp(event.time, UTC):%H:%M:%S}"
    return "\n".join(f"{clock}  {line}".rstrip() for line in text.splitlines())


def _words(event: Event, verbose: bool) -> str:
    match event:
        case RunStarted():
            text = f"{datetime.fromtimestamp(event.time, UTC):%Y-%m-%d} {describe_start(event)}"
        case EnvironmentReady():
            text = "\n".join(describe_environment(event))
        case RecipeLoaded():
            text = describe_recipe(event)
        case StageStarted():
            notes = "".join(f"\nnote: {note}" for note in event.notes)
            text = f"{event.stage:9} {event.done:,}/{event.tasks:,} tasks  begins{notes}"
        case StageEnded():
            text = f"{event.stage:9} ends after {format_duration(event.seconds)}"
        case TaskEnded() if verbose:
            text = f"{event.stage:9} task {event.task} ends after {format_duration(event.seconds)}"
        case TaskRetried():
            text = describe_retry(event)
        case Note():
            text = f"note: {event.message}"
        case RunEnded():
            return "\n".join([f"run {event.state}", *_error_lines(event.error, verbose)])
        case _:
            return ""
    return printable(text)


def _error_lines(record: dict[str, Any] | None, verbose: bool) -> list[str]:
    return format_recorded(record, sys.stdout, verbose=verbose).splitlines() if record else []
