"""What takes long the first time, done once in the process that those that draw are forked from: this module is only ever imported there.

xarray asks for Dask when it first reads, and matplotlib for fonts when it first writes. No store is opened: zarr would start a thread,
which a fork lacks.
"""

from __future__ import annotations

import warnings

import numpy as np
import xarray as xr
import zarr  # noqa: F401

from pangeo_forge.catalog.pictures.making import draw
from pangeo_forge.catalog.pictures.wanted import Source, Wanted


def _make_dataset() -> xr.Dataset:
    lat, lon = ("lat", [0.0, 1.0], {"units": "degrees_north"}), ("lon", [0.0, 1.0], {"units": "degrees_east"})
    return xr.Dataset({"warm": (("lat", "lon"), np.eye(2))}, {"lat": lat, "lon": lon})


with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    for _wanted in (Wanted("thumbnail"), Wanted("plot")):
        draw(_make_dataset(), Source("", ""), _wanted)
