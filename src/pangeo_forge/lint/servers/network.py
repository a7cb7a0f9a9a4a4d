"""Questions to servers on behalf of the rules: few at a time, each once, ten seconds in all for a feedstock, and never a fault of ours."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pangeo_forge.lint.servers.questions import NoAnswer, Outcome, Request

if TYPE_CHECKING:
    from pangeo_forge.lint.servers.fetching import Exchange

TOTAL_S = 10.0
_PARALLEL = 4


@dataclass(eq=False)
class Servers:
    """The servers that the rules ask about one feedstock.

    Parameters
    ----------
    left_s : float
        For so many seconds more they may be asked.
    """

    left_s: float = TOTAL_S
    _outcomes: dict[Request, Outcome] = field(default_factory=dict, repr=False)

    def ask(self, requests: Sequence[Request]) -> list[Outcome]:
        """Ask, and give the answers in the order of the requests; what was asked before is not asked again."""
        new = [request for request in dict.fromkeys(requests) if request not in self._outcomes]
        if new:
            with self.time() as seconds:
                self._outcomes.update(_ask_all(new, seconds))
        return [self._outcomes[request] for request in requests]

    @contextmanager
    def time(self) -> Iterator[float]:
        """Give the seconds that are left, and count those that go by."""
        start = time.monotonic()
        try:
            yield self.left_s
        finally:
            self.left_s = max(0.0, self.left_s - (time.monotonic() - start))


def _ask_all(requests: Sequence[Request], seconds: float) -> dict[Request, Outcome]:
    """Ask several servers at the same time; who does not answer within the seconds is left alone.

    The threads are daemons, so that looking up a name, which cannot be broken off, does not keep anybody waiting.
    """
    outcomes: dict[Request, Outcome] = dict.fromkeys(requests, NoAnswer(f"there was no answer within {TOTAL_S:.0f} s in all"))
    if seconds <= 0:
        return outcomes
    from pangeo_forge.lint.servers.fetching import Exchange  # with what speaks HTTP, which a linter that asks nobody does without
    from pangeo_forge.lint.servers.hosts import Allowed

    allowed, deadline = Allowed.load(), time.monotonic() + seconds
    exchanges = [Exchange(request, allowed, deadline) for request in requests]
    waiting: queue.SimpleQueue[Exchange] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[Request, Outcome | Exception]] = queue.SimpleQueue()
    for exchange in exchanges:
        waiting.put(exchange)
    for _ in range(min(_PARALLEL, len(exchanges))):
        threading.Thread(target=_work, args=(waiting, done), daemon=True).start()
    for _ in exchanges:
        try:
            request, outcome = done.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            break
        if isinstance(outcome, Exception):
            raise outcome
        outcomes[request] = outcome
    for exchange in exchanges:
        exchange.abort()
    return outcomes


def _work(waiting: queue.SimpleQueue[Exchange], done: queue.SimpleQueue[tuple[Request, Outcome | Exception]]) -> None:
    while True:
        try:
            exchange = waiting.get_nowait()
        except queue.Empty:
            return
        outcome: Outcome | Exception
        try:
            outcome = exchange.run()
        except Exception as error:  # raised again where somebody waits for it
            outcome = error
        done.put((exchange.request, outcome))
