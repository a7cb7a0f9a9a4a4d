"""References to the chunks of an HDF5 (NetCDF 4) file."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from typing import BinaryIO

import h5py
import xarray as xr
from virtualizarr.manifests import ManifestArray
from virtualizarr.parsers import HDFParser

from pangeo_forge.plans.opening import Access
from pangeo_forge.plans.references.arrays import VirtualFile, make_base, make_virtual_file
from pangeo_forge.plans.references.virtualizarr import make_registry, parse_what_can_be, take_arrays
from pangeo_forge.plans.stamps import Stamp


def open_hdf5(url: str, file: BinaryIO, stamp: Stamp, access: Access, stack: ExitStack) -> VirtualFile:
    """Open a file for its references.

    Parameters
    ----------
    url : str
    file : file object
        The file, opened by fsspec.
    stamp : Stamp
        Which version of it that is.
    access : Access
        How the recipe has it opened.
    stack : ExitStack
        Closes what is opened.
    """
    options = {**access.reading, "engine": "h5netcdf"}
    dataset = stack.enter_context(xr.open_dataset(file, decode_cf=False, cache=False, create_default_indexes=False, **options))
    base, group = make_base(url, access), access.reading.get("group")

    def parse(names: list[str]) -> Mapping[str, ManifestArray]:
        parser = HDFParser(group=group, drop_variables=_others(file, group, names), reader_factory=lambda store, path: file)
        return take_arrays(parser(base, make_registry(base)))

    numbers = [str(name) for name, variable in dataset.variables.items() if variable.dtype.kind in "biufc"]
    exceptions = _find_exceptions(file, group, numbers)
    found, refused = parse_what_can_be(parse, [name for name in numbers if name not in exceptions])
    return make_virtual_file(dataset, found, {**exceptions, **refused}, base, stamp)


def _find_exceptions(file: BinaryIO, group: str | None, names: list[str]) -> dict[str, str]:
    """Name the variables whose chunks are not all encoded as the variable says, and why; parsers do not look."""
    with h5py.File(file, "r") as opened:
        stored = opened[group or "/"]
        found = {name: _find_exception(stored[name]) for name in names if name in stored}
    return {name: reason for name, reason in found.items() if reason}


def _find_exception(dataset: h5py.Dataset) -> str:
    settings = dataset.id.get_create_plist()
    if settings.get_layout() == h5py.h5d.COMPACT:
        return "its values are in the header of the file"
    if dataset.chunks is None or not settings.get_nfilters():
        return ""
    masks: set[int] = set()
    dataset.id.chunk_iter(lambda chunk: masks.add(chunk.filter_mask))
    return "some of its chunks are not compressed as the others are, since that would not have made them smaller" if masks - {0} else ""


def _others(file: BinaryIO, group: str | None, names: list[str]) -> list[str]:
    """Name what else a group holds: what is not asked for need not be of a kind that can be parsed."""
    with h5py.File(file, "r") as opened:
        return [name for name in opened[group or "/"] if name not in names]
