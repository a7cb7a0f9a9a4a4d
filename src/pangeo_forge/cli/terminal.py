"""Writing to standard output and standard error: what can be shown, how wide, and in which colours."""

from __future__ import annotations

import json
import os
import re
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from pangeo_forge.errors import TargetError

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
    with _printing():
        print(text, flush=True)


def put(text: str) -> None:
    """Print a result that ends its last line itself, at once."""
    with _printing():
        print(text, end="", flush=True)


def say_json(result: object) -> None:
    """Print a result for a machine, at once."""
    with _printing():
        print(json.dumps(result, indent=2), flush=True)


@contextmanager
def _printing() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:  # who was to read it has read enough
        raise
    except OSError as error:
        raise stop_printing(error) from None


def stop_printing(error: OSError) -> TargetError:
    """Say why nothing can be written to standard output, as where the disk is full; what is left to be written goes nowhere."""
    drop_output()
    message = f"the output cannot be written: {error.strerror or error}"
    return TargetError(message, where="standard output", hint="Make room where it goes to, or send it elsewhere.")


def drop_output() -> None:
    """Let what is still to be written to standard output go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def open_missing_streams() -> None:
    """Put in place of standard streams that the caller has closed (``>&-``) ones that lead nowhere."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115  (it lives as long as the process)


def tell(text: str) -> None:
    """Print to standard error what is no result: progress, notes, errors."""
    print(text, file=sys.stderr, flush=True)
