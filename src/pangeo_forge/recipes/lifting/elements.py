"""Functions of a recipe that are called with one element after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Call:
    """A function of the recipe, called with each element."""

    fn: Callable[..., Any]
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    unpacks: bool = False

    def __call__(self, element: Any) -> Any:
        """Call it."""
        return self.fn(*element, *self.args, **self.kwargs) if self.unpacks else self.fn(element, *self.args, **self.kwargs)
