"""An input's variable by reference: how its chunks are encoded, and where in the file each of them lies."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pangeo_forge.plans.schema import Array, Packing

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
        Zarr's metadata (version 3) as JSON; those of other inputs differ in shape alone where they can be joined.
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
    metadata = dict(found.metadata.to_dict())
    metadata.pop("attributes", None)
    codecs = [_without_effort(codec) for codec in json.loads(json.dumps(metadata["codecs"]))]
    is_big = any(codec.get("configuration", {}).get("endian") == "big" for codec in codecs)
    dtype = found.metadata.data_type.to_native_dtype().newbyteorder(">" if is_big else "<").str
    grid = found.manifest.shape_chunk_grid
    offsets, lengths = np.zeros(grid, "u8"), np.zeros(grid, "u8")
    names = np.full(grid, "", dtype=np.dtypes.StringDType())
    for place, entry in found.manifest.iter_refs():
        offsets[place], lengths[place], names[place] = entry["offset"], entry["length"], entry["path"].removeprefix(path)
    return ReferencedArray(
        shape=tuple(found.shape),
        chunks=tuple(found.chunks),
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
