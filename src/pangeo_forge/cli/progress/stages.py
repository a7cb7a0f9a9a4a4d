"""How far the stages of a run are, as its events tell."""

from __future__ import annotations

from dataclasses import dataclass, field

from pangeo_forge.types import format_duration, format_size
from pangeo_forge.worker.events import Event, StageEnded, StageStarted, TaskEnded


@dataclass(slots=True)
class StageProgress:
    """How far a stage is.

    Parameters
    ----------
    name : str
    tasks, done : int
        How many tasks there are, and how many are done, those of an earlier attempt included.
    before : int
        How many an earlier attempt had done.
    began : float
        When this attempt at it began, seconds of any steady clock.
    writes : bool
        Whether the stage is measured by what it writes, instead of by what it reads.
    nbytes : int
        Written or read in this attempt, bytes, uncompressed.
    seconds : float, optional
        How long it took, once it has ended.
    """

    name: str
    tasks: int
    done: int
    before: int
    began: float
    writes: bool
    nbytes: int = 0
    seconds: float | None = None

    @property
    def share(self) -> float:
        """How much of the stage is done, between 0 and 1."""
        return self.done / self.tasks if self.tasks else 1.0

    def rate(self, now: float) -> float:
        """Give the bytes a second in this attempt so far; 0 where that cannot be said."""
        took = self.seconds if self.seconds is not None else now - self.began
        return self.nbytes / took if took > 0 else 0.0

    def left_s(self, now: float) -> float | None:
        """Estimate how many seconds are left; None while that cannot be said."""
        done = self.done - self.before
        return (now - self.began) / done * (self.tasks - self.done) if done > 0 and self.seconds is None else None


@dataclass(slots=True)
class Stages:
    """The stages that have begun, in their order."""

    by_name: dict[str, StageProgress] = field(default_factory=dict)

    def add(self, event: Event, now: float) -> StageProgress | None:
        """Take in the next event, and give the stage that it is about."""
        match event:
            case StageStarted():
                stage = StageProgress(event.stage, event.tasks, event.done, event.done, now, writes=event.bytes_written > 0)
                self.by_name[event.stage] = stage
                return stage
            case TaskEnded() if event.stage in self.by_name:
                stage = self.by_name[event.stage]
                stage.done = min(stage.done + 1, stage.tasks)
                stage.nbytes += event.bytes_written if stage.writes else event.bytes_read
                return stage
            case StageEnded() if event.stage in self.by_name:
                stage = self.by_name[event.stage]
                stage.seconds = event.seconds
                return stage
        return None


def describe_state(stage: StageProgress, now: float) -> str:
    """Say how a stage that goes on is getting on: ``"187 MB  60 MB/s  5 s left"``."""
    parts = []
    if stage.nbytes:
        parts += [format_size(stage.nbytes), f"{format_size(stage.rate(now))}/s"]
    left_s = stage.left_s(now)
    if left_s is not None:
        parts.append(f"{format_duration(left_s)} left")
    return "  ".join(parts)


def describe_end(stage: StageProgress) -> str:
    """Say how a stage ended: ``"374 MB in 3.1 s"``, or that an earlier attempt had done it."""
    if stage.before == stage.tasks:
        return "done before"
    took = f"in {format_duration(stage.seconds or 0.0)}"
    return f"{format_size(stage.nbytes)} {took}" if stage.nbytes else took
