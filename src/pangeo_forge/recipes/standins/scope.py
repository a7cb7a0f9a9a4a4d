"""Where the answers hold: while a recipe's module is imported, and while a function of the recipe is called, and nowhere else.

Functions import as well, often in a worker process and long after the module was loaded. So whatever calls one does it in this scope.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pangeo_forge.recipes.standins import drift, modules


@dataclass
class _Scope:
    """How many are within it, and how it is left by the last one; engines may call functions in threads."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    depth: int = 0
    undo: tuple[Callable[[], None], ...] = ()


_scope = _Scope()


@contextmanager
def answering() -> Iterator[None]:
    """Answer imports of the older APIs, and for names that libraries no longer have, in the block."""
    with _scope.lock:
        if not _scope.depth:
            _scope.undo = (modules.put_in_place(), drift.put_in_place())
        _scope.depth += 1
    try:
        yield
    finally:
        with _scope.lock:
            _scope.depth -= 1
            if not _scope.depth:
                for undo in reversed(_scope.undo):
                    undo()


class Answered:
    """A function of a recipe that is called for every file, as that which makes the URLs: answers are given if it needs any."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.__wrapped__ = function  # whose signature is this one's

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it as it is, and if that fails, once more with answers."""
        try:
            return self.function(*args, **kwargs)
        except (ImportError, AttributeError, ValueError, TypeError):
            with answering():
                return self.function(*args, **kwargs)

    def __reduce__(self) -> tuple[type[Answered], tuple[Callable[..., Any]]]:
        return Answered, (self.function,)
