"""The recipes that a feedstock's modules build, told from their text: which API, which steps, which pattern.

What cannot be told is left open: a step without a name, a recipe of unknown kind, one that is not certain. Rules say nothing of those.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from pangeo_forge.feedstocks.meta import RecipeEntry
from pangeo_forge.lint.code.dictionaries import Item, read_dictionary
from pangeo_forge.lint.code.following import Follower, Value
from pangeo_forge.lint.code.frames import Function

if TYPE_CHECKING:
    from pangeo_forge.lint.drafts import Draft

#: The packages that recipes are written for; `pangeo_forge` had the class API before `pangeo_forge_recipes` was split off.
BEAM = "apache_beam"
LIBRARY = "pangeo_forge_recipes"
TRANSFORMS = f"{LIBRARY}.transforms"
_NATIVE = "pangeo_forge"
_BEAM_PACKAGES = frozenset({BEAM, LIBRARY, "pangeo_forge_ndpyramid"})

ZARR_CLASSES = frozenset({"XarrayZarrRecipe", "NetCDFtoZarrRecipe", "NetCDFtoZarrSequentialRecipe", "NetCDFtoZarrMultiVarSequentialRecipe"})
REFERENCE_CLASSES = frozenset({"HDFReferenceRecipe"})
_NATIVE_CLASSES = frozenset({"ZarrRecipe", "VirtualRecipe"})

_PRUNING = frozenset({"prune", "copy_pruned"})
#: An own transform within an own transform, and so on, is followed so far.
_DEEPEST = 8


class RecipeKind(StrEnum):
    """Which API a recipe is written in."""

    #: `pangeo_forge_recipes` 0.3 to 0.9: one object of `XarrayZarrRecipe` or another class.
    CLASSIC = "class API"
    #: `pangeo_forge_recipes` 0.10: transforms of Apache Beam, chained by ``|``.
    BEAM = "Beam API"
    #: `pangeo_forge.recipes`.
    NATIVE = "native"
    #: None of these, or it cannot be told.
    UNKNOWN = "unknown"


@dataclass(frozen=True, eq=False)
class Step:
    """One transform of a pipeline; those of a composite one stand for it.

    Parameters
    ----------
    name : str or None
        Dotted, of what makes it: ``apache_beam.Create``; for a subclass of a library's transform that one's. None where it is unknown.
    value : Value
        How it is written.
    """

    name: str | None
    value: Value

    @property
    def package(self) -> str:
        """The package that it is from; empty where it is unknown."""
        return (self.name or "").partition(".")[0]

    @property
    def short_name(self) -> str:
        """Its name without the modules; empty where it is unknown."""
        return (self.name or "").rpartition(".")[2]

    @property
    def call(self) -> Value | None:
        """The call that makes it, without what is asked of the result (``.with_resource_hints(…)``)."""
        node = self.value.node
        return self.value if isinstance(node, ast.Call) else None


@dataclass(frozen=True, eq=False)
class StaticRecipe:
    """A recipe as its text tells.

    Parameters
    ----------
    entry : RecipeEntry
        The entry of ``meta.yaml`` that names it, alone or in a dictionary.
    key : str or None
        Its key in the dictionary, where that is a plain text.
    kind : RecipeKind
        Which API it is written in.
    value : Value
        The expression that makes it.
    steps : tuple of Step
        Of a pipeline, in their order.
    pattern : Value or None
        What stands where the pattern of files should be.
    prunes : tuple of Value
        Calls by which the recipe itself is shortened.
    is_certain : bool
        Whether this is what is built whatever conditions hold.
    is_many : bool
        Whether it stands for many recipes, as in a comprehension.
    """

    entry: RecipeEntry
    key: str | None
    kind: RecipeKind
    value: Value
    steps: tuple[Step, ...]
    pattern: Value | None
    prunes: tuple[Value, ...]
    is_certain: bool
    is_many: bool

    @property
    def title(self) -> str:
        """What messages call it: its id, or its key, or the object that it is."""
        return self.entry.id or self.key or self.entry.object


def find_recipes(draft: Draft, follower: Follower) -> tuple[StaticRecipe, ...]:
    """Read the recipes that a draft's ``meta.yaml`` names."""
    model = draft.meta.model if draft.meta else None
    entries = model.recipes if model else ()
    return tuple(recipe for entry in entries for recipe in _read_entry(draft, follower, entry))


def _read_entry(draft: Draft, follower: Follower, entry: RecipeEntry) -> Iterator[StaticRecipe]:
    module, name = draft.modules.get(entry.module), entry.object.partition(":")[2]
    if module is None:
        return
    if entry.is_dict:
        items: Iterator[Item] = read_dictionary(follower, module, name)
    else:
        items = (Item(None, value, is_many=False) for value in follower.named(module, name))
    for item in items:
        for value in follower.follow(item.value):
            yield _Reader(follower).read(entry, item, value)


@dataclass(frozen=True)
class _Reader:
    follower: Follower

    def read(self, entry: RecipeEntry, item: Item, value: Value) -> StaticRecipe:
        """Read one expression that makes a recipe."""
        whole, prunes = self._without_prunes(replace(value, is_certain=True))
        kind = self._kind(whole)
        steps = self._steps(whole, 0) if kind is RecipeKind.UNKNOWN else ()
        if any(step.package in _BEAM_PACKAGES for step in steps):
            kind = RecipeKind.BEAM
        pattern = self._pattern(whole, kind, steps)
        is_certain = value.is_certain and whole.is_certain and all(step.value.is_certain for step in steps)
        return StaticRecipe(entry, item.key, kind, whole, steps, pattern, prunes, is_certain, item.is_many)

    def _without_prunes(self, value: Value) -> tuple[Value, tuple[Value, ...]]:
        prunes: list[Value] = []
        receiver = pruned(value)
        while receiver is not None:
            prunes.append(value)
            found = self.follower.follow_one(receiver)
            if found is None:
                return receiver, tuple(prunes)
            value, receiver = found, pruned(found)
        return value, tuple(prunes)

    def _kind(self, value: Value) -> RecipeKind:
        name = self._made_by(value) or ""
        package, last = name.partition(".")[0], name.rpartition(".")[2]
        if package in (LIBRARY, _NATIVE) and last in ZARR_CLASSES | REFERENCE_CLASSES:
            return RecipeKind.CLASSIC
        return RecipeKind.NATIVE if package == _NATIVE and last in _NATIVE_CLASSES else RecipeKind.UNKNOWN

    def _made_by(self, value: Value) -> str | None:
        """Give the dotted name of the class that a call makes an object of, or, for an own class, of the library's that it derives from."""
        if not isinstance(value.node, ast.Call):
            return None
        callee = self.follower.follow_one(value.part(value.node.func))
        for _ in range(_DEEPEST):
            if callee is None or not isinstance(callee.node, ast.ClassDef):
                return self.follower.dotted(callee) if callee else None
            bases = callee.node.bases
            callee = self.follower.follow_one(callee.part(bases[0])) if bases else None
        return None

    def _pattern(self, value: Value, kind: RecipeKind, steps: tuple[Step, ...]) -> Value | None:
        if kind is RecipeKind.CLASSIC:
            return value.argument("file_pattern", 0)
        if kind is RecipeKind.NATIVE:
            return value.argument("pattern", 0)
        given = created(steps)
        items = self.follower.follow_one(given) if given else None
        if items is not None and isinstance(items.node, ast.Call) and isinstance(items.node.func, ast.Attribute):
            return items.part(items.node.func.value) if items.node.func.attr == "items" else None
        return None

    def _steps(self, value: Value, depth: int) -> tuple[Step, ...]:
        return tuple(step for term in self._terms(value) for step in self._steps_of(term, depth))

    def _terms(self, value: Value) -> list[Value]:
        """Take ``a | "label" >> b | c`` apart, through names and several statements."""
        found: list[Value] = []
        todo = [value]
        while todo:
            current = todo.pop()
            match current.node:
                case ast.BinOp(left=one, op=ast.BitOr(), right=other) | ast.AugAssign(target=one, op=ast.BitOr(), value=other):
                    todo += [current.part(one), current.part(other)]
                case ast.BinOp(op=ast.RShift(), right=transform):
                    todo.append(current.part(transform))
                case _:
                    nearer = self.follower.step(current)
                    if len(nearer) == 1:
                        todo.append(nearer[0])
                    else:
                        found.append(current)
        return found[::-1]

    def _steps_of(self, term: Value, depth: int) -> tuple[Step, ...]:
        call = _without_hints(term)
        callee = self.follower.follow_one(call.part(call.node.func)) if isinstance(call.node, ast.Call) else None
        if callee is None or depth > _DEEPEST:
            return (Step(None, term),)
        if isinstance(callee.node, ast.ClassDef):
            name = self._made_by(call) or ""
            if not _is_transform(name):
                return (Step(name or None, call),)
            expand = next((node for node in callee.node.body if isinstance(node, ast.FunctionDef) and node.name == "expand"), None)
            return self._steps_within(callee.part(expand), call, depth) if expand else (Step(None, call),)
        if isinstance(callee.node, ast.FunctionDef):
            return self._steps_within(callee, call, depth) if _is_transform_function(callee.node) else (Step(None, call),)
        return (Step(self.follower.dotted(callee), call),)

    def _steps_within(self, function: Value, call: Value, depth: int) -> tuple[Step, ...]:
        """Give the steps that an own transform consists of, or the transform itself where these cannot be told."""
        context = self.follower.enter(function)
        returned = context.frame.returned
        terms = self._terms(Value(returned[0], context, call.is_certain)) if len(returned) == 1 else []
        first = terms[0].node if terms else None
        if not isinstance(first, ast.Name) or first.id not in context.parameters:
            return (Step(None, call),)
        return tuple(step for term in terms[1:] for step in self._steps_of(term, depth + 1))


def find_pipelines(draft: Draft) -> Iterator[StaticRecipe]:
    """Give the recipes of the Beam API that are built whatever conditions hold."""
    return (recipe for recipe in draft.recipes if recipe.kind is RecipeKind.BEAM and recipe.is_certain and recipe.steps)


def created(steps: tuple[Step, ...]) -> Value | None:
    """Give what ``beam.Create`` is given in a pipeline; None where there is no such step."""
    create = next((step for step in steps if step.package == BEAM and step.short_name == "Create"), None)
    return create.call.argument("values", 0) if create and create.call else None


def pruned(value: Value) -> Value | None:
    """Give what is shortened, of a call such as ``recipe.copy_pruned()`` or ``pattern.prune()``; None for any other."""
    match value.node:
        case ast.Call(func=ast.Attribute(value=receiver, attr=attr)) if attr in _PRUNING:
            return value.part(receiver)
    return None


def _without_hints(value: Value) -> Value:
    """Leave out ``.with_resource_hints(…)`` and the like, which a transform is asked for after it was made."""
    while True:
        match value.node:
            case ast.Call(func=ast.Attribute(value=ast.Call() as made, attr=attr)) if attr.startswith("with_"):
                value = value.part(made)
            case _:
                return value


def _is_transform(name: str) -> bool:
    """Whether a class is Beam's own `PTransform`."""
    return name.startswith(f"{BEAM}.") and name.endswith(".PTransform")


def _is_transform_function(node: Function) -> bool:
    names = [decorator.attr if isinstance(decorator, ast.Attribute) else getattr(decorator, "id", "") for decorator in node.decorator_list]
    return names == ["ptransform_fn"]
