"""Comparing times: the relations of intervals that CQL2 has from Allen, over what begins and ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pangeo_forge.catalog.filters.queryables import Kind
from pangeo_forge.catalog.filters.terms import Term, Terms, as_kind, make_literal, make_property, read_time
from pangeo_forge.errors import UsageError

#: Each in SQL over the beginnings and ends of two intervals: {0} to {1}, and {2} to {3}.
TEMPORAL = {
    "t_after": "({0} > {3})",
    "t_before": "({1} < {2})",
    "t_contains": "({0} < {2} AND {1} > {3})",
    "t_disjoint": "({0} > {3} OR {1} < {2})",
    "t_during": "({0} > {2} AND {1} < {3})",
    "t_equals": "({0} = {2} AND {1} = {3})",
    "t_finishedby": "({0} < {2} AND {1} = {3})",
    "t_finishes": "({0} > {2} AND {1} = {3})",
    "t_intersects": "({0} <= {3} AND {1} >= {2})",
    "t_meets": "({1} = {2})",
    "t_metby": "({0} = {3})",
    "t_overlappedby": "({0} > {2} AND {0} < {3} AND {1} > {3})",
    "t_overlaps": "({0} < {2} AND {1} > {2} AND {1} < {3})",
    "t_startedby": "({0} = {2} AND {1} > {3})",
    "t_starts": "({0} = {2} AND {1} < {3})",
}


def compare_intervals(op: str, left: Any, right: Any, shown: str) -> Term:
    """Translate a comparison of two times or intervals.

    Parameters
    ----------
    op : str
        One of `TEMPORAL`.
    left, right
        As CQL2's JSON writes them: a property, an instant or an interval. The property ``datetime`` is an interval.
    shown : str
        The comparison as its author knows it.

    Raises
    ------
    UsageError
        If one of them is no time.
    """
    return Terms([*_bounds(left, shown), *_bounds(right, shown)]).join(TEMPORAL[op], Kind.BOOLEAN)


def _bounds(node: Any, shown: str) -> tuple[Term, Term]:
    if isinstance(node, Mapping) and node.get("property") in ("datetime", "properties.datetime"):
        return make_property("start_datetime"), make_property("end_datetime")
    if isinstance(node, Mapping) and "interval" in node:
        ends = node["interval"]
        if not isinstance(ends, list) or len(ends) != 2:
            raise UsageError(f"an interval has a beginning and an end, in {shown}", hint="Write '..' for one that is open.")
        return _bound(ends[0], "-infinity", shown), _bound(ends[1], "infinity", shown)
    if isinstance(node, Mapping) and isinstance(node.get("date"), str):
        return _at(node["date"], shown), _end_of_day(node["date"], shown)
    instant = _bound(node, "", shown)
    return instant, instant


def _bound(node: Any, unbounded: str, shown: str) -> Term:
    """Translate an end of an interval, or an instant, which cannot be open."""
    if node == ".." and unbounded:
        return Term(f"TIMESTAMPTZ '{unbounded}'", (), Kind.TIME)
    if isinstance(node, str):
        is_day = unbounded == "infinity" and len(node) == len("2020-01-31")
        return _end_of_day(node, shown) if is_day else _at(node, shown)
    if isinstance(node, Mapping) and isinstance(node.get("property"), str):
        return as_kind(make_property(node["property"]), Kind.TIME, shown)
    return as_kind(make_literal(node, shown), Kind.TIME, shown)


def _at(text: str, shown: str) -> Term:
    return as_kind(make_literal({"timestamp": text}, shown), Kind.TIME, shown)


def _end_of_day(text: str, shown: str) -> Term:
    last = read_time(text, shown).replace(hour=23, minute=59, second=59, microsecond=999_999)
    return Term("CAST(? AS TIMESTAMPTZ)", (last,), Kind.TIME)
