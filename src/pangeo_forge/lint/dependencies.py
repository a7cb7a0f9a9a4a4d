"""What code an expression hangs on: its own, that of the names in it, of the functions it calls, and so on."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import replace

from pangeo_forge.lint.following import Follower, Value

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def find_dependencies(follower: Follower, values: Iterable[Value]) -> Iterator[Value]:
    """Give every piece of code that one of some values may hang on, each once."""
    seen = set()
    todo = list(values)
    while todo:
        current = todo.pop()
        if current.node in seen:
            continue
        seen.add(current.node)
        for piece in _pieces(follower, current):
            yield piece
            if isinstance(piece.node, ast.Name):
                todo.extend(follower.sources(piece))


def _pieces(follower: Follower, value: Value) -> Iterator[Value]:
    if isinstance(value.node, ast.FunctionDef):
        context = follower.enter(value)
        nodes: Iterable[ast.AST] = context.frame.places
    else:
        context = value.context
        nodes = tuple(ast.walk(value.node))
    context = replace(context, hidden=context.hidden | {name for node in nodes for name in _variables(node)})
    return (Value(node, context, is_certain=False) for node in nodes)


def _variables(node: ast.AST) -> Iterator[str]:
    """Name what an inner scope binds for itself."""
    if isinstance(node, ast.Lambda):
        yield from (parameter.arg for parameter in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs))
    elif isinstance(node, _COMPREHENSIONS):
        targets = (part.target for part in node.generators)
        yield from (name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name))
