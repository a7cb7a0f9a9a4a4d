"""Ctrl-C, taken so that it ends the command once, and in one way only."""

from __future__ import annotations

import signal
import time
from types import FrameType

#: A second Ctrl-C within so many seconds is the same one: what it interrupted is about to be told.
_SAME_S = 2.0
_ASK_AGAIN_S = 0.05


class _Last:
    time_s = -_SAME_S


def take_interrupts() -> None:
    """Let Ctrl-C raise `KeyboardInterrupt` from now on, but neither where that is lost nor while one is on its way.

    Where the command was started with Ctrl-C ignored, as in the background of a script, it stays so.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt)
        signal.signal(signal.SIGALRM, _interrupt)


def refuse_interrupts() -> None:
    """Take no notice of Ctrl-C any more: what is left to do is to end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_IGN)


def _interrupt(number: int, frame: FrameType | None) -> None:
    now = time.monotonic()
    if now - _Last.time_s < _SAME_S:
        return
    if _is_called_back(frame):
        signal.setitimer(signal.ITIMER_REAL, _ASK_AGAIN_S)
        return
    _Last.time_s = now
    raise KeyboardInterrupt


def _is_called_back(frame: FrameType | None) -> bool:
    """Tell whether the interpreter itself has called a function, as one that clears up behind an object: an exception is lost there."""
    while frame is not None:
        code = frame.f_code
        if code.co_name == "__del__" or code.co_filename.endswith("weakref.py"):
            return True
        if code.co_name == "cb" and code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False
