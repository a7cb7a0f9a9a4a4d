"""Whether a recipe can be cut short for a test, and whether it cuts itself short for good."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable, Iterator

from pangeo_forge.lint.code.file_patterns import StaticPattern, count_keys, find_slice, read_pattern
from pangeo_forge.lint.code.following import Follower, Value
from pangeo_forge.lint.code.pipelines import BEAM, LIBRARY, StaticRecipe, created, find_pipelines
from pangeo_forge.lint.drafts import Draft
from pangeo_forge.lint.findings import Finding, Level
from pangeo_forge.lint.rule import Rule

#: How many keys of each concat dimension a pruned pattern keeps.
_PRUNED_KEYS = 2
#: Who takes the first few keys for a test takes no more.
_LONGEST_SLICE = 10
#: So many inputs are more than one waits for in a test.
_MANY_INPUTS = 50
#: Transforms of what there is already.
_ELEMENTWISE = frozenset({"Map", "MapTuple", "FlatMap", "FlatMapTuple", "Filter", "ParDo"})
_READ_OUT = frozenset({"list", "tuple", "set", "sorted", "iter"})


class CreateWithoutPattern(Rule):
    """`beam.Create` is given something else than the items of a pattern.

    A test run prunes the pattern: two keys of every concat dimension. That is possible only where a pipeline begins with
    `beam.Create(pattern.items())`. A list of URLs cannot be told from any other list, so that a test would bake all of it, and the
    transforms that follow are given no index. The pattern itself, without `.items()`, yields its indexes and no URLs.

    Bad (`recipe.py`):

    ```python
    import apache_beam as beam
    from pangeo_forge_recipes.patterns import pattern_from_file_sequence
    from pangeo_forge_recipes.transforms import OpenURLWithFSSpec, OpenWithXarray, StoreToZarr

    pattern = pattern_from_file_sequence(["https://data.example.org/a.nc", "https://data.example.org/b.nc"], "time")
    sst = (
        beam.Create(pattern)
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

    pattern = pattern_from_file_sequence(["https://data.example.org/a.nc", "https://data.example.org/b.nc"], "time")
    sst = (
        beam.Create(pattern.items())
        | OpenURLWithFSSpec()
        | OpenWithXarray()
        | StoreToZarr(store_name="sst.zarr", combine_dims=pattern.combine_dim_keys)
    )
    ```
    """

    code = "PFR010"
    name = "create-without-pattern"
    level = Level.ERROR
    message = "`beam.Create` is given {what}"
    help = "Write `beam.Create(pattern.items())`."

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look at what each pipeline begins with."""
        for given in _find_created(draft):
            if read_pattern(draft.follower, given):
                what = "the pattern itself, which yields indexes without URLs"
                yield self.found(given.where, end=given.end, what=what, help=f"Write `beam.Create({ast.unparse(given.node)}.items())`.")
            elif _is_collection(draft.follower, given):
                what = "a collection instead of a pattern's items: a test run cannot shorten it"
                yield self.found(given.where, end=given.end, what=what, level=Level.WARNING)


class NothingToPrune(Rule):
    """Pruning a pipeline would change nothing, since no pattern is there to be shortened when it is built.

    A test run prunes what `beam.Create(pattern.items())` creates. Items that were read into a list before are all created, and a
    pipeline without `beam.Create` begins with whatever its first transform reads, or with nothing at all.

    Bad (`recipe.py`):

    ```python
    import apache_beam as beam
    from pangeo_forge_recipes.patterns import pattern_from_file_sequence
    from pangeo_forge_recipes.transforms import OpenURLWithFSSpec, OpenWithXarray, StoreToZarr

    pattern = pattern_from_file_sequence(["https://data.example.org/a.nc", "https://data.example.org/b.nc"], "time")
    sst = (
        beam.Create(list(pattern.items()))
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

    pattern = pattern_from_file_sequence(["https://data.example.org/a.nc", "https://data.example.org/b.nc"], "time")
    sst = (
        beam.Create(pattern.items())
        | OpenURLWithFSSpec()
        | OpenWithXarray()
        | StoreToZarr(store_name="sst.zarr", combine_dims=pattern.combine_dim_keys)
    )
    ```
    """

    code = "PFR011"
    name = "nothing-to-prune"
    level = Level.WARNING
    message = "{what}"
    help = "Begin with `beam.Create(pattern.items())`."

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look at what each pipeline begins with."""
        for given in _find_created(draft):
            if _is_read_out(draft.follower, given):
                what = "the pattern's items are read out before `beam.Create` is given them: a test run cannot shorten them"
                yield self.found(given.where, end=given.end, what=what)
        for step in (recipe.steps[0] for recipe in find_pipelines(draft) if not _has_create(recipe)):
            what = f"the pipeline begins with {step.short_name}"
            if step.package == LIBRARY or step.short_name in _ELEMENTWISE:
                message = f"{what}, which is given nothing: there is no `beam.Create`"
                yield self.found(step.value.where, end=step.value.end, what=message, level=Level.ERROR)
            elif step.package == BEAM and (".io." in (step.name or "") or step.short_name == "Impulse"):
                message = f"{what}: a test run cannot shorten what it reads"
                yield self.found(step.value.where, end=step.value.end, what=message)


class PrunesItself(Rule):
    """A recipe is cut short in its own code, so that the whole dataset is never baked.

    Pruning is what a test run does: `pangeo-forge recipe test` keeps two keys of every concat dimension. A recipe that is pruned in
    its module, or that takes the first few of its keys, stays so in every run. It is mostly left over from trying it out.

    Bad (`recipe.py`):

    ```python
    from pangeo_forge.recipes import ConcatDim, FilePattern, ZarrRecipe

    pattern = FilePattern(lambda time: f"https://data.example.org/sst/{time}.nc", ConcatDim("time", range(1990, 2020)))
    pattern = pattern.prune()
    sst = ZarrRecipe(pattern)
    ```

    Good (`recipe.py`):

    ```python
    from pangeo_forge.recipes import ConcatDim, FilePattern, ZarrRecipe

    pattern = FilePattern(lambda time: f"https://data.example.org/sst/{time}.nc", ConcatDim("time", range(1990, 2020)))
    sst = ZarrRecipe(pattern)
    ```
    """

    code = "PFR012"
    name = "prunes-itself"
    level = Level.WARNING
    message = "the recipe '{recipe}' {what}"
    help = "Leave it out: `pangeo-forge recipe test` prunes, and `recipe run` does not."

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look for recipes and patterns that are pruned, and for keys of which only the first few are taken."""
        for recipe in draft.recipes:
            pattern = _read_pattern(draft, recipe) if recipe.is_certain else None
            for call in (*(recipe.prunes if recipe.is_certain else ()), *(pattern.prunes if pattern else ())):
                yield self.found(call.where, end=call.end, recipe=recipe.title, what="prunes itself: the whole dataset is never baked")
            for cut in _find_cuts(draft.follower, pattern):
                help_text = "Take all of them, if that is left over from a test: `pangeo-forge recipe test` prunes by itself."
                what = f"takes only the first few of its keys, `{ast.unparse(cut.node)}`"
                yield self.found(cut.where, end=cut.end, recipe=recipe.title, what=what, level=Level.HINT, help=help_text)


class LargeWhenPruned(Rule):
    """A recipe reads many inputs even when it is pruned.

    Pruning keeps two keys of every concat dimension, but all keys of every merge dimension, since each holds variables of its own. A
    test of a recipe that merges a hundred files reads two hundred, and takes as long.

    Bad (`recipe.py`):

    ```python
    from pangeo_forge.recipes import ConcatDim, FilePattern, MergeDim, ZarrRecipe

    VARIABLES = [
        "a01", "a02", "a03", "a04", "a05", "a06", "a07", "a08", "a09", "a10", "a11", "a12", "a13",
        "b01", "b02", "b03", "b04", "b05", "b06", "b07", "b08", "b09", "b10", "b11", "b12", "b13",
    ]


    def make_url(time, variable):
        return f"https://data.example.org/{variable}_{time}.nc"


    pattern = FilePattern(make_url, ConcatDim("time", range(1990, 2020)), MergeDim("variable", VARIABLES))
    sst = ZarrRecipe(pattern)
    ```

    Good (`recipe.py`):

    ```python
    from pangeo_forge.recipes import ConcatDim, FilePattern, MergeDim, ZarrRecipe


    def make_url(time, variable):
        return f"https://data.example.org/{variable}_{time}.nc"


    def make_recipe(variables):
        return ZarrRecipe(FilePattern(make_url, ConcatDim("time", range(1990, 2020)), MergeDim("variable", variables)))


    sst = make_recipe(["a01", "a02", "a03"])
    ```
    """

    code = "PFR014"
    name = "large-when-pruned"
    level = Level.HINT
    message = "a test of the recipe '{recipe}' reads {count} inputs: pruning keeps all keys of its merge dimensions"
    help = "If that takes too long, share the variables among several recipes (a `dict_object`)."

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Count the inputs that are left of each pattern whose merge dimensions are written out."""
        for recipe in draft.recipes:
            pattern = _read_pattern(draft, recipe) if recipe.is_certain else None
            count = _count_pruned(draft.follower, pattern) if pattern else None
            if pattern and count and count > _MANY_INPUTS:
                yield self.found(pattern.call.where, end=pattern.call.end, recipe=recipe.title, count=count)


def _find_created(draft: Draft) -> Iterator[Value]:
    given = (created(recipe.steps) for recipe in find_pipelines(draft))
    return (value for value in given if value is not None)


def _has_create(recipe: StaticRecipe) -> bool:
    return any(step.short_name == "Create" for step in recipe.steps)


def _is_collection(follower: Follower, given: Value) -> bool:
    """Whether elements are written out, more than a pruned pattern would have, or made from others than a pattern's items."""
    found = follower.follow_one(given)
    node = found.node if found else None
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return len(node.elts) > _PRUNED_KEYS
    if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp):
        return not _is_read_out(follower, given)
    return isinstance(node, ast.Dict | ast.DictComp)


def _is_read_out(follower: Follower, given: Value) -> bool:
    """Whether the items of a pattern are put into a list, or chosen from."""
    found = follower.follow_one(given)
    match found.node if found else None:
        case ast.Call(args=[inner, *_]) if found and follower.called(found) in _READ_OUT:
            return _is_items(follower, found.part(inner))
        case ast.ListComp(generators=[first, *_]) | ast.GeneratorExp(generators=[first, *_]) if found:
            return _is_items(follower, found.part(first.iter))
    return False


def _is_items(follower: Follower, value: Value) -> bool:
    found = follower.follow_one(value)
    match found.node if found else None:
        case ast.Call(func=ast.Attribute(value=receiver, attr="items")) if found:
            return read_pattern(follower, found.part(receiver)) is not None
    return False


def _read_pattern(draft: Draft, recipe: StaticRecipe) -> StaticPattern | None:
    return read_pattern(draft.follower, recipe.pattern) if recipe.pattern else None


def _find_cuts(follower: Follower, pattern: StaticPattern | None) -> Iterator[Value]:
    for dimension in pattern.dimensions if pattern else ():
        cut = find_slice(follower, dimension.keys, _LONGEST_SLICE) if dimension.is_concat and dimension.keys else None
        if cut is not None:
            yield cut


def _count_pruned(follower: Follower, pattern: StaticPattern) -> int | None:
    """Count the inputs of a pattern when it is pruned; None where keys are not written out."""
    counts = [count_keys(follower, dimension.keys) if dimension.keys else None for dimension in pattern.dimensions]
    left = [
        min(count or _PRUNED_KEYS, _PRUNED_KEYS) if dimension.is_concat else count
        for dimension, count in zip(pattern.dimensions, counts, strict=True)
    ]
    return math.prod(count for count in left if count) if pattern.is_complete and None not in left else None
