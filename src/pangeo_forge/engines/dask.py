"""Dask: a cluster of its own on this machine, or a scheduler that is running."""

from __future__ import annotations

from concurrent.futures import CancelledError, Future
from typing import Any

import cloudpickle
from distributed import Client, KilledWorker, LocalCluster
from distributed.comm.core import CommClosedError

from pangeo_forge.engines.base import Observer, Outcome, Progress, run_task, run_tasks
from pangeo_forge.errors import EngineError
from pangeo_forge.plans.plan import Stage
from pangeo_forge.recipes.standins.scope import Answered


class DaskEngine:
    """Run tasks on Dask's workers.

    Parameters
    ----------
    workers : int, optional
        How many processes the cluster on this machine has; by default one a core.
    scheduler : str, optional
        The address of a scheduler to use instead, ``tcp://host:8786``. Its workers need the packages that the recipe imports,
        and must reach the inputs, the target and the run's folder.
    """

    def __init__(self, workers: int | None = None, scheduler: str | None = None) -> None:
        self._workers = workers
        self._scheduler = scheduler
        self._cluster: LocalCluster | None = None
        self._client: Client | None = None

    def run(self, stage: Stage, progress: Progress, observer: Observer) -> Any:
        """Run a stage; see `Engine.run`."""
        client = self._connect()
        function = client.scatter(cloudpickle.dumps(stage.function), broadcast=True)
        window = 2 * max(sum(client.nthreads().values()), 1)

        executor = client.get_executor(pure=False, retries=0)

        def submit(number: int) -> Future[Outcome]:
            future: Future[Outcome] = executor.submit(_run, function, cloudpickle.dumps(stage.tasks[number]))
            return future

        try:
            return run_tasks(stage, submit, window, progress, observer)
        except (CommClosedError, CancelledError, KilledWorker) as error:
            raise EngineError(
                f"Dask gave up stage {stage.name!r}: {error}", hint="Look at the logs of its scheduler and workers; then resume the run."
            ) from error
        finally:
            executor.shutdown(wait=False)

    def close(self) -> None:
        """Leave the scheduler, and end a cluster that the engine made."""
        if self._client is not None:
            self._client.close()
        if self._cluster is not None:
            self._cluster.close()

    def _connect(self) -> Client:
        if self._client is None:
            if self._scheduler is None:
                self._cluster = LocalCluster(n_workers=self._workers, threads_per_worker=1, dashboard_address="127.0.0.1:0")
            try:
                self._client = Client(self._scheduler or self._cluster, timeout="20s")
            except (OSError, TimeoutError) as error:
                raise EngineError(
                    f"the Dask scheduler at {self._scheduler} does not answer",
                    hint="Is it running, and is the address right? Start one with `dask scheduler`.",
                    detail=str(error),
                ) from error
        return self._client


def _run(function: bytes, task: bytes) -> Outcome:
    """Run one task on a worker; both are pickled by value, since a worker does not know the recipe's module.

    Packages that the recipe imports are imported here anew, and may import the older APIs themselves.
    """
    return run_task(Answered(cloudpickle.loads)(function), cloudpickle.loads(task))
