"""What code a value hangs on: its own, that of the names in it, of the functions that it calls, and so on."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from pangeo_forge.lint.code.following import Follower, Value
from pangeo_forge.lint.code.trees import list_children

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
#: Arguments that say how something is reached, not what it is.
_ACCESS = frozenset({"auth", "client_kwargs", "fsspec_open_kwargs", "headers", "open_kwargs", "query_string_secrets", "storage_options"})


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
    node, context = value.node, value.context
    if isinstance(node, ast.FunctionDef):
        context = follower.enter(value)
    nodes = tuple(_walk(node.body if isinstance(node, ast.FunctionDef) else [node]))
    context = replace(context, hidden=context.hidden | {name for inner in nodes for name in _variables(inner)})
    return (Value(inner, context, is_certain=False) for inner in nodes)


def _walk(nodes: Sequence[ast.AST]) -> Iterator[ast.AST]:
    """Give nodes and all in them but what is defined there, and how things are reached."""
    todo = list(nodes)
    while todo:
        node = todo.pop()
        if not isinstance(node, _DEFINITIONS) and not (isinstance(node, ast.keyword) and node.arg in _ACCESS):
            yield node
            todo.extend(list_children(node))


def _variables(node: ast.AST) -> Iterator[str]:
    """Name what an inner scope binds for itself."""
    if isinstance(node, ast.Lambda):
        yield from (parameter.arg for parameter in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs))
    elif isinstance(node, _COMPREHENSIONS):
        targets = (part.target for part in node.generators)
        yield from (name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name))
