"""From a recorded Beam pipeline to the native recipe with the same meaning."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import fsspec
import xarray as xr
from fsspec.mapping import FSMap

from pangeo_forge.errors import RecipeFailed, UserError
from pangeo_forge.plans.chunks import OF_INPUT
from pangeo_forge.plans.inputs import InputFile
from pangeo_forge.plans.plan import Plan, PlanContext, Stage, Step, Target
from pangeo_forge.plans.reading import blamed_on_recipe
from pangeo_forge.recipes import patterns as native
from pangeo_forge.recipes.standins import beam, transforms
from pangeo_forge.recipes.standins.classic import clean_open_kwargs
from pangeo_forge.recipes.standins.indexing import CombineOp, make_index
from pangeo_forge.recipes.standins.patterns import FilePattern, FileType, PatternItems
from pangeo_forge.recipes.zarr import ZarrRecipe


class CannotLift(Exception):
    """A pipeline does what no plan does; the message says what."""


@dataclass(frozen=True)
class Call:
    """A function of the recipe, called with each element."""

    fn: Callable[..., Any]
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    unpacks: bool = False

    def __call__(self, element: Any) -> Any:
        """Call it."""
        return self.fn(*element, *self.args, **self.kwargs) if self.unpacks else self.fn(element, *self.args, **self.kwargs)


@dataclass(frozen=True)
class Process:
    """The functions between opening and storing, as a native recipe calls them: each is given an index and a dataset."""

    calls: tuple[Call, ...]
    operations: Mapping[str, CombineOp]

    @property
    def __name__(self) -> str:
        """What messages call it."""
        return getattr(self.calls[0].fn, "__qualname__", "Map")

    def __call__(self, ds: xr.Dataset, source: InputFile) -> xr.Dataset:
        """Process one input."""
        index = make_index(source.index, dict(self.operations))
        element: Any = (index, ds)
        for call in self.calls:
            element = call(element)
        if not (isinstance(element, tuple) and len(element) == 2):
            raise RecipeFailed(f"returned a {type(element).__name__}, not a pair of an index and a dataset", hint="Return `index, ds`.")
        if element[0] != index:
            raise RecipeFailed("returned another index than it was given", hint="Return the index as it came.")
        return element[1]  # type: ignore[no-any-return]


@dataclass(frozen=True)
class LiftedRecipe:
    """A Beam pipeline that is planned as a native recipe.

    Parameters
    ----------
    recipe : ZarrRecipe
        The native recipe with the same meaning.
    store_name : str
        What the recipe calls its store.
    after : tuple of callable
        What is called with the finished store.
    """

    recipe: ZarrRecipe
    store_name: str = ""
    after: tuple[Call, ...] = ()
    dialect: ClassVar[str] = "Beam API"
    kind: ClassVar[str] = "pipeline, lifted"

    @property
    def pattern(self) -> native.FilePattern:
        """The files."""
        return self.recipe.pattern

    def prune(self) -> LiftedRecipe:
        """Make the recipe of the first two keys of every concat dimension."""
        return replace(self, recipe=self.recipe.prune())

    def plan(self, context: PlanContext) -> Plan:
        """Say how the store is made: see `Plan`."""
        plan = self.recipe.plan(context)
        if not self.after:
            return plan
        follow = Step("follow-up", lambda results: Stage("follow-up", (None,), FollowUp(self.after, context.target)))
        return replace(plan, steps=(*plan.steps, follow))


@dataclass(frozen=True)
class FollowUp:
    """What a recipe does with the finished store: one function after the other, the first given the store."""

    calls: tuple[Call, ...]
    target: Target

    def __call__(self, task: None) -> None:
        """Call the functions."""
        element: Any = FinishedStore(*_split(self.target))
        for call in self.calls:
            with blamed_on_recipe(call.fn, self.target.url):
                element = call(element)


class FinishedStore(FSMap):  # type: ignore[misc]
    """A store as a mapping, with the attributes that it had in Zarr 2."""

    def __init__(self, filesystem: Any, path: str) -> None:
        super().__init__(path, filesystem)
        self.path = path


def _split(target: Target) -> tuple[Any, str]:
    filesystem, path = fsspec.url_to_fs(target.url, **target.storage_options)
    return filesystem, path


@dataclass(frozen=True)
class UnliftedPipeline:
    """A Beam pipeline that does what no plan does; it is listed, and refuses to be planned.

    Parameters
    ----------
    reference : str
        Where it was found, as ``module:name``.
    reason : str
        What it does that no plan does.
    """

    reference: str
    reason: str
    dialect: ClassVar[str] = "Beam API"
    kind: ClassVar[str] = "pipeline"

    def prune(self) -> UnliftedPipeline:
        """Leave it as it is, since nobody knows what its inputs are."""
        return self

    def plan(self, context: PlanContext) -> Plan:
        """Refuse.

        Raises
        ------
        UserError
            Always; the message says why.
        """
        hint = "Pipelines are run that create the items of a pattern, open them, change each by Map, and store them."
        raise UserError(f"the pipeline {self.reference!r} cannot be run: {self.reason}", hint=hint)


def lift_or_keep(pipeline: Any, reference: str) -> LiftedRecipe | UnliftedPipeline:
    """Read a recorded pipeline as a plan, or keep why it cannot be read as one."""
    try:
        return lift(pipeline)
    except CannotLift as error:
        return UnliftedPipeline(reference, str(error))


def lift(pipeline: Any) -> LiftedRecipe:
    """Read a recorded pipeline.

    Raises
    ------
    CannotLift
        If it does what no plan does.
    """
    try:
        steps = beam.flatten((pipeline,))
    except beam.CannotRecord as error:
        raise CannotLift(str(error)) from error
    pattern = _read_source(steps[0])
    place = _find_writer(steps)
    before, writer, after = steps[1:place], steps[place], steps[place + 1 :]
    if not isinstance(writer, transforms.StoreToZarr):
        raise CannotLift(f"it writes references ({type(writer).__name__})")
    opening, calls = _read_opening(before)
    if writer.append_dim:
        raise CannotLift(f"it appends along {writer.append_dim!r} to a store that exists")
    recipe = ZarrRecipe(
        _pattern_with(pattern, opening),
        preprocess=Process(calls, {dim.name: dim.operation for dim in pattern.combine_dims}) if calls else None,
        target_chunks=_read_chunks(writer, pattern),
        open_kwargs=clean_open_kwargs(opening.xarray_kwargs),
        encoding=writer.encoding or {},
        attrs={f"pangeo-forge:{name}": value for name, value in writer.attrs.items()},
    )
    return LiftedRecipe(recipe, writer.store_name, tuple(_read_after(after)))


def _read_source(step: beam.PTransform) -> FilePattern:
    if not isinstance(step, beam.Create):
        raise CannotLift(f"it begins with {type(step).__name__}, not with Create")
    if isinstance(step.values, PatternItems):
        return step.values.pattern
    raise CannotLift("its Create is given something else than the items() of a pattern")


def _find_writer(steps: Sequence[beam.PTransform]) -> int:
    writers = (transforms.StoreToZarr, transforms.WriteCombinedReference, transforms.WriteReference)
    places = [number for number, step in enumerate(steps) if isinstance(step, writers)]
    if len(places) != 1:
        raise CannotLift(f"it has {len(places)} steps that write a store")
    return places[0]


@dataclass(frozen=True)
class _Opening:
    """How the inputs are opened."""

    open_kwargs: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    xarray_kwargs: Mapping[str, Any] = field(default_factory=dict)
    file_type: FileType = FileType.unknown


def _read_opening(steps: Sequence[beam.PTransform]) -> tuple[_Opening, tuple[Call, ...]]:
    """Read the steps before the store: how files are opened, and which functions are called with what was opened."""
    opening, calls, is_open = _Opening(), [], False
    for step in steps:
        if isinstance(step, transforms.OpenURLWithFSSpec):
            opening = replace(opening, open_kwargs=step.open_kwargs or {}, secrets=step.secrets or {})
        elif isinstance(step, transforms.OpenWithXarray):
            opening = replace(opening, xarray_kwargs=step.xarray_open_kwargs or {}, file_type=FileType(step.file_type))
            is_open = True
        elif isinstance(step, transforms.CheckpointFileTransfer | transforms.Rechunk):
            continue
        elif isinstance(step, beam.Map | beam.MapTuple) and is_open:
            calls.append(Call(step.fn, step.args, step.kwargs, isinstance(step, beam.MapTuple)))
        else:
            raise CannotLift(f"{type(step).__name__} stands {'between opening and storing' if is_open else 'before files are opened'}")
    if not is_open:
        raise CannotLift("it opens nothing with OpenWithXarray")
    return opening, tuple(calls)


def _pattern_with(pattern: FilePattern, opening: _Opening) -> native.FilePattern:
    made = pattern.to_native()
    if opening.file_type in (FileType.zarr, FileType.opendap):
        made = native.FilePattern(
            made.format_function, *made.combine_dims, fsspec_open_kwargs=made.fsspec_open_kwargs, file_type=opening.file_type.value
        )
    secrets = {"params": opening.secrets} if opening.secrets else {}
    options = {**made.fsspec_open_kwargs, **opening.open_kwargs, **secrets}
    if options == made.fsspec_open_kwargs:
        return made
    return native.FilePattern(made.format_function, *made.combine_dims, fsspec_open_kwargs=options, file_type=made.file_type)


@dataclass(frozen=True)
class _DynamicChunks:
    """The recipe's function that chooses chunks from the outline of the dataset."""

    fn: Callable[..., Mapping[str, int]]
    kwargs: Mapping[str, Any]

    def __call__(self, template: xr.Dataset) -> dict[str, int | str]:
        return dict(self.fn(template, **self.kwargs))


def _read_chunks(writer: transforms.StoreToZarr, pattern: FilePattern) -> Any:
    if writer.dynamic_chunking_fn is not None:
        return _DynamicChunks(writer.dynamic_chunking_fn, writer.dynamic_chunking_fn_kwargs or {})
    return {**dict.fromkeys(pattern.concat_dims, OF_INPUT), **writer.target_chunks}


def _read_after(steps: Sequence[beam.PTransform]) -> list[Call]:
    calls = []
    for step in steps:
        if isinstance(step, transforms.ConsolidateMetadata | transforms.ConsolidateDimensionCoordinates):
            continue
        if not isinstance(step, beam.Map):
            raise CannotLift(f"{type(step).__name__} stands behind the store")
        calls.append(Call(step.fn, step.args, step.kwargs))
    return calls
