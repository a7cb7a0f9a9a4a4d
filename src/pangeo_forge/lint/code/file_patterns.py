"""The patterns of files that recipes read, told from their text: dimensions, keys, and whether they are cut short."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from pangeo_forge.lint.code.following import Follower, Value
from pangeo_forge.lint.code.pipelines import pruned

_PACKAGES = ("pangeo_forge_recipes.", "pangeo_forge.")
#: What gives back the items of a sequence, in an order of its own perhaps.
_SEQUENCES = frozenset({"list", "tuple", "sorted"})


@dataclass(frozen=True, eq=False)
class Dimension:
    """A dimension of a pattern.

    Parameters
    ----------
    is_concat : bool
        Whether files follow one another along it.
    keys : Value or None
        Its keys.
    """

    is_concat: bool
    keys: Value | None


@dataclass(frozen=True, eq=False)
class StaticPattern:
    """A pattern as its text tells.

    Parameters
    ----------
    call : Value
        The call that makes it.
    prunes : tuple of Value
        Calls by which it is shortened.
    dimensions : tuple of Dimension
        Those that can be told.
    is_complete : bool
        Whether these are all.
    """

    call: Value
    prunes: tuple[Value, ...]
    dimensions: tuple[Dimension, ...]
    is_complete: bool


def read_pattern(follower: Follower, value: Value) -> StaticPattern | None:
    """Read the pattern that an expression stands for; None where that cannot be told."""
    prunes = []
    found = follower.follow_one(value)
    while found is not None and (receiver := pruned(found)) is not None:
        prunes.append(found)
        found = follower.follow_one(receiver)
    maker = (follower.called(found) or "") if found else ""
    if found is None or not maker.startswith(_PACKAGES):
        return None
    if maker.endswith(".pattern_from_file_sequence"):
        return StaticPattern(found, tuple(prunes), (Dimension(True, found.argument("file_list", 0)),), True)
    if not maker.endswith(".FilePattern"):
        return None
    dimensions = tuple(_read_dimensions(follower, found))
    is_complete = not found.is_spread and None not in dimensions
    return StaticPattern(found, tuple(prunes), tuple(one for one in dimensions if one), is_complete)


def _read_dimensions(follower: Follower, call: Value) -> Iterator[Dimension | None]:
    assert isinstance(call.node, ast.Call)
    for argument in call.node.args[1:]:
        found = follower.follow_one(call.part(argument))
        maker = (follower.called(found) or "") if found else ""
        if found is None or not maker.startswith(_PACKAGES) or not maker.endswith((".ConcatDim", ".MergeDim")):
            yield None
        else:
            yield Dimension(maker.endswith(".ConcatDim"), found.argument("keys", 1))


def count_keys(follower: Follower, keys: Value) -> int | None:
    """Count the keys of a dimension where they are written out."""
    for found in _sequences(follower, keys):
        match found.node:
            case ast.List(elts=elements) | ast.Tuple(elts=elements):
                return None if any(isinstance(key, ast.Starred) for key in elements) else len(elements)
            case ast.Call(args=bounds) if follower.called(found) == "range":
                return _count_range([bound.value for bound in bounds if isinstance(bound, ast.Constant)], len(bounds))
    return None


def _count_range(bounds: list[object], count: int) -> int | None:
    numbers = [bound for bound in bounds if isinstance(bound, int)]
    return len(range(*numbers)) if len(numbers) == count and count in (1, 2) else None


def find_slice(follower: Follower, keys: Value, longest: int) -> Value | None:
    """Find the ``[:n]`` by which only the first few of some keys are taken, `longest` at most."""
    for found in _sequences(follower, keys):
        match found.node:
            case ast.Subscript(slice=ast.Slice(lower=None | ast.Constant(value=0), upper=ast.Constant(value=int(upper)), step=None)):
                return found if 0 < upper <= longest else None
    return None


def _sequences(follower: Follower, keys: Value) -> Iterator[Value]:
    """Give the sequence that keys are, and those that they are made of one by one."""
    found = follower.follow_one(keys)
    while found is not None:
        yield found
        match found.node:
            case ast.Call(args=[inner], keywords=[]) if follower.called(found) in _SEQUENCES:
                found = follower.follow_one(found.part(inner))
            case ast.ListComp(generators=[ast.comprehension(iter=inner, ifs=[])]):
                found = follower.follow_one(found.part(inner))
            case _:
                return
