"""How long a module may take to be imported."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class TooLong(BaseException):
    """Importing takes longer than it may; not an `Exception`, which the module itself may catch."""


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
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
