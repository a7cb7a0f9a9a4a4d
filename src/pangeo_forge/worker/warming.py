"""What every run imports sooner or later is imported before the first process is forked, so that it is imported once."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterable

import fsspec
import h5netcdf
import pyproj  # before all that reads GRIB, which has a library PROJ of another version, and lets all who come later use it
import xarray as xr
import zarr.codecs
from xarray.backends import list_engines

__all__ = ["h5netcdf", "pyproj", "warm_up", "warm_up_for", "zarr"]


def warm_up() -> None:
    """Let xarray and zarr import what they put off: readers of files, kinds of arrays, codecs.

    What is there then is not looked at by the garbage collector any more, so that forked processes share its memory.
    """
    list_engines()
    xr.Dataset({"nothing": ("x", [0.0])})
    zarr.codecs.BloscCodec()
    gc.collect()
    gc.freeze()


def warm_up_for(urls: Iterable[str]) -> None:
    """Import what fsspec needs for the protocols of some URLs; nothing is opened, and no thread is started.

    What cannot be imported is left to fail where it is used, with an error that names the input or the target.
    """
    for protocol in {fsspec.core.split_protocol(url)[0] for url in urls} - {None}:
        with contextlib.suppress(ImportError, ValueError):
            fsspec.get_filesystem_class(protocol)
