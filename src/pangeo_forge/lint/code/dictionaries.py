"""What a dictionary of recipes holds, as far as its text tells: displays, comprehensions, and what is added to it by name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace

from pangeo_forge.lint.code.following import Follower, Value
from pangeo_forge.lint.code.frames import Addition
from pangeo_forge.lint.code.modules import Module


@dataclass(frozen=True, eq=False)
class Item:
    """What a dictionary holds under a key, or under each of many.

    Parameters
    ----------
    key : str or None
        The key, where it is a plain text.
    value : Value
        What is there.
    is_many : bool
        Whether it stands for many items, as in a comprehension or a loop.
    written : Value or None
        What makes the key: an expression, or a keyword of ``dict(…)``.
    """

    key: str | None
    value: Value
    is_many: bool
    written: Value | None = None


@dataclass(frozen=True, eq=False)
class _Mapping:
    value: Value
    is_many: bool = False

    def part(self, node: ast.AST) -> _Mapping:
        return replace(self, value=self.value.part(node))


def read_dictionary(follower: Follower, module: Module, name: str) -> Iterator[Item]:
    """Give the items of a dictionary that a module defines; nothing for what cannot be told."""
    bound = follower.named(module, name)
    todo = [_Mapping(value) for value in bound]
    if bound and bound[0].module is module:
        yield from _items_added(bound[0], name, todo)
    seen = {(bound[0].context.frame if bound else None, name)}  # whose additions were read
    while todo:
        mapping = todo.pop()
        node = mapping.value.node
        if isinstance(node, ast.Name):
            place = (mapping.value.context.frame, node.id)
            if place not in seen:
                yield from _items_added(mapping.value, node.id, todo)
            seen.add(place)
        yield from _items_of(follower, mapping, todo)


def _items_of(follower: Follower, mapping: _Mapping, todo: list[_Mapping]) -> Iterator[Item]:
    """Give the items that are written out in one expression, and put the mappings that it is made of to what is to be done."""
    node, value = mapping.value.node, mapping.value
    match node:
        case ast.Dict():
            yield from _items_of_display(node, mapping, todo)
        case ast.DictComp():
            yield _item_of_comprehension(node, value)
        case ast.BinOp(left=one, op=ast.BitOr(), right=other) | ast.AugAssign(target=one, op=ast.BitOr(), value=other):
            todo += [mapping.part(one), mapping.part(other)]
        case ast.Call(func=ast.Name(id="dict")) if follower.called(value) == "dict":
            yield from (_item_of_keyword(keyword, mapping) for keyword in node.keywords if keyword.arg)
        case _:
            todo += [_Mapping(nearer, mapping.is_many) for nearer in follower.step(value)]


def _items_of_display(node: ast.Dict, mapping: _Mapping, todo: list[_Mapping]) -> Iterator[Item]:
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            todo.append(mapping.part(value))
        else:
            yield Item(_text_of(key), mapping.value.part(value), mapping.is_many, mapping.value.part(key))


def _item_of_keyword(keyword: ast.keyword, mapping: _Mapping) -> Item:
    return Item(keyword.arg, mapping.value.part(keyword.value), mapping.is_many, mapping.value.part(keyword))


def _item_of_comprehension(node: ast.DictComp, value: Value) -> Item:
    variables = {name.id for part in node.generators for name in ast.walk(part.target) if isinstance(name, ast.Name)}
    inner = replace(value, context=replace(value.context, hidden=value.context.hidden | variables))
    return Item(_text_of(node.key), inner.part(node.value), is_many=True, written=inner.part(node.key))


def _items_added(value: Value, name: str, todo: list[_Mapping]) -> Iterator[Item]:
    """Give what statements put into the dictionary of a name, in the scope that the value is of."""
    for addition in value.context.frame.additions.get(name, ()):
        is_many, added = _read_addition(addition, value)
        if addition.key is None:
            todo.append(_Mapping(added, is_many))
        else:
            yield Item(_text_of(addition.key), added, is_many, added.part(addition.key))


def _read_addition(addition: Addition, value: Value) -> tuple[bool, Value]:
    frame = value.context.frame
    return frame.is_repeated(addition.node), value.part(addition.value, is_certain=not frame.is_conditional(addition.node))


def _text_of(key: ast.expr) -> str | None:
    return key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else None
