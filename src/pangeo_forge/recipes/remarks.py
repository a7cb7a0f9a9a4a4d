"""What is to be said about a recipe once, while its module is loaded: collected here, and told by whoever loads it."""

from __future__ import annotations

_remarks: dict[str, None] = {}


def remark(text: str) -> None:
    """Note something that the recipe's author should know and that is no error; the same again is not kept."""
    _remarks.setdefault(text)


def take_remarks() -> tuple[str, ...]:
    """Return what was noted since it was last asked for, and forget it."""
    taken = tuple(_remarks)
    _remarks.clear()
    return taken
