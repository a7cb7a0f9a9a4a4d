"""The journal of a run: its events in the order in which they happened, one JSON object a line, only ever added to."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from pangeo_forge.runs.failures import reading, writing
from pangeo_forge.worker.events import Event, Note, RunEnded, RunStarted, StageEnded, WorkerEnded, from_line, to_line

#: The name of the file in a run's folder.
JOURNAL = "journal.jsonl"

# After these the journal must survive a loss of power; a task that is lost with it is only done again.
_MILESTONES = (RunStarted, StageEnded, WorkerEnded, RunEnded)


class Journal:
    """A file of events.

    Parameters
    ----------
    path : Path
        The file. It is made when the first event is appended.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None
        self._torn = False

    def append(self, event: Event) -> None:
        """Add an event; it is with the operating system when this returns, and on the disk if it ends a stage or the run.

        Raises
        ------
        TargetError
            If the disk is full, or the file may not be written.
        """
        with writing(self.path):
            if self._descriptor is None:
                self._descriptor, self._torn = _open(self.path)
            line = to_line(event).encode() + b"\n"
            self._write(b"\n" + line if self._torn else line)
            if isinstance(event, _MILESTONES):
                os.fsync(self._descriptor)

    def _write(self, data: bytes) -> None:
        assert self._descriptor is not None
        self._torn = True
        while data:
            data = data[os.write(self._descriptor, data) :]
        self._torn = False

    def read(self) -> Iterator[Event]:
        """Yield the events; none if there is no file.

        A last line that was cut off, by a crash or because it is being written just now, is passed over. In the place of any other line
        that is no event, such as one that was cut off before a later attempt went on, stands a note that says so.

        Raises
        ------
        TargetError
            If the file cannot be read.
        """
        time = 0.0
        for number, line in enumerate(self._lines(), start=1):
            if line.strip() and line.endswith(b"\n"):
                event = _read_line(line, number, time)
                time = event.time
                yield event

    def _lines(self) -> Iterator[bytes]:
        with reading(self.path):
            if self.path.exists():
                with self.path.open("rb") as file:
                    yield from file

    def last(self) -> Event | None:
        """Read the last whole event without reading all that is before it; None if there is none."""
        if not self.path.exists():
            return None
        with reading(self.path), self.path.open("rb") as file:
            end, size = file.seek(0, os.SEEK_END), 1 << 16
            while True:
                file.seek(max(0, end - size))
                lines = file.read().split(b"\n")[:-1]
                # What comes first may be the rest of a line whose beginning was not read.
                whole = [line for line in (lines if size >= end else lines[1:]) if line.strip()]
                if whole or size >= end:
                    return _read_line(whole[-1], 0, 0.0) if whole else None
                size *= 4

    def close(self) -> None:
        """Close the file; another event would open it again."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()


def _open(path: Path) -> tuple[int, bool]:
    """Open a file to be added to, and tell whether its last line was cut off."""
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
    size = os.lseek(descriptor, 0, os.SEEK_END)
    return descriptor, size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"


def _read_line(line: bytes, number: int, time: float) -> Event:
    try:
        return from_line(line.decode(errors="replace"))
    except (ValueError, RecursionError):
        return Note(time=time, message=f"line {number} of the journal is no event; it was cut off, most likely by a crash")
