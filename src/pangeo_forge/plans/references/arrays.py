"""An input's variable by reference: how its chunks are encoded, and where in the file each of them lies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import fsspec
import numpy as np
import xarray as xr
from fsspec.implementations.local import LocalFileSystem

from pangeo_forge.plans.opening import Access
from pangeo_forge.plans.schema import Array, Packing, make_packing
from pangeo_forge.plans.stamps import Stamp

if TYPE_CHECKING:
    from virtualizarr.manifests import ManifestArray

#: What of a codec's configuration says how hard it tried, not how to read what it wrote.
_EFFORT = frozenset({"level", "clevel", "acceleration", "blocksize"})


@dataclass(frozen=True, slots=True)
class ReferencedArray:
    """A variable of one input, as references see it.

    Parameters
    ----------
    shape : tuple of int
    chunks : tuple of int
        The lengths of a chunk.
    dtype : str
        Of the encoded values, with the order of bytes.
    metadata : str
        Zarr's metadata as JSON, of version 3, or of 2 where version 3 has no name for what decodes the chunks.
    codecs : str
        What of it says how chunks are decoded.
    fill : str
        What of it says what is read where no chunk is stored.
    packing : tuple
        How values are packed, for comparison.
    path : str
        The URL of the file, or of the folder that `names` are in.
    names : numpy.ndarray or None
        Of chunks that are files of their own, the rest of the URL; shape and order of the grid of chunks.
    offsets, lengths : numpy.ndarray
        Where in the file a chunk begins, and its bytes; a length of 0 means that it is not stored.
    """

    shape: tuple[int, ...]
    chunks: tuple[int, ...]
    dtype: str
    metadata: str
    codecs: str
    fill: str
    packing: Packing
    path: str
    names: Array | None
    offsets: Array
    lengths: Array

    @property
    def is_sparse(self) -> bool:
        """Whether some chunk is not stored."""
        return bool((self.lengths == 0).any())


@dataclass(frozen=True)
class VirtualFile:
    """An input while it is open.

    Parameters
    ----------
    dataset : xarray.Dataset
        What it holds, undecoded and lazily.
    arrays : dict of str to ReferencedArray
        Where the chunks of its variables lie.
    refused : dict of str to str
        The variables whose chunks cannot be referred to, and why.
    stamp : Stamp
        Which version of the file that is, as far as it is known.
    """

    dataset: xr.Dataset
    arrays: Mapping[str, ReferencedArray]
    refused: Mapping[str, str] = field(default_factory=dict)
    stamp: Stamp = field(default_factory=Stamp)


def make_virtual_file(
    dataset: xr.Dataset, found: Mapping[str, ManifestArray], refused: Mapping[str, str], base: str, stamp: Stamp
) -> VirtualFile:
    """Put what xarray reads of an input and what VirtualiZarr found in it together.

    Parameters
    ----------
    dataset : xarray.Dataset
    found : dict of str to ManifestArray
    refused : dict of str to str
        Variables that VirtualiZarr made nothing of, and why.
    base : str
        What the URLs of all chunks begin with.
    stamp : Stamp
        Which version of the file that is.
    """
    arrays, reasons = {}, dict(refused)
    for name, array in found.items():
        variable = dataset.variables.get(name)
        if variable is None:
            continue
        if any(not entry["path"].startswith(base) for _, entry in array.manifest.iter_refs()):
            reasons[name] = "its values are not in chunks of the file"
        elif tuple(array.shape) != variable.shape:
            reasons[name] = f"its references have the shape {tuple(array.shape)}, but its values {variable.shape}"
        else:
            arrays[name] = make_array(array, make_packing(variable.dtype, variable.attrs), base)
    return VirtualFile(dataset, arrays, reasons, stamp)


def make_base(url: str, access: Access) -> str:
    """Write an input's URL as references do: absolute, with its protocol."""
    filesystem, path = fsspec.url_to_fs(url, **access.fsspec_options)
    return Path(path).absolute().as_uri() if isinstance(filesystem, LocalFileSystem) else url


def make_array(found: ManifestArray, packing: Packing, path: str) -> ReferencedArray:
    """Take from VirtualiZarr's array what is kept of it.

    Parameters
    ----------
    found : ManifestArray
    packing : tuple
        How its values are packed.
    path : str
        What the URLs of its chunks begin with.
    """
    metadata: dict[str, Any] = dict(found.metadata.to_dict())
    metadata.pop("attributes", None)
    codecs = [_without_effort(codec) for codec in json.loads(json.dumps(metadata["codecs"]))]
    is_big = any(codec.get("configuration", {}).get("endian") == "big" for codec in codecs)
    dtype = found.metadata.data_type.to_native_dtype().newbyteorder(">" if is_big else "<").str
    grid = found.manifest.shape_chunk_grid
    offsets, lengths = np.zeros(grid, "u8"), np.zeros(grid, "u8")
    names: Any = np.full(grid, "", dtype=np.dtypes.StringDType())
    for place, entry in found.manifest.iter_refs():
        offsets[place], lengths[place], names[place] = entry["offset"], entry["length"], entry["path"].removeprefix(path)
    if path.startswith("file://"):  # where a disk's files are, nothing is escaped
        path = unquote(path)
        names = np.array([unquote(name) for name in names.reshape(-1)], dtype=names.dtype).reshape(grid)
    return ReferencedArray(
        shape=tuple(found.shape),
        chunks=tuple(metadata["chunk_grid"]["configuration"]["chunk_shape"]),
        dtype=dtype,
        metadata=json.dumps(metadata, sort_keys=True),
        codecs=json.dumps(codecs, sort_keys=True),
        fill=json.dumps(metadata["fill_value"]),
        packing=packing,
        path=path,
        names=names if bool((names != "").any()) else None,
        offsets=offsets,
        lengths=lengths,
    )


def _without_effort(codec: dict[str, Any]) -> dict[str, Any]:
    configuration = {key: value for key, value in codec.get("configuration", {}).items() if key not in _EFFORT}
    return {"name": codec["name"], "configuration": configuration}


def make_kerchunk_array(name: str, refs: Mapping[str, Any], packing: Packing, path: str) -> ReferencedArray:
    """Take from kerchunk's references what is kept of one array."""
    metadata = json.loads(refs[f"{name}/.zarray"])
    shape, chunks = tuple(metadata["shape"]), tuple(metadata["chunks"])
    grid = tuple(-(-size // max(chunk, 1)) for size, chunk in zip(shape, chunks, strict=True))
    offsets, lengths = np.zeros(grid, "u8"), np.zeros(grid, "u8")
    for place in np.ndindex(*grid):
        reference = refs.get(f"{name}/{'.'.join(map(str, place)) or '0'}")
        if reference is not None:
            _, offsets[place], lengths[place] = reference
    coding = [*(metadata["filters"] or ()), *([metadata["compressor"]] if metadata["compressor"] else ())]
    return ReferencedArray(
        shape=shape,
        chunks=chunks,
        dtype=metadata["dtype"],
        metadata=json.dumps(metadata, sort_keys=True),
        codecs=json.dumps([{"name": codec["id"], "configuration": codec} for codec in coding], sort_keys=True),
        fill=json.dumps(metadata["fill_value"]),
        packing=packing,
        path=path,
        names=None,
        offsets=offsets,
        lengths=lengths,
    )
