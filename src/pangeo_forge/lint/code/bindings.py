"""Which names the statements of a module bind in its own scope, under conditions or not."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pangeo_forge.lint.code.trees import list_children


@dataclass(frozen=True, slots=True)
class Binding:
    """A place where a name is bound.

    Parameters
    ----------
    node : ast.AST
        The statement or expression that binds it.
    value : ast.expr or None
        What it is bound to, where that is one expression.
    """

    node: ast.AST
    value: ast.expr | None = None


Bound = Iterator[tuple[str, Binding]]

_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
#: What has a scope of its own.
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_INNER_SCOPES = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def find_bindings(tree: ast.Module | ast.FunctionDef | ast.AsyncFunctionDef) -> dict[str, tuple[Binding, ...]]:
    """Find the names that a module, or the body of a function, binds, and where, in the order of the file."""
    found: dict[str, list[Binding]] = defaultdict(list)
    for name, binding in _bind_all(tree.body):
        found[name].append(binding)
    return {name: tuple(bindings) for name, bindings in found.items()}


def _bind_all(nodes: Iterable[ast.AST]) -> Bound:
    for node in nodes:
        if isinstance(node, _SCOPES):
            yield node.name, Binding(node)
            yield from _bind_globals(node)
        elif isinstance(node, _INNER_SCOPES):
            yield from _bind_from_within(node)
        else:
            yield from _bind(node)
            yield from _bind_all(list_children(node))


def _bind_from_within(node: ast.AST) -> Bound:
    """Find what ``:=`` in a comprehension binds in the scope around it."""
    if not isinstance(node, ast.Lambda):
        yield from ((part.target.id, Binding(part)) for part in ast.walk(node) if isinstance(part, ast.NamedExpr))


def _bind(node: ast.AST) -> Bound:
    """Find what a node itself binds."""
    match node:
        case ast.Import() | ast.ImportFrom():
            yield from ((alias.asname or alias.name.partition(".")[0], Binding(node)) for alias in node.names)
        case ast.Assign():
            for target in node.targets:
                yield from _bind_target(target, node.value, node)
        case ast.AnnAssign(target=target, value=ast.expr() as value) | ast.NamedExpr(target=target, value=value):
            yield from _bind_target(target, value, node)
        case ast.AugAssign(target=target) | ast.For(target=target) | ast.AsyncFor(target=target):
            yield from _bind_target(target, None, node)
        case ast.withitem(optional_vars=ast.expr() as target):
            yield from _bind_target(target, None, node)
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield name, Binding(node)
        case ast.MatchMapping(rest=str(name)):
            yield name, Binding(node)


def _bind_target(target: ast.expr, value: ast.expr | None, node: ast.AST) -> Bound:
    """Find what an assignment binds; tuples on both sides are taken apart."""
    if isinstance(target, ast.Name):
        yield target.id, Binding(node, value)
    elif isinstance(target, ast.Starred):
        yield from _bind_target(target.value, None, node)
    elif isinstance(target, ast.Tuple | ast.List):
        for part, own in zip(target.elts, _take_apart(target, value), strict=True):
            yield from _bind_target(part, own, node)


def _take_apart(target: ast.Tuple | ast.List, value: ast.expr | None) -> list[ast.expr] | list[None]:
    has_star = any(isinstance(part, ast.Starred) for part in target.elts)
    if not has_star and isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(target.elts):
        return value.elts
    return [None] * len(target.elts)


def _bind_globals(scope: ast.AST) -> Bound:
    """Find the module's names that a function says it binds."""
    todo: list[ast.AST] = [scope]
    while todo:  # statements alone, as `global` is one
        node = todo.pop()
        if isinstance(node, ast.Global):
            yield from ((name, Binding(node)) for name in node.names)
        todo += (part for block in _BLOCKS for part in getattr(node, block, ()) if isinstance(part, ast.AST))
