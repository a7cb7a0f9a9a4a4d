"""What happened in a run, and what happens in it just now."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from pangeo_forge.api.runs import get_run
from pangeo_forge.errors import UsageError
from pangeo_forge.runs.failures import reading
from pangeo_forge.runs.journal import Journal
from pangeo_forge.runs.run import Run
from pangeo_forge.worker.events import Event, Note, from_line

_POLL_S = 0.3
_MUCH = 1 << 20


def read_events(run: Run) -> Iterator[Event]:
    """Yield what has happened in a run so far, over all its attempts.

    Raises
    ------
    UsageError
        If the run's folder is not on this machine.
    """
    return Journal(_find(run, "journal.jsonl")).read()


def read_worker_log(run: Run) -> Iterator[str]:
    """Yield the lines that a run's workers have written on their standard error.

    Raises
    ------
    UsageError
        If the run's folder is not on this machine.
    """
    return _lines(_find(run, "worker.log"), (True,))


def follow_events(run: Run) -> Iterator[Event]:
    """Yield what has happened in a run and then what happens in it, until it is over.

    Raises
    ------
    UsageError
        If the run's folder is not on this machine.
    """
    time_s = 0.0
    for line in _lines(_find(run, "journal.jsonl"), _until_over(run)):
        if line.strip():
            event = _parse(line, time_s)
            time_s = event.time
            yield event


def follow_worker_log(run: Run) -> Iterator[str]:
    """Yield the lines that a run's workers have written and then those that they write, until the run is over.

    Raises
    ------
    UsageError
        If the run's folder is not on this machine.
    """
    return _lines(_find(run, "worker.log"), _until_over(run))


def _parse(line: str, time_s: float) -> Event:
    try:
        return from_line(line)
    except (ValueError, RecursionError):
        return Note(time=time_s, message="a line of the journal is no event; it was cut off, most likely by a crash")


def _until_over(run: Run) -> Iterator[bool]:
    """Say again and again, with a pause between, whether the run is over."""
    while get_run(run.id).state in ("queued", "running"):
        yield False
        time.sleep(_POLL_S)
    yield True


def _lines(path: Path, is_over: Iterable[bool]) -> Iterator[str]:
    """Yield a file's lines, those there are and those that come, until it is over when there were no more."""
    position, rest = 0, b""
    for last in is_over:
        for data in _pieces(path, position):
            position += len(data)
            *lines, rest = (rest + data).split(b"\n")
            yield from (line.decode(errors="replace") for line in lines)
        if last and rest:
            yield rest.decode(errors="replace")


def _pieces(path: Path, position: int) -> Iterator[bytes]:
    if path.exists():
        with reading(path), path.open("rb") as file:
            file.seek(position)
            while data := file.read(_MUCH):
                yield data


def _find(run: Run, name: str) -> Path:
    folder = Path(run.folder)
    if not folder.is_dir():
        raise UsageError(f"the folder of run {run.id} is not on this machine: {folder}", hint=f"The run was on {run.host}.")
    return folder / name
