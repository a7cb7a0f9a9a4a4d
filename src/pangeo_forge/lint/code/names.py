"""Names that a module uses and nothing defines, as pyflakes finds them, but for those that only seem so."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from pangeo_forge.feedstocks.problems import nearest
from pangeo_forge.lint.code.bindings import find_bindings
from pangeo_forge.lint.code.executed import find_scripted
from pangeo_forge.lint.code.modules import Module
from pangeo_forge.lint.code.scopes import Function, Scope

if TYPE_CHECKING:
    from pyflakes.checker import Checker
    from pyflakes.messages import Message

#: What only a notebook defines.
NOTEBOOK = frozenset({"display", "get_ipython", "In", "Out"})
#: What a configuration of the old runner finds defined.
_CONFIGURATION = frozenset({"c", "get_config"})
#: Kinds of messages that are about names, as pyflakes calls them.
_KINDS = frozenset({"UndefinedName", "UndefinedLocal", "ImportStarUsage"})
#: Of larger modules, which no person writes, the names are not looked at: that would take a second.
_MOST_NODES = 40_000
#: More names than these are the fault of something else, and looking for what is like them takes its time.
_MOST = 25
#: Choices among which a name that is like another is looked for.
_MOST_CHOICES = 500

#: Modules that are imported by their own names.
_MODULES = """
    os sys re json math time datetime itertools functools logging pathlib glob shutil subprocess tempfile urllib warnings typing
    numpy pandas xarray zarr fsspec s3fs gcsfs aiohttp requests dask cftime yaml
"""
#: How names are imported that nearly everybody means the same by.
IMPORTS = {
    "np": "import numpy as np",
    "pd": "import pandas as pd",
    "xr": "import xarray as xr",
    "plt": "import matplotlib.pyplot as plt",
    "dt": "import datetime as dt",
    "beam": "import apache_beam as beam",
    "Path": "from pathlib import Path",
    "partial": "from functools import partial",
    "dataclass": "from dataclasses import dataclass",
    "timedelta": "from datetime import timedelta",
    "ConcatDim": "from pangeo_forge_recipes.patterns import ConcatDim",
    "MergeDim": "from pangeo_forge_recipes.patterns import MergeDim",
    "FilePattern": "from pangeo_forge_recipes.patterns import FilePattern",
    "pattern_from_file_sequence": "from pangeo_forge_recipes.patterns import pattern_from_file_sequence",
    **{name: f"from typing import {name}" for name in ("Any", "Dict", "List", "Tuple", "Optional", "Callable", "Union")},
    **{name: f"import {name}" for name in _MODULES.split()},
}


@dataclass(frozen=True, slots=True)
class Undefined:
    """A name that nothing defines where it is used.

    Parameters
    ----------
    name : str
        The name.
    node : ast.Name
        Where it is used first.
    uses : int
        How often it is used.
    defined : int or None
        The line after all these uses that binds the name, if there is one.
    is_needed : bool
        Whether it is used when the recipe runs, not only when the module is run as a script.
    is_local : bool
        Whether the function in which it is used binds it further down.
    """

    name: str
    node: ast.Name
    uses: int
    defined: int | None
    is_needed: bool
    is_local: bool = False


def find_undefined(module: Module, modules: Mapping[str, Module]) -> Iterator[Undefined]:
    """Find names that nothing defines; none where other code may define them in a way that cannot be followed.

    Parameters
    ----------
    module : Module
        Where to look.
    modules : mapping of Module
        The feedstock's modules, whose names a star import brings.
    """
    brought = _brought(module, modules)
    if brought is None or len(module.nodes) > _MOST_NODES:
        return
    found: dict[tuple[str, bool], list[ast.Name]] = {}
    places = _read_names(module)
    for message in _messages(module):
        node = places.get((message.lineno, message.col, message.message_args[0])) if message.message_args else None
        kind = type(message).__name__
        if kind in _KINDS and node and node.id not in brought:
            found.setdefault((node.id, kind == "UndefinedLocal"), []).append(node)
    scripted = find_scripted(module) if found else set()
    for (name, is_local), nodes in list(found.items())[:_MOST]:
        is_needed = any(id(node) not in scripted for node in nodes)
        defined = None if is_local else _bound_after(module, name, nodes)
        yield Undefined(name, nodes[0], len(nodes), defined, is_needed, is_local)


def suggest(undefined: Undefined, module: Module) -> str:
    """Say what to write instead of a name that nothing defines; nothing where there is no telling."""
    name = undefined.name
    if name in IMPORTS and not undefined.defined and (name not in _MODULES.split() or _is_looked_into(undefined.node, module)):
        return f"Add `{_import(name, module)}`."
    close = nearest(name, _visible(undefined.node, module))
    return f"Did you mean `{close}`?" if close and close != name else ""


def _is_looked_into(name: ast.Name, module: Module) -> bool:
    """Whether an attribute of what has a name is used, as of a module."""
    return any(isinstance(node, ast.Attribute) and node.value is name for node in module.nodes)


def _import(name: str, module: Module) -> str:
    """Write the import of a name as the dialect of the module has it."""
    foreign = any(origin.startswith("pangeo_forge_recipes") for origin in module.aliases.values())
    return IMPORTS[name] if foreign else IMPORTS[name].replace("pangeo_forge_recipes.patterns", "pangeo_forge.recipes")


def _messages(module: Module) -> list[Message]:
    found = _make_checker()(module.tree, filename=module.text.path, withDoctest=False).messages
    return sorted(found, key=lambda message: (message.lineno, message.col))


@cache
def _make_checker() -> type[Checker]:
    from pyflakes.checker import Checker

    class FastChecker(Checker):  # type: ignore[misc]
        """A checker that takes the builtins, of which it binds each for each module, for granted."""

        def addBinding(self, node: ast.AST | None, value: Any) -> None:  # noqa: N802  (pyflakes' own name)
            if node is None:
                self.scope[value.name] = value
            else:
                super().addBinding(node, value)

    return FastChecker


def _read_names(module: Module) -> dict[tuple[int, int, str], ast.Name]:
    """Find the names that are looked up when the code runs: not those in texts or in annotations that nothing evaluates."""
    unevaluated: set[int] = set()
    if any(origin == "__future__.annotations" for origin in module.aliases.values()):
        unevaluated = {id(part) for annotation in _annotations(module.nodes) for part in ast.walk(annotation)}
    names = (node for node in module.nodes if isinstance(node, ast.Name) and id(node) not in unevaluated)
    return {(node.lineno, node.col_offset, node.id): node for node in names}


def _annotations(nodes: Iterable[ast.AST]) -> Iterator[ast.expr]:
    for node in nodes:
        annotation = getattr(node, "annotation", None) or getattr(node, "returns", None)
        if isinstance(annotation, ast.expr):
            yield annotation


def _brought(module: Module, modules: Mapping[str, Module]) -> frozenset[str] | None:
    """Give the names that are there without being bound by a plain statement; None where that cannot be known."""
    if module.is_dynamic:
        return None
    names = set(_CONFIGURATION) if "config" in module.text.path else set()
    for statement in module.star_imports:
        other = _exported(statement, modules)
        if other is None:
            return None
        names |= other
    return frozenset(names)


def _exported(statement: ast.ImportFrom, modules: Mapping[str, Module]) -> set[str] | None:
    """Give the names that a star import brings; None where that cannot be known."""
    other = modules.get(statement.module or "")
    if other is None or other.tree is None or other.is_dynamic or other.star_imports or "__all__" in other.bindings:
        return None
    return {name for name in other.bindings if not name.startswith("_")}


def _bound_after(module: Module, name: str, uses: Iterable[ast.Name]) -> int | None:
    lines = [getattr(binding.node, "lineno", 0) for binding in module.bindings.get(name, ())]
    last = max(node.lineno for node in uses)
    return min(lines) if lines and min(lines) > last else None


def _visible(node: ast.Name, module: Module) -> list[str]:
    """List the names that can be used where a node stands: the module's, and those of the functions around it."""
    around = (part for part in module.nodes if isinstance(part, Function) and part.lineno <= node.lineno <= (part.end_lineno or 0))
    local = [name for part in around for name in (*Scope.of(part, module).parameters, *find_bindings(part))]
    return [*local, *module.bindings][:_MOST_CHOICES]
