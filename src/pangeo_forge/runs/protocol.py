"""Reading what a worker writes, which may be anything: it runs other people's code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from pangeo_forge.worker.events import Event, RunEnded, RunStarted, from_line

_LONGEST_LINE = 64 << 20
_LARGEST = 2**63 - 1


class LineSplitter:
    """Makes lines of pieces. Of a line that is longer than any event only the beginning is kept."""

    def __init__(self) -> None:
        self._pending = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Add a piece, and yield the lines that it completes, without their ends."""
        *complete, rest = data.split(b"\n")
        for line in complete:
            self._keep(line)
            yield bytes(self._pending)
            self._pending.clear()
        self._keep(rest)

    def rest(self) -> Iterator[bytes]:
        """Yield the last line, if it has no end."""
        if self._pending:
            yield bytes(self._pending)
            self._pending.clear()

    def _keep(self, data: bytes) -> None:
        self._pending += data[: _LONGEST_LINE - len(self._pending)]


def parse_event(line: bytes) -> Event | None:
    """Read the event on a line, or None if it is none that a worker may tell, or has not the types that it should have."""
    try:
        event = from_line(line.decode(errors="replace"))
    except (ValueError, RecursionError):
        return None
    if isinstance(event, RunStarted | RunEnded):
        return None
    kind: Any = type(event)
    return event if all(_fits(getattr(event, name), types) for name, types in _types_of(kind).items()) else None


@cache
def _types_of(kind: type[Event]) -> dict[str, tuple[type, ...]]:
    hints = get_type_hints(kind)
    return {field.name: tuple(_plain_types(hints[field.name])) for field in fields(kind)}


def _plain_types(hint: object) -> Iterator[type]:
    if get_origin(hint) in (Union, UnionType):
        for member in get_args(hint):
            yield from _plain_types(member)
    elif hint is float:
        yield from (float, int)
    else:
        kind = get_origin(hint) or hint
        assert isinstance(kind, type)
        yield kind


def _fits(value: object, kinds: tuple[type, ...]) -> bool:
    if isinstance(value, int | float) and not -_LARGEST <= value <= _LARGEST:
        return False  # neither a number that a database holds nor one that an event means
    return isinstance(value, kinds)
