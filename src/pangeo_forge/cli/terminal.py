"""Writing to standard output and standard error: what can be shown, how wide, and in which colours."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TextIO

_CODES = {"bold": "1", "dim": "2", "red": "1;31", "green": "32", "yellow": "33", "cyan": "36"}


def is_live(stream: TextIO) -> bool:
    """Whether what is written to a stream is seen on a terminal that can be written over."""
    return stream.isatty() and os.environ.get("TERM", "") not in ("", "dumb")


def paint(text: str, style: str, stream: TextIO) -> str:
    """Give a text a style, if the stream is a terminal and the user wants colours (see no-color.org)."""
    if not text or os.environ.get("NO_COLOR") or not is_live(stream):
        return text
    return f"\x1b[{_CODES[style]}m{text}\x1b[0m"


def find_width() -> int | None:
    """Tell how many characters a line on standard output may have; None where nobody looks, as in a pipe."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def printable(text: str) -> str:
    """Take from a text what would move a terminal's cursor or change its colours: it may come from a file or a server."""
    return "".join(character if character.isprintable() or character in "\n\t" else _escape(character) for character in text)


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode()


def say(text: str) -> None:
    """Print a result."""
    print(text)


def tell(text: str) -> None:
    """Print to standard error what is no result: progress, notes, errors."""
    print(text, file=sys.stderr, flush=True)
