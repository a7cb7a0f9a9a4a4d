"""The runs that are remembered: finding them, and ending them."""

from __future__ import annotations

from pangeo_forge.runs import supervisor
from pangeo_forge.runs.records import RunRecords
from pangeo_forge.runs.run import Run
from pangeo_forge.settings import Settings


def list_runs(*, state: str | None = None, feedstock: str | None = None, limit: int | None = None) -> list[Run]:
    """Give runs, the newest first.

    Parameters
    ----------
    state, feedstock : str, optional
        Only those in this state, and of this feedstock.
    limit : int, optional
        At most so many.

    Raises
    ------
    UsageError
        If there is no such state.
    """
    return _records().list(state=state, feedstock=feedstock, limit=limit)


def get_run(run_id: str) -> Run:
    """Find a run by its id, or by as much of the id's beginning as no other run has.

    Raises
    ------
    UsageError
        If there is no such run, or more than one.
    """
    return _records().get(run_id)


def cancel(run_id: str) -> Run:
    """Cancel a run of another process on this machine, as Ctrl-C there would, and wait until it has ended.

    Raises
    ------
    UsageError
        If the run is not running, or not on this machine.
    EngineError
        If it does not end.
    """
    return supervisor.cancel_run(_records(), run_id)


def abandon(run_id: str) -> Run:
    """Give up a run on another machine that is gone for good: it is marked as failed, and its target is free again.

    Raises
    ------
    UsageError
        If the run is not running, or is on this machine.
    """
    return supervisor.abandon_run(_records(), run_id)


def _records() -> RunRecords:
    return RunRecords(Settings.load().database)
