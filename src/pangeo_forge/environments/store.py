"""The folder in which environments are kept: finding, listing, using and removing them."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pangeo_forge.environments.locks import alone_if_free, together
from pangeo_forge.errors import EngineError

#: Written last of all: an environment without it is not whole.
_RECORD = "environment.json"
_LOCKS = "locks"
_LAST = "last"
_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Environment:
    """An environment that is whole.

    Parameters
    ----------
    folder : Path
        Its own, named by its key.
    kind : str
        ``lifted``: sees what pangeo-forge's own Python sees, and what was installed in addition; ``as-written``: has exactly what the
        recipe's author asked for.
    python_version : str
        As ``3.11.7``.
    requirements : tuple of str
        What was asked for, without what may be secret.
    packages : dict
        Name and version of each package that was installed.
    remarks : tuple of str
        What was taken otherwise than it is written.
    size : int
        What it takes on the disk, bytes.
    created : float
        When it was built, seconds since 1970.
    """

    folder: Path
    kind: str
    python_version: str
    requirements: tuple[str, ...]
    packages: dict[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    size: int = 0
    created: float = 0.0

    @property
    def key(self) -> str:
        """What it is kept under."""
        return self.folder.name

    @property
    def python(self) -> Path:
        """The interpreter to start."""
        return python_in(self.folder)

    @property
    def used(self) -> float:
        """When it was last used, seconds since 1970."""
        try:
            return (self.folder / _RECORD).stat().st_mtime
        except FileNotFoundError:
            return self.created

    def to_dict(self) -> dict[str, Any]:
        """Describe it with plain values."""
        described = asdict(self) | {"folder": str(self.folder), "key": self.key, "python": str(self.python)}
        return described | {name: datetime.fromtimestamp(getattr(self, name), UTC).isoformat() for name in ("created", "used")}


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a feedstock's recipes run in.

    Parameters
    ----------
    environment : Environment or None
        None for pangeo-forge's own Python, where all is there that is required.
    was_built : bool
        Whether it was built just now.
    remarks : tuple of str
        What is taken otherwise than ``requirements.txt`` says, with file and line.
    """

    environment: Environment | None = None
    was_built: bool = False
    remarks: tuple[str, ...] = ()


#: pangeo-forge's own Python.
OWN = Prepared()


@dataclass(frozen=True, slots=True)
class Store:
    """Environments by their keys, in a folder.

    Parameters
    ----------
    folder : Path
        Made when the first is built.
    """

    folder: Path

    def find(self, key: str) -> Environment | None:
        """Find an environment that is whole."""
        return _read(self.folder / key)

    def load_all(self) -> list[Environment]:
        """Give all that are whole, the one that was used last first."""
        found = [_read(entry) for entry in self.folder.iterdir() if entry.name not in (_LOCKS, _LAST)] if self.folder.is_dir() else []
        return sorted((one for one in found if one is not None), key=lambda one: -one.used)

    def remember(self, name: str, environment: Environment | None) -> None:
        """Keep in mind which environment something ran in; that this cannot be written is no reason to stop."""
        note = self._note_of(name)
        with suppress(OSError):
            if environment is None:
                note.unlink(missing_ok=True)
            else:
                note.parent.mkdir(parents=True, exist_ok=True)
                note.write_text(environment.key)

    def recall(self, name: str) -> Environment | None:
        """Give the environment that something ran in the last time, if it is still there."""
        try:
            return self.find(self._note_of(name).read_text())
        except (OSError, ValueError):
            return None

    def _note_of(self, name: str) -> Path:
        return self.folder / _LAST / hashlib.sha256(name.encode()).hexdigest()[:20]

    def lock_of(self, key: str) -> Path:
        """Name the lock of an environment, which lies outside of it; makes the folder of locks."""
        locks = self.folder / _LOCKS
        locks.mkdir(parents=True, exist_ok=True)
        return locks / f"{key}.lock"

    def prune(self, *, older_than_days: float | None, everything: bool = False) -> tuple[tuple[Environment, ...], tuple[Environment, ...]]:
        """Remove environments that nobody runs in, and what is left of those that were never finished.

        Parameters
        ----------
        older_than_days : float, optional
            Only those that were not used for so many days.
        everything : bool
            All of them.

        Returns
        -------
        tuple of (tuple of Environment, tuple of Environment)
            Those that are removed, and those that would have been if they were not in use.
        """
        removed: list[Environment] = []
        kept: list[Environment] = []
        oldest = time.time() - _DAY_S * (older_than_days or 0)
        for entry in sorted(self.folder.iterdir()) if self.folder.is_dir() else ():
            environment = _read(entry)
            if entry.name in (_LOCKS, _LAST) or (environment is not None and not everything and environment.used > oldest):
                continue
            with alone_if_free(self.lock_of(entry.name)) as is_free:
                if is_free:
                    clear(entry)
                if environment is not None:
                    (removed if is_free else kept).append(environment)
        return tuple(removed), tuple(kept)


def python_in(folder: Path) -> Path:
    """Name the interpreter of a virtual environment."""
    return folder / "bin" / "python"


def use(environment: Environment) -> None:
    """Take note that an environment is used now."""
    try:
        os.utime(environment.folder / _RECORD)
    except (FileNotFoundError, PermissionError):  # it was removed just now, as holding it tells; or it is another user's
        return


@contextmanager
def holding(environment: Environment) -> Iterator[int]:
    """Keep an environment from being removed in the body, and as long as a process lives that inherits the descriptor.

    Raises
    ------
    EngineError
        If it has been removed.
    """
    store = Store(environment.folder.parent)
    with together(store.lock_of(environment.key)) as descriptor:
        if store.find(environment.key) is None:
            message = f"the recipe's environment {environment.key} was removed just now"
            raise EngineError(message, hint="Try again: it is built anew.")
        yield descriptor


def write_record(environment: Environment) -> None:
    """Declare an environment whole."""
    record = asdict(environment)
    del record["folder"]
    unfinished = environment.folder / f"{_RECORD}.part"
    with unfinished.open("w") as file:
        json.dump(record, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(environment.folder / _RECORD)


def clear(folder: Path) -> None:
    """Remove an environment: its record first, so that what is left, should this be broken off, is not taken for whole."""
    (folder / _RECORD).unlink(missing_ok=True)
    shutil.rmtree(folder)


def measure(folder: Path) -> int:
    """Add up what the files of a folder take, bytes."""
    return sum(file.lstat().st_size for file in folder.rglob("*") if not file.is_dir() or file.is_symlink())


def _read(folder: Path) -> Environment | None:
    try:
        record = json.loads((folder / _RECORD).read_text())
        lists = {name: tuple(record[name]) for name in ("requirements", "remarks")}
        return Environment(folder=folder, **(record | lists))
    except (OSError, ValueError, TypeError, KeyError):
        return None
