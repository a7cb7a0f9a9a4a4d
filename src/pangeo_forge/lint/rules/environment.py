"""What a recipe needs of the environment of whoever runs it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pangeo_forge.lint.code.modules import Module
from pangeo_forge.lint.code.scopes import Scope
from pangeo_forge.lint.drafts import Draft
from pangeo_forge.lint.findings import Finding, Level
from pangeo_forge.lint.rule import Rule

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

    @property
    def is_credential(self) -> bool:
        """Whether it seems to be a login, without which nothing goes on."""
        return self.is_import and not self.has_default and _CREDENTIAL.fullmatch(self.name) is not None

    @property
    def is_switch(self) -> bool:
        """Whether it tells a service that runs workflows from other places."""
        return self.has_default and _SERVICE.fullmatch(self.name) is not None


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
        for module in draft.modules.values():
            if "environ" in module.text.text or "getenv" in module.text.text:
                scope = Scope(module)
                at_import = {id(executed.node): id(executed.site) for executed in draft.executed}
                yield from self._calls(module, scope)
                yield from self._readings(module, _find_readings(module, scope, at_import))

    def _calls(self, module: Module, scope: Scope) -> Iterator[Finding]:
        for node in module.nodes:
            if isinstance(node, ast.Call) and scope.origin(node.func) == "os.environ":
                written = ast.unparse(node.args[0]) if node.args else '"NAME"'
                yield self.found(
                    module.at(node),
                    end=module.end_of(node.func),
                    level=Level.ERROR,
                    fault="`os.environ` is called as a function, which it is not",
                    help=f"Write `os.environ[{written}]`.",
                )

    def _readings(self, module: Module, readings: Sequence[_Reading]) -> Iterator[Finding]:
        credentials = [reading for reading in readings if reading.is_credential]
        switches = [reading for reading in readings if reading.is_switch]
        for together, (fault, advice) in ((credentials, _CREDENTIALS), (switches, _SWITCHES)):
            if together:
                names = _in_words(list(dict.fromkeys(f"`{reading.name}`" for reading in together)))
                yield self._found(module, together[0], Level.HINT, fault.format(names=names), advice)
        told = {reading.name for reading in (*credentials, *switches)}
        for reading in readings:
            if reading.name not in told and not reading.has_default:
                told.add(reading.name)
                yield self._found(module, reading, *_describe(reading))

    def _found(self, module: Module, reading: _Reading, level: Level, fault: str, advice: str) -> Finding:
        return self.found(module.at(reading.node), end=module.end_of(reading.node), level=level, help=advice, fault=fault)


_CREDENTIALS = ("the recipe needs {names} in the environment of whoever imports it", "Say so in the README, for those who run it.")
_SWITCHES = (
    "by {names}, the recipe is another one where a service runs workflows than elsewhere",
    "Let what a recipe makes not hang on where it runs: leave that to the workflow.",
)


def _in_words(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _describe(reading: _Reading) -> tuple[Level, str, str]:
    """Say how bad it is that a variable is read without a default, why, and what to do."""
    name = reading.name
    advice = f'Give it a default: `os.environ.get("{name}", …)`.'
    if _SERVICE.fullmatch(name):
        level = Level.WARNING if reading.is_import else Level.HINT
        return level, f"`{name}` is set where a service runs workflows only: anywhere else, this fails", advice
    if reading.is_import:
        return Level.WARNING, f"the module cannot be imported where `{name}` is not set", advice
    return Level.HINT, f"`{name}` must be set on every worker that runs this function", "Read it at the module's level, and pass it on."


def _find_readings(module: Module, scope: Scope, at_import: Mapping[int, int]) -> list[_Reading]:
    guarded: set[int] | None = None
    found = []
    for node in module.nodes:
        key, has_default = _read(node, scope)
        if isinstance(node, ast.expr) and isinstance(key, ast.Constant) and isinstance(key.value, str):
            guarded = _find_guarded(module, scope) if guarded is None else guarded
            has_default = has_default or id(node) in guarded or at_import.get(id(node)) in guarded
            found.append(_Reading(key.value, node, has_default, id(node) in at_import))
    return sorted(found, key=lambda reading: (reading.node.lineno, reading.node.col_offset))


def _read(node: ast.AST, scope: Scope) -> tuple[ast.expr | None, bool]:
    """Find which variable a node reads, and whether it goes on without."""
    match node:
        case ast.Subscript(value=value, slice=key, ctx=ast.Load()) if scope.origin(value) == "os.environ":
            return key, False
        case ast.Call(func=function, args=[key, *_]) if scope.origin(function) in ("os.getenv", "os.environ.get"):
            return key, True
    return None, True


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
