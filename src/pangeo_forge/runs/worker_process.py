"""The parent's side of a worker: one process that is given a job, tells events, and is not trusted to end well."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Protocol, Self

from pangeo_forge.environments.store import OWN, Prepared, holding
from pangeo_forge.errors import EngineError, UsageError
from pangeo_forge.runs.failures import writing
from pangeo_forge.runs.loading import LoadingWatch
from pangeo_forge.runs.processes import kill_all
from pangeo_forge.runs.protocol import LineSplitter, parse_event
from pangeo_forge.runs.signals import StopRequests
from pangeo_forge.runs.verdict import Ending
from pangeo_forge.worker.events import Event, WorkerEnded
from pangeo_forge.worker.job import Job

_TICK_S = 0.25
_LAST_TICK_S = 0.01
_READ = 1 << 16
_LONGEST_TAIL = 8000


@dataclass(frozen=True, slots=True)
class WorkerCommand:
    """How a worker is started.

    Parameters
    ----------
    argv : tuple of str
        The program and its arguments. By default this Python's, without the current folder among the places that it imports from.
    grace_s : float
        How long a worker may take to end once it was asked to, or once it said its last word, seconds.
    prepared : Prepared
        What it runs in; by default pangeo-forge's own Python.
    """

    argv: tuple[str, ...] = (sys.executable, "-P", "-m", "pangeo_forge.worker")
    grace_s: float = 10.0
    prepared: Prepared = OWN

    @property
    def started(self) -> tuple[str, ...]:
        """What is started: the program and its arguments."""
        environment = self.prepared.environment
        return self.argv if environment is None else (str(environment.python), *self.argv[1:])

    def inside(self, prepared: Prepared) -> Self:
        """Start workers in another environment."""
        return replace(self, prepared=prepared)

    def address(self, job: Job, log: IO[bytes]) -> Job:
        """Leave a job as it is: the worker is started with its standard error on `log`."""
        return job

    def start(self, environment: Mapping[str, str], log: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start a worker, as the leader of a session of its own.

        Raises
        ------
        EngineError
            If it cannot be started.
        """
        options: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": log, "bufsize": 0}
        # A worker that dies of a segmentation fault then says where in its log.
        variables = {"PYTHONFAULTHANDLER": "1", **environment}
        with ExitStack() as stack:
            if self.prepared.environment is not None:  # it is kept as long as the worker, or a process that it started, lives
                options["pass_fds"] = (stack.enter_context(holding(self.prepared.environment)),)
            try:
                return subprocess.Popen(self.started, env=variables, start_new_session=True, **options)
            except OSError as error:
                raise EngineError(f"the worker cannot be started: {self.started[0]}: {error.strerror}", detail=repr(error)) from error


class Starter(Protocol):
    """A way to start workers: a `WorkerCommand`, or one that has started already."""

    @property
    def prepared(self) -> Prepared:
        """What workers run in."""
        ...

    def inside(self, prepared: Prepared) -> Starter:
        """Give a way to start them in another environment."""
        ...

    @property
    def grace_s(self) -> float:
        """How long a worker may take to end once it was asked to, or once it said its last word, seconds."""
        ...

    def address(self, job: Job, log: IO[bytes]) -> Job:
        """Add to a job what the worker must know of where its standard error goes."""
        ...

    def start(self, environment: Mapping[str, str], log: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start a worker, as the leader of a session of its own."""
        ...


class WorkerProcess:
    """A worker, from its start to the end of all processes that it started.

    It leads a session of its own, so that Ctrl-C in the terminal reaches this process only.

    Parameters
    ----------
    command : Starter
        How to start it.
    job : Job
        What it is asked to do.
    environment : mapping
        All of its environment variables.
    log : binary file
        Where its standard error goes, and the lines on its standard output that are no events; readable, unbuffered.

    Raises
    ------
    EngineError
        If it cannot be started.
    UsageError
        If the job cannot be written as JSON.
    """

    def __init__(self, command: Starter, job: Job, *, environment: Mapping[str, str], log: IO[bytes]) -> None:
        self._unsent = _as_json(command.address(job, log))
        self._log = log
        self._log_begin = os.fstat(log.fileno()).st_size
        self._grace_s = command.grace_s
        self._lines = LineSplitter()
        self._loading = LoadingWatch(job.folder, command.grace_s)
        self._deadline: float | None = None
        self._selector = selectors.DefaultSelector()
        self._process = command.start(environment, log)
        #: The worker's last word, once it has said it.
        self.last: WorkerEnded | None = None
        #: How many lines on its standard output were no events.
        self.strays = 0

    @property
    def pid(self) -> int:
        """The worker's number, also that of its session and group."""
        return self._process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        if self._process.returncode is None:
            kill_all(self.pid)
            self._process.wait()
        self._selector.close()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()

    def talk(self, stop: StopRequests) -> Iterator[Event | None]:
        """Hand over the job and yield the worker's events, and None whenever some time has passed, until it has ended.

        On the first request to stop the worker is asked to end, on the second, or when its time is over, it is killed. So it is if code
        of a module holds it up for longer than that may. In the end all processes that it started are killed, and `ending` says how
        it ended.
        """
        self._select(stop)
        while not self._has_ended():
            for key, _ in self._selector.select(_TICK_S if self._deadline is None else _LAST_TICK_S):
                yield from key.data()
            if (self._deadline is not None and time.monotonic() > self._deadline) or self._loading.is_over():
                kill_all(self.pid)
            yield None
        kill_all(self.pid)  # before it is waited for, so that its number cannot be another's
        yield from self._read_rest()
        self._process.wait()

    def ending(self, stop: StopRequests, *, peak_memory: int = 0) -> Ending:
        """Say how it ended, when it has.

        Parameters
        ----------
        stop : StopRequests
            Those that `talk` heeded.
        peak_memory : int
            The most memory that its processes held, bytes.
        """
        return Ending(self.last, self._process.returncode, stop.heeded > 0, peak_memory, self._end_of_log(), self._loading.cut_off())

    def _end_of_log(self) -> str:
        descriptor = self._log.fileno()
        size = os.fstat(descriptor).st_size
        begin = max(self._log_begin, size - _LONGEST_TAIL)
        return os.pread(descriptor, size - begin, begin).decode(errors="replace").strip()

    def _select(self, stop: StopRequests) -> None:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        for pipe in (stdin, stdout):
            os.set_blocking(pipe.fileno(), False)
        self._selector.register(stdin, selectors.EVENT_WRITE, self._send)
        self._selector.register(stdout, selectors.EVENT_READ, self._read)
        self._selector.register(stop, selectors.EVENT_READ, lambda: self._heed(stop))

    def _has_ended(self) -> bool:
        if not hasattr(os, "waitid"):
            return self._process.poll() is not None
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def _send(self) -> Iterator[Event]:
        stdin = self._process.stdin
        assert stdin is not None
        try:
            self._unsent = self._unsent[os.write(stdin.fileno(), self._unsent) :]
        except BrokenPipeError:  # it has ended or does not listen; what it says or how it ends tells why
            self._unsent = b""
        if not self._unsent:
            self._selector.unregister(stdin)
            stdin.close()
        yield from ()

    def _read(self) -> Iterator[Event]:
        stdout = self._process.stdout
        assert stdout is not None
        data = os.read(stdout.fileno(), _READ)
        if data:
            yield from self._understand(self._lines.feed(data))
        else:
            self._selector.unregister(stdout)
            self._limit()

    def _read_rest(self) -> Iterator[Event]:
        stdout = self._process.stdout
        assert stdout is not None
        try:
            while data := os.read(stdout.fileno(), _READ):
                yield from self._understand(self._lines.feed(data))
        except BlockingIOError:  # some process that escaped still holds the other end; what the worker wrote is read
            pass
        yield from self._understand(self._lines.rest())

    def _understand(self, lines: Iterator[bytes]) -> Iterator[Event]:
        for line in lines:
            event = parse_event(line)
            if event is None:
                self.strays += 1
                with writing(Path(str(self._log.name))):
                    self._log.write(b"(on standard output) " + line + b"\n")
                continue
            self._loading.heed(event)
            if isinstance(event, WorkerEnded):
                self.last = self.last or event
                self._limit()
            yield event

    def _heed(self, stop: StopRequests) -> Iterator[Event]:
        stop.heed()
        self._limit()
        if stop.heeded > 1:
            kill_all(self.pid)
        else:
            os.kill(self.pid, signal.SIGTERM)  # not `send_signal`, which may wait for it, and so free its number
        yield from ()

    def _limit(self) -> None:
        if self._deadline is None:
            self._deadline = time.monotonic() + self._grace_s


def _as_json(job: Job) -> bytes:
    try:
        return json.dumps(job.to_dict()).encode()
    except TypeError as error:
        raise UsageError(
            f"the options of the run cannot be handed to another process: {error}",
            hint="Use only texts, numbers, booleans, lists and dictionaries in storage options and engine options.",
        ) from error
