"""One task after the other in this process: slow, and made for a debugger."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from pangeo_forge.engines.base import Observer, Outcome, Progress, run_task, run_tasks
from pangeo_forge.plans.plan import Stage


@dataclass(frozen=True)
class SerialEngine:
    """Run tasks one after the other.

    Parameters
    ----------
    workers : int
        Taken so that all engines that run on this machine have it; there is always one.
    """

    workers: int = 1

    def run(self, stage: Stage, progress: Progress, observer: Observer) -> Any:
        """Run a stage; see `Engine.run`."""

        def submit(number: int) -> Future[Outcome]:
            future: Future[Outcome] = Future()
            try:
                future.set_result(run_task(stage.function, stage.tasks[number]))
            except Exception as error:
                future.set_exception(error)
            return future

        return run_tasks(stage, submit, 1, progress, observer)

    def close(self) -> None:
        """Do nothing: nothing is held."""
