"""Which chunks a pipeline asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import xarray as xr

from pangeo_forge.plans.chunks import OF_INPUT
from pangeo_forge.recipes.standins import transforms
from pangeo_forge.recipes.standins.patterns import FilePattern


@dataclass(frozen=True)
class DynamicChunks:
    """The recipe's function that chooses chunks from the outline of the dataset."""

    fn: Callable[..., Mapping[str, int]]
    kwargs: Mapping[str, Any]

    def __call__(self, template: xr.Dataset) -> dict[str, int | str]:
        """Choose."""
        return dict(self.fn(template, **self.kwargs))


def read_chunks(writer: transforms.StoreToZarr, pattern: FilePattern) -> Any:
    """Say them as a native recipe does."""
    if writer.dynamic_chunking_fn is not None:
        return DynamicChunks(writer.dynamic_chunking_fn, writer.dynamic_chunking_fn_kwargs or {})
    return {**dict.fromkeys(pattern.concat_dims, OF_INPUT), **writer.target_chunks}
