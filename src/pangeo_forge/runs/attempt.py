"""One attempt at a run: a worker is started and watched, and what it tells goes to the journal, the database and the observer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pangeo_forge.environments.store import Prepared
from pangeo_forge.errors import EngineError, ForgeError, RunCancelled, TargetExists, UserError
from pangeo_forge.runs.failures import noting_on, writing
from pangeo_forge.runs.jobs import without_secrets
from pangeo_forge.runs.journal import JOURNAL, Journal
from pangeo_forge.runs.processes import Meter, identify
from pangeo_forge.runs.records import RunRecords
from pangeo_forge.runs.run import Run, State
from pangeo_forge.runs.signals import StopRequests
from pangeo_forge.runs.tally import Tally, as_count
from pangeo_forge.runs.verdict import find_error
from pangeo_forge.runs.worker_process import Starter, WorkerProcess
from pangeo_forge.worker.events import (
    EnvironmentReady,
    Event,
    Note,
    RecipeLoaded,
    RunEnded,
    RunStarted,
    StageEnded,
    TargetSettled,
    WorkerEnded,
)
from pangeo_forge.worker.job import Job

Observer = Callable[[Event], None]

_SAVE_EVERY_S = 5.0
_SAVE_AGAIN_AFTER_FAILURE_S = 60.0


def run_attempt(
    records: RunRecords,
    run: Run,
    job: Job,
    *,
    environment: Mapping[str, str],
    command: Starter,
    stop: StopRequests,
    observer: Observer,
) -> Run:
    """Run a worker to its end, and keep all that there is to know of it.

    Parameters
    ----------
    records : RunRecords
        Where the run stands as running.
    run, job : Run, Job
        The run as it begins, and what its worker is asked to do.
    environment : mapping
        The worker's environment variables.
    command : Starter
        How to start it.
    stop : StopRequests
        Whether somebody asks the run to stop.
    observer : callable
        Is told every event, after the journal.

    Returns
    -------
    Run
        As it succeeded.

    Raises
    ------
    ForgeError
        If it did not; the run is recorded as failed or cancelled, with this error.
    """
    folder = Path(run.folder)
    with ExitStack() as stack:
        with writing(folder / "worker.log"):
            log = stack.enter_context((folder / "worker.log").open("a+b", buffering=0))
        chronicle = _Chronicle(records, run, stack.enter_context(Journal(folder / JOURNAL)), observer)
        stack.callback(chronicle.release)
        try:
            chronicle.tell(RunStarted(run_id=run.id, attempt=run.attempt, job=without_secrets(job).to_dict()))
            for fact in _tell_of(command.prepared):
                chronicle.tell(fact)
            with WorkerProcess(command, job, environment=environment, log=log) as worker:
                chronicle.begin(worker.pid)
                for event in worker.talk(stop):
                    chronicle.tell(event) if event is not None else chronicle.save_when_due()
            if worker.strays:
                chronicle.tell(Note(message=f"the worker wrote {worker.strays} lines that are no events; they are in {log.name}"))
            error = find_error(worker.ending(stop, peak_memory=chronicle.peak_memory))
        except ForgeError as failure:
            error = failure
        except BaseException as failure:
            chronicle.end(EngineError(f"the run was broken off where it was watched, by {type(failure).__name__}: {failure}"))
            raise
        ended = chronicle.end(error)
    if error is not None:
        raise error
    return ended


def _tell_of(prepared: Prepared) -> Iterator[Event]:
    environment = prepared.environment
    if environment is not None:
        yield EnvironmentReady(key=environment.key, packages=environment.packages, was_built=prepared.was_built, remarks=prepared.remarks)
    elif prepared.remarks:
        yield EnvironmentReady(key=None, packages={}, remarks=prepared.remarks)


class _Chronicle:
    """Tells every event to all who keep it."""

    def __init__(self, records: RunRecords, run: Run, journal: Journal, observer: Observer) -> None:
        self._records = records
        self._run = run
        self._began_with = run.target
        self._journal = journal
        self._observer = observer
        self._tally = Tally.of(journal.read())
        self._meter: Meter | None = None
        self._result: Mapping[str, Any] = {}
        self._worker: dict[str, Any] = {}
        self._save_at = 0.0

    @property
    def peak_memory(self) -> int:
        """The most memory of this attempt or an earlier one, bytes."""
        measured = self._meter.peak_memory if self._meter is not None else 0
        return max(self._run.peak_memory, measured or as_count(self._result.get("peak_memory")) or 0)

    def begin(self, pid: int) -> None:
        """Take note of the worker's number."""
        self._meter = Meter(pid)
        self._worker = {"worker_pid": pid, "worker_process": identify(pid)}

    def tell(self, event: Event) -> None:
        """Keep an event, and pass it on."""
        self._journal.append(event)
        self._tally.add(event)
        if isinstance(event, TargetSettled):
            self._move(event.target)
        if isinstance(event, RecipeLoaded | StageEnded):
            self._save_at = 0.0
        if isinstance(event, WorkerEnded):
            self._result = event.result or {}
        self._observer(event)

    def _move(self, target: str) -> None:
        """Claim the place that the worker settled on, beside the one that the run began with."""
        if target != self._run.target:
            self._records.claim(target, self._run)
            self._run = replace(self._run, target=target)
            self._records.update(self._run.id, target=target)

    def release(self) -> None:
        """Give up the claim on the place that the worker settled on, if that is another than the run began with."""
        if self._run.target != self._began_with:
            self._records.release(self._run.target, self._run.id)

    def save_when_due(self) -> None:
        """Measure, and now and then write to the database how far the run is. That others lock it now is no reason to end the run."""
        if self._meter is not None:
            self._meter.sample_when_due()
        now = time.monotonic()
        if now < self._save_at:
            return
        self._save_at = now + _SAVE_EVERY_S
        try:
            self._records.update(self._run.id, **self._changes(), **self._worker)
        except EngineError as error:
            self._save_at = time.monotonic() + _SAVE_AGAIN_AFTER_FAILURE_S
            self.tell(Note(message=f"how far the run is was not written: {error}"))

    def end(self, error: ForgeError | None) -> Run:
        """Keep how the run ended: first in the journal, from which the database can be mended, then there, then tell the observer."""
        if error is not None and _may_go_on(error):
            resume = f"`pangeo-forge runs resume {self._run.id}` goes on where it stopped."
            error.hint = f"{error.hint} {resume}" if error.hint and not isinstance(error, RunCancelled) else resume
        state: State = "succeeded" if error is None else "cancelled" if isinstance(error, RunCancelled) else "failed"
        last = RunEnded(state=state, error=error.to_dict() if error is not None else None)
        with noting_on(error):
            self._journal.append(last)
        self._tally.add(last)
        changes = self._changes() | {"state": state, "error": last.error, "ended": datetime.fromtimestamp(last.time, UTC)}
        changes |= dict.fromkeys(self._worker)  # nothing is left of it
        with noting_on(error):
            self._records.update(self._run.id, **changes)
        self._observer(last)
        return replace(self._run, **changes)

    def _changes(self) -> dict[str, Any]:
        took = self._result.get("cpu_s")
        cpu_s = float(took) if isinstance(took, int | float) else self._meter.cpu_s if self._meter is not None else 0.0
        return {**self._tally.changes(), "peak_memory": self.peak_memory, "cpu_s": self._run.cpu_s + cpu_s}


def _may_go_on(error: ForgeError) -> bool:
    """Whether another attempt may end differently without anything being mended in the feedstock."""
    return not isinstance(error, UserError | TargetExists)
