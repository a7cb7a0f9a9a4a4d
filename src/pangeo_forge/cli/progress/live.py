"""Progress on a terminal: a bar for each stage, and above them what is worth a line of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.text import Text

from pangeo_forge.cli.progress.remarks import Remarks
from pangeo_forge.cli.progress.stages import StageProgress, Stages, describe_end, describe_state
from pangeo_forge.cli.terminal import wrap
from pangeo_forge.types import printable
from pangeo_forge.worker.events import EnvironmentStep, Event, RecipeLoaded, RecipesListed, RunEnded, RunStarted, WorkerEnded

_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
#: A terminal writes "^C" at the end of the last row; if that made a new line, the rows would be drawn at the wrong place.
_ROOM_FOR_CTRL_C = 3
#: How wide a terminal must be for how long a bar.
_BARS = ((76, 24), (56, 12), (44, 6))


@dataclass(slots=True)
class View:
    """What is drawn, again and again, in the width that there is just then."""

    stages: Stages = field(default_factory=Stages)
    waiting_for: str | None = None

    def add(self, event: Event) -> None:
        """Take in the next event."""
        self.stages.add(event, time.monotonic())
        match event:
            case EnvironmentStep():
                self.waiting_for = f"environment: {event.what}"
            case RecipesListed():
                self.waiting_for = f"{event.count:,} recipes are described"
            case RunStarted():
                self.waiting_for = "loading the recipe"
            case RecipeLoaded() | WorkerEnded() | RunEnded():
                self.waiting_for = None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        now = time.monotonic()
        stages = self.stages.by_name.values()
        count_width = max((len(_count(stage)) for stage in stages), default=0)
        for stage in stages:
            yield format_row(stage, now, options.max_width - _ROOM_FOR_CTRL_C, count_width)
        if self.waiting_for:
            turn = _SPINNER[int(now * 10) % len(_SPINNER)]
            yield Text(f"{turn} {self.waiting_for} …", "dim", no_wrap=True, overflow="ellipsis")


def format_row(stage: StageProgress, now: float, width: int, count_width: int = 0) -> Text:
    """Write the row of a stage in at most `width` characters: where they are few, without a bar and with less of the rest."""
    has_ended = stage.seconds is not None
    count = _count(stage).rjust(count_width)
    parts = [describe_end(stage)] if has_ended else [part for part in describe_state(stage, now).split("  ") if part]
    row = Text(f"{stage.name:9} ", no_wrap=True, overflow="ellipsis")
    bar_width = next((bar for least, bar in _BARS if width >= least), 0)
    if bar_width:
        row.append_text(_draw_bar(stage.share, bar_width)).append(" ")
    row.append(count, "green" if has_ended else "cyan")
    while len(parts) > 1 and len(row) + sum(len(part) + 2 for part in parts) > width:
        parts.pop(0)
    return row.append("".join(f"  {part}" for part in parts), "dim" if has_ended else "")


def _count(stage: StageProgress) -> str:
    return f"{stage.done:,}/{stage.tasks:,}"


def _draw_bar(share: float, width: int) -> Text:
    full, half = divmod(round(share * width * 2), 2)
    bar = Text("━" * full + "╸" * half, "green" if share >= 1 else "cyan")
    return bar.append("─" * (width - full - half), "dim")


@contextmanager
def drawing_live(view: View, *, transient: bool = False) -> Iterator[Callable[[Event], None]]:
    """Draw while the body runs what the observer that is given is told.

    Parameters
    ----------
    view : View
        What is drawn in the beginning.
    transient : bool
        Whether it is taken away in the end; else what was drawn last stays.
    """
    console = Console(stderr=True, highlight=False)

    def say(line: str) -> None:
        console.print(Text(wrap(printable(line), console.width, indent="  ")), soft_wrap=True)

    remarks = Remarks(say)

    def observe(event: Event) -> None:
        remarks.add(event)
        view.add(event)

    with Live(view, console=console, refresh_per_second=8, transient=transient):
        yield observe
