"""What became of a run that a command began, and how it is shown."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from pangeo_forge.cli.failures import CANCELLED, exit_code
from pangeo_forge.cli.progress import Observer, drawing
from pangeo_forge.cli.speaking import Speaker
from pangeo_forge.cli.tables import format_facts, format_table
from pangeo_forge.cli.terminal import find_width, paint, say, say_json
from pangeo_forge.errors import ForgeError, RunCancelled
from pangeo_forge.types import format_duration, format_size, printable
from pangeo_forge.worker.events import Event, RunStarted, WorkerEnded

if TYPE_CHECKING:
    from pangeo_forge.runs.run import Run


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a run.

    Parameters
    ----------
    recipe_id : str or None
        None where the recipe was not found.
    run : Run or None
        None if it did not begin.
    result : dict or None
        The worker's, where the run succeeded.
    error : ForgeError or None
        Why it did not.
    """

    recipe_id: str | None
    run: Run | None
    result: dict[str, Any] | None = None
    error: ForgeError | None = None

    def to_dict(self) -> dict[str, Any]:
        """Describe the outcome with values that JSON can hold."""
        return {
            "recipe_id": self.recipe_id,
            "run": self.run.to_dict() if self.run else None,
            "result": self.result,
            "error": self.error.to_dict() if self.error else None,
        }


@dataclass(slots=True)
class _Keeper:
    """Keeps of a run's events what is shown in the end."""

    draw: Observer
    run_id: str | None = None
    result: dict[str, Any] | None = None

    def observe(self, event: Event) -> None:
        match event:
            case RunStarted():
                self.run_id = event.run_id
            case WorkerEnded():
                self.result = event.result
        self.draw(event)


def watch(begin: Callable[[Observer], Run], recipe_id: str | None, speaker: Speaker) -> Outcome:
    """Begin a run, draw its progress, and give what became of it; its error, if any, is not shown yet."""
    keeper = _Keeper(draw=lambda event: None)
    try:
        with drawing(as_json=speaker.as_json) as keeper.draw:
            run = begin(keeper.observe)
    except ForgeError as error:
        return Outcome(recipe_id, _find(keeper.run_id, error), None, error)
    return Outcome(run.recipe_id, run, keeper.result, None)


def _find(run_id: str | None, error: ForgeError) -> Run | None:
    """Find the run that failed with an error; what goes wrong with that is only a note on the error."""
    from pangeo_forge.api.runs import get_run
    from pangeo_forge.runs.failures import noting_on

    with noting_on(error):
        return get_run(run_id) if run_id else None
    return None


def code_of(outcomes: list[Outcome]) -> int:
    """Give the exit code of several outcomes."""
    errors = [outcome.error for outcome in outcomes if outcome.error is not None]
    if any(isinstance(error, RunCancelled) for error in errors):
        return CANCELLED
    return 0 if not errors else exit_code(errors[0]) if len(outcomes) == 1 else 1


def describe_all(outcomes: Sequence[Outcome]) -> str:
    """Write a table of what became of several recipes, and count those that failed."""
    rows = [_row(outcome) for outcome in outcomes]
    failed = sum(outcome.error is not None for outcome in outcomes)
    count = f"{len(outcomes) - failed:,} of {len(outcomes):,} recipes are baked"
    table = format_table(("ID", "STATE", "TOOK", "STORED", "RUN"), rows, right="TOOK STORED", width=find_width(sys.stdout))
    return f"{table}\n\n{count}{f', {failed:,} failed' if failed else ''}."


def _row(outcome: Outcome) -> tuple[str, ...]:
    run = outcome.run
    if run is None:
        return (outcome.recipe_id or "", "refused", "-", "-", "-")
    stored = format_size(run.bytes_stored) if run.bytes_stored is not None else "-"
    return (outcome.recipe_id or "", run.state, format_duration(run.seconds), stored, run.id)


def describe_baked(outcome: Outcome) -> str:
    """Say what a run has made."""
    return _describe(outcome, "is baked", show_dataset=False)


def describe_tested(outcome: Outcome) -> str:
    """Say what a test has made, and show it."""
    return _describe(outcome, "passed its test", show_dataset=True)


def _describe(outcome: Outcome, verdict: str, *, show_dataset: bool) -> str:
    run, result = outcome.run, outcome.result
    if run is None or result is None:
        return ""
    parts = [f"{paint(f'{run.recipe_id} {verdict}.', 'green', sys.stdout)}\n{format_facts(_facts(run, result), indent=2)}"]
    if show_dataset:
        parts.append(printable(result["repr"]))
    parts.append(f"Open it with:\n\n{printable(result['snippet'])}")
    return "\n\n".join(parts)


def _facts(run: Run, result: dict[str, Any]) -> list[tuple[str, str | None]]:
    stored = format_size(run.bytes_stored) if run.bytes_stored is not None else "an unknown size"
    if run.chunks_written:  # Apache Beam does not count them
        stored += f" in {run.chunks_written:,} chunks"
    if run.bytes_written:  # references copy nothing
        stored += f", {format_size(run.bytes_written)} uncompressed"
    compared = result.get("values_compared")
    return [
        ("target", run.target),
        ("stored", stored),
        ("inputs", f"{run.inputs:,}" if run.inputs is not None else None),
        ("checked", f"{compared:,} values are equal to those of the inputs" if compared else None),
        ("took", f"{format_duration(run.seconds)}, {format_size(run.peak_memory)} of memory at most"),
        ("run", run.id),
    ]


def show_for_people(outcome: Outcome, speaker: Speaker, describe: Callable[[Outcome], str]) -> None:
    """Show an outcome as soon as it is there; machines are shown all in the end, but for errors."""
    if outcome.error is not None:
        speaker.complain(outcome.error)
    elif not speaker.as_json:
        say(describe(outcome))


def end_with(outcome: Outcome, speaker: Speaker, describe: Callable[[Outcome], str]) -> NoReturn:
    """Show the one outcome of a command, and end with the exit code that it means.

    Raises
    ------
    typer.Exit
        Always.
    """
    show_for_people(outcome, speaker, describe)
    if speaker.as_json:
        say_json(outcome.to_dict())
    raise typer.Exit(code_of([outcome]))
