"""Whether what a recipe imports is there where it runs."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator

from pangeo_forge.lint.code.distributions import find_declared, installed_part, is_known, packages_of
from pangeo_forge.lint.code.executed import find_scripted, is_type_guard
from pangeo_forge.lint.code.modules import Module
from pangeo_forge.lint.drafts import Draft
from pangeo_forge.lint.findings import Finding, Level
from pangeo_forge.lint.rule import Rule

Statement = ast.Import | ast.ImportFrom

#: Dependencies that a script carries in itself (PEP 723).
_INLINE = "# /// script"
_CAUGHT = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


class UndeclaredImport(Rule):
    """A package is imported that `requirements.txt` does not name.

    A bakery installs what `requirements.txt` names, and what that needs in turn. What happens to be installed on the author's computer
    is not there. What pangeo-forge itself needs (`numpy`, `pandas`, `xarray`, `zarr`, `fsspec`, …) and what comes with
    `pangeo-forge-recipes` is there without being named; modules of the feedstock are, too.

    It is a hint where the file does not tell all: there is none, or it names repositories or other files.

    Bad (`recipe.py`):

    ```python
    import pooch

    from pangeo_forge.recipes import ConcatDim, FilePattern, ZarrRecipe

    days = ConcatDim("time", keys=[1, 2, 3])
    table = pooch.retrieve
    sst = ZarrRecipe(FilePattern(lambda time: f"https://data.example.org/{time}.nc", days))
    ```

    Good (`recipe.py`):

    ```python
    import pooch

    from pangeo_forge.recipes import ConcatDim, FilePattern, ZarrRecipe

    days = ConcatDim("time", keys=[1, 2, 3])
    table = pooch.retrieve
    sst = ZarrRecipe(FilePattern(lambda time: f"https://data.example.org/{time}.nc", days))
    ```

    Good (`requirements.txt`):

    ```text
    pangeo-forge==0.1.0
    pooch==1.8.2
    ```
    """

    code = "PFR034"
    name = "undeclared-import"
    level = Level.WARNING
    message = "`{module}` is imported, but {fault}"

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look at the imports of all modules, at each package once."""
        requirements = draft.requirements
        is_certain = requirements is not None and requirements.is_whole and not any(package.address for package in requirements.packages)
        told: set[str] = set()
        for module, name, statement in _find_undeclared(draft):
            package = packages_of(name)[0]
            if package not in told and not _is_beside(name.partition(".")[0], draft):
                told.add(package)
                yield self.found(
                    module.at(statement),
                    end=module.end_of(statement),
                    level=Level.WARNING if is_certain else Level.HINT,
                    help=_advise(name, statement, module),
                    module=installed_part(name),
                    fault="requirements.txt names nothing that it comes with"
                    if requirements
                    else "there is no requirements.txt to name it",
                )


def _find_undeclared(draft: Draft) -> Iterator[tuple[Module, str, Statement]]:
    """Find what modules import that is neither declared nor in the folder, in the order of the lines."""
    declared = find_declared(draft.requirements)
    own = {path.partition("/")[0].removesuffix(".py") for path in draft.files} | sys.stdlib_module_names
    for module in draft.modules.values():
        if _INLINE not in module.text.text:
            imports = [(name, node) for node in module.nodes if isinstance(node, Statement) for name in _names(node)]
            others = [(name, node) for name, node in imports if name.partition(".")[0] not in own]
            missing = [(name, node) for name, node in others if declared.isdisjoint(packages_of(name))]
            optional = find_scripted(module) | _find_optional(module) if missing else set()
            needed = [(name, node) for name, node in missing if id(node) not in optional]
            yield from ((module, name, node) for name, node in sorted(needed, key=lambda found: found[1].lineno))


def _advise(name: str, statement: Statement, module: Module) -> str:
    bound = {(alias.asname or alias.name).partition(".")[0] for alias in statement.names}
    is_plain = "*" not in bound and not module.is_dynamic and "__all__" not in module.bindings
    if is_plain and not bound & module.used_names:
        return "Nothing uses it: delete the import."
    package = packages_of(name)[0]
    return f"Add `{package}` to requirements.txt." if is_known(name) else f"Add what it is installed by, perhaps `{package}`."


def _names(node: Statement) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if node.level:
        return []
    deeper = (node.module or "").startswith("google")  # whose parts come by packages of their own
    return [f"{node.module}.{alias.name}" for alias in node.names] if deeper else [node.module or ""]


def _find_optional(module: Module) -> set[int]:
    """List what is imported only if it is there, or only for a checker of types."""
    found: set[int] = set()
    for node in module.nodes:
        if isinstance(node, ast.Try) and any(_catches(handler) for handler in node.handlers):
            handled = [statement for handler in node.handlers for statement in handler.body]
            found |= {id(part) for statement in (*node.body, *handled) for part in ast.walk(statement)}
        elif isinstance(node, ast.If) and is_type_guard(node.test):
            found |= {id(part) for statement in node.body for part in ast.walk(statement)}
    return found


def _catches(handler: ast.ExceptHandler) -> bool:
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or (isinstance(kind, ast.Name) and kind.id in _CAUGHT) for kind in caught)


def _is_beside(name: str, draft: Draft) -> bool:
    """Whether a module is a file or a folder of the repository that the feedstock lies in."""
    return draft.has_file(f"../{name}.py") or (draft.root / name).is_dir()
