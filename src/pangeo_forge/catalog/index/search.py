"""Searching an index with DuckDB, in place: no server, no network, and of the Items only those that are found are read."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import duckdb
from shapely.geometry.base import BaseGeometry

from pangeo_forge.catalog.filters.places import Place
from pangeo_forge.catalog.filters.queryables import QUERYABLES
from pangeo_forge.catalog.filters.translating import Condition
from pangeo_forge.catalog.index.table import DamagedIndex
from pangeo_forge.errors import UsageError


@dataclass(frozen=True, slots=True)
class Order:
    """By what Items are sorted.

    Parameters
    ----------
    name : str
        A queryable.
    descending : bool
    """

    name: str
    descending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is searched for; all of it must hold.

    Parameters
    ----------
    words : tuple of str
        Each stands somewhere in the id, title, description, keywords, variables or standard names, whatever the case.
    bbox : tuple of float, optional
        West, south, east, north in degrees; the dataset overlaps it. West is greater than east across the antimeridian.
    start, end : datetime, optional
        The dataset overlaps this time; an end that is None is open.
    variables : tuple of str
        Each is the name or the standard name of a variable.
    collections : tuple of str
        The Item belongs to one of these.
    ids : tuple of str
        The Item is one of these.
    all_versions : bool
        Whether older versions are wanted as well.
    place : BaseGeometry, optional
        The dataset's geometry and this one have points in common; degrees.
    filter : Condition, optional
        A filter in CQL2, as `pangeo_forge.catalog.filters.translating` makes it.
    order : tuple of Order
        How the Items are sorted; without it the newest come first.
    """

    words: tuple[str, ...] = ()
    bbox: tuple[float, float, float, float] | None = None
    start: datetime | None = None
    end: datetime | None = None
    variables: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    all_versions: bool = False
    place: BaseGeometry | None = None
    filter: Condition | None = None
    order: tuple[Order, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A part of what was found.

    Parameters
    ----------
    items : tuple of dict
        STAC Items.
    matched : int
        How many there are in all.
    """

    items: tuple[dict[str, Any], ...]
    matched: int


@dataclass(frozen=True, slots=True)
class Line:
    """What a list shows of an Item, without reading it.

    Parameters
    ----------
    id, collection, title : str
    start, end : datetime
        The time that it covers.
    variables : tuple of str
        Its data variables.
    bytes : int
        How large they are.
    version : str
    """

    id: str
    collection: str
    title: str
    start: datetime
    end: datetime
    variables: tuple[str, ...]
    bytes: int
    version: str


@dataclass
class _Conditions:
    """The conditions of a query in SQL; what users give is only ever passed as parameters."""

    clauses: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)
    pointers: tuple[str, ...] = ()

    def add(self, clause: str, *values: Any) -> None:
        self.clauses.append(clause)
        self.values += values

    @property
    def sql(self) -> str:
        return " AND ".join(self.clauses) or "true"

    @property
    def tables(self) -> str:
        """What is selected from; the Items are read and parsed only if they are needed, once for all pointers."""
        found = "SELECT file_row_number AS row, json_extract(item, ?) AS found FROM read_parquet(?, file_row_number = true)"
        return f"facts JOIN ({found}) AS whole ON facts.row = whole.row" if self.pointers else "facts"


class Index:
    """An index that is open to be searched.

    Make one with `open_index`, which reads of the file what a search needs, or with `load_index`, for many searches.

    Parameters
    ----------
    connection : DuckDBPyConnection
        Has a table or view ``facts`` of all columns but the Items, with their places in the file as ``row``.
    path : str
        The Parquet file, on this machine.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: str) -> None:
        self._connection = connection
        self._path = path

    def search(self, query: Query, *, limit: int = 10, offset: int = 0) -> Page:
        """Find Items, the newest first.

        Parameters
        ----------
        query : Query
        limit, offset : int
            How many to return, and how many to pass over.
        """
        conditions = _translate(query)
        order = _sort(query.order)
        sql = f"SELECT facts.row, count(*) OVER () FROM {conditions.tables} WHERE {conditions.sql} ORDER BY {order} LIMIT ? OFFSET ?"  # noqa: S608
        found = self._ask(sql, conditions, limit, offset)
        if not found:
            return Page((), self.count(query) if offset else 0)
        return Page(tuple(self._read([row for row, _ in found])), int(found[0][1]))

    def count(self, query: Query) -> int:
        """Count the Items that a query finds."""
        conditions = _translate(query)
        sql = f"SELECT count(*) FROM {conditions.tables} WHERE {conditions.sql}"  # noqa: S608
        ((matched,),) = self._ask(sql, conditions)
        return int(matched)

    def find(self, query: Query) -> list[int]:
        """Find the places of all Items that a query finds, the newest first, for `describe`."""
        conditions = _translate(query)
        sql = f"SELECT row FROM facts WHERE {conditions.sql} ORDER BY created DESC, id"  # noqa: S608
        return [row for (row,) in self._cursor().execute(sql, conditions.values).fetchall()]

    def describe(self, rows: Sequence[int]) -> list[Line]:
        """Say what a list shows of the Items at some places."""
        sql = 'SELECT row, id, collection, title, start, "end", variables, bytes, version FROM facts WHERE list_contains(?, row)'
        found = {row: facts for row, *facts in self._cursor().execute(sql, [list(rows)]).fetchall()}
        return [_make_line(found[row]) for row in rows]

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _ask(self, sql: str, conditions: _Conditions, *paging: int) -> list[Any]:
        """Run a query with its conditions' values; those of places are found first."""
        values = [self._find_rows(value) if isinstance(value, Place) else value for value in conditions.values]
        items = [list(conditions.pointers), self._path] if conditions.pointers else []
        try:
            return self._cursor().execute(sql, [*items, *values, *paging]).fetchall()
        except (duckdb.OutOfRangeException, duckdb.ConversionException, duckdb.InvalidInputException) as error:
            raise UsageError(f"the filter cannot be calculated: {str(error).splitlines()[0]}") from None

    def _find_rows(self, place: Place) -> list[int]:
        """Find the rows that a place comes out for; where it needs points in common, of those only whose boxes overlap."""
        near = _Conditions()
        if place.needs_overlap:
            _add_bbox(near, place.geometry.bounds)
        found = self._cursor().execute(f"SELECT row, geometry FROM facts WHERE {near.sql}", near.values).fetchall()  # noqa: S608
        return place.find_rows([row for row, _ in found], [geometry for _, geometry in found])

    def _read(self, rows: Sequence[int]) -> list[dict[str, Any]]:
        """Read the Items at some places of the file."""
        places = ", ".join(map(str, rows))
        sql = f"SELECT file_row_number, item FROM read_parquet(?, file_row_number = true) WHERE file_row_number IN ({places})"  # noqa: S608
        read = dict(self._cursor().execute(sql, [self._path]).fetchall())
        return [json.loads(read[row]) for row in rows]

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        """Give a connection of this thread's own: a server searches in several at once."""
        return self._connection.cursor()


def _make_line(facts: Sequence[Any]) -> Line:
    item, collection, title, start, end, variables, size, version = facts
    return Line(item, collection, title or collection, start, end, tuple(variables or ()), size or 0, version or "")


def open_index(path: str) -> Index:
    """Open an index for a search or two: they look into the file itself."""
    return _open(path, "VIEW")


def load_index(path: str) -> Index:
    """Open an index for many searches: all but the Items is read now, and kept."""
    return _open(path, "TABLE")


def _open(path: str, kind: str) -> Index:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    place = path.replace("'", "''")
    columns = "* EXCLUDE (item, file_row_number), file_row_number AS row"
    try:
        connection.execute(f"CREATE {kind} facts AS SELECT {columns} FROM read_parquet('{place}', file_row_number = true)")  # noqa: S608
    except duckdb.Error:
        connection.close()
        raise DamagedIndex from None
    return Index(connection, path)


def _translate(query: Query) -> _Conditions:
    conditions = _Conditions()
    if not query.all_versions and not query.ids:
        conditions.add("latest")
    for word in query.words:
        conditions.add("contains(words, ?)", word.lower())
    for name in query.variables:
        conditions.add("(list_contains(variables, ?) OR list_contains(standard_names, ?))", name, name)
    for column, values in (("collection", query.collections), ("id", query.ids)):
        if values:
            conditions.add(f"list_contains(?, {column})", list(values))
    if query.start is not None:
        conditions.add('"end" >= ?', query.start)
    if query.end is not None:
        conditions.add("start <= ?", query.end)
    if query.bbox is not None:
        _add_bbox(conditions, query.bbox)
    _add_filters(conditions, query)
    return conditions


def _add_filters(conditions: _Conditions, query: Query) -> None:
    if query.place is not None:
        conditions.add("facts.row IN (SELECT unnest(?))", Place("s_intersects", query.place))
    if query.filter is not None:
        conditions.add(query.filter.sql, *query.filter.values)
        conditions.pointers = query.filter.pointers


def _sort(order: Sequence[Order]) -> str:
    """Give the order in SQL, with no value before any, and none that is left to chance."""
    asked = [f"{QUERYABLES[each.name].sql} {'DESC' if each.descending else 'ASC'} NULLS LAST" for each in order]
    return ", ".join([*(asked or ["facts.created DESC"]), "facts.id"])


def _add_bbox(conditions: _Conditions, bbox: Sequence[float]) -> None:
    """Let boxes overlap; each that crosses the antimeridian counts as two."""
    west, south, east, north = bbox
    conditions.add("bbox.ymin <= ? AND bbox.ymax >= ?", north, south)
    parts = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    overlaps = []
    for part_west, part_east in parts:
        overlaps.append("CASE WHEN bbox.xmin <= bbox.xmax THEN bbox.xmin <= ? AND bbox.xmax >= ? ELSE bbox.xmin <= ? OR bbox.xmax >= ? END")
        conditions.values += [part_east, part_west, part_east, part_west]
    conditions.clauses.append(f"({' OR '.join(overlaps)})")


def parse_interval(text: str) -> tuple[datetime | None, datetime | None]:
    """Read a time or an interval, as STAC's API writes them: ``2020``, ``2020-01-01/2020-12-31``, ``../2020-06-01T00:00:00Z``.

    A year, month or day means all of it.

    Raises
    ------
    UsageError
        If it is none.
    """
    first, separator, last = text.partition("/")
    start, end = _parse_bound(first, text, is_end=False), _parse_bound(last if separator else first, text, is_end=True)
    if start is not None and end is not None and start > end:
        raise UsageError(f"the interval {text!r} ends before it begins", hint="Write the earlier time first.")
    return start, end


_PARTS = re.compile(r"^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$")


def _parse_bound(text: str, whole: str, *, is_end: bool) -> datetime | None:
    if text in ("", ".."):
        return None
    try:
        if match := _PARTS.match(text):
            year, month, day = (int(part) if part else None for part in match.groups())
            return _end_of(year or 1, month, day) if is_end else datetime(year or 1, month or 1, day or 1, tzinfo=UTC)
        time = datetime.fromisoformat(text)
        return time if time.tzinfo else time.replace(tzinfo=UTC)
    except ValueError:
        raise UsageError(f"{whole!r} is neither a time nor an interval", hint="Write 2020-01-31, 2020, or 2019-07/2020-06.") from None


def _end_of(year: int, month: int | None, day: int | None) -> datetime:
    """Give the last second of a year, a month or a day."""
    import calendar

    month = month or 12
    day = day or calendar.monthrange(year, month)[1]
    return datetime(year, month, day, 23, 59, 59, tzinfo=UTC)


def parse_bbox(text: str) -> tuple[float, float, float, float]:
    """Read a bounding box: ``west,south,east,north`` in degrees.

    Raises
    ------
    UsageError
        If it is none.
    """
    hint = "Write west,south,east,north in degrees: --bbox=-10,35,30,60. Across the antimeridian west is greater than east."
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        raise UsageError(f"the bounding box {text!r} is not four numbers", hint=hint) from None
    if len(numbers) != 4:
        raise UsageError(f"the bounding box {text!r} has {len(numbers)} numbers, not four", hint=hint)
    west, south, east, north = numbers
    if not (-90 <= south <= north <= 90 and -180 <= west <= 180 and -180 <= east <= 180):
        raise UsageError(f"the bounding box {text!r} is not on the globe", hint=hint)
    return west, south, east, north
