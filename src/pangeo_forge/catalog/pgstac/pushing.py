"""Loading a catalogue into pgstac with its own loader. What is there already is written again where it differs; nothing is removed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pangeo_forge.catalog.pgstac.connecting import connect
from pangeo_forge.catalog.pgstac.records import Records
from pangeo_forge.catalog.storage.tree import Tree
from pangeo_forge.errors import TargetError, UsageError

if TYPE_CHECKING:
    from pypgstac.db import PgstacDB


@dataclass(frozen=True, slots=True)
class Pushed:
    """What was pushed.

    Parameters
    ----------
    collections, items : int
        How many the database was given.
    pgstac : str
        The version of the database's schema.
    installed : bool
        Whether the schema was not there before.
    migrated_from : str, optional
        The version that the schema had before, if it was an older one.
    """

    collections: int
    items: int
    pgstac: str
    installed: bool = False
    migrated_from: str | None = None


def push(tree: Tree, dsn: str, *, migrate: bool = False, progress: Callable[[int, int], None]) -> Pushed:
    """Push a catalogue into a database.

    Parameters
    ----------
    tree : Tree
        The catalogue.
    dsn : str
        The database's address, which is a secret; empty for libpq's own variables.
    migrate : bool
        Whether an older schema may be brought up to date. Where there is none it is made.
    progress : callable
        Is told how many of how many Items are read.

    Raises
    ------
    UsageError
        If something is missing, or the schema is of another version.
    TargetError
        If the database refuses.
    """
    records = Records(tree)
    connection = connect(dsn)
    import psycopg

    try:
        with connection:
            loader, before, now = _prepare(connection, migrate=migrate)
            _load(loader, records, progress)
    except psycopg.Error as error:
        raise TargetError(f"the database refuses: {str(error).splitlines()[0]}", hint=_advise(error)) from None
    return Pushed(
        collections=len(records.collections),
        items=records.items,
        pgstac=now,
        installed=before is None,
        migrated_from=before if before not in (None, now) else None,
    )


def _prepare(connection: Any, *, migrate: bool) -> tuple[Any, str | None, str]:
    """Make the loader of a database whose schema fits it; gives the schema's versions before and now as well."""
    try:
        from pypgstac.db import PgstacDB
        from pypgstac.load import Loader
        from pypgstac.version import __version__ as ours
    except ImportError as error:
        raise UsageError(f"pgstac needs packages that are not installed: {error}", hint="pip install 'pangeo-forge[pgstac]'") from None
    logging.getLogger("pypgstac").setLevel(logging.CRITICAL)  # what goes wrong is raised as well
    connection.execute("SELECT set_config('search_path', 'pgstac,' || current_setting('search_path'), false)")
    lost: Any = _NoOther()
    database = PgstacDB(connection=connection, pool=lost)
    before = database.version
    if before is None or (before != ours and migrate):
        _migrate(database, before)
    elif _series(before) != _series(ours):
        raise UsageError(
            f"the database has pgstac {before}, and the pypgstac that is installed loads into {ours}",
            hint="Install a pypgstac of that version, or bring the database up to date with --migrate.",
        )
    return Loader(database), before, str(database.version)


class _NoOther:
    """Stands where pypgstac has a pool of connections: when ours is lost it would go on with whatever libpq connects to."""

    def getconn(self) -> Any:
        import psycopg

        raise psycopg.OperationalError("the connection was lost")

    def putconn(self, connection: Any) -> None:
        """Leave it to who opened it."""

    def check(self) -> None:
        """There is nothing to check."""


def _series(version: str) -> list[str]:
    return version.split(".")[:2]


def _migrate(database: PgstacDB, before: str | None) -> None:
    from pypgstac.migrate import Migrate

    try:
        Migrate(database).run_migration()
    except OSError as error:
        raise UsageError(f"there is no way from the database's pgstac {before} to the one that is installed: {error}") from None


def _load(loader: Any, records: Records, progress: Callable[[int, int], None]) -> None:
    from pypgstac.load import Methods

    loader.load_collections(records.read_collections(), Methods.upsert)

    def read() -> Iterator[dict[str, Any]]:
        for number, item in enumerate(records.read_items()):
            progress(number, records.items)
            yield item
        progress(records.items, records.items)

    loader.load_items(read(), Methods.upsert)


def _advise(error: Exception) -> str | None:
    told = str(error)
    if "postgis" in told:
        return "The server needs PostGIS; Debian's package is postgresql-15-postgis-3."
    if "permission denied" in told or "must be superuser" in told:
        return "Who makes pgstac's schema must be allowed to create extensions, roles and schemas: let a superuser run it once."
    return None
