"""What is asked of a server, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked.

    Parameters
    ----------
    url : str
        By ``http`` or ``https``; a login in it is not sent.
    headers : tuple of pairs of str
        Beside those that every request has. They may hold a token, which is for this server only, and is not shown.
    most : int
        So many bytes of the answer are read.
    """

    url: str
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    most: int = 1_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said.

    Parameters
    ----------
    status : int
        As HTTP numbers them.
    headers : dict of str
        By their names in lower case.
    body : bytes
        Its beginning.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Nothing was said; `reason` says why, in words that show nothing secret."""

    reason: str


Outcome = Answer | NoAnswer
