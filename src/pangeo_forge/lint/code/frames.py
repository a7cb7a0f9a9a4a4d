"""Which bindings of a name may be in force at a place of a module or function, told from how its statements are nested."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property

from pangeo_forge.lint.code.bindings import Binding, find_bindings
from pangeo_forge.lint.code.modules import Module
from pangeo_forge.lint.code.trees import FIELDS

Function = ast.FunctionDef | ast.AsyncFunctionDef

_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_ALWAYS_ENTERED = (ast.With, ast.AsyncWith)
_ALTERNATIVES = (ast.If, ast.Match)


@dataclass(frozen=True, slots=True)
class Level:
    """One block that a place is in.

    Parameters
    ----------
    owner : ast.AST
        The statement that the block belongs to, or the module or function.
    block : str
        Which of its blocks.
    index : int
        Which statement of the block.
    """

    owner: ast.AST
    block: str
    index: int


#: Where something stands: the blocks around it, the outermost first.
Place = tuple[Level, ...]


class Relation(Enum):
    """Whether what happens at one place has happened when another is reached."""

    NEVER = auto()
    PERHAPS = auto()
    SURELY = auto()


@dataclass(frozen=True, slots=True)
class Addition:
    """Something that is put into a dictionary.

    Parameters
    ----------
    node : ast.Assign or ast.Call
        What does it.
    key : ast.expr or None
        Under which key; None for all that a mapping has.
    value : ast.expr
        What is put there, or the mapping.
    """

    node: ast.Assign | ast.Call
    key: ast.expr | None
    value: ast.expr


@dataclass(frozen=True, eq=False)
class Frame:
    """The statements that share a scope: those of a module, or of a function.

    Parameters
    ----------
    module : Module
        Where they stand.
    owner : ast.Module or ast.FunctionDef
        What they are the body of.
    """

    module: Module
    owner: ast.Module | Function

    @cached_property
    def bindings(self) -> Mapping[str, tuple[Binding, ...]]:
        """Where the scope's names are bound, in the order of the file."""
        return self.module.bindings if self.owner is self.module.tree else find_bindings(self.owner)

    @cached_property
    def places(self) -> Mapping[ast.AST, Place]:
        """Where each node stands that is the scope's own: the bodies of functions and classes are left out."""
        found: dict[ast.AST, Place] = {}
        todo: list[tuple[ast.AST, Place]] = list(_enter(self.owner.body, self.owner, "body", ()))
        while todo:
            node, place = todo.pop()
            found[node] = place
            todo.extend(_own_children(node, place))
        return found

    @cached_property
    def returned(self) -> tuple[ast.expr, ...]:
        """What the function may return; empty where it yields, or returns nothing."""
        if any(isinstance(node, ast.Yield | ast.YieldFrom) for node in self.places):
            return ()
        return tuple(node.value for node in self.places if isinstance(node, ast.Return) and node.value is not None)

    @cached_property
    def additions(self) -> Mapping[str, tuple[Addition, ...]]:
        """What is put into the scope's dictionaries by their names: ``name[key] = value``, ``name.update(mapping)``."""
        found: dict[str, list[Addition]] = defaultdict(list)
        for node in self.places:
            match node:
                case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=name), slice=key)], value=value):
                    found[name].append(Addition(node, key, value))
                case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="update"), args=[value]):
                    found[name].append(Addition(node, None, value))
        return {name: tuple(sorted(some, key=lambda addition: addition.node.lineno)) for name, some in found.items()}

    def is_repeated(self, node: ast.AST) -> bool:
        """Whether a loop is around a node."""
        return any(isinstance(level.owner, _LOOPS) for level in self.places.get(node, ()))

    def is_conditional(self, node: ast.AST) -> bool:
        """Whether it hangs on a condition that a node is reached."""
        place = self.places.get(node)
        return place is None or not all(isinstance(level.owner, (*_LOOPS, *_ALWAYS_ENTERED)) for level in place[1:])

    @property
    def end(self) -> Place:
        """The place behind the last statement."""
        return (Level(self.owner, "body", len(self.owner.body)),)

    def reaching(self, name: str, here: Place) -> tuple[tuple[Binding, ...], bool]:
        """Give the bindings of a name that may be in force at a place, the last first, and whether one of them surely is."""
        found = []
        for binding in reversed(self.bindings.get(name, ())):
            there = self.places.get(binding.node)
            relation = Relation.PERHAPS if there is None else _relate(there, here)
            if relation is not Relation.NEVER:
                found.append(binding)
            if relation is Relation.SURELY:
                return tuple(found), True
        return tuple(found), False


def _enter(statements: list[ast.stmt], owner: ast.AST, block: str, place: Place) -> Iterator[tuple[ast.AST, Place]]:
    return ((statement, (*place, Level(owner, block, index))) for index, statement in enumerate(statements))


def _own_children(node: ast.AST, place: Place) -> Iterator[tuple[ast.AST, Place]]:
    for field in FIELDS[type(node)]:
        value = getattr(node, field, None)
        if isinstance(value, ast.AST):
            yield value, place
        elif not isinstance(value, list) or (field == "body" and isinstance(node, Function | ast.ClassDef)):
            continue
        elif value and isinstance(value[0], ast.stmt):
            yield from _enter(value, node, field, place)
        elif value and isinstance(value[0], ast.ExceptHandler | ast.match_case):
            yield from ((part, (*place, Level(node, f"{field} {index}", 0))) for index, part in enumerate(value))
        else:
            yield from ((part, place) for part in value if isinstance(part, ast.AST))


def _relate(there: Place, here: Place) -> Relation:
    """Tell whether what happens `there` has happened when `here` is reached."""
    again = False  # whether a loop leads from one to the other
    for depth, (one, other) in enumerate(zip(there, here, strict=False)):
        again = again or (isinstance(one.owner, _LOOPS) and one.owner is other.owner)
        if one.owner is not other.owner or (one.block, one.index) != (other.block, other.index):
            return _relate_in_block(one, other, there[depth + 1 :], again)
    if len(there) < len(here):
        return Relation.SURELY  # what a statement binds before it enters its block
    return Relation.PERHAPS if again or isinstance(_statement(here, there), _LOOPS) else Relation.NEVER


def _statement(here: Place, there: Place) -> ast.AST | None:
    return there[len(here)].owner if len(there) > len(here) else None


def _relate_in_block(one: Level, other: Level, inner: Place, again: bool) -> Relation:
    if one.block == other.block and one.index < other.index:
        is_entered = all(isinstance(level.owner, _ALWAYS_ENTERED) for level in inner)
        return Relation.SURELY if is_entered else Relation.PERHAPS
    is_elsewhere = one.block == other.block or isinstance(one.owner, _ALTERNATIVES)
    return Relation.NEVER if is_elsewhere and not again else Relation.PERHAPS
