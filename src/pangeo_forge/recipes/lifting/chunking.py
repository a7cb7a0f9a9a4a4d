"""Which chunks a pipeline asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import xarray as xr

from pangeo_forge.plans.chunks import OF_INPUT
from pangeo_forge.recipes.standins import transforms
from pangeo_forge.recipes.standins.scope import answering


@dataclass(frozen=True)
class DynamicChunks:
    """The recipe's function that chooses chunks from the outline of the dataset; what it does not name is as where there is none."""

    fn: Callable[..., Mapping[str, int]]
    kwargs: Mapping[str, Any]
    otherwise: Mapping[str, str]

    @property
    def __name__(self) -> str:
        """What messages call it."""
        return getattr(self.fn, "__qualname__", "dynamic_chunking_fn")

    def __call__(self, template: xr.Dataset) -> dict[str, int | str]:
        """Choose."""
        with answering():
            return {**self.otherwise, **self.fn(template, **self.kwargs)}


def read_chunks(writer: transforms.StoreToZarr, concat_dims: Sequence[str]) -> Any:
    """Say them as a native recipe does: what the pipeline does not name is as long as the first file."""
    otherwise = dict.fromkeys(concat_dims, OF_INPUT)
    if writer.dynamic_chunking_fn is not None:
        return DynamicChunks(writer.dynamic_chunking_fn, writer.dynamic_chunking_fn_kwargs or {}, otherwise)
    return {**otherwise, **writer.target_chunks}
