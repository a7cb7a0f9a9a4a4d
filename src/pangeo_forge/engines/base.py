"""What an engine is, and what all engines share: a bounded window of tasks in flight, retries with back-off, and nothing lost.

An engine supplies a `concurrent.futures.Executor` for a stage; `run_tasks` does the rest.
"""

from __future__ import annotations

import heapq
import pickle
import resource
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from typing import Any, Protocol

from pangeo_forge.errors import ForgeError, UsageError
from pangeo_forge.plans.blaming import blame, describe, find_frame, find_place, format_foreign, is_for_us
from pangeo_forge.plans.plan import Stage

#: A task is tried so many times in all, where its failure may pass.
ATTEMPTS = 5
_FIRST_DELAY_S = 0.5
_LONGEST_DELAY_S = 60.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a task.

    Parameters
    ----------
    result : object
        What the stage's function returned.
    seconds : float
        How long it took.
    peak_memory : int
        The most memory that the process has held so far, bytes.
    """

    result: Any
    seconds: float
    peak_memory: int


@dataclass(slots=True)
class Progress:
    """How far a stage has come; kept between attempts at a run.

    Parameters
    ----------
    done : bytearray
        For each task 1 if it is done, else 0.
    combined : object
        The combined result of the tasks that are done.
    """

    done: bytearray
    combined: Any = None

    @classmethod
    def start(cls, stage: Stage) -> Progress:
        """Make the progress of a stage that has not begun."""
        return cls(bytearray(len(stage.tasks)))

    def remaining(self) -> Iterator[int]:
        """Yield the numbers of the tasks that are not done, in order."""
        number = self.done.find(0)
        while number >= 0:
            yield number
            number = self.done.find(0, number + 1)


class Observer(Protocol):
    """Who is told what happens to a stage's tasks."""

    def task_ended(self, stage: Stage, number: int, outcome: Outcome, progress: Progress) -> None:
        """Hear that a task is done, and its result a part of `progress`."""
        ...

    def task_retried(self, stage: Stage, number: int, attempt: int, delay_s: float, error: ForgeError) -> None:
        """Hear that a task failed for a reason that may pass, and is tried again."""
        ...


class Engine(Protocol):
    """Whatever runs stages."""

    def run(self, stage: Stage, progress: Progress, observer: Observer) -> Any:
        """Run the tasks of a stage that are not done, and return the combined result of all.

        Raises
        ------
        Exception
            What a task raised, if trying again does not help; the other tasks in flight are given up.
        """
        ...

    def close(self) -> None:
        """Let go of what the engine holds."""
        ...


def run_task(function: Callable[[Any], Any], task: Any) -> Outcome:
    """Run one task where it is to run."""
    began = time.perf_counter()
    try:
        result = function(task)
    except ForgeError as error:
        failure: BaseException = ForgeError.from_dict(error.to_dict())
    except BaseException as error:
        if is_for_us(error):
            raise
        failure = _make_portable(error, function)
    else:
        unit = 1 if sys.platform == "darwin" else 1024
        return Outcome(result, time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit)
    raise failure  # without the libraries' exceptions that it came from: they cannot all be pickled


def _make_portable(error: BaseException, function: Callable[[Any], Any]) -> BaseException:
    """Make of what a task raised something that another process can be handed."""
    frame = find_frame(error)
    if frame is not None or not isinstance(error, Exception):
        return blame(error, function, find_place(error) or "")
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301  (our own, a moment ago)
    except Exception:
        portable = RuntimeError(describe(error))
        portable.add_note(format_foreign(error))
        return portable
    return error


@dataclass
class _Window:
    """Tasks in flight, and those that wait to be tried again."""

    submit: Callable[[int], Future[Outcome]]
    in_flight: dict[Future[Outcome], tuple[int, int]] = field(default_factory=dict)
    delayed: list[tuple[float, int, int]] = field(default_factory=list)

    def start(self, number: int, attempt: int) -> None:
        self.in_flight[self.submit(number)] = (number, attempt)

    def start_delayed(self) -> None:
        while self.delayed and self.delayed[0][0] <= time.monotonic():
            _, number, attempt = heapq.heappop(self.delayed)
            self.start(number, attempt)

    def take_ended(self) -> list[tuple[Future[Outcome], int, int]]:
        timeout = max(self.delayed[0][0] - time.monotonic(), 0) if self.delayed else None
        if not self.in_flight:
            time.sleep(timeout or 0)
            return []
        ended, _ = wait(self.in_flight, timeout, FIRST_COMPLETED)
        return [(future, *self.in_flight.pop(future)) for future in ended]


def run_tasks(
    stage: Stage, submit: Callable[[int], Future[Outcome]], window: int, progress: Progress, observer: Observer, attempts: int = ATTEMPTS
) -> Any:
    """Run a stage's remaining tasks through `submit`, at most `window` at a time.

    Parameters
    ----------
    stage : Stage
    submit : callable
        Starts the task of a number.
    window : int
        How many tasks are in flight at once; the next is made when one ends.
    progress : Progress
        What is done already; is brought up to date.
    observer : Observer
    attempts : int
        How often a task is tried if its error is transient.
    """
    waiting = progress.remaining()
    running = _Window(submit)
    exhausted = False
    while True:
        running.start_delayed()
        while not exhausted and len(running.in_flight) + len(running.delayed) < window:
            number = next(waiting, None)
            exhausted = number is None
            if number is not None:
                running.start(number, 1)
        if not running.in_flight and not running.delayed:
            return progress.combined
        for future, number, attempt in running.take_ended():
            error = future.exception()
            if error is None:
                _keep(stage, number, future.result(), progress, observer)
            elif isinstance(error, ForgeError) and error.transient and attempt < attempts:
                delay_s = min(_FIRST_DELAY_S * 2 ** (attempt - 1), _LONGEST_DELAY_S)
                observer.task_retried(stage, number, attempt, delay_s, error)
                heapq.heappush(running.delayed, (time.monotonic() + delay_s, number, attempt + 1))
            else:
                raise error


def _keep(stage: Stage, number: int, outcome: Outcome, progress: Progress, observer: Observer) -> None:
    if stage.combine is not None:
        progress.combined = outcome.result if progress.combined is None else stage.combine(progress.combined, outcome.result)
    progress.done[number] = 1
    observer.task_ended(stage, number, outcome, progress)


def find_engines() -> list[str]:
    """Name the engines that are installed."""
    return sorted(point.name for point in entry_points(group="pangeo_forge.engines"))


def make_engine(name: str, options: dict[str, Any]) -> Engine:
    """Make the engine of a name, by entry point ``pangeo_forge.engines``.

    Raises
    ------
    UsageError
        If there is no such engine, what it needs is not installed, or an option is not one of its own.
    """
    points = {point.name: point for point in entry_points(group="pangeo_forge.engines")}
    if name not in points:
        raise UsageError(f"there is no engine {name!r}", hint=f"There are {', '.join(sorted(points))}.")
    try:
        kind = points[name].load()
    except ImportError as error:
        raise UsageError(
            f"the engine {name!r} needs a package that is not installed: {error.name}", hint=f"pip install 'pangeo-forge[{name}]'"
        ) from None
    try:
        engine: Engine = kind(**options)
    except TypeError as error:
        raise UsageError(f"the engine {name!r} does not take these options: {error}") from None
    return engine
