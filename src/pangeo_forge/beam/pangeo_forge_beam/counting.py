"""How far a pipeline is: its elements are counted where they pass, in whichever process of Beam's that is."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .talking import Talk

_descriptors: dict[str, int] = {}


def pass_by(element: Any, pipe: str, place: str) -> Any:
    """Tell that an element passes, and give it back."""
    if pipe not in _descriptors:
        _descriptors[pipe] = os.open(pipe, os.O_WRONLY)
    os.write(_descriptors[pipe], f"{place}\n".encode())  # in one piece, as it is short
    return element


def pass_by_with_key(element: Any, pipe: str, place: str, number: int) -> Any:
    """Tell that a pair passes, and which key it has among those that pass at the counter of a number."""
    digest = hashlib.blake2b(f"{number} {element[0]!r}".encode(), digest_size=8).hexdigest()
    pass_by(None, pipe, f"{place} {digest}")
    return element


@dataclass
class Counters:
    """Counts what passes, and says so.

    Parameters
    ----------
    folder : str
        Where the pipe is made that all processes write to.
    talk : Talk
        Says it.
    """

    folder: str
    talk: Talk
    totals: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    _last: float = field(default_factory=time.monotonic)

    @property
    def pipe(self) -> str:
        """The path of the pipe."""
        return str(Path(self.folder) / f"passing-{os.getpid()}")

    def start(self) -> None:
        """Begin to count."""
        os.mkfifo(self.pipe)
        reader = os.open(self.pipe, os.O_RDWR)  # for writing as well, so that it never ends
        self._thread = threading.Thread(target=self._count, args=(reader,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Count what has passed until now, and no more."""
        pass_by(None, self.pipe, "stop")
        self._thread.join()
        Path(self.pipe).unlink()

    def _count(self, reader: int) -> None:
        with os.fdopen(reader, "rb", buffering=0) as pipe:
            rest = b""
            while True:
                *lines, rest = (rest + pipe.read(1 << 16)).split(b"\n")
                for line in lines:
                    if line == b"stop":
                        return
                    self._add(*line.decode().split(" "))

    def _add(self, place: str, key: str | None = None) -> None:
        if key is not None:
            self.keys.add(key)
            return
        count = self.counts.get(place, 0)
        if not count:
            self.talk.say("begun", stage=place, tasks=self.totals.get(place) or len(self.keys) or 1)
        now = time.monotonic()
        self.talk.say("done", stage=place, task=count, seconds=now - self._last)
        self.counts[place], self._last = count + 1, now
