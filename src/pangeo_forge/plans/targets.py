"""Opening, making and clearing the stores that a plan writes, and saying plainly why one cannot be written."""

from __future__ import annotations

import errno
import functools
import json
import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, cast

import fsspec
import numpy as np
import zarr
import zarr.errors
from fsspec.implementations.local import LocalFileSystem

from pangeo_forge.errors import ForgeError, TargetError
from pangeo_forge.plans.plan import Target
from pangeo_forge.types import redact_url

ZarrFormat = Literal[2, 3]


@contextmanager
def writing(target: Target) -> Iterator[None]:
    """Turn what the libraries raise while they write to `target` into an error of ours that says what is wrong."""
    try:
        yield
    except ForgeError:
        raise
    except OSError as error:
        raise _explain(target, error) from error


def _explain(target: Target, error: OSError) -> TargetError:
    where, detail = redact_url(target.url), f"{type(error).__name__}: {error}"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return TargetError("the disk is full", where=where, detail=detail, hint="Make room, then go on with `pangeo-forge runs resume`.")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS) or isinstance(error, PermissionError):
        return TargetError(f"cannot be written: {error}", where=where, detail=detail, hint="Choose another target, or ask for access.")
    return TargetError(
        f"writing failed: {error}", where=where, detail=detail, hint="Go on with `pangeo-forge runs resume` once it is mended."
    )


@contextmanager
def with_numcodecs() -> Iterator[None]:
    """Let codecs of numcodecs be used in Zarr 3 without a warning: chunks of other formats have no others, and all who read have them."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Numcodecs codecs are not in the Zarr version 3")
        yield


def is_local(target: Target) -> bool:
    """Whether the target is on a file system of this machine."""
    return "://" not in target.url or target.url.startswith(("file://", "local://"))


def filesystem_of(target: Target) -> tuple[Any, str]:
    """Return the target's fsspec file system and its path there."""
    filesystem, path = fsspec.url_to_fs(target.url, **target.storage_options)
    return filesystem, path


def open_group(
    target: Target, mode: Literal["r", "r+", "w"], zarr_format: ZarrFormat | None = None, *, use_consolidated: bool | None = False
) -> zarr.Group:
    """Open the target's Zarr group."""
    options = None if is_local(target) else dict(target.storage_options)
    url = target.url.removeprefix("file://") if is_local(target) else target.url
    return zarr.open_group(
        url, mode=mode, zarr_format=zarr_format, storage_options=options, use_consolidated=use_consolidated if mode != "w" else None
    )


@functools.lru_cache(maxsize=512)
def _open_array(url: str, options: str, name: str, process: int) -> zarr.Array[Any]:
    group = open_group(Target(url, json.loads(options)), "r+")
    return cast("zarr.Array[Any]", group[name])


def open_array(target: Target, name: str, shape: tuple[int, ...]) -> zarr.Array[Any]:
    """Open one of the target's arrays to write to it; the next call in the same process costs nothing.

    Where its metadata tell another shape, as while it is appended to, what is returned has the shape asked for, and only that.
    """
    try:
        options = json.dumps(target.storage_options)
    except TypeError:  # options that are objects, such as a session
        array = cast("zarr.Array[Any]", open_group(target, "r+")[name])
    else:
        array = _open_array(target.url, options, name, os.getpid())  # a connection cannot be used in a forked process
    if array.shape == shape:
        return array
    lengthened = array.metadata.update_shape(shape)
    return zarr.Array(zarr.AsyncArray(lengthened, array.store_path, array.config))


def forget_arrays() -> None:
    """Open arrays anew from now on, since what is at their place may be another."""
    _open_array.cache_clear()


def make_codec(zarr_format: ZarrFormat, dtype: np.dtype[Any]) -> Any:
    """Make the compressor that is used where a recipe does not choose one.

    Blosc with Zstandard 1 and shuffle: see the decision record on codecs for what was measured.
    """
    if zarr_format == 2:
        from numcodecs import Blosc

        return Blosc(cname="zstd", clevel=1, shuffle=Blosc.SHUFFLE)
    from zarr.codecs import BloscCodec

    return BloscCodec(cname="zstd", clevel=1, shuffle="shuffle", typesize=max(dtype.itemsize, 1) if dtype.kind != "O" else 1)


def remove_file(target: Target) -> None:
    """Remove a file (of references, say) that is where a store is about to be made."""
    filesystem, path = filesystem_of(target)
    with writing(target):
        if is_local(target) and filesystem.isfile(path):
            filesystem.rm_file(path)


def check_dataset(target: Target) -> None:
    """Make sure that there is a dataset at the target to append to.

    Raises
    ------
    TargetError
        If there is none.
    """
    filesystem, path = filesystem_of(target)
    with writing(target):
        if not any(filesystem.exists(f"{path}/{name}") for name in ("zarr.json", ".zgroup", ".zmetadata")):
            raise TargetError(
                "there is no dataset to append to",
                where=redact_url(target.url),
                hint="Bake one without append_dim first, or say where it is with --target.",
            )


def consolidate(target: Target) -> None:
    """Gather the metadata of all arrays in one place, so that a reader needs one request."""
    with warnings.catch_warnings(), writing(target):
        warnings.filterwarnings("ignore", message="Consolidated metadata is currently not part")
        zarr.consolidate_metadata(open_group(target, "r+").store)


def sweep(target: Target) -> None:
    """Remove what a killed process left half-written beside the chunks (Zarr writes a local chunk under another name first)."""
    filesystem, path = filesystem_of(target)
    if isinstance(filesystem, LocalFileSystem):
        for leftover in Path(path).rglob("*.partial"):
            leftover.unlink(missing_ok=True)


def remove(target: Target) -> None:
    """Remove a store if it is there."""
    filesystem, path = filesystem_of(target)
    with writing(target):
        if filesystem.exists(path):
            filesystem.rm(path, recursive=True)


def measure(target: Target) -> int:
    """Sum the sizes of all objects of a store, bytes."""
    filesystem, path = filesystem_of(target)
    return int(filesystem.du(path, total=True))


def encode_attrs(attrs: Mapping[str, Any], dtype: np.dtype[Any], zarr_format: ZarrFormat) -> dict[str, Any]:
    """Write attributes as JSON can hold them, ``_FillValue`` as xarray reads it from a Zarr store."""
    encoded = {name: _encode_attr(value) for name, value in attrs.items()}
    fill = encoded.pop("_FillValue", None)
    if fill is not None and zarr_format == 3:
        from xarray.backends.zarr import FillValueCoder

        encoded["_FillValue"] = FillValueCoder.encode(fill, dtype)
    return encoded


def _encode_attr(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return [_encode_attr(item) for item in value.tolist()] if value.ndim else _encode_attr(value.item())
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, (list, tuple)):
        return [_encode_attr(item) for item in value]
    if isinstance(value, Mapping):
        return {str(name): _encode_attr(item) for name, item in value.items()}
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)
