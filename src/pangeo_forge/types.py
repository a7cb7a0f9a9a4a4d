"""Plain values that everything else is made of: sizes in bytes, identifiers, URLs fit to be shown."""

from __future__ import annotations

import re
from typing import NewType
from urllib.parse import urlsplit, urlunsplit

RunId = NewType("RunId", str)
RecipeId = NewType("RecipeId", str)

_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12, "ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40}
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]i?)?b?\s*", re.IGNORECASE)


def parse_size(text: str | int) -> int:
    """Read a size such as ``"100MB"`` or ``"1.5 GiB"`` into bytes; a number is bytes already.

    Raises
    ------
    ValueError
        If the text is not a number with an optional unit.
    """
    if isinstance(text, int):
        return text
    match = _SIZE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a size; write a number and a unit, such as '100MB'")
    return int(float(match[1]) * _UNITS[(match[2] or "").lower()])


def format_size(size: float) -> str:
    """Write a size in bytes as people read it, in decimal units: ``format_size(1_500_000) == "1.5 MB"``."""
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if abs(size) < 1000 or unit == "TB":
            break
        size /= 1000
    digits = 0 if unit == "B" or size >= 100 else 1
    return f"{size:.{digits}f} {unit}"


def format_duration(seconds: float) -> str:
    """Write a duration as people read it: ``format_duration(75) == "1 min 15 s"``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


_URL = re.compile(r"[a-z][a-z0-9+.-]*://[^\s'\"<>]+", re.IGNORECASE)


def redact_text(text: str) -> str:
    """Take from every URL in a text what may be secret."""
    return _URL.sub(lambda match: redact_url(match[0]), text)


def redact_url(url: str) -> str:
    """Take from a URL what may be secret (the password and the query), so that it can be shown and kept."""
    if "://" not in url:
        return url
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "…" if parts.query else "", parts.fragment))


def printable(text: str) -> str:
    """Take from a text what would move a terminal's cursor or change its colours: it may come from a file or a server."""
    return "".join(character if character.isprintable() or character in "\n\t" else _escape(character) for character in text)


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode()
