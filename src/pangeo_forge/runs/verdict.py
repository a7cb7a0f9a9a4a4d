"""What to say of a worker that has ended: nothing if it made what it should, or else why not."""

from __future__ import annotations

import json
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pangeo_forge.errors import EngineError, ForgeError, RecipeFailed, RunCancelled
from pangeo_forge.runs.loading import CutOff
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
    cut_off : CutOff, optional
        Which module's code it was running.
    """

    last: WorkerEnded | None
    returncode: int
    was_stopped: bool
    peak_memory: int = 0
    stderr: str = ""
    cut_off: CutOff | None = None


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


def _sudden_death(ending: Ending) -> ForgeError:
    if ending.cut_off is not None:
        return _death_in_module(ending, ending.cut_off)
    message, hint = _describe_death(ending)
    return EngineError(message, hint=hint, detail=ending.stderr or None)


def _describe_death(ending: Ending) -> tuple[str, str | None]:
    code = ending.returncode
    if code == -signal.SIGKILL:
        held = f"; its processes held up to {format_size(ending.peak_memory)}" if ending.peak_memory else ""
        message = f"the worker was killed by SIGKILL, most likely because the machine ran out of memory{held}"
        return message, "If memory was short, take fewer workers (PANGEO_FORGE_WORKERS) or less memory a task (PANGEO_FORGE_TASK_MEMORY)."
    if code < 0:
        crash = ", a crash in compiled code" if -code in _CRASHES else ""
        return f"the worker was ended by {_name(-code)}{crash}", None
    return f"the worker ended with exit code {code} before it said how its job went", None


def _death_in_module(ending: Ending, cut_off: CutOff) -> ForgeError:
    """Say of a worker that ended while code of a module ran that it is the module's fault, as it most likely is."""
    code, module = ending.returncode, f"module {cut_off.module!r}"
    hint: str | None = "Leave out of the module what ends the process, such as os._exit."
    if cut_off.is_overdue:
        message = f"{module} takes longer than {cut_off.timeout_s:g} s to be imported, and could not be interrupted"
        hint = "Do what takes long in the recipe's functions, or give it more time by --load-timeout."
    elif code >= 0:
        message = f"{module} ends the process with exit code {code} when it is imported"
    elif -code in _CRASHES:
        message = f"{module} crashes the process when it is imported ({_name(-code)})"
        hint = "It is a fault of a compiled package that the module uses; try another version of it."
    else:
        message, hint = _describe_death(ending)
        message = f"{message}, while {module} was imported" if code != -signal.SIGKILL else f"while {module} was imported {message}"
    where = cut_off.find_place(ending.stderr) or cut_off.folder
    lines = cut_off.find_lines(ending.stderr)
    detail = "\n".join(["It was here (most recent call first):", *lines]) if lines else ending.stderr or None
    return RecipeFailed(message, where=where, hint=hint, detail=detail, code="PFR041")


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal
        return f"signal {number}"
