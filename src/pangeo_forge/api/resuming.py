"""Going on with a run where it stopped."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pangeo_forge.api.environments import equip_for_job
from pangeo_forge.api.run_catalogs import catalog_quietly
from pangeo_forge.runs.attempt import Observer
from pangeo_forge.runs.jobs import read_job
from pangeo_forge.runs.records import RunRecords
from pangeo_forge.runs.run import RESUMABLE, Run
from pangeo_forge.runs.supervisor import ignore, resume_run
from pangeo_forge.runs.worker_process import Starter, WorkerCommand
from pangeo_forge.settings import Settings


def resume(
    run_id: str,
    *,
    target_options: Mapping[str, Any] | None = None,
    cache_options: Mapping[str, Any] | None = None,
    observer: Observer = ignore,
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
    settings = Settings.load()
    records = RunRecords(settings.database)
    run = resume_run(
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


def _equip(run: Run, observer: Observer) -> Starter:
    """Start a run's worker in the environment that its feedstock needs; of a run that cannot be resumed `resume_run` says why."""
    command = WorkerCommand()
    if run.state not in RESUMABLE or not Path(run.folder).is_dir():
        return command
    return equip_for_job(command, read_job(Path(run.folder)), observer)
