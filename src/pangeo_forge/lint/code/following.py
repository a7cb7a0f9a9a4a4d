"""From a name in a recipe module to the expressions that it may stand for where it is used, without running any."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from pangeo_forge.errors import Where
from pangeo_forge.lint.code.bindings import Binding
from pangeo_forge.lint.code.frames import Frame, Function, Place
from pangeo_forge.lint.code.modules import Module

#: A module of a person's takes some hundred steps.
_MOST_STEPS = 50_000


@dataclass(frozen=True, eq=False)
class Context:
    """What names mean in a piece of code.

    Parameters
    ----------
    frame : Frame
        The statements around it.
    parameters : dict of Value or None
        What a function was called with, as far as it is known.
    hidden : frozenset of str
        Variables of comprehensions, which may be anything.
    outer : Context or None
        That of the module, for a function's.
    entered : Place
        Where the outer context had got to.
    """

    frame: Frame
    parameters: Mapping[str, Value | None] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    outer: Context | None = None
    entered: Place = ()


@dataclass(frozen=True, eq=False)
class Value:
    """A piece of code and what its names mean.

    Parameters
    ----------
    node : ast.AST
        An expression; or the definition of a function or class, an import, an `x |= …`.
    context : Context
        What its names mean.
    is_certain : bool
        Whether it is reached whatever conditions hold.
    """

    node: ast.AST
    context: Context
    is_certain: bool = True

    @property
    def module(self) -> Module:
        """Where it is written."""
        return self.context.frame.module

    @property
    def where(self) -> Where:
        """The place of its first character."""
        return self.module.at(self.node)

    @property
    def end(self) -> tuple[int, int] | None:
        """Line and column behind its last character."""
        return self.module.end_of(self.node)

    @property
    def is_spread(self) -> bool:
        """Whether it is a call with arguments that ``*`` or ``**`` brings."""
        call = self.node
        if not isinstance(call, ast.Call):
            return False
        return any(isinstance(argument, ast.Starred) for argument in call.args) or any(keyword.arg is None for keyword in call.keywords)

    def argument(self, name: str, position: int | None = None) -> Value | None:
        """Give the argument of a call by its name, or its position; None where it is not there."""
        assert isinstance(self.node, ast.Call)
        named = next((keyword.value for keyword in self.node.keywords if keyword.arg == name), None)
        if named is not None:
            return self.part(named)
        before = self.node.args if position is None else self.node.args[: position + 1]
        is_there = position is not None and len(before) > position and not any(isinstance(one, ast.Starred) for one in before)
        return self.part(before[-1]) if is_there else None

    def part(self, node: ast.AST, *, is_certain: bool = True) -> Value:
        """Give another piece of the same code."""
        return Value(node, self.context, self.is_certain and is_certain)


class Follower:
    """Follows names through the modules of a feedstock, a limited number of steps in all.

    Parameters
    ----------
    modules : mapping of Module
        By their dotted names.
    """

    def __init__(self, modules: Mapping[str, Module]) -> None:
        self._modules = modules
        self._frames: dict[ast.AST, Frame] = {}
        self._contexts: dict[ast.AST, Context] = {}
        #: What each piece of code was found to stand for, with that piece, so that its identity stays its own.
        self._followed: dict[tuple[int, int, bool], tuple[Value, tuple[Value, ...]]] = {}
        self._steps = _MOST_STEPS

    def named(self, module: Module, name: str) -> tuple[Value, ...]:
        """Give what a module's name may stand for when the module has been imported."""
        if module.tree is None:
            return ()
        context = self._contexts.setdefault(module.tree, Context(self._frame(module, module.tree)))
        return self._bound(name, context, context.frame.end)

    def step(self, value: Value) -> tuple[Value, ...]:
        """Come nearer to what an expression stands for; empty where nothing is nearer."""
        if not self._spend():
            return ()
        match value.node:
            case ast.Name():
                return self._step_from_name(value)
            case ast.Attribute():
                return self._find_imported(value)
            case ast.NamedExpr(value=inner):
                return (value.part(inner),)
            case ast.IfExp(body=one, orelse=other):
                return value.part(one, is_certain=False), value.part(other, is_certain=False)
            case ast.Call(func=ast.Name() as name):
                return self._step_into_call(value, value.part(name))
        return ()

    def follow(self, value: Value) -> tuple[Value, ...]:
        """Give what an expression may stand for, with names, conditions, and calls of the feedstock's own functions resolved.

        A name of which nothing is known, or which is imported from elsewhere, stands for itself.
        """
        key = (id(value.node), id(value.context), value.is_certain)
        if key not in self._followed:
            self._followed[key] = value, tuple(self._follow(value))
        return self._followed[key][1]

    def _follow(self, value: Value) -> Iterator[Value]:
        todo = [value]
        while todo:
            current = todo.pop()
            nearer = self.step(current)
            todo.extend(nearer)
            if not nearer:
                yield current

    def follow_one(self, value: Value) -> Value | None:
        """Give the one thing that an expression stands for whatever conditions hold; None where that cannot be told."""
        found = self.follow(value)
        return found[0] if len(found) == 1 and found[0].is_certain else None

    def dotted(self, value: Value) -> str | None:
        """Give the dotted name of what is imported or built in; None for all else."""
        root = value.node
        while isinstance(root, ast.Attribute):
            root = root.value
        if not isinstance(root, ast.Name) or not isinstance(value.node, ast.expr):
            return None
        bound = self.look_up(value.part(root))
        if bound:
            return bound[0].module.dotted(value.node) if all(_is_import(found) for found in bound) else None
        is_builtin = hasattr(builtins, root.id) and not self._is_bound(root.id, value.context)
        return value.module.dotted(value.node) if is_builtin else None

    def called(self, value: Value) -> str | None:
        """Give the dotted name of what a call calls; None where it is not a call, or not of something imported."""
        if not isinstance(value.node, ast.Call):
            return None
        callee = self.follow_one(value.part(value.node.func))
        return self.dotted(callee) if callee else None

    def look_up(self, value: Value) -> tuple[Value, ...]:
        """Give what a name may be bound to where it stands; empty where nothing is known of it."""
        name, context = value.node, value.context
        here = context.frame.places.get(name)
        if not isinstance(name, ast.Name) or name.id in context.hidden or here is None:
            return ()
        found = self._bound(name.id, context, here)
        return found if value.is_certain else _doubt(found)

    def sources(self, value: Value) -> tuple[Value, ...]:
        """Give all that may have a part in what a name stands for, also where that is more than one expression."""
        name, here = value.node, value.context.frame.places.get(value.node)
        if not isinstance(name, ast.Name) or name.id in value.context.hidden or here is None:
            return ()
        bindings, is_sure, owner = self._reach(name.id, value.context, here)
        given = None if is_sure else owner.parameters.get(name.id)
        found = (_source_of(binding) for binding in bindings)
        return (*(Value(node, owner, is_certain=False) for node in found if node is not None), *([given] if given else []))

    def enter(self, function: Value, call: Value | None = None) -> Context:
        """Give the context of a function's body, with what a call gives it; without a call its parameters may be anything."""
        assert isinstance(function.node, Function)
        outer, entered = function.context, function.context.frame.end
        if call is not None and call.context.frame is outer.frame:
            entered = outer.frame.places.get(call.node, entered)
        elif call is not None and call.context.outer is not None and call.context.outer.frame is outer.frame:
            entered = call.context.entered
        parameters = _parameters(function, call)
        self._spend(len(parameters))
        return Context(self._frame(function.module, function.node), parameters, frozenset(), outer, entered)

    def _spend(self, steps: int = 1) -> bool:
        self._steps -= steps
        return self._steps > 0

    def _frame(self, module: Module, owner: ast.Module | Function) -> Frame:
        return self._frames.setdefault(owner, Frame(module, owner))

    def _step_from_name(self, value: Value) -> tuple[Value, ...]:
        bound = self.look_up(value)
        return self._find_imported(value) if any(_is_import(found) for found in bound) else bound

    def _step_into_call(self, value: Value, name: Value) -> tuple[Value, ...]:
        callees = self._step_from_name(name)
        if len(callees) != 1 or not isinstance(callees[0].node, ast.FunctionDef) or callees[0].node.decorator_list:
            return ()
        context = self.enter(callees[0], value)
        returned = context.frame.returned
        is_certain = value.is_certain and callees[0].is_certain and len(returned) == 1
        return tuple(Value(node, context, is_certain) for node in returned)

    def _find_imported(self, value: Value) -> tuple[Value, ...]:
        """Look an imported name up in the feedstock's own modules; empty where it is from elsewhere."""
        dotted = self.dotted(value)
        module_name, _, name = (dotted or "").rpartition(".")
        module = self._modules.get(_absolute(module_name, value.module)) if dotted and module_name else None
        found = self.named(module, name) if module is not None else ()
        return found if value.is_certain else _doubt(found)

    def _bound(self, name: str, context: Context, here: Place) -> tuple[Value, ...]:
        bindings, is_sure, owner = self._reach(name, context, here)
        values = [_value_of(binding, owner) for binding in bindings]
        if not is_sure and name in owner.parameters:
            values.append(owner.parameters[name])
            is_sure = True
        known = tuple(found for found in values if found is not None)
        if len(known) < len(values):
            return ()
        return known if is_sure and len(known) == 1 else _doubt(known)

    def _reach(self, name: str, context: Context, here: Place) -> tuple[tuple[Binding, ...], bool, Context]:
        """Find the bindings that may be in force, whether one surely is, and in which context they stand."""
        while self._spend(1 + len(context.frame.bindings.get(name, ()))):
            bindings, is_sure = context.frame.reaching(name, here)
            is_own = name in context.parameters or name in context.frame.bindings
            if is_own or context.outer is None:
                return bindings, is_sure, context
            context, here = context.outer, context.entered
        return (), False, context

    def _is_bound(self, name: str, context: Context | None) -> bool:
        while context is not None:
            if name in context.hidden or name in context.parameters or name in context.frame.bindings:
                return True
            context = context.outer
        return False


def _is_import(value: Value) -> bool:
    return isinstance(value.node, ast.Import | ast.ImportFrom)


def _doubt(values: tuple[Value, ...]) -> tuple[Value, ...]:
    return tuple(replace(value, is_certain=False) for value in values)


def _value_of(binding: Binding, context: Context) -> Value | None:
    if binding.value is not None:
        return Value(binding.value, context)
    is_followed = isinstance(binding.node, Function | ast.ClassDef | ast.Import | ast.ImportFrom)
    is_extended = isinstance(binding.node, ast.AugAssign) and isinstance(binding.node.op, ast.BitOr)
    return Value(binding.node, context) if is_followed or is_extended else None


def _source_of(binding: Binding) -> ast.AST | None:
    match binding.node:
        case ast.Assign(value=source) | ast.AugAssign(value=source) | ast.For(iter=source) | ast.withitem(context_expr=source):
            return source
        case ast.FunctionDef():
            return binding.node
    return binding.value


def _parameters(function: Value, call: Value | None) -> dict[str, Value | None]:
    """Bind what a call gives to a function's parameters, and the defaults of the others."""
    assert isinstance(function.node, Function)
    arguments = function.node.args
    positional = [parameter.arg for parameter in (*arguments.posonlyargs, *arguments.args)]
    names = [*positional, *(parameter.arg for parameter in arguments.kwonlyargs)]
    names += [parameter.arg for parameter in (arguments.vararg, arguments.kwarg) if parameter is not None]
    found: dict[str, Value | None] = dict.fromkeys(names)
    if call is None or not isinstance(call.node, ast.Call) or call.is_spread:
        return found
    for name, default in _defaults(positional, arguments):
        found[name] = function.part(default)
    found |= zip(positional, map(call.part, call.node.args), strict=False)
    found |= {keyword.arg: call.part(keyword.value) for keyword in call.node.keywords if keyword.arg in found}
    return found


def _defaults(positional: list[str], arguments: ast.arguments) -> Iterator[tuple[str, ast.expr]]:
    yield from zip(reversed(positional), reversed(arguments.defaults), strict=False)
    for parameter, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if default is not None:
            yield parameter.arg, default


def _absolute(name: str, module: Module) -> str:
    """Turn the name of a module, as another imports it, into that from the feedstock's folder."""
    bare = name.lstrip(".")
    level = len(name) - len(bare)
    package = module.name.split(".")[:-level] if level else []
    return ".".join([*package, *([bare] if bare else [])])
