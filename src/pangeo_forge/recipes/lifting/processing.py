"""What a pipeline does between opening and storing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import xarray as xr

from pangeo_forge.errors import RecipeFailed
from pangeo_forge.plans.inputs import InputFile
from pangeo_forge.recipes.lifting.elements import Call
from pangeo_forge.recipes.standins.indexing import CombineOp, make_index


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
