"""The tables in which runs are remembered, for any database that SQLAlchemy speaks to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Column, DateTime, Dialect, Float, Index, Integer, MetaData, String, Table, Text
from sqlalchemy.types import TypeDecorator

#: Counts the changes of the tables. A database of another version is refused, not guessed at.
VERSION = 1


class UtcDateTime(TypeDecorator[datetime]):
    """A time that is aware and UTC on both sides; SQLite itself keeps no time zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn any aware time into UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Say of a time without a zone that it is UTC."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


metadata = MetaData()

versions = Table(
    "pangeo_forge_version",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
)

#: One row a run; the columns are the fields of `Run`.
runs = Table(
    "runs",
    metadata,
    Column("id", String(100), primary_key=True),
    Column("recipe_id", Text, nullable=False),
    Column("feedstock", Text, nullable=False),
    Column("source", Text),
    Column("commit", Text),
    Column("bakery", Text, nullable=False),
    Column("engine", Text, nullable=False),
    Column("pruned", Boolean, nullable=False),
    Column("state", String(16), nullable=False),
    Column("created", UtcDateTime, nullable=False),
    Column("started", UtcDateTime),
    Column("ended", UtcDateTime),
    Column("attempt", Integer, nullable=False),
    Column("target", Text, nullable=False),
    Column("bytes_written", BigInteger, nullable=False),
    Column("bytes_stored", BigInteger),
    Column("chunks_written", BigInteger, nullable=False),
    Column("inputs", BigInteger),
    Column("peak_memory", BigInteger, nullable=False),
    Column("cpu_s", Float, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("environment", JSON, nullable=False),
    Column("error", JSON(none_as_null=True)),
    Column("folder", Text, nullable=False),
    Column("host", Text),
    Column("pid", BigInteger),
    Column("process", Text),
    Column("worker_pid", BigInteger),
    Column("worker_process", Text),
    Index("runs_by_state", "state"),
    Index("runs_by_feedstock", "feedstock"),
)

#: Who writes to a target now. That a target is there once only is what keeps the second run out.
claims = Table(
    "claims",
    metadata,
    Column("target", Text, primary_key=True),
    Column("run_id", String(100), nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("host", Text, nullable=False),
    Column("pid", BigInteger, nullable=False),
    Column("process", Text),
)
