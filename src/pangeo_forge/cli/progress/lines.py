"""Progress in plain lines, for logs and pipes: a stage's begin and end, and in between a line now and then."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from pangeo_forge.cli.progress.remarks import Remarks
from pangeo_forge.cli.progress.stages import StageProgress, Stages, describe_end, describe_state
from pangeo_forge.cli.terminal import tell
from pangeo_forge.types import printable
from pangeo_forge.worker.events import EnvironmentStep, Event, StageEnded, StageStarted, TaskEnded

_EVERY_S = 10.0


def _tell_safely(line: str) -> None:
    tell(printable(line))


@dataclass(slots=True)
class LineWriter:
    """Writes lines on standard error."""

    stages: Stages = field(default_factory=Stages)
    remarks: Remarks = field(default_factory=lambda: Remarks(_tell_safely))
    _next: float = 0.0

    def observe(self, event: Event) -> None:
        """Take in the next event, and write what is to be said of it."""
        now = time.monotonic()
        self.remarks.add(event)
        if isinstance(event, EnvironmentStep):
            tell(f"environment: {event.what}")
        stage = self.stages.add(event, now)
        if stage is None:
            return
        match event:
            case StageStarted() if stage.done < stage.tasks:
                tell(format_line(stage, "begins"))
                self._next = now + _EVERY_S
            case StageEnded():
                tell(format_line(stage, describe_end(stage)))
            case TaskEnded() if now >= self._next and stage.done < stage.tasks:
                tell(format_line(stage, describe_state(stage, now)))
                self._next = now + _EVERY_S


def format_line(stage: StageProgress, state: str) -> str:
    """Write a line on a stage: ``"store     24/24 tasks  374 MB in 3.1 s"``."""
    return f"{stage.name:9} {stage.done:,}/{stage.tasks:,} tasks  {state}".rstrip()
