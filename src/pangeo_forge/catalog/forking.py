"""Processes that are forked from one which has imported what they need, and used nothing of it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import forkserver, resource_tracker, util
from multiprocessing.context import ForkServerContext

from pangeo_forge.errors import EngineError

#: The longest name of a folder in which sockets can be named: the kernel allows for 104 bytes at the least, Python adds up to 40.
_LONGEST = 60

_SHORT = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108  (a folder with a name of its own, for this user alone, is made there)

_CHOOSING = threading.Lock()


def get_forkserver(imported: Sequence[str]) -> ForkServerContext:
    """Give what starts processes by a server of forks; its socket is in the folder for temporary files, or in one with a shorter name.

    Its processes hear nothing of Ctrl-C, from their first moment on: whoever starts them ends them.

    Parameters
    ----------
    imported : sequence of str
        The modules that the server imports, where it does not run yet.

    Raises
    ------
    EngineError
        If there is no folder with a name that is short enough.
    """
    with _CHOOSING:
        if len(os.fsencode(tempfile.gettempdir())) > _LONGEST:
            _keep_sockets_in(_find_short_folder())
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(list(imported))
        _start_deaf()
    return context


@contextmanager
def holding_interrupts() -> Iterator[None]:
    """Let Ctrl-C wait until the body has ended: one that cuts short the start of a process leaves one behind that nobody knows."""
    usual = signal.getsignal(signal.SIGINT)
    if not callable(usual) or threading.current_thread() is not threading.main_thread():  # which alone is interrupted
        yield
        return
    heard: list[int] = []
    signal.signal(signal.SIGINT, lambda number, frame: heard.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
        if heard:
            signal.raise_signal(signal.SIGINT)


def _start_deaf() -> None:
    """Start the server, if it does not run yet, with Ctrl-C held back, as all of its processes have it then; here it is only delayed."""
    resource_tracker.ensure_running()  # which lets Ctrl-C through again, wherever it is started
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _find_short_folder() -> str:
    found = next((folder for folder in _SHORT if os.access(folder, os.W_OK | os.X_OK)), None)
    if found is None:
        raise EngineError(
            f"processes cannot be started: {tempfile.gettempdir()} is too long a name for a folder with sockets",
            hint="Set TMPDIR to a folder with a shorter name.",
        )
    return found


def _keep_sockets_in(folder: str) -> None:
    """Have multiprocessing make its folder there, which it makes once and then keeps to."""
    usual, tempfile.tempdir = tempfile.tempdir, folder
    try:
        util.get_temp_dir()
    finally:
        tempfile.tempdir = usual
