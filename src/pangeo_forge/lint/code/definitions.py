"""Where the objects that ``meta.yaml`` names are defined: in which module, and whether for certain."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from pangeo_forge.errors import Where
from pangeo_forge.feedstocks.meta import RecipeEntry
from pangeo_forge.feedstocks.nodes import Fields
from pangeo_forge.feedstocks.yaml import Scalar
from pangeo_forge.lint.code.bindings import Binding
from pangeo_forge.lint.code.executed import is_main_guard, is_type_guard
from pangeo_forge.lint.code.modules import Module

if TYPE_CHECKING:
    from pangeo_forge.lint.drafts import Draft

#: Lines of a module that do not run when it is imported.
_Lines = tuple[range, ...]
#: Of longer statements the start is shown.
_LONGEST = 60
#: Nobody names more, or imports all of more modules.
_MOST_OBJECTS = 1000
_MOST_STARS = 50


class Presence(Enum):
    """Whether a module has a name when it has been imported."""

    BOUND = auto()
    #: Only when it is run as a script, or read by a checker of types.
    GUARDED = auto()
    #: It cannot be told without running it.
    UNKNOWN = auto()
    ABSENT = auto()


@dataclass(frozen=True, eq=False)
class Definition:
    """What is known of a name in a module.

    Parameters
    ----------
    presence : Presence
        Whether the module has it.
    module : Module
        The one that binds the name, or else the one that was asked for it.
    name : str
        What it is called there.
    reason : str
        Why it cannot be told, in a few words.
    """

    presence: Presence
    module: Module
    name: str
    reason: str = ""


@dataclass(frozen=True, eq=False)
class NamedObject:
    """An object that an entry of ``recipes`` names.

    Parameters
    ----------
    entry : RecipeEntry
        The entry.
    where : Where
        Where the object's name is written.
    end : tuple of int or None
        Line and column behind it.
    module : Module
        The module that is named, which can be read.
    definition : Definition
        Where the name is bound.
    """

    entry: RecipeEntry
    where: Where
    end: tuple[int, int] | None
    module: Module
    definition: Definition

    @property
    def name(self) -> str:
        """The object's name in its module."""
        return self.entry.object.partition(":")[2]

    @property
    def is_bound(self) -> bool:
        """Whether the name is there for certain."""
        return self.definition.presence is Presence.BOUND


def find_objects(draft: Draft) -> Iterator[NamedObject]:
    """Give the objects that the entries of ``recipes`` name in modules that are there and can be read."""
    meta = draft.meta
    if meta is None or meta.model is None:
        return
    written = {scalar.where: name for _, fields in meta.mappings("recipes") for scalar, name in _written(fields)}
    guarded = {name: _guarded_lines(module) for name, module in draft.modules.items()}
    for entry in meta.model.recipes[:_MOST_OBJECTS]:
        module, scalar = draft.modules.get(entry.module), written.get(entry.where) if entry.where else None
        if module is not None and module.tree is not None and scalar is not None:
            definition = find_definition(module, entry.object.partition(":")[2], draft.modules, guarded)
            yield NamedObject(entry, scalar.where, scalar.end, module, definition)


def find_definition(module: Module, name: str, modules: Mapping[str, Module], guarded: Mapping[str, _Lines]) -> Definition:
    """Find where a name of a module is bound, through star imports of the feedstock's own modules."""
    todo, seen, reasons = [module], set[str](), list[str]()
    for current in todo:
        if current.name in seen:
            continue
        seen.add(current.name)
        bindings = current.bindings.get(name, ())
        if any(not _is_within(binding, guarded[current.name]) for binding in bindings):
            return _follow_import(Definition(Presence.BOUND, current, name), modules)
        if current.is_dynamic:
            reasons.append(f"what {current.text.path} calls (`globals`, `exec`, `setattr` or the like) may bind it")
        for statement in current.star_imports[:_MOST_STARS]:
            other = modules.get(current.source_of(statement))
            is_exported = _exports(other, name) if other else None
            if is_exported is None and not reasons:
                reasons.append(f"`{ast.unparse(statement)[:_LONGEST]}` in line {statement.lineno} of {current.text.path} may bring it")
            if other and is_exported:
                todo.append(other)
    presence = Presence.UNKNOWN if reasons else Presence.GUARDED if name in module.bindings else Presence.ABSENT
    return Definition(presence, module, name, reasons[0] if reasons else "")


def _guarded_lines(module: Module) -> _Lines:
    """Find what does not run when a module is imported: what is for scripts, or for a checker of types."""
    statements = module.tree.body if module.tree else []
    guards = [node for node in statements if isinstance(node, ast.If) and (is_main_guard(node.test) or is_type_guard(node.test))]
    return tuple(range(guard.body[0].lineno, (guard.body[-1].end_lineno or 0) + 1) for guard in guards)


def _is_within(binding: Binding, lines: _Lines) -> bool:
    return any(getattr(binding.node, "lineno", 0) in some for some in lines)


def _written(fields: Fields) -> Iterator[tuple[Scalar, Scalar]]:
    """Give the texts of an entry that name an object, each with the one that holds the object's own name."""
    values = {key: field.value for key, field in fields.items() if isinstance(field.value, Scalar)}
    for key in ("object", "dict_object"):
        if key in values:
            yield values[key], values[key]
    if "module" in values and "name" in values:
        yield values["module"], values["name"]


def _exports(module: Module, name: str) -> bool | None:
    """Whether a star import of a module brings a name, if it has it; None where that cannot be told."""
    if module.tree is None:
        return None
    if "__all__" not in module.bindings:
        return not name.startswith("_")
    values = module.values("__all__")
    if len(values) != 1 or not isinstance(values[0], ast.List | ast.Tuple):
        return None
    names = [element.value for element in values[0].elts if isinstance(element, ast.Constant)]
    return name in names if len(names) == len(values[0].elts) else None


def _follow_import(definition: Definition, modules: Mapping[str, Module]) -> Definition:
    """Go on to the feedstock's own module that a name is imported from."""
    seen: set[tuple[str, str]] = set()
    while (definition.module.name, definition.name) not in seen:
        seen.add((definition.module.name, definition.name))
        bindings = definition.module.bindings.get(definition.name, ())
        statement = bindings[0].node if len(bindings) == 1 else None
        other = modules.get(definition.module.source_of(statement)) if isinstance(statement, ast.ImportFrom) else None
        if other is None or not isinstance(statement, ast.ImportFrom):
            return definition
        name = next(alias.name for alias in statement.names if (alias.asname or alias.name) == definition.name)
        if name not in other.bindings:
            return definition
        definition = Definition(definition.presence, other, name)
    return definition
