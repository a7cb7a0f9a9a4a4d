"""Whether a recipe module is Python, and defines the names that it uses."""

from __future__ import annotations

from collections.abc import Iterable

from pangeo_forge.lint.code.modules import Module
from pangeo_forge.lint.code.names import NOTEBOOK, Undefined, find_undefined, suggest
from pangeo_forge.lint.drafts import Draft
from pangeo_forge.lint.findings import Finding, Level
from pangeo_forge.lint.rule import ReadingRule, Rule


class InvalidPython(ReadingRule):
    """A recipe module is not valid Python.

    It cannot be imported, so that none of its recipes can run. What is accepted is Python 3.11 and later. Seen most often are names
    with a hyphen, lines of a notebook, addresses without quotes, and the marks of a merge that was left unfinished.

    Bad (`recipe.py`):

    ```python
    from pangeo_forge.recipes import ConcatDim, FilePattern, ZarrRecipe

    days = ConcatDim("time", keys=[1, 2, 3]
    sst = ZarrRecipe(FilePattern(lambda time: f"https://data.example.org/{time}.nc", days))
    ```

    Good (`recipe.py`):

    ```python
    from pangeo_forge.recipes import ConcatDim, FilePattern, ZarrRecipe

    days = ConcatDim("time", keys=[1, 2, 3])
    sst = ZarrRecipe(FilePattern(lambda time: f"https://data.example.org/{time}.nc", days))
    ```
    """

    code = "PFR001"
    name = "invalid-python"
    level = Level.ERROR

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Report the problems that have this rule's code, up to where they end."""
        ends = {module.problem: module.problem_end for module in draft.modules.values()}
        for problem in draft.problems:
            if problem.code == self.code and problem.where:
                yield self.found(problem.where, end=ends.get(problem), help=problem.hint or "", message=problem.message)


class UndefinedName(Rule):
    """A name is used that nothing defines.

    The module fails when the line runs: at once if it stands at the module's own level, and in the middle of a run if it stands in a
    function. Mostly an import is missing or a word is misspelt. Nothing is said where names may come from elsewhere: from a star
    import of another package, from `exec`, from `globals()`.

    Bad (`recipe.py`):

    ```python
    from pangeo_forge.recipes import ConcatDim, FilePattern, ZarrRecipe


    def make_url(time):
        return os.path.join("https://data.example.org", f"{time}.nc")


    sst = ZarrRecipe(FilePattern(make_url, ConcatDim("time", keys=[1, 2, 3])))
    ```

    Good (`recipe.py`):

    ```python
    from pangeo_forge.recipes import ConcatDim, FilePattern, ZarrRecipe


    def make_url(time):
        return f"https://data.example.org/{time}.nc"


    sst = ZarrRecipe(FilePattern(make_url, ConcatDim("time", keys=[1, 2, 3])))
    ```
    """

    code = "PFR004"
    name = "undefined-name"
    level = Level.ERROR
    message = "`{name}` is {fault}{uses}"

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look at each module."""
        for module in draft.modules.values():
            if module.tree:
                yield from (self._report(undefined, module) for undefined in find_undefined(module, draft.modules))

    def _report(self, undefined: Undefined, module: Module) -> Finding:
        fault, hint = _describe(undefined, module)
        return self.found(
            module.at(undefined.node),
            end=module.end_of(undefined.node),
            level=Level.ERROR if undefined.is_needed and not undefined.is_local else Level.WARNING,
            help=hint,
            name=undefined.name,
            fault=fault,
            uses=f" (it is used {undefined.uses} times)" if undefined.uses > 1 else "",
        )


def _describe(undefined: Undefined, module: Module) -> tuple[str, str]:
    if undefined.name in NOTEBOOK:
        return "defined in a notebook only", "Delete the line: a module has nothing to show."
    if undefined.is_local:
        return (
            "read before this function assigns it",
            "A name that a function assigns is its own from the first line on: give it another name than the one outside.",
        )
    if undefined.defined:
        return f"used before line {undefined.defined} defines it", "Move the definition up."
    return "not defined", suggest(undefined, module)
