"""Opening the database of runs, and saying in plain words why it cannot be used."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, insert, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateIndex, CreateTable

from pangeo_forge.errors import EngineError, UsageError
from pangeo_forge.runs import schema
from pangeo_forge.runs.failures import writing
from pangeo_forge.runs.signals import stop_requests

_POSTGRES = ("postgresql", "postgres", "postgresql+psycopg")
_URLS = "Write sqlite:////path/to/file or postgresql+psycopg://user:password@host/database into PANGEO_FORGE_DATABASE, or unset it."
_ELSEWHERE = "PANGEO_FORGE_DATABASE can name another database."


class Database:
    """A database that is there, has the tables, and explains itself where it fails.

    A connection is opened for each use and closed after it, so that no process keeps another out for longer than a statement takes.

    Parameters
    ----------
    url : str
        SQLAlchemy's; SQLite or PostgreSQL. A SQLite file is made where there is none.
    timeout_s : float
        How long to wait for a database that others use, seconds.

    Raises
    ------
    UsageError
        If the URL is malformed, or there is no driver for it.
    EngineError
        If the database cannot be reached, is locked, or is none.
    """

    def __init__(self, url: str, *, timeout_s: float) -> None:
        self._url = _read_url(url)
        self._timeout_s = timeout_s
        self._engine = _make_engine(self._url, timeout_s)
        if self._is_sqlite:
            file = Path(str(self._url.database))
            with writing(file.parent):
                file.parent.mkdir(parents=True, exist_ok=True)
        self._make_tables()
        self._check_version()

    @property
    def name(self) -> str:
        """What to call the database: the file, or the URL without the password."""
        return str(self._url.database) if self._is_sqlite else self._url.render_as_string(hide_password=True)

    @property
    def _is_sqlite(self) -> bool:
        return self._url.get_backend_name() == "sqlite"

    def __repr__(self) -> str:
        return f"Database({self.name!r})"

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Open a connection whose statements take effect together, at the end of the body.

        Raises
        ------
        EngineError
            If the database cannot be used; but a violated constraint is left to the caller, as SQLAlchemy's own ``IntegrityError``.
        """
        try:
            with self._connection() as connection:
                yield connection
        except IntegrityError:
            raise
        except DBAPIError as error:
            raise self._in_words(error) from None  # the driver's own error may know the password

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        """Open a connection, use it and close it undisturbed: Ctrl-C waits until it is closed."""
        with stop_requests(), self._engine.begin() as connection:
            yield connection

    def _make_tables(self) -> None:
        """Make what is missing. Of several processes that do so at once all but one may be told that it is there already."""
        deadline = time.monotonic() + self._timeout_s
        while True:
            try:
                with self._connection() as connection:
                    _make_missing(connection)
                return
            except DBAPIError as error:
                if not _is_race(error) or time.monotonic() > deadline:
                    raise self._in_words(error) from None
            time.sleep(0.05)

    def _check_version(self) -> None:
        with self.transaction() as connection:
            found = connection.execute(select(schema.versions.c.version)).scalar()
        if found != schema.VERSION:
            raise EngineError(
                f"the database of runs {self.name} is of version {found}, and this pangeo-forge reads version {schema.VERSION}",
                hint=f"Use the pangeo-forge that made it, or move it away. {_ELSEWHERE}",
            )

    def _in_words(self, error: DBAPIError) -> EngineError:
        said = str(error.orig)
        if self._url.password:
            said = said.replace(str(self._url.password), "***")
        message, hint = _explain(said)
        return EngineError(f"the database of runs {self.name} {message}", hint=hint.format(name=self.name), detail=said)


def _is_race(error: DBAPIError) -> bool:
    words = ("already exists", "database is locked", "tuple concurrently updated")
    return isinstance(error, IntegrityError) or any(word in str(error.orig) for word in words)


def _make_missing(connection: Connection) -> None:
    for table in schema.metadata.sorted_tables:
        connection.execute(CreateTable(table, if_not_exists=True))
        for index in table.indexes:
            connection.execute(CreateIndex(index, if_not_exists=True))
    if connection.execute(select(schema.versions.c.version)).first() is None:
        connection.execute(insert(schema.versions).values(version=schema.VERSION))


_LOCKED = (
    "is locked by another process",
    "Wait for it to end, or find it (`fuser {name}`) and stop it; then try again. " + _ELSEWHERE,
)
_WORDS = (
    ("database is locked", *_LOCKED),
    ("database table is locked", *_LOCKED),
    ("file is not a database", "is no database: the file holds something else", "Move the file away. " + _ELSEWHERE),
    ("database disk image is malformed", "is damaged", "Move the file away; the runs' folders and stores are not touched by it."),
    ("unable to open database file", "cannot be opened: it is no file that this user may write", _ELSEWHERE),
    ("readonly database", "may not be written by this user", "Change its permissions. " + _ELSEWHERE),
    ("database or disk is full", "cannot grow: no space is left on its disk", "Free some space. " + _ELSEWHERE),
    ("disk I/O error", "cannot be read or written: its disk reports an error", _ELSEWHERE),
)


def _explain(said: str) -> tuple[str, str]:
    for words, message, hint in _WORDS:
        if words in said:
            return message, hint
    first_line = said.strip().partition("\n")[0]
    return f"cannot be used: {first_line}", "Check PANGEO_FORGE_DATABASE, and that the server runs and lets this user in."


def _read_url(text: str) -> URL:
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):  # what they say may hold a part of the password
        raise UsageError("PANGEO_FORGE_DATABASE holds no URL of a database", hint=_URLS) from None
    if url.drivername in _POSTGRES:
        return url.set(drivername="postgresql+psycopg")
    if url.drivername not in ("sqlite", "sqlite+pysqlite"):
        raise UsageError(f"PANGEO_FORGE_DATABASE names a kind of database that is not known, {url.drivername!r}", hint=_URLS)
    if not url.database or url.database == ":memory:":
        raise UsageError("PANGEO_FORGE_DATABASE names a SQLite database without a file, which no other process can read", hint=_URLS)
    return url


def _make_engine(url: URL, timeout_s: float) -> Engine:
    options = {"timeout": timeout_s} if url.get_backend_name() == "sqlite" else {"connect_timeout": max(2, round(timeout_s))}
    try:
        engine = create_engine(url, poolclass=NullPool, connect_args=options, hide_parameters=True)
    except ModuleNotFoundError as error:
        raise UsageError(
            f"PANGEO_FORGE_DATABASE names a database whose driver is not installed: there is no module {error.name!r}",
            hint="pip install 'pangeo-forge[postgres]'",
        ) from None
    if url.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _record: object) -> None:
    """Let others read while one writes, and do not wait for the disk more than it takes to survive a crash of the process."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()
