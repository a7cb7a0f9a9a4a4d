"""The processes of a pool that died, and what they were at."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterable
from dataclasses import dataclass
from multiprocessing import connection
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from typing import Any

from pangeo_forge.errors import EngineError, ForgeError, RecipeFailed
from pangeo_forge.plans.activity import Activity, publish

_PATIENCE_S = 1.0
_CRASHES = (signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGILL, signal.SIGFPE)
_SHORT = "Set PANGEO_FORGE_TASK_MEMORY lower, use fewer --workers or smaller target_chunks; then resume the run."


class Board:
    """Memory in which each process of a pool notes what it is at.

    Parameters
    ----------
    context : BaseContext
        How the processes are started.
    workers : int
        How many they are at most.
    """

    def __init__(self, context: BaseContext, workers: int) -> None:
        self._activities: Any = context.RawArray(Activity, workers)
        self._taken: Any = context.Value("i", 0)

    def join(self, pid: int) -> None:
        """Take a place for this process, and note there from now on what it is at."""
        with self._taken.get_lock():
            place = self._taken.value
            self._taken.value = place + 1
        if place < len(self._activities):
            self._activities[place].pid = pid
            publish(self._activities[place])

    def find(self, pid: int | None) -> tuple[str, str]:
        """Give the function and the input that a process was at."""
        for activity in self._activities:
            if activity.pid == pid:
                return activity.function.decode(errors="replace"), activity.place.decode(errors="replace")
        return "", ""


@dataclass(frozen=True, slots=True)
class Casualty:
    """A process that died by itself.

    Parameters
    ----------
    code : int
        Its exit code, or the negative number of a signal.
    function, place : str
        What it was at: a function of the recipe, an input; empty where that is not known.
    """

    code: int
    function: str
    place: str

    def explain(self, stage: str, times: int) -> ForgeError:
        """Say what happened, so many times."""
        who = self.function or f"a task of stage {stage!r}"
        where = self.place or None
        if self.code >= 0:
            hint = "A function of a recipe must not end its process; let it raise an exception."
            return RecipeFailed(f"{who} ended its process with exit code {self.code}", where=where, hint=hint)
        again = f" {times} times" if times > 1 else ""
        if -self.code in _CRASHES:
            hint = "It is a fault of a compiled package; try another version of it."
            return EngineError(f"{who} crashed its process{again} ({signal.Signals(-self.code).name})", where=where, hint=hint)
        message = f"processes of stage {stage!r} were killed{again}, most likely since memory ran out"
        return EngineError(message, where=where, hint=_SHORT)


def find_casualty(processes: Iterable[BaseProcess], board: Board) -> Casualty | None:
    """Find the process that broke a pool; the others are terminated because it did."""
    for process in processes:
        if connection.wait([process.sentinel], 0):
            code = _exit_code(process)
            if code is not None and code != -signal.SIGTERM:
                return Casualty(code, *board.find(process.pid))
    return None


def _exit_code(process: BaseProcess) -> int | None:
    """Wait a moment for the exit code of a process that has ended: another thread may be the one that is told."""
    deadline = time.monotonic() + _PATIENCE_S
    while process.exitcode is None and time.monotonic() < deadline:
        time.sleep(0.01)
    return process.exitcode
