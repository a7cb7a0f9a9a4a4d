"""References to the messages of a GRIB file."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any
from urllib.parse import unquote

import fsspec
import xarray as xr
from kerchunk.combine import MultiZarrToZarr
from kerchunk.grib2 import scan_grib
from kerchunk.utils import refs_as_store

from pangeo_forge.errors import SourceError
from pangeo_forge.plans.opening import Access
from pangeo_forge.plans.products import Origin
from pangeo_forge.plans.references.arrays import VirtualFile, make_base, make_kerchunk_array
from pangeo_forge.plans.schema import make_packing
from pangeo_forge.plans.stamps import Stamp
from pangeo_forge.types import redact_url

#: What says of a message where in the dataset it belongs, in the order of the dimensions that cfgrib makes of it; levels follow.
_ORDER = ("number", "time", "step")
#: What is the same in all messages of a grid, or follows from the others.
_NO_DIMENSION = ("latitude", "longitude", "valid_time")


def open_grib(url: str, stamp: Stamp, access: Access, concat_dims: tuple[str, ...], stack: ExitStack) -> VirtualFile:
    """Open a file for its references: its messages become one dataset, in which `concat_dims`, and whatever differs, are dimensions."""
    options = dict(access.fsspec_options)
    messages = scan_grib(url, storage_options=options, filter=_filter(access))
    if not messages:
        raise SourceError("holds no message that is asked for", where=redact_url(url), hint="Look at filter_by_keys in open_kwargs.")
    base = unquote(make_base(url, access)) if Origin(url).is_local else url
    parts = [fsspec.filesystem("reference", fo=message, skip_instance_cache=True) for message in messages]
    dims = _dimensions([_scalars(part) for part in parts], concat_dims)
    same = [name for name in ("latitude", "longitude") if name not in dims]
    refs = _combine(messages, dims, same, url, options) if dims else dict(parts[0].references)
    store = refs_as_store(dict(refs), remote_protocol=Origin(url).protocol, remote_options=options)
    dataset = stack.enter_context(
        xr.open_zarr(store, chunks=None, decode_cf=False, consolidated=False, zarr_format=2, create_default_indexes=False)
    )
    arrays = {
        str(name): make_kerchunk_array(str(name), refs, make_packing(variable.dtype, variable.attrs), base)
        for name, variable in dataset.variables.items()
        if _is_referenced(refs, str(name))
    }
    return VirtualFile(dataset, arrays, {}, stamp)


def _combine(messages: list[dict[str, Any]], dims: list[str], same: list[str], url: str, options: Mapping[str, Any]) -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Concatenated coordinate")  # one message is one step: that is as it should be
        combined = MultiZarrToZarr(
            messages,
            concat_dims=dims,
            identical_dims=same,
            remote_protocol=Origin(url).protocol,
            remote_options=dict(options),
            inline_threshold=0,
        )
        refs: dict[str, Any] = combined.translate()["refs"]
    return refs


def _filter(access: Access) -> dict[str, Any]:
    given = access.reading.get("filter_by_keys") or access.reading.get("backend_kwargs", {}).get("filter_by_keys")
    return dict(given or {})


def _scalars(part: Any) -> dict[str, Any]:
    """Read what a message says of itself: its time, its step, its level."""
    message = xr.open_zarr(refs_as_store(dict(part.references)), chunks=None, decode_cf=False, consolidated=False, zarr_format=2)
    return {str(name): variable.values.item() for name, variable in message.variables.items() if variable.ndim == 0}


def _dimensions(scalars: list[dict[str, Any]], concat_dims: tuple[str, ...]) -> list[str]:
    names = dict.fromkeys([*_ORDER, *(name for found in scalars for name in found)])
    differing = [name for name in names if len({found[name] for found in scalars if name in found}) > 1 and name not in _NO_DIMENSION]
    return [name for name in names if name in concat_dims or name in differing] + [dim for dim in concat_dims if dim not in names]


def _is_referenced(refs: Mapping[str, Any], name: str) -> bool:
    chunks = [value for key, value in refs.items() if key.startswith(f"{name}/") and not key.startswith(f"{name}/.")]
    return bool(chunks) and all(isinstance(value, list) and len(value) == 3 for value in chunks)
