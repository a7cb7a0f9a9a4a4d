"""What a recipe needs of the environment of whoever runs it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pangeo_forge.feedstocks.problems import listing
from pangeo_forge.lint.drafts import Draft
from pangeo_forge.lint.findings import Finding, Level
from pangeo_forge.lint.modules import Module
from pangeo_forge.lint.rule import Rule
from pangeo_forge.lint.scopes import Scope

_SERVICE = re.compile(r"(?:GITHUB|RUNNER|ACTIONS|GITLAB|CI)(?:_.*)?")
_CREDENTIAL = re.compile(
    r"(?:.*_)?(?:USER|USERNAME|LOGIN|PASSWORD|PASSWD|PASS|PW|TOKEN|SECRET|KEY|KEY_ID|CREDENTIALS?|AUTH)(?:_.*)?", re.IGNORECASE
)
#: Exceptions that a missing variable raises, or that hold those.
_CAUGHT = frozenset({"KeyError", "LookupError", "Exception", "BaseException"})


@dataclass(frozen=True, slots=True)
class _Reading:
    """A variable of the environment, and where it is read.

    `has_default` is whether the module goes on without it, `is_import` whether it is read while the module is imported.
    """

    name: str
    node: ast.expr
    has_default: bool
    is_import: bool


class EnvironmentVariable(Rule):
    """A recipe reads a variable of the environment.

    `os.environ["NAME"]` fails wherever the variable is not set: on the machine of whoever only wants to list the recipes, if it stands
    at the module's level, or on a worker, if it stands in a function. What GitHub Actions sets is set there only, so that the recipe
    is another one elsewhere. Credentials have no better place than the environment; that a recipe needs them is a hint for whoever is
    to run it, and better said in the README.

    Bad (`recipe.py`):

    ```python
    import os

    from pangeo_forge.recipes import ConcatDim, FilePattern, ZarrRecipe

    protocol = os.environ["PROTOCOL"] or "https"
    days = ConcatDim("time", keys=[1, 2, 3])
    sst = ZarrRecipe(FilePattern(lambda time: f"{protocol}://data.example.org/{time}.nc", days))
    ```

    Good (`recipe.py`):

    ```python
    import os

    from pangeo_forge.recipes import ConcatDim, FilePattern, ZarrRecipe

    protocol = os.environ.get("PROTOCOL", "https")
    days = ConcatDim("time", keys=[1, 2, 3])
    sst = ZarrRecipe(FilePattern(lambda time: f"{protocol}://data.example.org/{time}.nc", days))
    ```
    """

    code = "PFR031"
    name = "environment-variable"
    level = Level.WARNING
    message = "{fault}"

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look at each module, each variable once."""
        at_import = {id(executed.node) for executed in draft.executed}
        for module in draft.modules.values():
            if "os" in module.aliases.values() or any(origin.startswith("os.") for origin in module.aliases.values()):
                yield from self._calls(module)
                yield from self._readings(module, _find_readings(module, at_import))

    def _calls(self, module: Module) -> Iterator[Finding]:
        for node in module.nodes:
            if isinstance(node, ast.Call) and Scope(module).origin(node.func) == "os.environ":
                written = ast.unparse(node.args[0]) if node.args else '"NAME"'
                yield self.found(
                    module.at(node),
                    end=module.end_of(node.func),
                    level=Level.ERROR,
                    fault="`os.environ` is called as a function, which it is not",
                    help=f"Write `os.environ[{written}]`.",
                )

    def _readings(self, module: Module, readings: Sequence[_Reading]) -> Iterator[Finding]:
        needed = [reading for reading in readings if not reading.has_default]
        credentials = [reading for reading in needed if reading.is_import and _CREDENTIAL.fullmatch(reading.name)]
        if credentials:
            names = list(dict.fromkeys(f"`{reading.name}`" for reading in credentials))
            fault = f"the recipe needs {listing(names)} in the environment of whoever imports it"
            yield self._found(module, credentials[0], Level.HINT, fault, "Say so in the README, for those who run it.")
        told = {reading.name for reading in credentials}
        for reading in readings:
            if reading.name not in told and (described := _describe(reading)):
                told.add(reading.name)
                yield self._found(module, reading, *described)

    def _found(self, module: Module, reading: _Reading, level: Level, fault: str, advice: str) -> Finding:
        return self.found(module.at(reading.node), end=module.end_of(reading.node), level=level, help=advice, fault=fault)


def _describe(reading: _Reading) -> tuple[Level, str, str] | None:
    """Say how bad it is that a variable is read, why, and what to do."""
    name = reading.name
    default = f'Give it a default: `os.environ.get("{name}", …)`.'
    if _SERVICE.fullmatch(name):
        if reading.has_default:
            advice = "What a recipe makes should not hang on where it runs; leave that to the workflow."
            return Level.HINT, f"`{name}` is set by a service that runs workflows only, so that the recipe is another one elsewhere", advice
        level = Level.WARNING if reading.is_import else Level.HINT
        return level, f"`{name}` is set by a service that runs workflows only: elsewhere this is a KeyError", default
    if reading.has_default:
        return None
    if reading.is_import:
        return Level.WARNING, f"the module cannot be imported where `{name}` is not set", default
    return (
        Level.HINT,
        f"`{name}` must be set wherever this function runs, on every worker",
        "Read it at the module's level, and pass it on.",
    )


def _find_readings(module: Module, at_import: set[int]) -> list[_Reading]:
    scope = Scope(module)
    guarded: set[int] | None = None
    found = []
    for node in module.nodes:
        key, has_default = _read(node, scope)
        if isinstance(node, ast.expr) and key is not None and (name := _literal(key, scope)):
            if guarded is None:
                guarded = _find_guarded(module, scope)
            found.append(_Reading(name, node, has_default or id(node) in guarded, id(node) in at_import))
    return sorted(found, key=lambda reading: (reading.node.lineno, reading.node.col_offset))


def _read(node: ast.AST, scope: Scope) -> tuple[ast.expr | None, bool]:
    """Find which variable a node reads, and whether it goes on without."""
    match node:
        case ast.Subscript(value=value, slice=key, ctx=ast.Load()) if scope.origin(value) == "os.environ":
            return key, False
        case ast.Call(func=function, args=[key, *_]) if scope.origin(function) in ("os.getenv", "os.environ.get"):
            return key, True
    return None, True


def _literal(key: ast.expr, scope: Scope) -> str | None:
    return key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else None


def _find_guarded(module: Module, scope: Scope) -> set[int]:
    """List what runs only where a variable is set, or may fail because it is not."""
    found: set[int] = set()
    for node in module.nodes:
        if isinstance(node, ast.Try) and any(_catches(handler) for handler in node.handlers):
            found |= {id(part) for statement in node.body for part in ast.walk(statement)}
        elif isinstance(node, ast.If | ast.IfExp) and _asks(node.test, scope):
            found |= {id(part) for part in ast.walk(node)} - {id(part) for part in ast.walk(node.test)}
    return found


def _catches(handler: ast.ExceptHandler) -> bool:
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or (isinstance(kind, ast.Name) and kind.id in _CAUGHT) for kind in caught)


def _asks(test: ast.expr, scope: Scope) -> bool:
    """Whether a condition is about the environment."""
    return any(
        isinstance(part, ast.Attribute | ast.Name) and scope.origin(part).startswith(("os.environ", "os.getenv")) for part in ast.walk(test)
    )
