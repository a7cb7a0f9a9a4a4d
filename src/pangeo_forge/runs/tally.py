"""What the events of a run add up to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Self

from pangeo_forge.worker.events import Event, RecipeLoaded, RunStarted, TaskEnded, WorkerEnded

# What these write is not the target's.
_ELSEWHERE = ("cache", "spread")
_MOST_TASKS = 1 << 28
_LARGEST = 2**63 - 1


@dataclass(slots=True)
class Tally:
    """Adds up a run's events, those of its earlier attempts included, a task that was done twice only once."""

    bytes_written: int = 0
    chunks_written: int = 0
    inputs: int | None = None
    environment: dict[str, str] = field(default_factory=dict)
    bytes_stored: int | None = None
    _before_s: float = 0.0
    _begun: float | None = None
    _now: float = 0.0
    _done: dict[str, bytearray] = field(default_factory=dict)

    @classmethod
    def of(cls, events: Iterable[Event]) -> Self:
        """Add up events that are over."""
        tally = cls()
        for event in events:
            tally.add(event)
        return tally

    @property
    def seconds(self) -> float:
        """Wall time of all attempts together."""
        return self._before_s + (max(0.0, self._now - self._begun) if self._begun is not None else 0.0)

    def add(self, event: Event) -> None:
        """Add the next event."""
        if isinstance(event, RunStarted):
            self._before_s, self._begun = self.seconds, event.time
        self._now = event.time
        match event:
            case RecipeLoaded():
                self.inputs, self.environment = event.inputs, event.versions
            case TaskEnded() if event.stage not in _ELSEWHERE and self._is_first(event.stage, event.task):
                self.bytes_written = min(_LARGEST, self.bytes_written + event.bytes_written)
                self.chunks_written = min(_LARGEST, self.chunks_written + event.chunks)
            case WorkerEnded(result=dict(result)):
                self.bytes_stored = as_count(result.get("bytes_stored"))

    def changes(self) -> dict[str, Any]:
        """Give the fields of `Run` that follow from the events."""
        return {
            "bytes_written": self.bytes_written,
            "chunks_written": self.chunks_written,
            "inputs": self.inputs,
            "environment": self.environment,
            "bytes_stored": self.bytes_stored,
            "seconds": self.seconds,
        }

    def _is_first(self, stage: str, task: int) -> bool:
        """Note that a task is done (one bit each), and tell whether it was not before."""
        if not 0 <= task < _MOST_TASKS:
            return True
        done = self._done.setdefault(stage, bytearray())
        byte, bit = task >> 3, 1 << (task & 7)
        if byte >= len(done):
            done.extend(bytes(byte + 1 - len(done)))
        if done[byte] & bit:
            return False
        done[byte] |= bit
        return True


def as_count(value: object) -> int | None:
    """Take a number that a worker reports, if it is one that counts something."""
    return value if isinstance(value, int) and 0 <= value <= _LARGEST else None
