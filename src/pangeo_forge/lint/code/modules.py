"""A recipe module as it is written: its syntax tree and the names it binds, found without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from pangeo_forge.errors import Problem, Where
from pangeo_forge.lint.code.bindings import Binding, find_bindings
from pangeo_forge.lint.code.syntax import check_rules, explain, parse
from pangeo_forge.lint.code.trees import list_children
from pangeo_forge.lint.files.texts import Text

if TYPE_CHECKING:
    from pangeo_forge.lint.drafts import Draft

#: A syntax tree may take a thousand times the memory of its text.
MAX_CHARACTERS = 100_000
#: Expressions and blocks in each other; who walks a tree by recursion needs several frames for each.
MAX_DEPTH = 150
#: Many times those of any real module; every rule looks at each.
MAX_NODES = 40_000
_MOST_MODULES = 50
#: Calls after which a name may be bound though no statement binds it.
_DYNAMIC = frozenset({"exec", "eval", "globals", "locals", "vars", "setattr", "__import__"})


class TooMuch(Exception):
    """A module is longer or deeper than any that a person writes."""


@dataclass(frozen=True)
class Module:
    """A module of a feedstock.

    Parameters
    ----------
    name : str
        Dotted, relative to the feedstock's folder.
    text : Text
        Its text.
    tree : ast.Module or None
        Its syntax tree; None where it has none, or none that is looked at.
    nodes : tuple of ast.AST
        All nodes of the tree, those outside first.
    problem : Problem or None
        Why there is no tree.
    problem_end : tuple of int or None
        Line and column behind what the problem is about, where that is known.
    """

    name: str
    text: Text
    tree: ast.Module | None = None
    nodes: tuple[ast.AST, ...] = ()
    problem: Problem | None = None
    problem_end: tuple[int, int] | None = None

    @classmethod
    def parse(cls, name: str, text: Text) -> Module:
        """Parse a module's text."""
        try:
            if len(text.text) > MAX_CHARACTERS:
                raise TooMuch(f"it is longer than {MAX_CHARACTERS:,} characters")
            tree = parse(text)
            nodes = tuple(_walk(tree))
            check_rules(tree)
            return cls(name, text, tree, nodes)
        except SyntaxError as error:
            fault = explain(error, text)
            return cls(name, text, problem=Problem(fault.message, text.at(*fault.start), fault.hint, "PFR001"), problem_end=fault.end)
        except (TooMuch, RecursionError, MemoryError) as error:
            message = f"the module is not looked at: {str(error) or 'it is nested too deeply'}"
            return cls(name, text, problem=Problem(message, text.at(1, 1), "Keep data in files of their own.", "PFR003"))

    def at(self, node: ast.AST) -> Where:
        """Name the place of a node, its column counted in characters."""
        line, offset = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        return self.text.at(line, self._column(line, offset))

    def end_of(self, node: ast.AST) -> tuple[int, int] | None:
        """Give the line and column behind a node."""
        line, offset = getattr(node, "end_lineno", None), getattr(node, "end_col_offset", None)
        return None if line is None or offset is None else (line, self._column(line, offset))

    def _column(self, line: int, offset: int) -> int:
        written = self.text.line(line)
        return offset + 1 if written.isascii() else len(written.encode()[:offset].decode(errors="ignore")) + 1

    @cached_property
    def package(self) -> tuple[str, ...]:
        """The package that the module is in, or that it is."""
        parts = self.name.split(".")
        return tuple(parts if self.text.path.endswith("/__init__.py") else parts[:-1])

    def source_of(self, statement: ast.ImportFrom) -> str:
        """Give the dotted name of what a statement imports from, counted from the feedstock's folder where it is relative."""
        base = self.package[: max(0, len(self.package) - statement.level + 1)] if statement.level else ()
        return ".".join([*base, *([statement.module] if statement.module else [])])

    @cached_property
    def bindings(self) -> Mapping[str, tuple[Binding, ...]]:
        """Where the module's own names are bound, in the order of the file, under conditions or not."""
        return find_bindings(self.tree) if self.tree else {}

    @cached_property
    def aliases(self) -> Mapping[str, str]:
        """What the names that are imported anywhere in the module stand for, as dotted names."""
        found = {}
        for node in self.nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    found[alias.asname or alias.name.partition(".")[0]] = alias.name if alias.asname else alias.name.partition(".")[0]
            elif isinstance(node, ast.ImportFrom):
                base = "." * node.level + (node.module or "")
                for alias in node.names:
                    found[alias.asname or alias.name] = f"{base}.{alias.name}"
        return found

    @cached_property
    def used_names(self) -> frozenset[str]:
        """The names that stand anywhere in the code, beside those of imports."""
        return frozenset(node.id for node in self.nodes if isinstance(node, ast.Name))

    @cached_property
    def star_imports(self) -> tuple[ast.ImportFrom, ...]:
        """The statements that import all names of another module."""
        return tuple(node for node in self.nodes if isinstance(node, ast.ImportFrom) and node.names[0].name == "*")

    @cached_property
    def is_dynamic(self) -> bool:
        """Whether names may be bound by calls that cannot be followed."""
        called = {node.func.id for node in self.nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
        return bool(called & _DYNAMIC) or "__getattr__" in self.bindings

    def dotted(self, node: ast.expr) -> str | None:
        """Follow a name or attribute through the imports to its dotted name; None where it is something else."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return None
        return ".".join([self.aliases.get(node.id, node.id), *reversed(parts)])

    def imports(self, package: str) -> bool:
        """Whether a package, or a part of it, is imported anywhere in the module."""
        return any(name == package or name.startswith(f"{package}.") for name in self.aliases.values())

    def values(self, name: str) -> tuple[ast.expr, ...]:
        """Give the expressions that a name is bound to; empty where it is bound in another way, or not at all."""
        bindings = self.bindings.get(name, ())
        values = tuple(binding.value for binding in bindings if binding.value is not None)
        return values if len(values) == len(bindings) else ()


def _walk(tree: ast.Module) -> Iterator[ast.AST]:
    level: list[ast.AST] = [tree]
    count = 0
    for _ in range(MAX_DEPTH):
        count += len(level)
        if count > MAX_NODES:
            raise TooMuch(f"it has more than {MAX_NODES:,} parts")
        yield from level
        level = [child for node in level for child in list_children(node)]
        if not level:
            return
    raise TooMuch(f"it is nested more than {MAX_DEPTH} deep")


def find_modules(draft: Draft) -> Mapping[str, Module]:
    """Read the modules that a draft's ``meta.yaml`` names, and those that they import from its folder."""
    model = draft.meta.model if draft.meta else None
    named = [entry.module for entry in model.recipes] if model else []
    todo = list(dict.fromkeys(named)) or [path.removesuffix(".py") for path in draft.files if path.endswith(".py") and "/" not in path]
    found: dict[str, Module] = {}
    for name in todo:
        text = _read(draft, name)
        if text is None or name in found or len(found) >= _MOST_MODULES:
            continue
        found[name] = module = Module.parse(name, text)
        todo.extend(_local_imports(module))
    return found


def _read(draft: Draft, name: str) -> Text | None:
    path = name.replace(".", "/")
    there = (file for file in (f"{path}.py", f"{path}/__init__.py") if file in draft.files)
    return next((text for file in there if (text := draft.read(file, "PFR001"))), None)


def _local_imports(module: Module) -> Iterator[str]:
    """Name what a module imports, as far as it may lie beside it."""
    for node in module.nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = module.source_of(node)
            yield source
            yield from (f"{source}.{alias.name}".lstrip(".") for alias in node.names if node.level)
