"""Where things are kept and how much they may use: from the environment, with defaults for one person's machine."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pangeo_forge.errors import UsageError
from pangeo_forge.types import parse_size


@dataclass(frozen=True, slots=True)
class Settings:
    """What a person or an operator may set, each by one environment variable.

    Parameters
    ----------
    home : Path
        The folder of runs, their database and the local bakery's stores (``PANGEO_FORGE_HOME``;
        by default ``~/.local/share/pangeo-forge``).
    database : str
        The SQLAlchemy URL of the database of runs (``PANGEO_FORGE_DATABASE``; by default a SQLite file in `home`).
    task_memory : int
        How much one task may hold in memory, bytes (``PANGEO_FORGE_TASK_MEMORY``; by default 100 MB).
    workers : int
        How many processes the local engine uses (``PANGEO_FORGE_WORKERS``; by default one a core).
    load_timeout_s : int
        How long a recipe's module may take to be imported, seconds (``PANGEO_FORGE_LOAD_TIMEOUT``; by default ten minutes).
    environments : Path
        The folder of the environments of recipes (``PANGEO_FORGE_ENVIRONMENTS``; by default in `home`).
    catalog : str, optional
        The URL of the catalogue that runs are entered in (``PANGEO_FORGE_CATALOG``; by default a folder of the bakery's target).
    public_url : str, optional
        The address at which everybody reads what the local bakery stores (``PANGEO_FORGE_PUBLIC_URL``; by default nobody does).
    references_to : tuple of str
        Where the references of catalogued datasets may lead, outside of their target: folders, and beginnings of URLs
        (``PANGEO_FORGE_REFERENCES_TO``, with commas between them).
    """

    home: Path
    database: str
    task_memory: int
    workers: int
    load_timeout_s: int = 600
    environments: Path = Path("environments")
    catalog: str | None = None
    public_url: str | None = None
    references_to: tuple[str, ...] = ()

    @classmethod
    def load(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Read the settings from environment variables.

        Raises
        ------
        UsageError
            If a variable does not hold what it should; the message names it.
        """
        home = Path(environ.get("PANGEO_FORGE_HOME") or _data_folder(environ) / "pangeo-forge").expanduser()
        return cls(
            home=home,
            database=environ.get("PANGEO_FORGE_DATABASE") or f"sqlite:///{home / 'runs.sqlite'}",
            task_memory=_size(environ, "PANGEO_FORGE_TASK_MEMORY", 100_000_000),
            workers=_size(environ, "PANGEO_FORGE_WORKERS", count_cores()),
            load_timeout_s=_size(environ, "PANGEO_FORGE_LOAD_TIMEOUT", 600),
            environments=Path(environ.get("PANGEO_FORGE_ENVIRONMENTS") or home / "environments").expanduser().absolute(),
            catalog=environ.get("PANGEO_FORGE_CATALOG") or None,
            public_url=environ.get("PANGEO_FORGE_PUBLIC_URL") or None,
            references_to=tuple(filter(None, map(str.strip, environ.get("PANGEO_FORGE_REFERENCES_TO", "").split(",")))),
        )


def _data_folder(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("XDG_DATA_HOME") or Path("~/.local/share").expanduser())


def count_cores() -> int:
    """Count the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _size(environ: Mapping[str, str], name: str, default: int) -> int:
    try:
        size = parse_size(environ.get(name) or default)
    except ValueError as error:
        raise UsageError(f"{name}: {error}", hint=f"Set {name} to a number, or unset it.") from None
    if size < 1:
        raise UsageError(f"{name} is {size}, but must be at least 1", hint=f"Set {name} to a larger number, or unset it.")
    return size
