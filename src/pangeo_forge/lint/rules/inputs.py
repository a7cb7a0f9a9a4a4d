"""How a recipe's inputs are asked for, and whether they are the same tomorrow."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterable
from itertools import islice

from pangeo_forge.lint.code.dependencies import find_dependencies
from pangeo_forge.lint.code.file_patterns import count_keys, read_pattern
from pangeo_forge.lint.code.following import Follower, Value
from pangeo_forge.lint.code.pipelines import LIBRARY, StaticRecipe, Step
from pangeo_forge.lint.drafts import Draft
from pangeo_forge.lint.findings import Finding, Level
from pangeo_forge.lint.rule import Rule

#: Servers that publish how many requests they answer in a minute, and refuse the others.
_LIMITING = ("zenodo.org",)
_HOST = re.compile(r"^https?://(?:www\.|sandbox\.)?([^/:?#]+)", re.I)
_FEW_INPUTS = 30
#: Recipes of one feedstock whose inputs are looked into.
_MOST_RECIPES = 20

_CLOCKS = frozenset(
    {
        "datetime.date.today",
        "datetime.datetime.now",
        "datetime.datetime.today",
        "datetime.datetime.utcnow",
        "pandas.Timestamp.now",
        "pandas.Timestamp.today",
        "pandas.Timestamp.utcnow",
        "time.time",
    }
)
#: What takes the present where it is not given another time.
_CONVERTERS = frozenset({"time.gmtime", "time.localtime"})
#: What takes a word for the present.
_PARSERS = frozenset({"numpy.datetime64", "pandas.Timestamp", "pandas.to_datetime", "pandas.date_range"})
_PRESENT = frozenset({"now", "today"})
_SUSPECT = re.compile(r"\b(?:now|today|utcnow|gmtime|localtime)\b|\btime\.time\b")


class UnlimitedRequests(Rule):
    """Files of a server that limits requests are opened as fast as the workers can.

    Zenodo, for one, answers a limited number of requests a minute and refuses the rest with the status 429, so that a run of a hundred
    workers fails, or is shut out. `OpenURLWithFSSpec(max_concurrency=…)` opens so many files at the same time, over all workers.

    Bad (`recipe.py`):

    ```python
    import apache_beam as beam
    from pangeo_forge_recipes.patterns import pattern_from_file_sequence
    from pangeo_forge_recipes.transforms import OpenURLWithFSSpec, OpenWithXarray, StoreToZarr

    pattern = pattern_from_file_sequence([f"https://zenodo.org/record/1/files/{year}.nc" for year in range(1900, 2020)], "time")
    sst = (
        beam.Create(pattern.items())
        | OpenURLWithFSSpec()
        | OpenWithXarray()
        | StoreToZarr(store_name="sst.zarr", combine_dims=pattern.combine_dim_keys)
    )
    ```

    Good (`recipe.py`):

    ```python
    import apache_beam as beam
    from pangeo_forge_recipes.patterns import pattern_from_file_sequence
    from pangeo_forge_recipes.transforms import OpenURLWithFSSpec, OpenWithXarray, StoreToZarr

    pattern = pattern_from_file_sequence([f"https://zenodo.org/record/1/files/{year}.nc" for year in range(1900, 2020)], "time")
    sst = (
        beam.Create(pattern.items())
        | OpenURLWithFSSpec(max_concurrency=2)
        | OpenWithXarray()
        | StoreToZarr(store_name="sst.zarr", combine_dims=pattern.combine_dim_keys)
    )
    ```
    """

    code = "PFR035"
    name = "unlimited-requests"
    level = Level.HINT
    message = "the inputs are on {host}, which limits requests, and are opened without a limit"
    help = "Write `OpenURLWithFSSpec(max_concurrency=2)`."

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look at how the files of such servers are opened."""
        suspects = (
            recipe for recipe in draft.recipes if recipe.is_certain and any(host in recipe.value.module.text.text for host in _LIMITING)
        )
        for recipe in islice(suspects, _MOST_RECIPES):
            step = _find_unlimited(recipe)
            host = _find_host(draft.follower, recipe) if step and not _are_few(draft.follower, recipe) else None
            if step and host:
                yield self.found(step.value.where, end=step.value.end, host=host)


class MovingInputs(Rule):
    """Which files a recipe reads hangs on the day it is run.

    A dataset that cannot be baked again as it was can be neither checked nor repaired, a test of today says nothing of tomorrow's run,
    and a run that is resumed after midnight has other inputs than the one that it resumes.

    Bad (`recipe.py`):

    ```python
    from datetime import date

    from pangeo_forge.recipes import ConcatDim, FilePattern, ZarrRecipe

    YEARS = range(1990, date.today().year)
    pattern = FilePattern(lambda time: f"https://data.example.org/sst/{time}.nc", ConcatDim("time", YEARS))
    sst = ZarrRecipe(pattern)
    ```

    Good (`recipe.py`):

    ```python
    from pangeo_forge.recipes import ConcatDim, FilePattern, ZarrRecipe

    YEARS = range(1990, 2020)
    pattern = FilePattern(lambda time: f"https://data.example.org/sst/{time}.nc", ConcatDim("time", YEARS))
    sst = ZarrRecipe(pattern)
    ```
    """

    code = "PFR037"
    name = "moving-inputs"
    level = Level.HINT
    message = "the inputs hang on the time of the run: {call}"
    help = "Write the last date out, and move it by a commit when there is more."

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look for the clock in all that patterns hang on."""
        patterns = [recipe.pattern for recipe in draft.recipes if recipe.pattern]
        if not any(_SUSPECT.search(module.text.text) for module in draft.modules.values()):
            return
        for piece in find_dependencies(draft.follower, patterns):
            if isinstance(piece.node, ast.Call) and _reads_clock(draft.follower, piece):
                yield self.found(piece.where, end=piece.end, call=f"`{ast.unparse(piece.node)}`")


def _find_unlimited(recipe: StaticRecipe) -> Step | None:
    """Find the step that opens files without a limit; None where a step before it fetches them."""
    if any(step.short_name == "CheckpointFileTransfer" for step in recipe.steps):
        return None
    step = next((step for step in recipe.steps if step.package == LIBRARY and step.short_name == "OpenURLWithFSSpec"), None)
    is_unlimited = step and step.call and not step.call.is_spread and not step.call.argument("max_concurrency", 3)
    return step if is_unlimited else None


def _are_few(follower: Follower, recipe: StaticRecipe) -> bool:
    """Whether the inputs are known to be so few that no server minds."""
    pattern = read_pattern(follower, recipe.pattern) if recipe.pattern else None
    counts = [count_keys(follower, dimension.keys) if dimension.keys else None for dimension in pattern.dimensions] if pattern else [None]
    return None not in counts and math.prod(count or 0 for count in counts) <= _FEW_INPUTS


def _find_host(follower: Follower, recipe: StaticRecipe) -> str | None:
    for piece in find_dependencies(follower, [recipe.pattern] if recipe.pattern else []):
        if isinstance(piece.node, ast.Constant) and isinstance(piece.node.value, str):
            found = _HOST.match(piece.node.value)
            if found and found[1].lower() in _LIMITING:
                return found[1].lower()
    return None


def _reads_clock(follower: Follower, call: Value) -> bool:
    assert isinstance(call.node, ast.Call)
    name = follower.dotted(call.part(call.node.func)) or ""
    arguments = [*call.node.args, *(keyword.value for keyword in call.node.keywords)]
    return name in _CLOCKS or (name in _CONVERTERS and not arguments) or (name in _PARSERS and any(map(_is_present, arguments)))


def _is_present(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.strip().lower() in _PRESENT
