"""Small stores, and their entries in a catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from fsspec.implementations.local import LocalFileSystem

from pangeo_forge.catalog.description import Description
from pangeo_forge.catalog.entering.adding import add_entry
from pangeo_forge.catalog.entry import About, Entry, Format, Provenance, Way
from pangeo_forge.catalog.storage.tree import Tree


def write_store(path: Path, *, zarr_format: int = 3, consolidated: bool | None = None, **encoding: tuple[int, ...]) -> None:
    """Write a store of two chunks, or as the encoding says."""
    place = {"lat": ("lat", [0.0, 1.0], {"units": "degrees_north"}), "lon": ("lon", [10.0, 11.0], {"units": "degrees_east"})}
    ds = xr.Dataset({"sst": (("time", "lat", "lon"), np.arange(1.0, 9.0).reshape(2, 2, 2))}, {"time": [0, 1], **place})
    gathered = zarr_format == 2 if consolidated is None else consolidated
    ds.to_zarr(path, zarr_format=zarr_format, consolidated=gathered, encoding={"sst": encoding or {"chunks": (1, 2, 2)}})


def enter(root: Path, href: object, form: Format = "zarr", *, provenance: Provenance | None = None, **way: Any) -> None:
    """Enter a dataset in the catalogue of a folder, as somebody does who says where it is and of what form."""
    fields = {"zarr_format": 3, "consolidated": True, **way} if form == "zarr" else way
    entry = Entry(
        id="",
        version="1",
        created="2020-01-01T00:00:00Z",
        description=Description(),
        about=About(title="T", description="D"),
        ways=[Way(key="data", href=str(href), format=form, **fields)],
        provenance=provenance,
    )
    add_entry(Tree(LocalFileSystem(), str(root / "catalog")), entry, "sst", "", title="T", description="D")
