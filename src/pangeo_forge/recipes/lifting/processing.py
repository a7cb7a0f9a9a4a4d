"""What a pipeline does between opening and storing."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import xarray as xr

from pangeo_forge.errors import RecipeFailed
from pangeo_forge.plans.blaming import blamed_on_recipe
from pangeo_forge.plans.inputs import InputFile
from pangeo_forge.recipes.lifting.elements import ElementStep
from pangeo_forge.recipes.standins.indexing import CombineOp, make_index
from pangeo_forge.recipes.standins.scope import answering
from pangeo_forge.types import redact_url

#: What a recipe hears that does with its inputs what only Beam can follow.
BY_BEAM = "Such a pipeline is run by Beam itself: --engine beam."


@dataclass(frozen=True)
class Process:
    """The functions between opening and storing, as a native recipe calls them: each is given an index and a dataset.

    Parameters
    ----------
    steps : tuple of ElementStep
    operations : mapping of str to CombineOp
        How inputs are combined along each dimension of the pattern.
    chunks : mapping or str, optional
        As what Dask arrays the functions expect the dataset (``xarray_open_kwargs={"chunks": …}``).
    """

    steps: tuple[ElementStep, ...]
    operations: Mapping[str, CombineOp]
    chunks: Any = None

    @property
    def __name__(self) -> str:
        """What messages call it."""
        return getattr(self.steps[0].function, "__qualname__", "Map")

    def __call__(self, ds: xr.Dataset, source: InputFile) -> xr.Dataset:
        """Process one input."""
        if self.chunks is not None and importlib.util.find_spec("dask"):
            ds = ds.chunk(self.chunks)
        following = Following(source, self.operations)
        with answering():
            return following.follow(self.steps, (following.index, ds)).take_dataset(self.steps[-1])


class Following:
    """The way of one input through the steps of a pipeline.

    Parameters
    ----------
    source : InputFile
        The input.
    operations : mapping of str to CombineOp
        How inputs are combined along each dimension of the pattern.
    """

    def __init__(self, source: InputFile, operations: Mapping[str, CombineOp]) -> None:
        self.source, self.operations = source, operations
        self.index = make_index(source.index, dict(operations))
        self.element: Any = None
        self.is_dropped = False

    def follow(self, steps: Sequence[ElementStep], element: Any) -> Following:
        """Take an element through steps; one that is dropped goes on, so that it is known what it would have held.

        Raises
        ------
        RecipeFailed
            If a step makes several elements of one.
        """
        self.element = element
        for step in steps:
            with blamed_on_recipe(step.function, self.source.url):
                made = list(step(self.element))
            if len(made) > 1:
                raise self._fault(f"{_name(step)} made {len(made)} elements of one input", BY_BEAM)
            self.is_dropped |= not made
            self.element = made[0] if made else self.element
        return self

    def take_dataset(self, last: ElementStep) -> xr.Dataset:
        """Take the dataset at the end of the way; one that was dropped has no steps along the concat dimension.

        Raises
        ------
        RecipeFailed
            If there is none, if its index is not the input's, or if it was dropped where others lie beside it.
        """
        if not (isinstance(self.element, tuple) and len(self.element) == 2):
            message = f"{_name(last)} returned a {type(self.element).__name__}, not a pair of an index and a dataset"
            raise self._fault(message, "Return `index, ds`.")
        index, ds = self.element
        if index != self.index:
            raise self._fault(f"{_name(last)} returned another index than it was given", "Return the index as it came.")
        if not isinstance(ds, xr.Dataset):
            raise self._fault(f"{_name(last)} returned a {type(ds).__name__} beside the index, not a Dataset", "Return `index, ds`.")
        if not self.is_dropped:
            return ds
        if len(self.operations) != 1 or CombineOp.MERGE in self.operations.values():
            raise self._fault("an input is left out that others lie beside", BY_BEAM)
        return ds.isel({next(iter(self.operations)): slice(0, 0)})

    def _fault(self, message: str, hint: str) -> RecipeFailed:
        return RecipeFailed(message, where=redact_url(self.source.url), hint=hint)


def _name(step: ElementStep) -> str:
    return getattr(step.function, "__qualname__", type(step).__name__)
