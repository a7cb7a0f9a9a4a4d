"""How what is wrong with a feedstock is put into words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from pangeo_forge.errors import InvalidFeedstock, Problem


def invalid(problems: Sequence[Problem], *, detail: str | None = None) -> InvalidFeedstock:
    """Make one error of all problems; its own message is the first of them."""
    first, *others = problems
    more = f" (and {len(others)} more)" if others else ""
    return InvalidFeedstock(first.message + more, hint=first.hint, where=first.where, detail=detail, problems=problems, code=first.code)


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """Find the choice that somebody who wrote `word` may have meant."""
    by_lower = {choice.lower(): choice for choice in choices}
    close = get_close_matches(word.lower(), by_lower, n=1, cutoff=0.7)
    return by_lower[close[0]] if close else None


def listing(names: Sequence[str], most: int = 10) -> str:
    """Write names one after another, and how many more there are."""
    if not names:
        return "nothing"
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def shorten(text: str, most: int = 60) -> str:
    """Quote a text as in Python, cut off where it would fill the screen."""
    return repr(text if len(text) <= most else text[: most - 1] + "…")
