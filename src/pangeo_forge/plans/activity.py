"""What a process is at, written where another one can read it after a sudden death: the recipe's function, and the input."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager


class Activity(ctypes.Structure):
    """A process and what it is at, in memory that several processes share."""

    _fields_ = (("pid", ctypes.c_long), ("function", ctypes.c_char * 128), ("place", ctypes.c_char * 512))

    pid: int
    function: bytes
    place: bytes


class _Own:
    activity: Activity | None = None


def publish(activity: Activity) -> None:
    """Write from now on what this process is at."""
    _Own.activity = activity


@contextmanager
def at_work(place: str, function: str | None = None) -> Iterator[None]:
    """Note that the body works on an input, or calls a function of the recipe for it.

    Parameters
    ----------
    place : str
        The input's URL, fit to be shown.
    function : str, optional
        The function's name.
    """
    own = _Own.activity
    if own is None:
        yield
        return
    before = own.function, own.place
    own.function, own.place = _cut(function or "", 128), _cut(place, 512)
    try:
        yield
    finally:
        own.function, own.place = before


def _cut(text: str, size: int) -> bytes:
    return text.encode(errors="replace")[: size - 1]
