"""What a module may change of the process that imports it, put back where the rest of the work relies on it.

What recipes change on purpose stays: environment variables, the working folder, options of xarray, Dask and fsspec.
"""

from __future__ import annotations

import gc
import logging
import os
import resource
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO

import numpy as np

PutBack = Callable[[], object]


@contextmanager
def keeping_process() -> Iterator[None]:
    """Put back at the end of the body what it changed of the process."""
    kept = [keep() for keep in _KEEPERS]
    try:
        yield
    finally:
        for put_back in kept:
            put_back()


def _keep_streams() -> PutBack:
    before = {name: getattr(sys, name) for name in ("stdin", "stdout", "stderr", "__stdin__", "__stdout__", "__stderr__")}
    copies = {number: os.dup(number) for number in (1, 2)}

    def put_back() -> None:
        for number, copy in copies.items():
            if not _is_open(number):
                os.dup2(copy, number)
            os.close(copy)
        for name, stream in before.items():
            setattr(sys, name, stream if stream is None or not stream.closed else _open_anew(name))

    return put_back


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def _open_anew(name: str) -> TextIO:
    if "stdin" in name:
        return open(os.devnull, encoding="utf-8")  # noqa: PTH123  (it stays open as long as the process)
    return os.fdopen(1 if "out" in name else 2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)


_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGALRM, signal.SIGCHLD, signal.SIGPIPE, signal.SIGHUP)


def _keep_signals() -> PutBack:
    if threading.current_thread() is not threading.main_thread():
        return lambda: None
    handlers = {number: signal.getsignal(number) for number in _SIGNALS}
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, ())

    def put_back() -> None:
        for number, handler in handlers.items():
            if handler is not None:
                signal.signal(number, handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)

    return put_back


def _keep_recursion() -> PutBack:
    before = sys.getrecursionlimit()
    return lambda: sys.setrecursionlimit(max(before, sys.getrecursionlimit()))


def _keep_warnings() -> PutBack:
    before = list(warnings.filters)

    def put_back() -> None:
        """Let no warning of a library be an error in the middle of our own work."""
        filters: list[Any] = warnings.filters  # type: ignore[assignment]
        filters[:] = [entry for entry in filters if entry[0] != "error" or entry in before]
        with warnings.catch_warnings():  # which makes the interpreter look at the filters again
            pass

    return put_back


def _keep_folder() -> PutBack:
    before = os.getcwd()  # noqa: PTH109

    def put_back() -> None:
        try:
            os.getcwd()  # noqa: PTH109
        except OSError:  # the module has removed it
            os.chdir(before)

    return put_back


_LIMITS = tuple(getattr(resource, name) for name in dir(resource) if name.startswith("RLIMIT_"))


def _keep_resources() -> PutBack:
    before = {limit: resource.getrlimit(limit) for limit in _LIMITS}

    def put_back() -> None:
        for limit, (soft, _) in before.items():
            hard = resource.getrlimit(limit)[1]
            with suppress(ValueError, OSError):  # a hard limit that was lowered holds
                resource.setrlimit(limit, (soft if hard == resource.RLIM_INFINITY else min(soft % 2**64, hard), hard))

    return put_back


def _keep_modes() -> PutBack:
    umask = os.umask(0o022)
    os.umask(umask)
    collects, logged, arithmetic = gc.isenabled(), logging.root.manager.disable, np.geterr()

    def put_back() -> None:
        os.umask(umask)
        (gc.enable if collects else gc.disable)()
        logging.disable(logged)
        np.seterr(**arithmetic)

    return put_back


_KEEPERS = (
    _keep_streams,
    _keep_signals,
    _keep_recursion,
    _keep_warnings,
    _keep_folder,
    _keep_resources,
    _keep_modes,
)
