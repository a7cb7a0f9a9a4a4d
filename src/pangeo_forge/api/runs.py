"""The runs that are remembered: finding them, going on with them, and ending them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pangeo_forge.api.environments import equip_for_job
from pangeo_forge.runs import supervisor
from pangeo_forge.runs.attempt import Observer
from pangeo_forge.runs.jobs import read_job
from pangeo_forge.runs.records import RunRecords
from pangeo_forge.runs.run import RESUMABLE, Run
from pangeo_forge.runs.worker_process import Starter, WorkerCommand
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


def resume(
    run_id: str,
    *,
    target_options: Mapping[str, Any] | None = None,
    cache_options: Mapping[str, Any] | None = None,
    observer: Observer = supervisor.ignore,
) -> Run:
    """Go on with a run that failed, was cancelled, or whose process or machine went away.

    Parameters
    ----------
    run_id : str
        The run's id, or the beginning of it.
    target_options, cache_options : mapping, optional
        fsspec's storage options, which are not kept with a run; by default those of the run's bakery, and none.
    observer : callable
        Is told every event.

    Returns
    -------
    Run
        As it succeeded.

    Raises
    ------
    UsageError
        If the run is still running, or has succeeded.
    ForgeError
        If it failed again.
    """
    from pangeo_forge.api.run_catalogs import catalog_quietly

    settings = Settings.load()
    records = RunRecords(settings.database)
    run = supervisor.resume_run(
        records,
        run_id,
        settings=settings,
        observer=observer,
        command=_equip(records.get(run_id), observer),
        target_options=target_options,
        cache_options=cache_options,
    )
    catalog_quietly(run, observer)
    return run


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


def _equip(run: Run, observer: Observer) -> Starter:
    """Start a run's worker in the environment that its feedstock needs; of a run that cannot be resumed `resume_run` says why."""
    command = WorkerCommand()
    if run.state not in RESUMABLE or not Path(run.folder).is_dir():
        return command
    return equip_for_job(command, read_job(Path(run.folder)), observer)


def _records() -> RunRecords:
    return RunRecords(Settings.load().database)
