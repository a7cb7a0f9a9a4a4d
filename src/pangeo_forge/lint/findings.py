"""What a rule found: where, how bad it is, what to write instead, and perhaps the change that does so."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pangeo_forge.errors import Where


class Level(StrEnum):
    """How bad a finding is."""

    #: It cannot work.
    ERROR = "error"
    #: It will bite.
    WARNING = "warning"
    #: It would be better otherwise.
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class Edit:
    """A stretch of a file's text to be replaced.

    Parameters
    ----------
    path : str
        The file, relative to the feedstock's folder.
    start, end : tuple of int
        Line and column, counted from 1; `end` is behind the last character. Both the same to insert.
    text : str
        What to put there.
    """

    path: str
    start: tuple[int, int]
    end: tuple[int, int]
    text: str


@dataclass(frozen=True, slots=True)
class Rename:
    """A file to be renamed, within its folder.

    Parameters
    ----------
    path : str
        The file, relative to the feedstock's folder.
    name : str
        Its new name.
    """

    path: str
    name: str


@dataclass(frozen=True, slots=True)
class Creation:
    """A file to be written where there is none.

    Parameters
    ----------
    path : str
        The file, relative to the repository's root.
    text : str
        What it holds.
    """

    path: str
    text: str


Change = Edit | Rename | Creation


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a rule found.

    Parameters
    ----------
    code, name : str
        The rule's.
    level : Level
        How bad it is.
    message : str
        What is wrong and why, in one line.
    where : Where
        The file, as the user would name it, and the place in it.
    end : tuple of int, optional
        Line and column behind the last character that is meant.
    help : str, optional
        What to write instead.
    fix : tuple of Change
        What ``--fix`` does about it; empty where it can do nothing.
    source : str
        The line of the file, as it stands.
    """

    code: str
    name: str
    level: Level
    message: str
    where: Where
    end: tuple[int, int] | None = None
    help: str | None = None
    fix: tuple[Change, ...] = ()
    source: str = ""
