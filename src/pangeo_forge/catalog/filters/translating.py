"""From a filter's expression to a condition in SQL. What strangers give becomes parameters, names of properties as well; never SQL."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pangeo_forge.catalog.filters.places import MIRRORED, RELATIONS, Place, read_geometry
from pangeo_forge.catalog.filters.queryables import QUERYABLES, Kind
from pangeo_forge.catalog.filters.terms import Pointer, Term, Terms, as_kind, make_literal, make_property
from pangeo_forge.catalog.filters.times import TEMPORAL, compare_intervals
from pangeo_forge.errors import UsageError

_MOST_PLACES = 10
_COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")
_ARITHMETIC = {
    "+": "({} + {})",
    "-": "({} - {})",
    "*": "({} * {})",
    "/": "({} / {})",
    "^": "pow({}, {})",
    "%": "({} % {})",
    "div": "trunc({} / {})",
}
_FOLDS = {"casei": "lower({})", "accenti": "strip_accents({})"}
_LISTS = {
    "a_contains": "list_has_all({0}, {1})",
    "a_containedby": "list_has_all({1}, {0})",
    "a_overlaps": "list_has_any({0}, {1})",
    "a_equals": "({0} = {1})",
}


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition in SQL over ``facts`` and, if it needs them, what was found in the Items: the list ``whole.found``.

    Parameters
    ----------
    sql : str
    values : tuple
        Of its parameters. A `Place` stands for the list of rows that it holds for.
    pointers : tuple of str
        What is to be found in each Item: JSON pointers.
    """

    sql: str
    values: tuple[Any, ...]
    pointers: tuple[str, ...] = ()


def translate(expression: Any) -> Condition:
    """Translate a filter.

    Parameters
    ----------
    expression
        As `pangeo_forge.catalog.filters.reading` gives it.

    Raises
    ------
    UsageError
        If it has no meaning here; the message shows which part.
    """
    term = _truth(expression)
    if sum(isinstance(value, Place) for value in term.values) > _MOST_PLACES:
        raise UsageError(f"the filter compares with more than {_MOST_PLACES} places")
    pointers = tuple(dict.fromkeys(value.path for value in term.values if isinstance(value, Pointer)))
    values = tuple(pointers.index(value.path) + 1 if isinstance(value, Pointer) else value for value in term.values)
    return Condition(term.sql, values, pointers)


def _truth(node: Any) -> Term:
    """Translate what is true or false."""
    if isinstance(node, bool):
        return Term("true" if node else "false", (), Kind.BOOLEAN)
    op, args = _take_apart(node)
    if op in ("and", "or"):
        return _combine(f" {op.upper()} ", [_truth(arg) for arg in args], node)
    if op == "not":
        return _one(node, args, _truth).wrap("(NOT {})")
    for names, make in _PREDICATES:
        if op in names:
            return make(op, args, node)
    if op in ("property", *_ARITHMETIC, *_FOLDS):
        return as_kind(_value(node), Kind.BOOLEAN, show(node))
    raise UsageError(f"{op!r} is no operator that a filter can use here, in {show(node)}")


def _take_apart(node: Any) -> tuple[str, Sequence[Any]]:
    """Give an operator, which CQL2's text writes in any case, and its arguments."""
    if isinstance(node, Mapping) and isinstance(node.get("property"), str):
        return "property", [node["property"]]
    if not isinstance(node, Mapping) or not isinstance(node.get("op"), str) or not isinstance(node.get("args"), Sequence):
        raise UsageError(f"{show(node)} is neither true nor false", hint="A filter compares a property with a value: title = 'Winds'.")
    args = node["args"]
    return node["op"].lower(), [args] if isinstance(args, str) else args


def _combine(between: str, terms: list[Term], node: Any) -> Term:
    if not terms:
        raise UsageError(f"{show(node)} combines nothing")
    return Terms(terms).join(f"({between.join(['{}'] * len(terms))})", Kind.BOOLEAN)


def _one(node: Any, args: Sequence[Any], read: Any) -> Term:
    if len(args) != 1:
        raise UsageError(f"{show(node)} has {len(args)} arguments, not one")
    term: Term = read(args[0])
    return term


def _two(node: Any, args: Sequence[Any]) -> tuple[Any, Any]:
    if len(args) != 2:
        raise UsageError(f"{show(node)} has {len(args)} arguments, not two")
    return args[0], args[1]


def _compare(op: str, args: Sequence[Any], node: Any) -> Term:
    left, right = _agree([_value(arg) for arg in _two(node, args)], node)
    if left.kind is Kind.GEOMETRY or (left.kind in (Kind.ANY, Kind.TEXTS) and op not in ("=", "<>")):
        raise UsageError(f"{op} cannot compare values that are {left.kind.value}, in {show(node)}")
    return Terms([left, right]).join(f"({{}} {op} {{}})", Kind.BOOLEAN)


def _agree(terms: list[Term], node: Any) -> list[Term]:
    """Make values comparable: properties of no known kind are what they are compared with, and so are times that are written as text."""
    kinds = [term.kind for term in terms if term.kind is not Kind.ANY]
    kind = Kind.TIME if Kind.TIME in kinds else kinds[0] if kinds else Kind.ANY
    return [as_kind(term, kind, show(node)) for term in terms]


def _between(op: str, args: Sequence[Any], node: Any) -> Term:
    if len(args) == 2 and isinstance(args[1], list):  # as drafts of CQL2 had it, and clients still write it
        args = [args[0], *args[1]]
    if len(args) != 3:
        raise UsageError(f"{show(node)} has {len(args)} arguments, not three")
    terms = _agree([_value(arg) for arg in args], node)
    if terms[0].kind not in (Kind.NUMBER, Kind.TIME, Kind.TEXT):
        raise UsageError(f"between cannot compare values that are {terms[0].kind.value}, in {show(node)}")
    return Terms(terms).join("({} BETWEEN {} AND {})", Kind.BOOLEAN)


def _in(op: str, args: Sequence[Any], node: Any) -> Term:
    value, choices = _two(node, args)
    if not isinstance(choices, list) or not choices:
        raise UsageError(f"{show(node)} needs a list of values")
    terms = _agree([_value(value), *(_value(choice) for choice in choices)], node)
    return Terms(terms).join(f"({{}} IN ({', '.join(['{}'] * len(choices))}))", Kind.BOOLEAN)


def _like(op: str, args: Sequence[Any], node: Any) -> Term:
    value, pattern = _two(node, args)
    innermost = pattern
    while isinstance(innermost, Mapping) and str(innermost.get("op", "")).lower() in _FOLDS:
        innermost = (innermost.get("args") or [None])[0]
    if not isinstance(innermost, str):
        raise UsageError(f"the pattern of like is a text, in {show(node)}")
    if (len(innermost) - len(innermost.rstrip("\\"))) % 2:
        raise UsageError(f"the pattern ends with a backslash that stands for nothing, in {show(node)}", hint=r"Write \\ for a backslash.")
    terms = [as_kind(_value(each), Kind.TEXT, show(node)) for each in (value, pattern)]
    return Terms(terms).join(r"({} LIKE {} ESCAPE '\')", Kind.BOOLEAN)


def _is_null(op: str, args: Sequence[Any], node: Any) -> Term:
    term = _one(node, args, _value)
    return as_kind(term, Kind.ANY, show(node)).wrap("({} IS NULL)", Kind.BOOLEAN)


def _compare_lists(op: str, args: Sequence[Any], node: Any) -> Term:
    terms = [as_kind(_value(arg), Kind.TEXTS, show(node)) for arg in _two(node, args)]
    return Terms(terms).join(_LISTS[op], Kind.BOOLEAN)


def _compare_times(op: str, args: Sequence[Any], node: Any) -> Term:
    left, right = _two(node, args)
    return compare_intervals(op, left, right, show(node))


def _compare_places(op: str, args: Sequence[Any], node: Any) -> Term:
    left, right = _two(node, args)
    if _is_geometry(right):
        left, right, op = right, left, MIRRORED.get(op, op)
    if not _is_geometry(left) or not isinstance(right, Mapping) or "property" in right:
        raise UsageError(f"{op} compares the property geometry with a place that is given, in {show(node)}")
    return Term("(facts.row IN (SELECT unnest(?)))", (Place(op, read_geometry(right)),), Kind.BOOLEAN)


def _is_geometry(node: Any) -> bool:
    if not isinstance(node, Mapping) or not isinstance(node.get("property"), str):
        return False
    queryable = QUERYABLES.get(node["property"])
    return queryable is not None and queryable.kind is Kind.GEOMETRY


def _value(node: Any) -> Term:
    """Translate what is compared: a property, a literal, or what is calculated from them."""
    if isinstance(node, Mapping) and isinstance(node.get("property"), str):
        return make_property(node["property"])
    if not isinstance(node, Mapping) or "op" not in node:
        return make_literal(node, show(node))
    op, args = _take_apart(node)
    if op in _FOLDS:
        return as_kind(_one(node, args, _value), Kind.TEXT, show(node)).wrap(_FOLDS[op])
    if op in _ARITHMETIC:
        return _calculate(op, args, node)
    return _truth(node)


def _calculate(op: str, args: Sequence[Any], node: Any) -> Term:
    if op == "-" and len(args) == 1:
        return as_kind(_value(args[0]), Kind.NUMBER, show(node)).wrap("(-{})")
    terms = [as_kind(_value(arg), Kind.NUMBER, show(node)) for arg in _two(node, args)]
    return Terms(terms).join(_ARITHMETIC[op], Kind.NUMBER)


_PREDICATES = (
    (_COMPARISONS, _compare),
    (("between",), _between),
    (("in",), _in),
    (("like",), _like),
    (("isnull",), _is_null),
    (_LISTS, _compare_lists),
    (TEMPORAL, _compare_times),
    (RELATIONS, _compare_places),
)


def show(node: Any) -> str:
    """Write a part of a filter as its author would know it, not longer than a line."""
    from cql2 import Expr

    try:
        text = Expr(dict(node)).to_text() if isinstance(node, Mapping) else json.dumps(node, ensure_ascii=False)
    except Exception:  # the library raises no narrower one of what is no expression
        text = json.dumps(node, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else f"{text[:79]}…"
