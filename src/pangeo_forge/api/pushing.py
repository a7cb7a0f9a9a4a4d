"""Catalogues pushed into databases."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pangeo_forge.api.cataloguing import open_tree

if TYPE_CHECKING:
    from pangeo_forge.catalog.pgstac.pushing import Pushed


def _ignore(done: int, of: int) -> None:
    """Tell nobody."""


def push_catalog(
    catalog: str | Path, dsn: str | None = None, *, migrate: bool = False, progress: Callable[[int, int], None] = _ignore
) -> Pushed:
    """Load a catalogue's Collections and Items into pgstac, a database of STAC on PostgreSQL.

    Parameters
    ----------
    catalog : str or Path
        The catalogue's folder, its ``catalog.json``, or the target that it is in.
    dsn : str, optional
        The address of the database, with its password; by default that of the environment: ``PANGEO_FORGE_PGSTAC``, or libpq's own
        variables.
    migrate : bool
        Whether an older schema of pgstac is brought up to date. Where there is none it is made.
    progress : callable
        Is told how many of how many Items are read.

    Raises
    ------
    UsageError
        If there is no catalogue, no database is named, or the schema there is of another version.
    TargetError
        If the database cannot be reached, or refuses.
    """
    from pangeo_forge.catalog.pgstac.connecting import find_dsn
    from pangeo_forge.catalog.pgstac.pushing import push

    address = find_dsn(dsn, os.environ)
    return push(open_tree(catalog), address, migrate=migrate, progress=progress)
