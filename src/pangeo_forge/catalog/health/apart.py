"""A process for each look: it begins as if nothing had been used before, may crash, and is killed if it takes too long."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess

from pangeo_forge.catalog.forking import get_forkserver
from pangeo_forge.catalog.health.findings import Executed, Look
from pangeo_forge.catalog.health.probing import Way, probe

#: What every look needs; it is imported once, and used by none before it is on its own.
_IMPORTED = ["xarray", "zarr", "dask.array", "fsspec", "numcodecs", __name__]

_ASK_EVERY_S = 0.2
#: What is imported by the first one is not the store's fault.
_START_S = 300.0

_STARTING = threading.Lock()


def look(way: Way, timeout_s: float, stopping: threading.Event) -> Look:
    """Look at a way in a process of its own.

    Parameters
    ----------
    way : Way
    timeout_s : float
        How long that may take.
    stopping : Event
        Ends it earlier, once it is set.
    """
    receiver, process = _start(way)
    doing, deadline = "starting", time.monotonic() + _START_S
    try:
        while time.monotonic() < deadline and not stopping.is_set():
            if not receiver.poll(_ASK_EVERY_S):
                continue
            told: str | Look = receiver.recv()
            if isinstance(told, Look):
                return told
            deadline = deadline if doing != "starting" else time.monotonic() + timeout_s
            doing = told
        return _fail(way, f"{doing} took longer than {timeout_s:g} s", "Ask whoever keeps the store; or give it more time: --timeout.")
    except (EOFError, OSError):  # it has ended
        process.join()
        return _fail(way, f"{doing} ended the process that did it ({_describe_exit(process.exitcode)})")
    finally:
        receiver.close()
        process.kill()
        process.join()


def _start(way: Way) -> tuple[Connection, ForkServerProcess]:
    context = get_forkserver(_IMPORTED)
    with _STARTING:  # so that no process inherits what belongs to another
        receiver, sender = context.Pipe(duplex=False)
        process = context.Process(target=_work, args=(way, sender), daemon=True)
        process.start()
        sender.close()
    return receiver, process


def _work(way: Way, sender: Connection) -> None:
    """Be the process: what libraries print is nobody's business."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    multiprocessing.set_start_method("fork", force=True)  # so that locks that libraries make are gone with it, also when it is killed
    sender.send(probe(way, sender.send))
    sender.close()
    os._exit(0)  # the last word is said; threads of libraries need not end


def _fail(way: Way, message: str, hint: str | None = None) -> Look:
    return Look(findings=(way.find("open", "broken", message, hint),), executed=Executed(fault=message))


def _describe_exit(code: int | None) -> str:
    return f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
