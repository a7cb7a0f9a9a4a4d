"""The addresses that stand in the texts of recipe modules."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pangeo_forge.lint.code.modules import Module

#: The filesystems that an address goes through, from the outside in: ``simplecache::s3``.
_URL = re.compile(r"(?P<protocols>(?:[a-z][a-z0-9+.-]{0,20}::){0,4}[a-z][a-z0-9+.-]{0,20})://(?=.)", re.IGNORECASE | re.DOTALL)
#: Methods of texts that look for their arguments in addresses.
_LOOKING = frozenset(
    {"replace", "startswith", "endswith", "split", "strip", "lstrip", "removeprefix", "find", "index", "count", "partition"}
)


@dataclass(frozen=True, slots=True)
class Url:
    """An address.

    Parameters
    ----------
    text : str
        As far as it is written; what is filled in is ``{}``.
    protocols : tuple of str
        The filesystems that it goes through.
    node : ast.Constant or ast.JoinedStr
        The text that it begins.
    is_complete : bool
        Whether it is the whole text, with nothing filled in.
    """

    text: str
    protocols: tuple[str, ...]
    node: ast.Constant | ast.JoinedStr
    is_complete: bool


def find_urls(module: Module) -> Sequence[Url]:
    """Find the texts that begin as addresses, those outside first; comments on the code, and what is only looked for, are left out."""
    return tuple(_find_urls(module)) if "://" in module.text.text else ()


def _find_urls(module: Module) -> Iterator[Url]:
    left_out = {id(part) for node in module.nodes if type(node) in _HOLDING for part in _no_addresses(node)}
    for node in module.nodes:
        if isinstance(node, ast.Constant | ast.JoinedStr) and id(node) not in left_out:
            text = _text(node)
            found = _URL.match(text)
            if found:
                protocols = tuple(found["protocols"].lower().split("::"))
                yield Url(text, protocols, node, isinstance(node, ast.Constant))


#: What may hold texts that are no addresses of their own.
_HOLDING = frozenset({ast.Expr, ast.JoinedStr, ast.Compare, ast.Call})


def _no_addresses(node: ast.AST) -> list[ast.expr]:
    """List what of a node's parts are no addresses of their own."""
    match node:
        case ast.Expr(value=value):
            return [value]
        case ast.JoinedStr(values=values):
            return values
        case ast.Compare(left=left, comparators=comparators):
            return [left, *comparators]
        case ast.Call(func=ast.Attribute(value=receiver, attr=attr), args=args) if attr in _LOOKING:
            return [receiver, *args[:1]]
    return []


def _text(node: ast.Constant | ast.JoinedStr) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
