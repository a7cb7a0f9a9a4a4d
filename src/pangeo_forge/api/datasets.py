"""Opening what was baked."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from pangeo_forge.api.bakeries import get_bakery
from pangeo_forge.api.runs import get_run
from pangeo_forge.errors import TargetError
from pangeo_forge.runs.run import Run

if TYPE_CHECKING:
    import xarray as xr


def open_dataset(run: Run | str, *, source_options: Mapping[str, Any] | None = None) -> xr.Dataset:
    """Open the dataset of a run with xarray, lazily, whatever kind of store it is.

    Parameters
    ----------
    run : Run or str
        A run, or its id.
    source_options : mapping, optional
        Where the dataset is one of references: fsspec's options of the file system that the files are on, as the recipe's pattern
        has them. They are not kept with a run.

    Raises
    ------
    UsageError
        If there is no such run.
    TargetError
        If its dataset is not there any more.
    """
    from pangeo_forge.plans.plan import Target
    from pangeo_forge.plans.products import Origin, recognize

    run = get_run(run) if isinstance(run, str) else run
    options = get_bakery(run.bakery).target.storage_options if "://" in run.target else {}
    target = Target(run.target, dict(options))
    product = recognize(target, Origin(options=source_options or {}))
    if product is None:
        raise TargetError("there is something else than a dataset at the run's target", where=run.target)
    return product.open(target, **({"chunks": {}} if find_spec("dask") else {}))
