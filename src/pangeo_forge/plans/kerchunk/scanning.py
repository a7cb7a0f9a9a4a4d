"""The references of one input, as kerchunk finds them: where in the file each chunk of each variable is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from pangeo_forge.errors import InputsDisagree, SourceError
from pangeo_forge.plans.explaining import explained
from pangeo_forge.plans.inputs import Inputs
from pangeo_forge.plans.opening import HEADER, Access, find_engine, look_at, open_file
from pangeo_forge.plans.products import needing_virtual
from pangeo_forge.plans.stamps import Stamp
from pangeo_forge.types import redact_url

#: Keys of a Zarr store of version 2, and for each its text, or where its bytes are: ``[url, offset, size]``.
References = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ScannedInput:
    """What was found in an input.

    Parameters
    ----------
    references : tuple of References
        One for each message of a GRIB file, and one for any other file.
    stamp : Stamp
        Which version of the file that is.
    """

    references: tuple[References, ...]
    stamp: Stamp


#: What was found, by the input's number.
Scanned = dict[int, ScannedInput]


@dataclass(frozen=True)
class Scan:
    """Find the references of the input of a number.

    Parameters
    ----------
    inputs : Inputs
        The files.
    fsspec_options : mapping
        Options of the file system that they are on.
    file_type : str, optional
        ``grib`` for files that begin with something else; others are told by their first bytes.
    protocol : str, optional
        What stands before the addresses of files that name no protocol.
    inline_threshold : int
        Chunks of fewer bytes are kept in the references themselves.
    read : tuple of str
        Variables whose values are needed to combine inputs, so that they are kept in the references.
    options : mapping
        What else kerchunk's reader is given: ``filter``, ``max_chunk_size``, …
    """

    inputs: Inputs
    fsspec_options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    file_type: str | None = None
    protocol: str | None = None
    inline_threshold: int = 500
    read: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, number: int) -> Scanned:
        """Scan one input."""
        url = self.url_of(number)
        with explained(url), needing_virtual():
            scanned, stamp = self._scan(url)
            found = tuple(self._keep_read(as_text(expand(refs)), url) for refs in scanned)
        if not found:
            raise SourceError(
                "has no message that is asked for", where=redact_url(url), hint="Does the filter of kerchunk_open_kwargs fit the file?"
            )
        return {number: ScannedInput(found, stamp)}

    def url_of(self, number: int) -> str:
        """Give the address of an input, as references name it."""
        return absolute_url(self.inputs[number].url, self.protocol)

    def is_grib(self, refs: References) -> bool:
        """Whether references are those of one message of a GRIB file."""
        return self.file_type == "grib" or any(key.startswith("GRIB_") for key in read_json(refs, ".zattrs"))

    def _scan(self, url: str) -> tuple[list[dict[str, Any]], Stamp]:
        options = {"inline_threshold": self.inline_threshold, "storage_options": dict(self.fsspec_options), **self.options}
        access = Access(self.fsspec_options)
        if self.file_type == "grib":
            return _scan_grib(url, options), look_at(url, access)
        with ExitStack() as stack:
            file, stamp = open_file(url, access, HEADER, stack)
            engine = find_engine(file, url)
            if engine == "h5netcdf":
                return [_scan_hdf5(file, url, options)], stamp
        return _scan_grib(url, options) if engine == "cfgrib" else [_scan_netcdf3(url, options)], stamp

    def _keep_read(self, refs: References, url: str) -> References:
        """Keep the values that are needed for combining in the references, and see that they are in order."""
        from kerchunk.utils import inline_array

        names = [name for name in self.read if f"{name}/.zarray" in refs]
        remote = [name for name in names if any(isinstance(ref, list) for key, ref in refs.items() if key.startswith(f"{name}/"))]
        if remote:
            options = {"remote_options": dict(self.fsspec_options)}
            refs = as_text(inline_array({"version": 1, "refs": refs}, threshold=0, names=remote, **options))
        for name in names:
            _check_order(refs, name, url)
        return refs


def _scan_hdf5(file: Any, url: str, options: Mapping[str, Any]) -> dict[str, Any]:
    from kerchunk.hdf import SingleHdf5ToZarr

    reader = SingleHdf5ToZarr(file, url, **{"error": "raise", **options})
    try:
        refs: dict[str, Any] = reader.translate()
        return refs
    finally:
        reader.close()


def _scan_netcdf3(url: str, options: Mapping[str, Any]) -> dict[str, Any]:
    from kerchunk.netCDF3 import NetCDF3ToZarr

    refs: dict[str, Any] = NetCDF3ToZarr(url, **options).translate()
    return refs


def _scan_grib(url: str, options: Mapping[str, Any]) -> list[dict[str, Any]]:
    from kerchunk.grib2 import scan_grib

    return list(scan_grib(url, **options))


def absolute_url(url: str, protocol: str | None) -> str:
    """Write an address such that it leads to the file from anywhere."""
    if "://" in url:
        return url
    return f"{protocol}://{url}" if protocol and protocol not in ("file", "local") else str(Path(url).absolute())


def expand(refs: dict[str, Any]) -> References:
    """Write the addresses in references out, where they stand for what all have in common."""
    from kerchunk.utils import refs_as_fs

    if not refs.get("templates"):
        found: References = refs["refs"]
        return found
    expanded: References = refs_as_fs(refs).references
    return expanded


def as_text(refs: Mapping[str, Any]) -> References:
    """Write references as JSON can hold them."""
    from kerchunk.utils import consolidate

    plain = {key: json.dumps(ref) if isinstance(ref, dict) else list(ref) if isinstance(ref, tuple) else ref for key, ref in refs.items()}
    text: References = consolidate(plain)["refs"]
    return text


def read_array(refs: References, name: str) -> np.ndarray[Any, Any]:
    """Read an array whose values are kept in the references."""
    import zarr
    from kerchunk.utils import refs_as_store

    group = zarr.open_group(refs_as_store({"version": 1, "refs": refs}, read_only=True), mode="r", zarr_format=2, use_consolidated=False)
    array: Any = group[name]
    return np.asarray(array[...])


def read_json(refs: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Read what references hold of metadata; nothing where they hold none."""
    found: dict[str, Any] = json.loads(refs.get(key, "{}"))
    return found


def open_references(refs: References, fsspec_options: Mapping[str, Any]) -> xr.Dataset:
    """Open the dataset that references lead to, lazily and without Dask."""
    import kerchunk.codecs  # noqa: F401  (registers the codecs that references may name)
    from kerchunk.utils import refs_as_store

    store = refs_as_store({"version": 1, "refs": refs}, read_only=True, remote_options=dict(fsspec_options))
    dataset: xr.Dataset = xr.open_zarr(store, chunks=None, zarr_format=2, consolidated=False)
    return dataset


def _check_order(refs: References, name: str, url: str) -> None:
    values = read_array(refs, name)
    if values.ndim == 1 and values.size > 1 and not (np.diff(values) > 0).all():
        raise InputsDisagree(
            f"the values of {name!r} do not increase from step to step, and references are combined in the order of their values",
            where=redact_url(url),
            hint="Write such files to Zarr instead.",
        )
