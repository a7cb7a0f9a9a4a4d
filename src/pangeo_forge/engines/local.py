"""All cores of this machine: a process each, forked once the plan and its imports are there, so that a task costs no pickling."""

from __future__ import annotations

import functools
import multiprocessing
import os
import signal
import threading
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import connection, parent_process
from typing import Any

import cloudpickle

from pangeo_forge.engines.base import Observer, Outcome, Progress, run_task, run_tasks
from pangeo_forge.errors import EngineError
from pangeo_forge.plans.plan import Stage

#: A pool one of whose processes was killed is started again so many times for a stage.
_RESTARTS = 2

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
        """
        for restarts in range(_RESTARTS + 1):
            pool = self._make_pool(stage, progress)
            try:
                return run_tasks(stage, functools.partial(_submit, pool), 2 * self.workers, progress, observer)
            except BrokenProcessPool as error:
                if restarts == _RESTARTS:
                    raise EngineError(
                        f"processes of stage {stage.name!r} were killed {restarts + 1} times, most likely since memory ran out",
                        hint="Set PANGEO_FORGE_TASK_MEMORY lower, use fewer --workers or smaller target_chunks; then resume the run.",
                        detail=str(error),
                    ) from error
            finally:
                _stop(pool)
        raise AssertionError("unreachable")

    def close(self) -> None:
        """Do nothing: a stage's processes end with it."""

    def _make_pool(self, stage: Stage, progress: Progress) -> ProcessPoolExecutor:
        workers = max(1, min(self.workers, progress.done.count(0)))
        if "fork" in multiprocessing.get_all_start_methods() and os.uname().sysname == "Linux":
            return ProcessPoolExecutor(workers, multiprocessing.get_context("fork"), _adopt, (stage,))
        return ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _adopt_pickled, (cloudpickle.dumps(stage),))


def _stop(pool: ProcessPoolExecutor) -> None:
    """End a pool's processes, in the middle of a task if need be: tasks can be run again."""
    processes = list((pool._processes or {}).values())  # the executor has no public way before Python 3.14
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.kill()
    for process in processes:
        process.join()


def _adopt(stage: Stage) -> None:
    """Make a new process one that runs tasks of `stage`, and that ends when its parent does."""
    global _stage
    _stage = stage
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _adopt_pickled(stage: bytes) -> None:
    _adopt(cloudpickle.loads(stage))


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _submit(pool: ProcessPoolExecutor, number: int) -> Future[Outcome]:
    return pool.submit(_run, number)


def _run(number: int) -> Outcome:
    return run_task(_stage.function, _stage.tasks[number])
