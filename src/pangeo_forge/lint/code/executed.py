"""What of a feedstock's code runs when its modules are imported: their own level, and the functions that it calls."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pangeo_forge.lint.code.modules import Module
from pangeo_forge.lint.code.scopes import Definition, Function, Scope
from pangeo_forge.lint.code.trees import list_children

#: How many functions call each other before that is not followed any more.
_DEEPEST = 6
#: Nodes looked at in one feedstock.
_MOST_NODES = 150_000
#: Decorators behind which a function still does what it says when it is called.
_TRANSPARENT = frozenset(
    {"builtins.staticmethod", "builtins.classmethod", "functools.cache", "functools.lru_cache", "functools.lru_cache()"}
)
#: What holds code that does not run at once, or not always.
_SPECIAL = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.If)
#: In these nothing happens.
_QUIET = frozenset({ast.Name, ast.Constant, ast.Load, ast.Store, ast.Import, ast.ImportFrom, ast.Pass, ast.alias})
_CONSTRUCTORS = ("__new__", "__init__", "__post_init__")


@dataclass(frozen=True, slots=True)
class Executed:
    """A call or a lookup that happens while a module is imported.

    Parameters
    ----------
    module : Module
        The module that is imported.
    site : ast.expr
        What of its own level leads there: the node itself, or the call of a function.
    node : ast.Call, ast.Subscript or ast.withitem
        What happens: a call, a lookup, the entering of a ``with``.
    scope : Scope
        What names mean there.
    through : tuple of str
        The functions of the feedstock that are called in between.
    """

    module: Module
    site: ast.expr
    node: ast.Call | ast.Subscript | ast.withitem
    scope: Scope
    through: tuple[str, ...] = ()

    @property
    def is_direct(self) -> bool:
        """Whether it stands at the module's own level, in no function."""
        return not self.through

    @property
    def name(self) -> str:
        """Where what is called, looked up or entered comes from (see `Scope.origin`)."""
        match self.node:
            case ast.Call(func=function):
                return self.scope.origin(function)
            case ast.Subscript(value=value):
                return self.scope.origin(value)
            case ast.withitem(context_expr=entered):
                return f"{self.scope.origin(entered)}.__enter__"


@dataclass(frozen=True, slots=True)
class _Frame:
    scope: Scope
    site: ast.expr | None = None
    through: tuple[str, ...] = ()


def find_executed(imported: Iterable[Module], modules: Mapping[str, Module]) -> Iterator[Executed]:
    """Find what happens while modules are imported, in the order of their lines.

    What stands under ``if __name__ == "__main__":`` does not.

    Parameters
    ----------
    imported : iterable of Module
        The modules that are imported.
    modules : mapping of Module
        All modules of the feedstock, whose functions, constructors and methods are followed where they are called, each once.
    """
    left = _MOST_NODES
    for module in imported:
        followed: set[int] = set()
        todo: list[tuple[ast.AST, _Frame]] = [(node, _Frame(Scope(module))) for node in reversed(module.tree.body if module.tree else [])]
        while todo and left:
            left -= 1
            node, frame = todo.pop()
            if isinstance(node, ast.Call | ast.Subscript | ast.withitem):
                own = node.context_expr if isinstance(node, ast.withitem) else node
                yield Executed(module, frame.site or own, node, frame.scope, frame.through)
            if isinstance(node, ast.Call) and len(frame.through) < _DEEPEST:
                todo += ((part, inner) for part, inner in _follow(node, frame, modules) if not _is_known(part, followed))
            todo += [(child, frame) for child in reversed(_parts(node))]


def _is_known(node: ast.AST, followed: set[int]) -> bool:
    if id(node) in followed:
        return True
    followed.add(id(node))
    return False


def _parts(node: ast.AST) -> Sequence[ast.AST]:
    """List what of a node runs when it is reached, as far as anything can happen in it."""
    if isinstance(node, _SPECIAL):
        return _parts_of_special(node)
    return [child for child in list_children(node) if type(child) not in _QUIET]


def _parts_of_special(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.If) -> Sequence[ast.AST]:
    if isinstance(node, ast.If):
        is_entered = not is_main_guard(node.test) and not is_type_guard(node.test)
        return [node.test, *node.body, *node.orelse] if is_entered else node.orelse
    return [*getattr(node, "decorator_list", ()), *_defaults(node.args)]


def _defaults(arguments: ast.arguments) -> list[ast.expr]:
    return [default for default in (*arguments.defaults, *arguments.kw_defaults) if default]


def is_main_guard(test: ast.expr) -> bool:
    """Whether a condition is that the module is run as a script."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        return any(is_main_guard(value) for value in test.values)
    match test:
        case ast.Compare(left=ast.Name(id="__name__"), ops=[ast.Eq()], comparators=[ast.Constant(value="__main__")]):
            return True
        case ast.Compare(left=ast.Constant(value="__main__"), ops=[ast.Eq()], comparators=[ast.Name(id="__name__")]):
            return True
    return False


def find_scripted(module: Module) -> set[int]:
    """List, by their `id`, the nodes of a module that run only if it is run as a script."""
    guarded = (node for node in module.nodes if isinstance(node, ast.If) and is_main_guard(node.test))
    return {id(part) for node in guarded for statement in node.body for part in ast.walk(statement)}


def is_type_guard(test: ast.expr) -> bool:
    """Whether a condition is that a checker of types reads the module."""
    return (test.attr if isinstance(test, ast.Attribute) else test.id if isinstance(test, ast.Name) else "") == "TYPE_CHECKING"


def _follow(call: ast.Call, frame: _Frame, modules: Mapping[str, Module]) -> Iterator[tuple[ast.AST, _Frame]]:
    """Find the statements of the feedstock's own functions that a call runs."""
    name = frame.scope.origin(call.func)
    for function, module, owner in _functions(name, frame.scope, modules):
        if not function.decorator_list or all(Scope(module).origin(found) in _TRANSPARENT for found in function.decorator_list):
            inner = _Frame(Scope.of(function, module, owner), frame.site or call, (*frame.through, name.rpartition(".")[2]))
            yield from ((statement, inner) for statement in reversed(function.body))


def _functions(name: str, scope: Scope, modules: Mapping[str, Module]) -> Iterator[tuple[Function, Module, str | None]]:
    """Find the functions that calling a name runs; those of a class are its constructors."""
    base, _, rest = name.partition("().")
    found, module = _find(base, scope, modules)
    if isinstance(found, Function) and not rest:
        yield found, module, None
        return
    prefix, _, attribute = base.rpartition(".")
    if found is None and prefix and not rest:
        found, module = _find(prefix, scope, modules)  # a method, called by the class
        rest = attribute
    if isinstance(found, ast.ClassDef):
        wanted = (rest,) if rest else _CONSTRUCTORS
        yield from ((part, module, found.name) for part in found.body if isinstance(part, Function) and part.name in wanted)


def _find(name: str, scope: Scope, modules: Mapping[str, Module]) -> tuple[Definition | None, Module]:
    """Find a function or class in the scope, or in another module of the feedstock."""
    if "." not in name:
        return scope.definition(name), scope.module
    path, _, last = name.rpartition(".")
    module = modules.get(path.lstrip("."))
    return (Scope(module).definition(last), module) if module else (None, scope.module)
