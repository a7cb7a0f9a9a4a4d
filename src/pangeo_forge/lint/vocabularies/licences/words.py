"""The words of a text: what is written, without how it is written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

_WORD = re.compile(r"[^\W\d_]+?(?=v\d)|[^\W\d_]+|\d+(?:\.\d+)*")


def split_words(text: str) -> tuple[str, ...]:
    """Split a text into its words and numbers, in small letters: ``GPLv3`` into ``gpl``, ``v``, ``3``."""
    return tuple(_WORD.findall(text.lower()))


def join_words(words: Sequence[str], joined: Mapping[tuple[str, str], str]) -> Iterator[str]:
    """Make one word of those that are written as two."""
    place = 0
    while place < len(words):
        one = joined.get((words[place], words[place + 1])) if place + 1 < len(words) else None
        yield one or words[place]
        place += 2 if one else 1
