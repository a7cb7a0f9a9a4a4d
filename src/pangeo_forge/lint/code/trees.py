"""Walking a syntax tree, as fast as Python can: every rule does it."""

from __future__ import annotations

import ast

#: Fields of nodes that hold no code: names and numbers, and the nodes that say whether a name is read or bound, or which operator it is.
_WITHOUT_CODE = frozenset(
    {
        *("arg", "asname", "attr", "conversion", "ctx", "id", "is_async", "kind", "level", "lineno", "module", "n", "name", "op", "ops"),
        *("rest", "s", "simple", "tag", "type_comment", "type_ignores"),
    }
)

#: The fields of each kind of node that may hold code.
FIELDS = {
    kind: () if kind is ast.Constant else tuple(name for name in kind._fields if name not in _WITHOUT_CODE)
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
}


def list_children(node: ast.AST) -> list[ast.AST]:
    """List the pieces of code directly in a node, in the order of the file: what `ast.iter_child_nodes` gives, but for operators."""
    found: list[ast.AST] = []
    for name in FIELDS[type(node)]:
        value = getattr(node, name, None)
        if isinstance(value, ast.AST):
            found.append(value)
        elif value.__class__ is list:
            found += [item for item in value if isinstance(item, ast.AST)]
    return found
