"""How far a run is, drawn from its events: live on a terminal, in plain lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pangeo_forge.cli.terminal import is_live
from pangeo_forge.worker.events import EnvironmentReady, EnvironmentStep, Event, Note, RecipesListed

Observer = Callable[[Event], None]


def ignore(event: Event) -> None:
    """Draw nothing."""


@contextmanager
def drawing(*, as_json: bool) -> Iterator[Observer]:
    """Draw on standard error what the observer that is given is told of a run, while the body runs.

    Parameters
    ----------
    as_json : bool
        Draw nothing, because standard error is read by a machine as well.
    """
    if as_json:
        yield ignore
    elif is_live(sys.stderr):
        from pangeo_forge.cli.progress.live import View, drawing_live

        with drawing_live(View(waiting_for="reading the feedstock")) as observer:
            yield observer
    else:
        from pangeo_forge.cli.progress.lines import LineWriter

        yield LineWriter().observe


@contextmanager
def waiting(what: str, *, as_json: bool) -> Iterator[Observer]:
    """Show on a terminal that something goes on while the body runs; of what the observer is told only remarks are passed on.

    Parameters
    ----------
    what : str
        What goes on.
    as_json : bool
        Show nothing.
    """
    if as_json:
        yield ignore
    elif is_live(sys.stderr):
        from pangeo_forge.cli.progress.live import View, drawing_live

        with drawing_live(View(waiting_for=what), transient=True) as observer:
            yield only_remarks(observer)
    else:
        from pangeo_forge.cli.progress.lines import LineWriter

        yield only_remarks(LineWriter().observe)


def only_remarks(observer: Observer) -> Observer:
    """Make an observer that is told notes, of environments, and how long a list is, only."""

    def observe(event: Event) -> None:
        if isinstance(event, Note | EnvironmentStep | EnvironmentReady | RecipesListed):
            observer(event)

    return observe
