"""What a pipeline writes, and where to."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from pangeo_forge.lint.code.following import Follower, Value
from pangeo_forge.lint.code.pipelines import BEAM, LIBRARY, StaticRecipe, Step, find_pipelines
from pangeo_forge.lint.drafts import Draft
from pangeo_forge.lint.findings import Finding, Level
from pangeo_forge.lint.rule import ExecutedRule, Rule
from pangeo_forge.plans.chunks import ODD_CHUNKS

_WRITING = frozenset(
    {"StoreToZarr", "WriteCombinedReference", "WriteReference", "StoreToPyramid", "PyramidToZarr", "StoreDatasetFragments"}
)
#: Those that are known to write nothing.
_NOT_WRITING = {
    BEAM: frozenset({"Create", "GroupByKey", "Reshuffle"}),
    LIBRARY: frozenset(
        {
            "CheckpointFileTransfer",
            "CombineReferences",
            "ConsolidateDimensionCoordinates",
            "ConsolidateMetadata",
            "DatasetToSchema",
            "DetermineSchema",
            "DropKeys",
            "IndexItems",
            "OpenURLWithFSSpec",
            "OpenWithKerchunk",
            "OpenWithXarray",
            "Rechunk",
        }
    ),
}
_TEMPORARY = frozenset({"tempfile.TemporaryDirectory", "tempfile.mkdtemp"})


class StoreOfItsOwn(Rule):
    """A pipeline names its store in a way that gets in the way of where datasets are to go.

    A bakery says where datasets are written, and each recipe has a place of its own there. A `target_root` in the recipe leads past
    that: to a folder of the machine that happens to run it, or a bucket that the bakery cannot write to. Two recipes with one
    `store_name` may overwrite each other, and a `store_name` that is missing is an error of the library.

    Bad (`recipe.py`):

    ```python
    import apache_beam as beam
    from pangeo_forge_recipes.patterns import pattern_from_file_sequence
    from pangeo_forge_recipes.transforms import OpenURLWithFSSpec, OpenWithXarray, StoreToZarr

    pattern = pattern_from_file_sequence(["https://data.example.org/a.nc", "https://data.example.org/b.nc"], "time")
    sst = (
        beam.Create(pattern.items())
        | OpenURLWithFSSpec()
        | OpenWithXarray()
        | StoreToZarr(target_root="output", store_name="sst.zarr", combine_dims=pattern.combine_dim_keys)
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

    code = "PFR022"
    name = "store-of-its-own"
    level = Level.WARNING
    message = "{what}"

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look at the transforms that write."""
        for recipe in find_pipelines(draft):
            for step in _writing(recipe):
                yield from self._check_step(draft.follower, step)
        yield from self._check_names(draft)

    def _check_step(self, follower: Follower, step: Step) -> Iterator[Finding]:
        call = step.call
        if call is None:
            return
        root, name = call.argument("target_root"), call.argument("store_name")
        target = _show_target(follower, root) if root else None
        if root and target:
            help_text = "Leave `target_root` out: the bakery says where datasets are written."
            yield self.found(root.where, end=root.end, what=f"the store is written to {target}, not to the bakery's target", help=help_text)
        text = _text(follower, name) if name else None
        if name and text and ("://" in text or text.startswith(("/", "~", "./", "../"))):
            what = f"the store's name is an address, {text!r}, but it is looked for under the bakery's target"
            yield self.found(name.where, end=name.end, what=what, help='Name the store alone: `store_name="my-dataset.zarr"`.')
        if name is None and step.package == LIBRARY and not call.is_spread and isinstance(call.node, ast.Call) and not call.node.args:
            what = f"{step.short_name} is given no store_name, without which the library refuses it"
            yield self.found(call.where, end=call.end, what=what, help='Write `store_name="my-dataset.zarr"`.')

    def _check_names(self, draft: Draft) -> Iterator[Finding]:
        """Find stores that several recipes write."""
        seen: dict[str, StaticRecipe] = {}
        for recipe, name in _find_names(draft):
            text = _text(draft.follower, name)
            first = seen.setdefault(text, recipe) if text else recipe
            if text and recipe.is_many:
                what = f"each of these recipes writes the store {text!r}, so that they may overwrite each other"
                yield self.found(name.where, end=name.end, what=what, help="Make the name from the recipe's key.")
            elif not _is_same(first, recipe):
                what = f"the recipe '{first.title}' writes the store {text!r} as well, so that one may overwrite the other"
                yield self.found(name.where, end=name.end, what=what, help="Name the stores as the recipes.")


class NothingWritten(Rule):
    """A pipeline ends without writing anything.

    It opens its inputs, perhaps combines them, and drops the result: the run succeeds, and there is no dataset. A dataset is written by
    `StoreToZarr`, combined references by `WriteCombinedReference`.

    Bad (`recipe.py`):

    ```python
    import apache_beam as beam
    from pangeo_forge_recipes.patterns import pattern_from_file_sequence
    from pangeo_forge_recipes.transforms import OpenURLWithFSSpec, OpenWithXarray

    pattern = pattern_from_file_sequence(["https://data.example.org/a.nc", "https://data.example.org/b.nc"], "time")
    sst = beam.Create(pattern.items()) | OpenURLWithFSSpec() | OpenWithXarray()
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

    code = "PFR023"
    name = "nothing-written"
    level = Level.ERROR
    message = "the pipeline of the recipe '{recipe}' ends with {last} and writes nothing"
    help = "End it with `| {writer}(…)`."

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look for pipelines all of whose transforms are known to write nothing."""
        for recipe in find_pipelines(draft):
            if all(step.short_name in _NOT_WRITING.get(step.package, ()) for step in recipe.steps):
                last = recipe.steps[-1]
                is_reference = any(step.short_name in ("OpenWithKerchunk", "CombineReferences") for step in recipe.steps)
                writer = "WriteCombinedReference" if is_reference else "StoreToZarr"
                yield self.found(last.value.where, end=last.value.end, recipe=recipe.title, last=last.short_name, writer=writer)


class ChunkSize(ExecutedRule):
    """The chunks of a variable are far smaller or larger than what object stores and readers work well with.

    A reader of a store fetches whole chunks, each with a request of its own, and holds them in memory. Chunks of less than 10 MB mean
    very many requests, chunks of more than 500 MB much memory for a single value. How large they are is known only when the inputs have
    been looked at, so that a test says it. A variable of at most 500 chunks is not meant.
    """

    code = "PFR025"
    name = "chunk-size"
    level = Level.HINT
    message = ODD_CHUNKS
    help = 'Leave `target_chunks` out, or give a size: `target_chunks={{"{dim}": "100MB"}}`.'


def _is_same(one: StaticRecipe, other: StaticRecipe) -> bool:
    """Whether two entries name one object."""
    is_named_alike = (one.entry.object, one.key) == (other.entry.object, other.key)
    return is_named_alike or (one.value.node is other.value.node and one.value.context is other.value.context)


def _writing(recipe: StaticRecipe) -> Iterator[Step]:
    return (step for step in recipe.steps if step.short_name in _WRITING)


def _find_names(draft: Draft) -> Iterator[tuple[StaticRecipe, Value]]:
    """Give the names of stores that lie beside each other."""
    for recipe in find_pipelines(draft):
        for step in _writing(recipe):
            call = step.call
            name = call.argument("store_name") if call else None
            if call and name and not call.is_spread and not call.argument("target_root") and not call.argument("output_file_name"):
                yield recipe, name


def _text(follower: Follower, value: Value) -> str | None:
    found = follower.follow_one(value)
    return found.node.value if found and isinstance(found.node, ast.Constant) and isinstance(found.node.value, str) else None


def _show_target(follower: Follower, root: Value) -> str | None:
    """Show a target that a recipe has of its own; None where it is none, or may be given from outside."""
    found = follower.follow_one(root)
    match found.node if found else None:
        case ast.Constant(value=str(text)):
            return repr(text)
        case ast.JoinedStr() as text:
            return f"`{ast.unparse(text)}`"
        case ast.Attribute(value=owner, attr="name") if found:
            made = follower.follow_one(found.part(owner))
            return "a temporary folder" if made and follower.called(made) in _TEMPORARY else None
        case ast.Call() if found:
            return _show_made(follower, found)
    return None


def _show_made(follower: Follower, call: Value) -> str | None:
    name = follower.called(call) or ""
    if name in _TEMPORARY:
        return "a temporary folder"
    is_target = name.startswith(f"{LIBRARY}.") and "FSSpecTarget" in name
    return f"an {name[name.index('FSSpecTarget') :]} of its own" if is_target else None
