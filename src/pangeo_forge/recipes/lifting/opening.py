"""How a pipeline opens its inputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any

import xarray as xr

from pangeo_forge.plans.explaining import explained
from pangeo_forge.plans.inputs import InputFile
from pangeo_forge.recipes import patterns as native
from pangeo_forge.recipes.lifting.elements import ElementStep, read_step
from pangeo_forge.recipes.lifting.processing import Following
from pangeo_forge.recipes.lifting.reasons import CannotLift
from pangeo_forge.recipes.lifting.sources import count_choosing
from pangeo_forge.recipes.standins import beam, transforms
from pangeo_forge.recipes.standins.indexing import CombineOp
from pangeo_forge.recipes.standins.openers import open_url, open_with_xarray
from pangeo_forge.recipes.standins.patterns import FileType
from pangeo_forge.recipes.standins.scope import answering

#: Steps that say nothing about what is made of an input.
PASSED_OVER = (transforms.CheckpointFileTransfer, transforms.Rechunk, beam.Reshuffle)
#: Options of `fsspec.open` that are none of a file system: such inputs are opened as the pipeline does it.
_OF_OPEN = frozenset({"encoding", "errors", "newline", "expand", "mode", "protocol"})


@dataclass(frozen=True)
class Opening:
    """How inputs are opened that are opened by their URLs, as native recipes do it."""

    open_kwargs: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    xarray_kwargs: Mapping[str, Any] = field(default_factory=dict)
    file_type: FileType = FileType.unknown


@dataclass(frozen=True)
class Before:
    """The steps before the store.

    Parameters
    ----------
    choosing : tuple of ElementStep
        What is done to find out which inputs there are.
    opening : Opening or None
        How they are opened; None where the pipeline does that in a way of its own.
    steps : tuple of ElementStep
        What is done with each after that; where `opening` is None, all that is done with it from its URL on.
    """

    choosing: tuple[ElementStep, ...]
    opening: Opening | None
    steps: tuple[ElementStep, ...]


def read_before(create: beam.Create, steps: Sequence[beam.PTransform]) -> Before:
    """Read the steps between the beginning and the store."""
    steps = [step for step in steps if not isinstance(step, PASSED_OVER)]
    first = next((number for number, step in enumerate(steps) if isinstance(step, _OPENERS)), None)
    chosen = count_choosing(create, steps if first is None else steps[:first], opens_later=first is not None)
    choosing = tuple(read_step(step) for step in steps[:chosen])
    rest = steps[chosen:]
    if not rest:
        raise CannotLift("it opens nothing")
    opens = next((number for number, step in enumerate(rest) if isinstance(step, transforms.OpenWithXarray)), None)
    if opens is None or not all(_is_plain(step) for step in rest[:opens]):
        return Before(choosing, None, tuple(_read_any(step) for step in rest))
    return Before(choosing, _read_plain(rest[: opens + 1]), tuple(read_step(step) for step in rest[opens + 1 :]))


_OPENERS = (transforms.OpenURLWithFSSpec, transforms.OpenWithXarray, transforms.OpenWithKerchunk)


def _is_plain(step: beam.PTransform) -> bool:
    return isinstance(step, transforms.OpenURLWithFSSpec) and not _OF_OPEN & set(step.open_kwargs or {})


def _read_plain(steps: Sequence[beam.PTransform]) -> Opening:
    opening = Opening()
    for step in steps:
        if isinstance(step, transforms.OpenURLWithFSSpec):
            opening = replace(opening, open_kwargs=step.open_kwargs or {}, secrets=step.secrets or {})
        elif isinstance(step, transforms.OpenWithXarray):
            opening = replace(opening, xarray_kwargs=step.xarray_open_kwargs or {}, file_type=FileType(step.file_type))
    return opening


def _read_any(step: beam.PTransform) -> ElementStep:
    if isinstance(step, transforms.OpenURLWithFSSpec):
        return OpenUrl(step.open_kwargs or {}, step.secrets or {})
    if isinstance(step, transforms.OpenWithXarray):
        return OpenDataset(FileType(step.file_type), step.load, step.xarray_open_kwargs or {})
    return read_step(step)


@dataclass(frozen=True)
class OpenUrl:
    """``OpenURLWithFSSpec`` where functions of the recipe are given the file."""

    open_kwargs: Mapping[str, Any] = field(repr=False)
    secrets: Mapping[str, str] = field(repr=False)

    @property
    def function(self) -> Callable[..., Any]:
        """What messages blame."""
        return open_url

    def __call__(self, element: Any) -> Any:
        """Open the URL of a pair of an index and a URL."""
        index, url = element
        with explained(str(url)):
            return ((index, open_url(url, secrets=self.secrets, open_kwargs=self.open_kwargs)),)


@dataclass(frozen=True)
class OpenDataset:
    """``OpenWithXarray`` where functions of the recipe have been given the file, or the URL."""

    file_type: FileType
    load: bool
    xarray_kwargs: Mapping[str, Any]

    @property
    def function(self) -> Callable[..., Any]:
        """What messages blame."""
        return open_with_xarray

    def __call__(self, element: Any) -> Any:
        """Open the file of a pair of an index and a file."""
        index, file = element
        with explained(str(getattr(file, "full_name", file))):
            return ((index, open_with_xarray(file, self.file_type, self.load, xarray_open_kwargs=self.xarray_kwargs)),)


@dataclass(frozen=True)
class OwnOpener:
    """Opens an input as the pipeline does, step by step.

    Parameters
    ----------
    steps : tuple of ElementStep
        From the URL to the dataset that is stored.
    operations : mapping of str to CombineOp
        How inputs are combined along each dimension of the pattern.
    """

    steps: tuple[ElementStep, ...]
    operations: Mapping[str, CombineOp]

    @property
    def __name__(self) -> str:
        """What messages call it."""
        return getattr(self.steps[0].function, "__qualname__", "Map")

    def __call__(self, source: InputFile) -> xr.Dataset:
        """Open one input."""
        following = Following(source, self.operations)
        following.element = (following.index, source.url)
        with answering(), ExitStack() as stack:
            for step in self.steps:
                following.follow((step,), following.element)
                if isinstance(following.element, tuple) and isinstance(following.element[-1], xr.Dataset | xr.DataTree):
                    stack.callback(following.element[-1].close)
            dataset = following.take_dataset(self.steps[-1]).copy(deep=False)
            dataset.set_close(stack.pop_all().close)
        return dataset


def open_pattern(made: native.FilePattern, opening: Opening) -> native.FilePattern:
    """Make the native pattern of the files, opened as the pipeline opens them."""
    own = opening.file_type.value if opening.file_type in (FileType.zarr, FileType.opendap) else made.file_type
    secrets = {"params": opening.secrets} if opening.secrets else {}
    options = {**made.fsspec_open_kwargs, **opening.open_kwargs, **secrets}
    return native.FilePattern(made.format_function, *made.combine_dims, fsspec_open_kwargs=options, file_type=own)
