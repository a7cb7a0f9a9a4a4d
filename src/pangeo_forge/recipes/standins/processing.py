"""The functions of a recipe of the class API, as a native recipe calls them."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import xarray as xr

from pangeo_forge.plans.inputs import InputFile
from pangeo_forge.recipes.standins.patterns import FileType
from pangeo_forge.recipes.standins.scope import answering

ProcessInput = Callable[[xr.Dataset, str], xr.Dataset]
ProcessChunk = Callable[[xr.Dataset], xr.Dataset]


@dataclass(frozen=True)
class Process:
    """The functions of a recipe of the class API, as a native recipe calls them.

    Parameters
    ----------
    process_input : callable or None
        ``(ds, filename) -> ds``, for each input.
    process_chunk : callable or None
        ``ds -> ds``, for what makes a chunk.
    deletes_encoding : bool
        Whether what the file says of the packing of its values is forgotten before the functions see them, so that what they make of
        the values is stored unpacked: scaled integers hold no other range than that of the file.
    chunks : mapping or str, optional
        As what Dask arrays the functions expect an input (``xarray_open_kwargs={"chunks": …}``), where Dask is installed.
    """

    process_input: ProcessInput | None
    process_chunk: ProcessChunk | None
    deletes_encoding: bool = True
    chunks: Any = None

    @property
    def __name__(self) -> str:
        """What messages call it."""
        return getattr(self.process_input or self.process_chunk, "__name__", "process_input")

    def __call__(self, ds: xr.Dataset, source: InputFile) -> xr.Dataset:
        """Process one input that is a chunk of its own."""
        return self.of_chunk(self.of_input(ds, source))

    def of_input(self, ds: xr.Dataset, source: InputFile) -> xr.Dataset:
        """Process one input."""
        if self.deletes_encoding:
            ds = _without_encoding(ds)
        if self.chunks is not None and importlib.util.find_spec("dask"):
            ds = ds.chunk(self.chunks)
        if self.process_input is None:
            return ds
        with answering():
            return self.process_input(ds, source.url)

    def of_chunk(self, ds: xr.Dataset) -> xr.Dataset:
        """Process the inputs of a chunk, put together."""
        if self.process_chunk is None:
            return ds
        with answering():
            return self.process_chunk(ds)


def _without_encoding(ds: xr.Dataset) -> xr.Dataset:
    """Forget how variables were packed, and keep what the dataset itself was encoded with."""
    bare: xr.Dataset = ds.drop_encoding()
    bare.encoding = ds.encoding
    return bare


@dataclass(frozen=True)
class ChunksOf:
    """Chunks along those dimensions that the dataset has; others are passed over, as they were."""

    chunks: Mapping[str, int]

    def __call__(self, template: xr.Dataset) -> dict[str, int | str]:
        """Choose from the outline of the dataset."""
        return {dim: length for dim, length in self.chunks.items() if dim in template.sizes}


def clean_open_kwargs(options: Mapping[str, Any], file_type: FileType = FileType.unknown) -> dict[str, Any]:
    """Give what xarray is told to open files with; chunks are the store's, and the engine is found out but for odd formats."""
    kept = {name: value for name, value in options.items() if name not in ("chunks", "cache", "lock")}
    if kept.get("engine") in ("h5netcdf", "netcdf4", "scipy", "zarr"):
        del kept["engine"]
    if "use_cftime" in kept:
        use_cftime = kept.pop("use_cftime")
        if kept.get("decode_times", True) is True:
            kept["decode_times"] = xr.coders.CFDatetimeCoder(use_cftime=use_cftime)
    if file_type is FileType.tiff:
        kept.setdefault("engine", "rasterio")
    return kept
