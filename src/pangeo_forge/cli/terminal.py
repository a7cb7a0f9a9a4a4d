"""Writing to standard output and standard error: what can be shown, how wide, and in which colours."""

from __future__ import annotations

import json
import os
import re
import sys
import textwrap
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


def find_width(stream: TextIO) -> int | None:
    """Tell how many characters a line on a stream may have; None where it is no terminal."""
    return os.get_terminal_size(stream.fileno()).columns or None if stream.isatty() else None


def wrap(text: str, width: int | None, *, indent: str = "") -> str:
    """Break a text between words into lines of at most `width`, those after the first indented; not in a word, nor in a `command`.

    Parameters
    ----------
    text : str
        It may have several lines, each of which begins anew.
    width : int or None
        None leaves the text as it is.
    indent : str
        What later lines begin with.
    """
    if width is None:
        return text
    kept = re.sub(r"`[^`]*`", lambda match: match[0].replace(" ", "\0"), text)
    lines = [
        textwrap.fill(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False, drop_whitespace=True)
        for line in kept.split("\n")
    ]
    return "\n".join(lines).replace("\0", " ")


def say(text: str) -> None:
    """Print a result, at once: the command may go on for long, as a server does."""
    print(text, flush=True)


def say_json(result: object) -> None:
    """Print a result for a machine, at once."""
    print(json.dumps(result, indent=2), flush=True)


def tell(text: str) -> None:
    """Print to standard error what is no result: progress, notes, errors."""
    print(text, file=sys.stderr, flush=True)
