"""Locks on environments: who builds or removes one has it alone, those who run in it share it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def alone(file: Path, waiting: Callable[[], None] = lambda: None) -> Iterator[int]:
    """Have a lock alone in the body; `waiting` is called if another process has it, before that is waited for.

    Yields
    ------
    int
        The descriptor: a process that inherits it keeps the lock, should this one be killed.
    """
    with _opened(file) as descriptor:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor


@contextmanager
def alone_if_free(file: Path) -> Iterator[bool]:
    """Have a lock alone in the body if nobody else has it; whether that is so is yielded."""
    with _opened(file) as descriptor:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


@contextmanager
def together(file: Path) -> Iterator[int]:
    """Share a lock in the body. A process that inherits the descriptor goes on to share it."""
    with _opened(file) as descriptor:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield descriptor


@contextmanager
def _opened(file: Path) -> Iterator[int]:
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
