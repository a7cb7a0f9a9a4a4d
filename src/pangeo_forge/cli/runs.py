"""``pangeo-forge runs``: what was baked, how it went, and how to go on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pangeo_forge.cli import completing, options
from pangeo_forge.cli.groups import examples, make_group
from pangeo_forge.cli.outcomes import describe_baked, describe_tested, end_with, watch
from pangeo_forge.cli.run_descriptions import describe_event, describe_run, describe_runs
from pangeo_forge.cli.speaking import Speaker, speaking
from pangeo_forge.errors import UsageError
from pangeo_forge.types import printable

if TYPE_CHECKING:
    from pangeo_forge.runs.run import Run
    from pangeo_forge.worker.events import Event

app = make_group("Show, follow, resume and cancel runs. A run is one bake of one recipe; every run is remembered.")


@app.command(
    "list",
    epilog=examples(
        ("pangeo-forge runs list", "the latest"),
        ("pangeo-forge runs list --state failed", "those that failed"),
        ("pangeo-forge runs list --feedstock sst --limit 100 --json", "for a program"),
    ),
)
def list_runs(
    state: Annotated[
        str | None,
        typer.Option(
            metavar="STATE",
            help="Only queued, running, succeeded, failed or cancelled ones.",
            autocompletion=completing.states,
            show_default=False,
        ),
    ] = None,
    feedstock: Annotated[str | None, typer.Option(metavar="NAME", help="Only those of this feedstock.", show_default=False)] = None,
    limit: Annotated[int, typer.Option(metavar="N", min=1, help="At most so many.")] = 20,
    as_json: options.AsJson = False,
    verbose: options.Verbose = False,
) -> None:
    """List runs, the newest first."""
    with speaking(as_json, verbose) as speaker:
        from pangeo_forge.api import runs

        found = runs.list_runs(state=state, feedstock=feedstock, limit=limit)
        speaker.show(found, describe_runs, lambda all_of_them: [_brief(run) for run in all_of_them])


def _brief(run: Run) -> dict[str, Any]:
    """Describe a run without the versions of a hundred packages, which `runs show` has."""
    return {name: value for name, value in run.to_dict().items() if name != "environment"}


@app.command("show", epilog=examples(("pangeo-forge runs show 20261124-0645", "the beginning of an id is enough")))
def show_run(run_id: options.RunId, as_json: options.AsJson = False, verbose: options.Verbose = False) -> None:
    """Show all that is known of a run. With --verbose also the exact versions of the packages that it ran with."""
    with speaking(as_json, verbose) as speaker:
        from pangeo_forge.api import runs

        speaker.show(runs.get_run(run_id), lambda run: describe_run(run, verbose=verbose), lambda run: run.to_dict())


@app.command(
    "logs",
    epilog=examples(
        ("pangeo-forge runs logs 20261124-0645", "what happened"),
        ("pangeo-forge runs logs 20261124-0645 --follow", "and what happens, until the run is over"),
        ("pangeo-forge runs logs 20261124-0645 --worker", "what the recipe and the libraries printed"),
    ),
)
def show_logs(
    run_id: options.RunId,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until the run is over.")] = False,
    worker: Annotated[bool, typer.Option("--worker", help="Show what the worker printed, instead of the run's journal.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the journal as it is, one JSON object a line.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show every task, and the details of errors.")] = False,
) -> None:
    """Show what happened in a run, or happens just now.

    The journal has its stages, retries, notes and errors, with the time (UTC) of each.
    """
    with speaking(as_json, verbose) as speaker:
        from pangeo_forge.api import logs, runs

        if worker and as_json:
            raise UsageError("what a worker prints is not JSON", hint="Leave out one of --worker and --json.")
        run = runs.get_run(run_id)
        if worker:
            _show_lines(logs.follow_worker_log(run) if follow else logs.read_worker_log(run))
        else:
            _show_events(logs.follow_events(run) if follow else logs.read_events(run), speaker)


def _show_lines(lines: Iterable[str]) -> None:
    for line in lines:
        print(printable(line), flush=True)


def _show_events(events: Iterable[Event], speaker: Speaker) -> None:
    from pangeo_forge.worker.events import to_line

    for event in events:
        line = to_line(event) if speaker.as_json else describe_event(event, verbose=speaker.verbose)
        if line:
            print(line, flush=True)


@app.command("resume", epilog=examples(("pangeo-forge runs resume 20261124-0645", "the beginning of an id is enough")))
def resume_run(run_id: options.RunId, as_json: options.AsJson = False, verbose: options.Verbose = False) -> None:
    """Go on with a run that failed or was cancelled, where it stopped."""
    with speaking(as_json, verbose) as speaker:
        from pangeo_forge.api.resuming import resume
        from pangeo_forge.api.runs import get_run

        run = get_run(run_id)
        outcome = watch(lambda observer: resume(run.id, observer=observer), run.recipe_id, speaker)
        end_with(outcome, speaker, describe_tested if run.pruned else describe_baked)


@app.command(
    "cancel",
    epilog=examples(
        ("pangeo-forge runs cancel 20261124-0645", "as Ctrl-C where it runs would"),
        ("pangeo-forge runs cancel --gone 20261124-0645", "its machine does not come back"),
    ),
)
def cancel(
    run_id: options.RunId,
    gone: Annotated[
        bool, typer.Option("--gone", help="The run was on another machine, which is gone for good: mark it as failed.")
    ] = False,
    as_json: options.AsJson = False,
    verbose: options.Verbose = False,
) -> None:
    """Cancel a run that is running, and wait until it has ended. It can be resumed."""
    with speaking(as_json, verbose) as speaker:
        from pangeo_forge.api import runs

        run = runs.abandon(run_id) if gone else runs.cancel(run_id)
        speaker.show(run, _describe_end, lambda run: run.to_dict())


def _describe_end(run: Run) -> str:
    return f"run {run.id} is {run.state}\n`pangeo-forge runs resume {run.id}` goes on where it stopped."
