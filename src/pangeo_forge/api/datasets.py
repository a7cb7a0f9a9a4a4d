"""Opening what was baked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pangeo_forge.api.bakeries import get_bakery
from pangeo_forge.api.runs import get_run
from pangeo_forge.runs.run import Run

if TYPE_CHECKING:
    import xarray as xr


def open_dataset(run: Run | str) -> xr.Dataset:
    """Open the dataset of a run with xarray, lazily.

    Parameters
    ----------
    run : Run or str
        A run, or its id.

    Raises
    ------
    UsageError
        If there is no such run.
    """
    import xarray as xr

    run = get_run(run) if isinstance(run, str) else run
    options = get_bakery(run.bakery).target.storage_options if "://" in run.target else None
    dataset: xr.Dataset = xr.open_zarr(run.target, storage_options=dict(options) if options else None)
    return dataset
