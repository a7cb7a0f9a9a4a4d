"""What the command asks of a worker and a run: to answer a question, to start, to resume, to cancel.

The parent's side of the two processes. It imports nothing of a recipe's, and survives whatever becomes of the worker.
"""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from pangeo_forge.bakeries.database import Bakery, get_bakery, worker_environment
from pangeo_forge.bakeries.targets import refuse_password
from pangeo_forge.errors import EngineError, UsageError
from pangeo_forge.runs.attempt import Observer, run_attempt
from pangeo_forge.runs.failures import writing
from pangeo_forge.runs.jobs import load_job, write_job
from pangeo_forge.runs.journal import JOURNAL, Journal
from pangeo_forge.runs.processes import Meter, identify, this_host
from pangeo_forge.runs.records import RunRecords
from pangeo_forge.runs.run import RESUMABLE, Run
from pangeo_forge.runs.signals import stop_requests
from pangeo_forge.runs.verdict import find_error
from pangeo_forge.runs.worker_process import Starter, WorkerCommand, WorkerProcess
from pangeo_forge.settings import Settings
from pangeo_forge.types import RecipeId, RunId, redact_url
from pangeo_forge.worker.events import Event, StageStarted
from pangeo_forge.worker.job import Job

_DEFAULT_WORKER = WorkerCommand()
# The stages that leave the target as it is.
_BEFORE_TARGET = ("cache", "inspect", "spread")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDetails:
    """What is remembered of a run besides its job.

    Parameters
    ----------
    id : RunId
        A new one, by `make_run_id`.
    feedstock : str
        Its name.
    bakery : Bakery
        Where the run takes place.
    source, commit : str, optional
        Where the feedstock came from, and its exact version where it is in git.
    """

    id: RunId
    feedstock: str
    bakery: Bakery
    source: str | None = None
    commit: str | None = None


def ignore(event: Event) -> None:
    """Observe nothing."""


def ask_worker(
    job: Job,
    *,
    bakery: Bakery,
    observer: Observer = ignore,
    log: Path | None = None,
    command: Starter = _DEFAULT_WORKER,
) -> dict[str, Any]:
    """Let a worker answer a question (a job of kind ``list`` or ``plan``); nothing of it is remembered.

    Parameters
    ----------
    job : Job
        The question.
    bakery : Bakery
        Says which environment variables the worker sees.
    observer : callable
        Is told every event.
    log : Path, optional
        A file to add the worker's standard error to.
    command : Starter
        How to start the worker.

    Returns
    -------
    dict
        The worker's result.

    Raises
    ------
    ForgeError
        What the worker ended with, or why it ended without a result.
    RunCancelled
        After Ctrl-C or SIGTERM.
    """
    with ExitStack() as stack:
        stop = stack.enter_context(stop_requests())
        file = stack.enter_context(_open_log(log))
        environment = worker_environment(bakery, os.environ)
        worker = stack.enter_context(WorkerProcess(command, job, environment=environment, log=file))
        meter = Meter(worker.pid)
        for event in worker.talk(stop):
            observer(event) if event is not None else meter.sample_when_due()
        ending = worker.ending(stop, peak_memory=meter.peak_memory)
    error = find_error(ending)
    if error is not None:
        raise error
    assert ending.last is not None
    return ending.last.result or {}


def _open_log(log: Path | None) -> IO[bytes]:
    if log is None:
        return tempfile.TemporaryFile(buffering=0)
    with writing(log):
        return log.open("a+b", buffering=0)


def start_run(
    records: RunRecords,
    job: Job,
    details: RunDetails,
    *,
    settings: Settings,
    observer: Observer = ignore,
    command: Starter = _DEFAULT_WORKER,
) -> Run:
    """Bake a recipe, and remember how it went.

    Parameters
    ----------
    records : RunRecords
        Where runs are remembered.
    job : Job
        Of kind ``bake``, with a recipe and a target. Its `scratch` is set here, to the run's folder.
    details : RunDetails
        What else is remembered.
    settings : Settings
        Say where the run's folder is made.
    observer : callable
        Is told every event, from `RunStarted` to `RunEnded`.
    command : Starter
        How to start the worker.

    Returns
    -------
    Run
        As it succeeded.

    Raises
    ------
    TargetInUse
        If another run writes to the target; then nothing is remembered.
    RunCancelled
        After Ctrl-C, SIGTERM or `cancel_run`.
    ForgeError
        If the run failed; it is remembered, with the error.
    """
    refuse_password(job.target, "target")
    refuse_password(job.cache or "", "cache")
    with stop_requests() as stop:
        run = _new_run(job, details, settings)
        job = replace(job, scratch=run.folder)
        with records.claimed(run):
            folder = Path(run.folder)
            with writing(folder):
                folder.mkdir(parents=True)
            write_job(folder, job)
            records.add(run)
            environment = worker_environment(details.bakery, os.environ)
            return run_attempt(records, run, job, environment=environment, command=command, stop=stop, observer=observer)


def _new_run(job: Job, details: RunDetails, settings: Settings) -> Run:
    if job.kind != "bake" or job.recipe_id is None or not job.target:
        raise UsageError("a run needs a job of kind 'bake', with a recipe and a target")
    return Run(
        id=details.id,
        recipe_id=RecipeId(job.recipe_id),
        feedstock=details.feedstock,
        source=redact_url(details.source) if details.source else None,
        commit=details.commit,
        bakery=details.bakery.id,
        engine=job.engine,
        pruned=job.pruned,
        target=job.target,
        folder=str(settings.home.absolute() / "runs" / details.id),
        created=datetime.now(UTC),
        **_begin_now(),
        started=datetime.now(UTC),
    )


def _begin_now() -> dict[str, Any]:
    """Give the fields of a run that this process watches over from now on."""
    return {
        "state": "running",
        "ended": None,
        "error": None,
        "host": this_host(),
        "pid": os.getpid(),
        "process": identify(os.getpid()),
        "worker_pid": None,
        "worker_process": None,
    }


def resume_run(
    records: RunRecords,
    run_id: str,
    *,
    settings: Settings,
    observer: Observer = ignore,
    command: Starter = _DEFAULT_WORKER,
    target_options: Mapping[str, Any] | None = None,
    cache_options: Mapping[str, Any] | None = None,
) -> Run:
    """Go on with a run that failed, was cancelled, or whose process or machine went away.

    Parameters
    ----------
    records, settings, observer, command
        As for `start_run`.
    run_id : str
        The run's id, or the beginning of it.
    target_options, cache_options : mapping, optional
        fsspec's storage options, which are not kept with a run; by default those of the run's bakery, and none.

    Returns
    -------
    Run
        As it succeeded.

    Raises
    ------
    UsageError
        If the run is still running, or has succeeded, or what it needs is not there any more.
    ForgeError
        As `start_run` does.
    """
    with stop_requests() as stop:
        run = records.get(run_id)
        _refuse_unless_resumable(run)
        bakery = get_bakery(run.bakery, settings)
        given = target_options if target_options is not None else bakery.target.storage_options
        job = load_job(Path(run.folder), target_options=given, cache_options=cache_options or {})
        job = replace(job, resume=_has_begun_target(run))
        changes = {**_begin_now(), "attempt": run.attempt + 1}
        again = replace(run, **changes)
        with records.claimed(again):
            _refuse_if_others_wrote(records, run)
            records.reopen(run, **changes)
            environment = worker_environment(bakery, os.environ)
            return run_attempt(records, again, job, environment=environment, command=command, stop=stop, observer=observer)


def _refuse_unless_resumable(run: Run) -> None:
    if run.state not in RESUMABLE:
        hint = {
            "succeeded": "To make the dataset anew, start a new run with --overwrite.",
            "running": f"`pangeo-forge runs cancel {run.id}` cancels it.",
            "queued": None,
        }[run.state]
        raise UsageError(f"run {run.id} cannot be resumed: it {_in_words(run)}", hint=hint)
    if not Path(run.folder).is_dir():
        raise UsageError(
            f"run {run.id} cannot be resumed: its folder {run.folder} is not on this machine",
            hint=f"It ran on {run.host}. Resume it there, or start a new run.",
        )


def _has_begun_target(run: Run) -> bool:
    """Tell whether an earlier attempt began to write the dataset; if not, what is at the target is not this run's to go on with."""
    events = Journal(Path(run.folder) / JOURNAL).read()
    return any(isinstance(event, StageStarted) and event.stage not in _BEFORE_TARGET for event in events)


def _refuse_if_others_wrote(records: RunRecords, run: Run) -> None:
    others = records.writers_since(run)
    if others:
        raise UsageError(
            f"run {run.id} cannot be resumed: run {others[0].id} has written to its target since",
            hint="Start a new run with --overwrite, if the dataset is to be made anew.",
        )


def _in_words(run: Run) -> str:
    return f"is {run.state}" if run.state in ("queued", "running") else f"{'was' if run.state == 'cancelled' else 'has'} {run.state}"


def cancel_run(records: RunRecords, run_id: str, *, patience_s: float = 30.0) -> Run:
    """Cancel a run of another process on this machine, as Ctrl-C there would, and wait until it has ended.

    Parameters
    ----------
    records : RunRecords
        Where it stands.
    run_id : str
        The run's id, or the beginning of it.
    patience_s : float
        How long to wait, seconds.

    Returns
    -------
    Run
        As it ended.

    Raises
    ------
    UsageError
        If the run is not running, or not on this machine.
    EngineError
        If it belongs to another user, or does not end.
    """
    run = _get_running(records, run_id)
    if run.host != this_host():
        raise UsageError(
            f"run {run.id} is on {run.host}, and this is {this_host()}",
            hint=f"Cancel it on {run.host}; if that machine is gone for good: `pangeo-forge runs cancel --gone {run.id}`.",
        )
    assert run.pid is not None
    try:
        os.kill(run.pid, signal.SIGTERM)
    except PermissionError:
        raise EngineError(f"run {run.id} belongs to another user of this machine (process {run.pid})") from None
    except ProcessLookupError:
        pass  # it went away just now, as its record is about to say
    deadline = time.monotonic() + patience_s
    while run.state == "running":
        if time.monotonic() > deadline:
            raise EngineError(
                f"run {run.id} was asked to stop, but has not within {patience_s:.0f} s",
                hint=f"Wait a little more, or kill its process: `kill -9 {run.pid}`.",
            )
        time.sleep(0.1)
        run = records.get(run.id)
    return run


def abandon_run(records: RunRecords, run_id: str) -> Run:
    """Give up a run on another machine that is gone for good: it is marked as failed, and its target is free again.

    Raises
    ------
    UsageError
        If the run is not running, or is on this machine.
    """
    run = _get_running(records, run_id)
    if run.host == this_host():
        raise UsageError(f"run {run.id} is on this machine", hint=f"`pangeo-forge runs cancel {run.id}` cancels it.")
    error = EngineError(f"{run.host}, the machine that the run was on, was said to be gone for good")
    records.update(run.id, state="failed", error=error.to_dict(), ended=datetime.now(UTC))
    records.release(run.target, run.id)
    return records.get(run.id)


def _get_running(records: RunRecords, run_id: str) -> Run:
    run = records.get(run_id)
    if run.state != "running":
        raise UsageError(f"run {run.id} is not running: it {_in_words(run)}")
    return run
