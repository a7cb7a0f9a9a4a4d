"""References to the chunks of a Zarr store."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

import xarray as xr
from obspec_utils.registry import ObjectStoreRegistry
from obstore.store import LocalStore, S3Store
from virtualizarr.parsers import ZarrParser

from pangeo_forge.errors import UserError
from pangeo_forge.plans.opening import Access
from pangeo_forge.plans.references.arrays import VirtualFile, make_base, make_virtual_file
from pangeo_forge.plans.references.virtualizarr import take_arrays
from pangeo_forge.plans.stamps import Stamp
from pangeo_forge.types import redact_url


def open_zarr(url: str, access: Access, stack: ExitStack) -> VirtualFile:
    """Open a store for its references; see `open_hdf5` for the parameters.

    Raises
    ------
    UserError
        If its chunks cannot be listed where it is.
    """
    base = make_base(url, access).rstrip("/")
    options = dict(access.fsspec_options) or None
    dataset = stack.enter_context(xr.open_zarr(url, chunks=None, decode_cf=False, storage_options=options, **access.reading))
    text = [str(name) for name, variable in dataset.variables.items() if variable.dtype.kind not in "biufc"]
    parser = ZarrParser(group=access.reading.get("group"), skip_variables=text)
    found = take_arrays(parser(base, ObjectStoreRegistry(_store(base, access))))
    return make_virtual_file(dataset, found, {}, base, Stamp())


def _store(base: str, access: Access) -> dict[str, Any]:
    parts = urlsplit(base)
    if parts.scheme == "file":
        folder = PurePosixPath(unquote(parts.path)).parent
        return {f"file://{parts.path.rpartition('/')[0]}": LocalStore(str(folder))}
    if parts.scheme == "s3":
        options = access.fsspec_options
        client = dict(options.get("client_kwargs") or {})
        place: dict[str, Any] = {
            "endpoint": options.get("endpoint_url") or client.get("endpoint_url"),
            "region": client.get("region_name") or "us-east-1",
            "access_key_id": options.get("key"),
            "secret_access_key": options.get("secret"),
            "session_token": options.get("token"),
            "skip_signature": True if options.get("anon") else None,
        }
        given: Any = {name: value for name, value in place.items() if value is not None}
        plain = str(place["endpoint"]).startswith("http://")
        return {f"s3://{parts.netloc}": S3Store(parts.netloc, client_options={"allow_http": plain}, **given)}
    raise UserError(
        f"references to a Zarr store cannot be made over {parts.scheme!r}: its chunks cannot be listed there",
        where=redact_url(base),
        hint="Copy its values with a ZarrRecipe.",
    )
