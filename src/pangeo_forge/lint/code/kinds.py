"""What an expression makes, where its text leaves no doubt: enough to say that it is no recipe, or no dictionary of them."""

from __future__ import annotations

import ast
from enum import StrEnum

from pangeo_forge.lint.code.following import Follower, Value
from pangeo_forge.lint.code.pipelines import LIBRARY, REFERENCE_CLASSES, ZARR_CLASSES

_PACKAGES = frozenset({LIBRARY, "pangeo_forge"})


class Kind(StrEnum):
    """What something is, as messages should name it."""

    TEXT = "a text"
    NUMBER = "a number"
    NONE = "None"
    TRUTH = "a truth value"
    LIST = "a list"
    TUPLE = "a tuple"
    SET = "a set"
    GENERATOR = "a generator"
    DICTIONARY = "a dictionary"
    FUNCTION = "a function"
    CLASS = "a class"
    MODULE = "a module"
    PATTERN = "a pattern of files"
    DIMENSION = "a dimension of a pattern"
    RECIPE = "a single recipe"


_DISPLAYS: dict[type[ast.AST], Kind] = {
    ast.JoinedStr: Kind.TEXT,
    ast.List: Kind.LIST,
    ast.ListComp: Kind.LIST,
    ast.Tuple: Kind.TUPLE,
    ast.Set: Kind.SET,
    ast.SetComp: Kind.SET,
    ast.GeneratorExp: Kind.GENERATOR,
    ast.Dict: Kind.DICTIONARY,
    ast.DictComp: Kind.DICTIONARY,
    ast.Lambda: Kind.FUNCTION,
    ast.Import: Kind.MODULE,
}
_BUILT_IN = {"list": Kind.LIST, "sorted": Kind.LIST, "tuple": Kind.TUPLE, "set": Kind.SET, "str": Kind.TEXT, "dict": Kind.DICTIONARY}
_LIBRARY = {
    "FilePattern": Kind.PATTERN,
    "pattern_from_file_sequence": Kind.PATTERN,
    "ConcatDim": Kind.DIMENSION,
    "MergeDim": Kind.DIMENSION,
    **dict.fromkeys(ZARR_CLASSES | REFERENCE_CLASSES | {"ZarrRecipe", "VirtualRecipe"}, Kind.RECIPE),
}


def find_kind(follower: Follower, values: tuple[Value, ...]) -> Kind | None:
    """Say what a name stands for, of which these values are known; None where it cannot be told, or is one of several kinds."""
    kinds = {_kind_of(follower, nearer) for value in values for nearer in follower.follow(value)}
    return kinds.pop() if len(kinds) == 1 else None


def _kind_of(follower: Follower, value: Value) -> Kind | None:
    match value.node:
        case ast.Constant(value=constant):
            return _kind_of_constant(constant)
        case ast.FunctionDef(decorator_list=[]) | ast.AsyncFunctionDef(decorator_list=[]):
            return Kind.FUNCTION
        case ast.ClassDef(decorator_list=[], keywords=[]):
            return Kind.CLASS
        case ast.Call():
            return _kind_of_call(follower, value)
    return _DISPLAYS.get(type(value.node))


def _kind_of_constant(constant: object) -> Kind | None:
    if constant is None:
        return Kind.NONE
    if isinstance(constant, bool):
        return Kind.TRUTH
    if isinstance(constant, str | bytes):
        return Kind.TEXT
    return Kind.NUMBER if isinstance(constant, int | float | complex) else None


def _kind_of_call(follower: Follower, value: Value) -> Kind | None:
    called = follower.called(value) or ""
    package, _, rest = called.partition(".")
    if not rest:
        return _BUILT_IN.get(called)
    return _LIBRARY.get(rest.rpartition(".")[2]) if package in _PACKAGES else None
