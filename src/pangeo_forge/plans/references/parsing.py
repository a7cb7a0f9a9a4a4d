"""Opening an input for its references: what it holds, as xarray reads it, and where its chunks lie, as the libraries find them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import fsspec
import xarray as xr
from fsspec.implementations.local import LocalFileSystem

from pangeo_forge.errors import UserError
from pangeo_forge.plans.explaining import explained
from pangeo_forge.plans.opening import HEADER, Access, find_engine, open_file
from pangeo_forge.plans.products import needing_virtual
from pangeo_forge.plans.references.arrays import ReferencedArray, make_array
from pangeo_forge.plans.schema import make_packing
from pangeo_forge.types import redact_url

if TYPE_CHECKING:
    from virtualizarr.manifests import ManifestArray


@dataclass(frozen=True)
class VirtualFile:
    """An input while it is open.

    Parameters
    ----------
    dataset : xarray.Dataset
        What it holds, undecoded and lazily.
    arrays : dict of str to ManifestArray
        Where the chunks of its variables lie.
    refused : dict of str to str
        The variables that have none, and why.
    base : str
        What the URLs of its chunks begin with.
    nbytes : int
        The size of the file; 0 if that is not known.
    """

    dataset: xr.Dataset
    arrays: Mapping[str, ManifestArray]
    refused: dict[str, str] = field(default_factory=dict)
    base: str = ""
    nbytes: int = 0


@contextmanager
def open_virtual(url: str, access: Access) -> Iterator[VirtualFile]:
    """Open an input for its references.

    Parameters
    ----------
    url : str
    access : Access
        How it is opened.

    Raises
    ------
    SourceError
        If it cannot be read.
    UserError
        If it is of a kind that references cannot lead to.
    """
    with ExitStack() as stack:
        with explained(url), needing_virtual():
            opened = _open(url, access, stack)
        yield opened


def _open(url: str, access: Access, stack: ExitStack) -> VirtualFile:
    file, size = open_file(url, access, HEADER, stack)
    engine = access.reading.get("engine") or find_engine(file, url)
    if engine == "h5netcdf" or (engine == "netcdf4" and access.file_type != "netcdf3" and _is_hdf5(file)):
        return _open_hdf5(url, file, size, access, stack)
    raise UserError(
        f"references cannot be made of it: it is read by the engine {engine!r}",
        where=redact_url(url),
        hint="References lead to HDF5 (NetCDF 4) files.",
    )


def _is_hdf5(file: BinaryIO) -> bool:
    start = file.read(8)
    file.seek(0)
    return start == b"\x89HDF\r\n\x1a\n"


def _open_hdf5(url: str, file: BinaryIO, size: int, access: Access, stack: ExitStack) -> VirtualFile:
    from virtualizarr.parsers import HDFParser

    options = {**access.reading, "engine": "h5netcdf"}
    dataset = stack.enter_context(xr.open_dataset(file, decode_cf=False, cache=False, create_default_indexes=False, **options))
    base = make_base(url, access)
    wanted = [str(name) for name, variable in dataset.variables.items() if variable.dtype.kind in "biufc"]
    group = access.reading.get("group")

    def parse(names: list[str]) -> Mapping[str, ManifestArray]:
        parser = HDFParser(group=group, drop_variables=_others(file, group, names), reader_factory=lambda store, path: file)
        return _arrays_of(parser(base, _registry_of(base)))

    arrays, refused = _parse_what_can_be(parse, wanted)
    return VirtualFile(dataset, arrays, refused, base, size)


def _others(file: BinaryIO, group: str | None, names: list[str]) -> list[str]:
    """Name what else a group of an HDF5 file holds: what is not asked for need not be of a kind that can be parsed."""
    import h5py

    with h5py.File(file, "r") as opened:
        return [name for name in opened[group or "/"] if name not in names]


def _arrays_of(store: Any) -> Mapping[str, ManifestArray]:
    virtual: xr.Dataset = store.to_virtual_dataset(loadable_variables=[])
    return {str(name): variable.data for name, variable in virtual.variables.items()}


def _registry_of(base: str) -> Any:
    """Make a registry that knows the URL. Nothing is read through it: files are opened by fsspec, as all of ours are."""
    from obspec_utils.registry import ObjectStoreRegistry
    from obstore.store import MemoryStore

    scheme, _, rest = base.partition("://")
    return ObjectStoreRegistry({f"{scheme}://{rest.partition('/')[0]}": MemoryStore()})


def _parse_what_can_be(
    parse: Callable[[list[str]], Mapping[str, ManifestArray]], names: list[str]
) -> tuple[dict[str, ManifestArray], dict[str, str]]:
    """Parse all variables; if that fails, one by one, to tell which is at fault."""
    try:
        return dict(parse(names)), {}
    except Exception:  # whatever the libraries raise: what they say of each variable is kept
        arrays: dict[str, ManifestArray] = {}
        refused: dict[str, str] = {}
        for name in names:
            try:
                arrays |= parse([name])
            except Exception as error:
                refused[name] = f"{type(error).__name__}: {error}"
        return arrays, refused


def make_base(url: str, access: Access) -> str:
    """Write an input's URL as references do: absolute, with its protocol."""
    filesystem, path = fsspec.url_to_fs(url, **access.fsspec_options)
    if isinstance(filesystem, LocalFileSystem):
        return Path(path).absolute().as_uri()
    return url


def take_arrays(opened: VirtualFile, variables: Mapping[str, xr.Variable]) -> tuple[dict[str, ReferencedArray], dict[str, str]]:
    """Take what is kept of an input's arrays, and say of which variables nothing is, and why."""
    arrays, refused = {}, dict(opened.refused)
    for name, found in opened.arrays.items():
        if name not in variables:
            continue
        variable = variables[name]
        if tuple(found.shape) != variable.shape:
            refused[name] = f"its references have the shape {tuple(found.shape)}, but its values {variable.shape}"
            continue
        arrays[name] = make_array(found, make_packing(variable.dtype, variable.attrs), opened.base)
    return arrays, refused
