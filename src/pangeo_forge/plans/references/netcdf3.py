"""References to the arrays of a NetCDF 3 file."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import xarray as xr
from kerchunk.netCDF3 import NetCDF3ToZarr
from kerchunk.utils import refs_as_store

from pangeo_forge.plans.opening import Access
from pangeo_forge.plans.products import Origin
from pangeo_forge.plans.references.arrays import VirtualFile, make_base, make_virtual_file
from pangeo_forge.plans.references.virtualizarr import parse_kerchunk
from pangeo_forge.plans.stamps import Stamp


def open_netcdf3(url: str, stamp: Stamp, access: Access, stack: ExitStack) -> VirtualFile:
    """Open a file for its references: by its header alone, which kerchunk reads; see `open_hdf5` for the parameters."""
    parsed = stack.enter_context(NetCDF3ToZarr(url, storage_options=dict(access.fsspec_options), inline_threshold=0))
    refs = parsed.translate()["refs"]
    store = refs_as_store(dict(refs), remote_protocol=Origin(url).protocol, remote_options=dict(access.fsspec_options))
    dataset = xr.open_zarr(store, chunks=None, decode_cf=False, consolidated=False, zarr_format=2, create_default_indexes=False)
    # kerchunk writes all attributes as text, and keeps but one of those that say what is missing.
    dataset.attrs = {name: _plain(value) for name, value in parsed._attributes.items() if name != "filename"}
    for name, variable in dataset.variables.items():
        variable.attrs = {key: _plain(value) for key, value in parsed.variables[name]._attributes.items()}
    text = [str(name) for name, variable in dataset.variables.items() if variable.dtype.kind not in "biufc"]
    base = make_base(url, access)
    return make_virtual_file(dataset, parse_kerchunk(refs, text), {}, base, stamp)


def _plain(value: Any) -> Any:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
