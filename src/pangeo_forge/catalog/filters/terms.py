"""The values of a filter in SQL, each of a kind that is known, or that follows from what it is compared with."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pangeo_forge.catalog.filters.queryables import QUERYABLES, Kind
from pangeo_forge.errors import UsageError

#: Where STAC has what is no property of an Item.
_OUTSIDE = ("id", "collection", "type", "stac_version")


@dataclass(frozen=True, slots=True)
class Pointer:
    """A place in an Item (RFC 6901), among the values of a term: it stands for the number of what was found there."""

    path: str


@dataclass(frozen=True, slots=True)
class Term:
    """A value.

    Parameters
    ----------
    sql : str
        With a question mark for each parameter.
    values : tuple
        Of the parameters.
    kind : Kind
        Of no known kind are properties without a column: JSON in the Item.
    pointer : Pointer, optional
        Where such a property is in the Item.
    """

    sql: str
    values: tuple[Any, ...]
    kind: Kind
    pointer: Pointer | None = None

    def wrap(self, sql: str, kind: Kind | None = None) -> Term:
        """Put it into the place of ``{}`` in some SQL."""
        return Term(sql.format(self.sql), self.values, kind or self.kind)


@dataclass(frozen=True, slots=True)
class Terms:
    """Values that are put together."""

    terms: Sequence[Term]

    def join(self, sql: str, kind: Kind) -> Term:
        """Put each into its place in some SQL.

        Places are ``{}``, which are filled in their order, or numbered ``{0}``: parameters follow the order of places, so both are read
        from left to right.
        """
        order = _read_places(sql, len(self.terms))
        values = tuple(value for number in order for value in self.terms[number].values)
        return Term(sql.format(*(term.sql for term in self.terms)), values, kind)


def _read_places(sql: str, count: int) -> list[int]:
    from string import Formatter

    names = [name for _, name, _, _ in Formatter().parse(sql) if name is not None]
    return [int(name) for name in names] if all(names) else list(range(count))


def make_property(name: str) -> Term:
    """Make the term of a property: a column of the index, or a place in the Items."""
    name = name.removeprefix("properties.")
    if name in QUERYABLES:
        return Term(QUERYABLES[name].sql, (), QUERYABLES[name].kind)
    escaped = name.replace("~", "~0").replace("/", "~1")
    return Term("", (), Kind.ANY, Pointer(f"/{escaped}" if name in _OUTSIDE else f"/properties/{escaped}"))


def make_literal(value: Any, shown: str) -> Term:
    """Make the term of a value that was given.

    Raises
    ------
    UsageError
        If it is of no kind that can be compared.
    """
    if isinstance(value, bool):
        return Term("?", (value,), Kind.BOOLEAN)
    if isinstance(value, int | float):
        return Term("?", (_as_number(value),), Kind.NUMBER)
    if isinstance(value, str):
        return Term("?", (value,), Kind.TEXT)
    if isinstance(value, Mapping) and len(value) == 1:
        ((name, text),) = value.items()
        if name in ("timestamp", "date") and isinstance(text, str):
            return Term("CAST(? AS TIMESTAMPTZ)", (read_time(text, shown),), Kind.TIME)
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return Term("CAST(? AS VARCHAR[])", (value,), Kind.TEXTS)
    raise UsageError(
        f"{shown} is no value that can be compared", hint="There are texts, numbers, true, false, TIMESTAMP('…') and lists of texts."
    )


def _as_number(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def read_time(text: str, shown: str) -> datetime:
    """Read a time of RFC 3339, or a date.

    Raises
    ------
    UsageError
        If it is none.
    """
    from datetime import UTC

    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is no time, in {shown}", hint="Write 2020-01-31 or 2020-01-31T12:00:00Z.") from None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def as_kind(term: Term, kind: Kind, shown: str) -> Term:
    """Make a term of a kind.

    Raises
    ------
    UsageError
        If it is of another.
    """
    if term.pointer is not None:
        return _extract(term.pointer, kind)
    if kind in (term.kind, Kind.ANY):
        return term
    if kind is Kind.TIME and term.kind is Kind.TEXT and len(term.values) == 1 and isinstance(term.values[0], str):
        return Term("CAST(? AS TIMESTAMPTZ)", (read_time(term.values[0], shown),), Kind.TIME)
    raise UsageError(f"{term.kind.value} stands where {kind.value} is needed, in {shown}")


#: How each kind is read out of JSON that was found in an Item; what is of another kind there is null, which no comparison finds.
_EXTRACTED = {
    Kind.TEXT: "CASE json_type({0}) WHEN 'VARCHAR' THEN json_extract_string({0}, '$') END",
    Kind.NUMBER: (
        "CASE WHEN json_type({0}) IN ('UBIGINT', 'BIGINT', 'HUGEINT', 'DOUBLE') THEN TRY_CAST(json_extract_string({0}, '$') AS DOUBLE) END"
    ),
    Kind.BOOLEAN: "CASE json_type({0}) WHEN 'BOOLEAN' THEN json_extract_string({0}, '$') = 'true' END",
    Kind.TIME: "CASE json_type({0}) WHEN 'VARCHAR' THEN TRY_CAST(json_extract_string({0}, '$') AS TIMESTAMPTZ) END",
    Kind.TEXTS: "CASE json_type({0}) WHEN 'ARRAY' THEN TRY_CAST({0} AS VARCHAR[]) END",
    Kind.ANY: "json_extract_string({0}, '$')",
}


def _extract(pointer: Pointer, kind: Kind) -> Term:
    if kind is Kind.GEOMETRY:
        raise UsageError(f"{json.dumps(pointer.path.rpartition('/')[2])} is no geometry", hint="The only one is the property geometry.")
    found = Term("whole.found[?]", (pointer,), kind)
    return Terms([found]).join(f"({_EXTRACTED[kind]})", kind)
