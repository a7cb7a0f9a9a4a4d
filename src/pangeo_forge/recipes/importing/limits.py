"""How long a module may take to be imported."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from pangeo_forge.errors import Interruption


class TooLong(Interruption):
    """Importing takes longer than it may."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Interrupt what takes too long, where signals can: in the main thread, as in a worker.

    Raises
    ------
    TooLong
        In the middle of the body.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def interrupt(number: int, frame: object) -> None:
        raise TooLong

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        try:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGALRM,))  # one that was held back comes now
        finally:
            signal.signal(signal.SIGALRM, before)
