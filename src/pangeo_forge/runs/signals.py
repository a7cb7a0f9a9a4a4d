"""Being asked to stop, by Ctrl-C or a signal, at a moment of one's own choice instead of in the middle of a line."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequests:
    """How often this process was asked to stop. `fileno` becomes readable when it is asked, so that a selector wakes up."""

    def __init__(self) -> None:
        self.heeded = 0
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(self._writer, False)

    def fileno(self) -> int:
        """Give the descriptor to wait for."""
        return self._reader

    def heed(self) -> tuple[int, ...]:
        """Take note of the signals that came since the last call, and give them."""
        with suppress(BlockingIOError):
            signals = tuple(os.read(self._reader, 4096))
            self.heeded += len(signals)
            return signals
        return ()

    def request(self, number: int, _frame: FrameType | None = None) -> None:
        """Ask to stop; a signal handler."""
        with suppress(BlockingIOError):  # full of requests already
            os.write(self._writer, bytes([number]))

    def close(self) -> None:
        """Give back the descriptors."""
        os.close(self._reader)
        os.close(self._writer)


@contextmanager
def stop_requests() -> Iterator[StopRequests]:
    """While the body runs, take Ctrl-C, SIGTERM and SIGHUP (the terminal was closed) as requests, which the body heeds when it can.

    A signal that is ignored (as SIGHUP is under ``nohup``) stays ignored, but for SIGTERM. One that came too late for the body to heed is
    delivered again at its end. Outside the main thread Python lets nobody handle signals; there no request ever comes.
    """
    requests = StopRequests()
    taken: dict[signal.Signals, Any] = {}
    if threading.current_thread() is threading.main_thread():
        for number in _SIGNALS:
            if number == signal.SIGTERM or signal.getsignal(number) is not signal.SIG_IGN:
                taken[number] = signal.signal(number, requests.request)
    try:
        yield requests
    finally:
        for number, handler in reversed(taken.items()):  # that of Ctrl-C, which raises, comes last
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)
        late = requests.heed()
        requests.close()
    if late:
        signal.raise_signal(late[0])
