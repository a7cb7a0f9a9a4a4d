"""A worker that is started before it is known what it is to do: it imports while its parent still reads the feedstock."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from types import TracebackType
from typing import IO, Self

from pangeo_forge.bakeries.database import Bakery, worker_environment
from pangeo_forge.environments.store import Prepared
from pangeo_forge.runs.processes import kill_all
from pangeo_forge.runs.worker_process import WorkerCommand
from pangeo_forge.worker.job import Job


class Standby:
    """A worker that waits for its job; a way to start a worker, for once.

    Parameters
    ----------
    bakery : Bakery
        Says which environment variables it sees.
    command : WorkerCommand
        How to start it, and any worker after it.
    """

    def __init__(self, bakery: Bakery, command: WorkerCommand | None = None) -> None:
        self._command = command or WorkerCommand()
        self._started = self._command.started
        self._environment = worker_environment(bakery, os.environ)
        self._early: IO[bytes] = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  (closed on exit)
        self._waiting: subprocess.Popen[bytes] | None = self._command.start(self._environment, self._early)

    @property
    def waiting(self) -> int | None:
        """The number of the worker that waits, if one does."""
        return self._waiting.pid if self._waiting is not None else None

    @property
    def prepared(self) -> Prepared:
        """What workers run in."""
        return self._command.prepared

    def inside(self, prepared: Prepared) -> Self:
        """Start workers in an environment; the one that waits is given up if it is in another."""
        self._command = self._command.inside(prepared)
        if self._command.started != self._started:
            self._dismiss()
        return self

    @property
    def grace_s(self) -> float:
        """How long a worker may take to end once it was asked to, or once it said its last word, seconds."""
        return self._command.grace_s

    def address(self, job: Job, log: IO[bytes]) -> Job:
        """Tell the worker in its job where its standard error goes from now on."""
        return replace(job, log=str(log.name)) if self._waiting is not None and isinstance(log.name, str) else job

    def start(self, environment: Mapping[str, str], log: IO[bytes]) -> subprocess.Popen[bytes]:
        """Give the worker that waits, if it was started as is wanted now; else start another."""
        waiting = self._waiting
        if waiting is None or environment != self._environment:
            return self._command.start(environment, log)
        self._waiting = None
        log.write(self._read_early())
        return waiting

    def _read_early(self) -> bytes:
        """Read what the worker has written to its standard error so far."""
        descriptor = self._early.fileno()
        return os.pread(descriptor, os.fstat(descriptor).st_size, 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self._dismiss()
        self._early.close()

    def _dismiss(self) -> None:
        if self._waiting is not None:
            kill_all(self._waiting.pid)
            self._waiting.communicate()
            self._waiting = None
