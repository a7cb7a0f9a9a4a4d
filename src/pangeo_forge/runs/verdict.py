"""What to say of a worker that has ended: nothing if it made what it should, or else why not."""

from __future__ import annotations

import json
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pangeo_forge.errors import EngineError, ForgeError, RunCancelled
from pangeo_forge.types import format_size
from pangeo_forge.worker.events import WorkerEnded

_CRASHES = (signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGILL, signal.SIGFPE)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a worker ended.

    Parameters
    ----------
    last : WorkerEnded, optional
        Its last word, if it said one.
    returncode : int
        Its exit code, or the negative number of the signal that ended it.
    was_stopped : bool
        Whether it was asked to stop.
    peak_memory : int
        The most memory that its processes held together, bytes; 0 if that was not measured.
    stderr : str
        The end of what it wrote on its standard error.
    """

    last: WorkerEnded | None
    returncode: int
    was_stopped: bool
    peak_memory: int = 0
    stderr: str = ""


def find_error(ending: Ending) -> ForgeError | None:
    """Say why a worker did not do its job, or None if it did."""
    if ending.last is not None and ending.last.result is not None:
        return None
    if ending.was_stopped:
        return RunCancelled("the run was cancelled")
    if ending.last is not None:
        return _its_own_error(ending.last.error)
    return _sudden_death(ending)


def _its_own_error(record: Mapping[str, Any] | None) -> ForgeError:
    try:
        return ForgeError.from_dict(dict(record or {}))
    except (KeyError, TypeError, AttributeError):
        return EngineError("the worker ended without a result, and could not say why", detail=json.dumps(record))


def _sudden_death(ending: Ending) -> EngineError:
    code = ending.returncode
    hint = None
    if code == -signal.SIGKILL:
        held = f"; its processes held up to {format_size(ending.peak_memory)}" if ending.peak_memory else ""
        message = f"the worker was killed by SIGKILL, most likely because the machine ran out of memory{held}"
        hint = "If memory was short, take fewer workers (PANGEO_FORGE_WORKERS) or less memory a task (PANGEO_FORGE_TASK_MEMORY)."
    elif code < 0:
        crash = ", a crash in compiled code" if -code in _CRASHES else ""
        message = f"the worker was ended by {_name(-code)}{crash}"
    else:
        message = f"the worker ended with exit code {code} before it said how its job went"
    return EngineError(message, hint=hint, detail=ending.stderr or None)


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal
        return f"signal {number}"
