"""What a folder holds, seen and read within limits and never outside of it, whatever its links say."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

MAX_FILES = 5_000
MAX_DEPTH = 12
#: Folders that no author wrote.
_SKIPPED = frozenset({".git", "node_modules", ".venv", "venv", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".ipynb_checkpoints"})


class Kind(StrEnum):
    """What an entry of a folder is."""

    FILE = "file"
    FOLDER = "folder"
    #: A link to a place outside.
    ESCAPE = "escape"
    #: A pipe, a socket, a device, a link that leads nowhere.
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or folder.

    Parameters
    ----------
    path : str
        Relative to the folder that was listed, with slashes.
    kind : Kind
        What it is.
    size : int
        Bytes.
    """

    path: str
    kind: Kind
    size: int = 0

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rpartition("/")[2]


def list_entries(folder: Path, boundary: Path, *, deepest: int = MAX_DEPTH) -> Iterator[Entry]:
    """List what is in a folder and the folders in it, those with code of others left out; links are not followed.

    Parameters
    ----------
    folder : Path
        Where to begin.
    boundary : Path
        What no link may lead out of.
    deepest : int
        How many folders below each other are gone into.
    """
    count = 0
    todo = [(folder, "", 0)]
    real = os.path.realpath(boundary)
    while todo:
        place, prefix, depth = todo.pop()
        try:
            with os.scandir(place) as found:
                entries = sorted(found, key=lambda item: item.name)
        except OSError:  # not for this user
            continue
        for item in entries:
            count += 1
            if count > MAX_FILES:
                return
            entry = _describe(item, prefix, real)
            yield entry
            if entry.kind is Kind.FOLDER and item.name not in _SKIPPED and not item.is_symlink() and depth < deepest:
                todo.append((Path(item.path), f"{entry.path}/", depth + 1))


def _describe(item: os.DirEntry[str], prefix: str, boundary: str) -> Entry:
    path = prefix + item.name
    if item.is_symlink() and not _is_inside(os.path.realpath(item.path), boundary):
        return Entry(path, Kind.ESCAPE)
    try:
        status = item.stat()
    except OSError:
        return Entry(path, Kind.OTHER)
    if stat.S_ISDIR(status.st_mode):
        return Entry(path, Kind.FOLDER)
    return Entry(path, Kind.FILE if stat.S_ISREG(status.st_mode) else Kind.OTHER, status.st_size)


def _is_inside(path: str, boundary: str) -> bool:
    return path == boundary or path.startswith(boundary.rstrip(os.sep) + os.sep)


def is_inside(path: Path, boundary: Path) -> bool:
    """Whether a path lies in a folder when all links are followed."""
    return _is_inside(os.path.realpath(path), _resolve(boundary.absolute()))


@lru_cache(maxsize=256)
def _resolve(boundary: Path) -> str:
    """Follow the links of a path that is asked for with each file of a feedstock."""
    return os.path.realpath(boundary)


def is_file_inside(path: Path, boundary: Path) -> bool:
    """Whether there is a regular file at a path, and inside of a folder when all links are followed."""
    try:
        return path.is_file() and is_inside(path, boundary)
    except OSError:  # in a folder that is not for this user
        return False


def read_file(path: Path, most: int) -> bytes:
    """Read at most so many bytes of a file, and one more, so that the reader can tell.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    with path.open("rb") as file:
        return file.read(most + 1)
