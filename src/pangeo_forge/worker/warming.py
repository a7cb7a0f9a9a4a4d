"""What every run imports sooner or later is imported before the first process is forked, so that it is imported once."""

from __future__ import annotations

import gc

import h5netcdf
import xarray as xr
import zarr.codecs
from xarray.backends import list_engines

__all__ = ["h5netcdf", "warm_up", "zarr"]


def warm_up() -> None:
    """Let xarray and zarr import what they put off: readers of files, kinds of arrays, codecs.

    What is there then is not looked at by the garbage collector any more, so that forked processes share its memory.
    """
    list_engines()
    xr.Dataset({"nothing": ("x", [0.0])})
    zarr.codecs.BloscCodec()
    gc.collect()
    gc.freeze()
