"""Connecting to a database whose address is a secret: what goes wrong is told without it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pangeo_forge.errors import TargetError, UsageError

if TYPE_CHECKING:
    from psycopg import Connection

#: What libpq reads of a database's address by itself.
_OF_LIBPQ = ("PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE", "PGUSER", "PGPORT")
_HINT = "Check what --pgstac, PANGEO_FORGE_PGSTAC or PGHOST, PGDATABASE, PGUSER and PGPASSWORD say."

#: What the server itself says, and reasons of the client's that name nothing but themselves.
_SAID = re.compile(r"FATAL:\s+(.+)")
_REASONS = ("Connection refused", "No such file or directory", "timeout expired", "failed to resolve host", "server closed the connection")


def find_dsn(given: str | None, environ: Mapping[str, str]) -> str:
    """Find the database's address; empty where libpq's own variables have it.

    Raises
    ------
    UsageError
        If nothing says where it is.
    """
    dsn = given or environ.get("PANGEO_FORGE_PGSTAC")
    if dsn:
        return dsn
    if any(environ.get(name) for name in _OF_LIBPQ):
        return ""
    raise UsageError("no database is named", hint="Set PANGEO_FORGE_PGSTAC to postgresql://user:password@host/database, or give --pgstac.")


def connect(dsn: str) -> Connection:
    """Connect to it.

    Raises
    ------
    UsageError
        If the address cannot be read, or the packages are not there.
    TargetError
        If the database does not answer as it should.
    """
    try:
        import psycopg
    except ImportError as error:
        raise UsageError(f"pgstac needs packages that are not installed: {error}", hint="pip install 'pangeo-forge[pgstac]'") from None
    try:
        return psycopg.connect(dsn, autocommit=True, connect_timeout=30, application_name="pangeo-forge")
    except psycopg.ProgrammingError:
        raise UsageError("the database's address cannot be read", hint="Write postgresql://user:password@host:5432/database.") from None
    except psycopg.OperationalError as error:
        raise TargetError(f"the database cannot be reached: {explain(error)}", hint=_HINT) from None


def explain(error: Exception) -> str:
    """Say why a connection failed, with no part of its address: where a password is written wrongly, that stands in the host's name."""
    told = str(error)
    if said := _SAID.search(told):
        return said[1].strip()
    return next((reason for reason in _REASONS if reason in told), type(error).__name__)
