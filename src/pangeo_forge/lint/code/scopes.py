"""What names stand for in a module or in one of its functions, as far as the code says so in plain words."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Mapping
from dataclasses import dataclass, field

from pangeo_forge.lint.code.bindings import Binding, find_bindings
from pangeo_forge.lint.code.modules import Module

Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = Function | ast.ClassDef

#: How often a name that stands for another is followed.
_MOST_STEPS = 6
#: Longer origins are of no library's calls.
_LONGEST = 200
_BUILTINS = frozenset(dir(builtins))


@dataclass(frozen=True)
class Scope:
    """Where names are looked up: a module, or a function in it.

    Parameters
    ----------
    module : Module
        The module.
    bindings : mapping of tuple of Binding
        What a function binds itself; empty for the module's own level.
    parameters : tuple of str
        A function's parameters.
    owner : str or None
        The class whose method the function is.
    """

    module: Module
    bindings: Mapping[str, tuple[Binding, ...]] = field(default_factory=dict)
    parameters: tuple[str, ...] = ()
    owner: str | None = None
    _origins: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, function: Function, module: Module, owner: str | None = None) -> Scope:
        """Make the scope of a function."""
        arguments = function.args
        named = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg)
        return cls(module, find_bindings(function), tuple(argument.arg for argument in named if argument), owner)

    def definition(self, name: str) -> Definition | None:
        """Find the function or class that a name stands for; the last one, where there are several."""
        for binding in reversed(self._lookup(name)):
            if isinstance(binding.node, Definition):
                return binding.node
        return None

    def value(self, name: str) -> ast.expr | None:
        """Find the one expression that a name stands for."""
        found = self._lookup(name)
        if len(found) != 1:
            return None
        node, value = found[0].node, found[0].value
        return node.context_expr if isinstance(node, ast.withitem) else value

    def origin(self, node: ast.expr) -> str:
        """Say where an expression comes from: ``s3fs.S3FileSystem().glob`` for ``fs.glob``, if ``fs`` is such a file system.

        What is built in is named ``builtins.open``; what cannot be told begins with ``?``.
        """
        return self._origin(node, _MOST_STEPS)

    def _origin(self, node: ast.expr, steps: int) -> str:
        parts: list[str] = []
        while not isinstance(node, ast.Name):
            match node:
                case ast.Attribute(value=value, attr=name):
                    parts.append(f".{name}")
                    node = value
                case ast.Call(func=function):
                    parts.append("()")
                    node = function
                case ast.Await(value=value):
                    node = value
                case _:
                    return "?" + "".join(reversed(parts))
        if node.id not in self._origins:
            other = self.value(node.id) if steps and node.id not in self.parameters else None
            found = self._origin(other, steps - 1) if other else self._base(node.id)
            self._origins[node.id] = found if len(found) <= _LONGEST else "?"
        return self._origins[node.id] + "".join(reversed(parts))

    def text(self, node: ast.expr) -> str | None:
        """Give the text that an expression is, or begins with; None where it is none, or cannot be told."""
        for _ in range(_MOST_STEPS):
            match node:
                case ast.Constant(value=str(text)):
                    return text
                case ast.JoinedStr(values=[first, *_]) | ast.BinOp(left=first, op=ast.Add()):
                    node = first
                case ast.Name(id=name) if name not in self.parameters and (value := self.value(name)):
                    node = value
                case _:
                    return None
        return None

    def _lookup(self, name: str) -> tuple[Binding, ...]:
        if name in self.parameters:
            return ()
        return self.bindings.get(name) or self.module.bindings.get(name, ())

    def _base(self, name: str) -> str:
        if self.owner and self.parameters[:1] == (name,):
            return f"{self.owner}()"
        if name in self.parameters:
            return "?"
        if name in self.module.aliases:
            return self.module.aliases[name]
        return f"builtins.{name}" if name in _BUILTINS and not self._lookup(name) else name
