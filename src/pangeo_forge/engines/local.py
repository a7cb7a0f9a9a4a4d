"""All cores of this machine: a process each, forked once the plan and its imports are there, so that a task costs no pickling."""

from __future__ import annotations

import functools
import multiprocessing
import os
import signal
import sys
import threading
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import connection, parent_process
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from typing import Any, Literal

import cloudpickle

from pangeo_forge.engines.base import Observer, Outcome, Progress, run_task, run_tasks
from pangeo_forge.engines.casualties import Board, Casualty, find_casualty
from pangeo_forge.plans.plan import Stage

#: A pool one of whose processes was killed is started again so many times for a stage.
_RESTARTS = 2

_START_METHOD: Literal["fork", "spawn"] = "fork" if sys.platform == "linux" else "spawn"

_stage: Stage


@dataclass(frozen=True)
class LocalEngine:
    """Run tasks in processes of this machine.

    Parameters
    ----------
    workers : int
        How many processes.
    """

    workers: int = os.cpu_count() or 1

    def run(self, stage: Stage, progress: Progress, observer: Observer) -> Any:
        """Run a stage; see `Engine.run`.

        Raises
        ------
        EngineError
            If processes are killed again and again, as by the kernel when memory runs out.
        RecipeFailed
            If the recipe's code ends a process.
        """
        for times in range(1, _RESTARTS + 2):
            workers = max(1, min(self.workers, progress.done.count(0)))
            context = multiprocessing.get_context(_START_METHOD)
            board = Board(context, workers)
            pool = _make_pool(context, workers, stage, board)
            processes: list[BaseProcess] = []
            try:
                return run_tasks(stage, functools.partial(_submit, pool, processes), 2 * self.workers, progress, observer)
            except BrokenProcessPool as error:
                casualty = find_casualty(processes, board) or Casualty(-signal.SIGKILL, "", "")
                if casualty.code >= 0 or times > _RESTARTS:
                    raise casualty.explain(stage.name, times) from error
            finally:
                _stop(pool, processes)
        raise AssertionError("unreachable")

    def close(self) -> None:
        """Do nothing: a stage's processes end with it."""


def _make_pool(context: BaseContext, workers: int, stage: Stage, board: Board) -> ProcessPoolExecutor:
    if _START_METHOD == "fork":
        return ProcessPoolExecutor(workers, context, _adopt, (stage, board))
    return ProcessPoolExecutor(workers, context, _adopt_pickled, (cloudpickle.dumps(stage), board))


def _stop(pool: ProcessPoolExecutor, processes: list[BaseProcess]) -> None:
    """End a pool's processes, in the middle of a task if need be: tasks can be run again."""
    everyone = {*processes, *_processes_of(pool)}
    pool.shutdown(wait=False, cancel_futures=True)
    for process in everyone:
        process.kill()
    for process in everyone:
        process.join()


def _adopt(stage: Stage, board: Board) -> None:
    """Make a new process one that runs tasks of `stage`, and that ends when its parent does."""
    global _stage
    _stage = stage
    board.join(os.getpid())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _compute_in_place()


def _adopt_pickled(stage: bytes, board: Board) -> None:
    _adopt(cloudpickle.loads(stage), board)


def _compute_in_place() -> None:
    """Have Dask compute in the task itself: a fork lacks its parent's threads, for which Dask would wait; and each core has a process."""
    os.environ["DASK_SCHEDULER"] = "synchronous"  # for when it is imported later
    if "dask" in sys.modules:
        import dask

        dask.config.set(scheduler="synchronous")


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _submit(pool: ProcessPoolExecutor, processes: list[BaseProcess], number: int) -> Future[Outcome]:
    future = pool.submit(_run, number)
    processes[:] = _processes_of(pool) or processes  # a pool that breaks forgets them
    return future


def _processes_of(pool: ProcessPoolExecutor) -> list[BaseProcess]:
    return list((pool._processes or {}).values())  # the executor has no public way before Python 3.14


def _run(number: int) -> Outcome:
    return run_task(_stage.function, _stage.tasks[number])
