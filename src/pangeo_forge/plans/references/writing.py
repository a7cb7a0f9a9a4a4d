"""Write a dataset of references, in one of the forms that it can have."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
import zarr

from pangeo_forge.errors import UserError
from pangeo_forge.plans.inputs import Inputs
from pangeo_forge.plans.layout import Layout, TargetVariable
from pangeo_forge.plans.plan import Cost, Target
from pangeo_forge.plans.products import Icechunk, KerchunkJson, KerchunkParquet, needing_virtual
from pangeo_forge.plans.references.finding import Found
from pangeo_forge.plans.references.joining import JoinedArray, choose_referenced, join_arrays
from pangeo_forge.plans.references.parquet import write_parquet
from pangeo_forge.plans.references.parsing import VirtualSource
from pangeo_forge.plans.schema import Array
from pangeo_forge.plans.stores import WriteRegion, array_options
from pangeo_forge.plans.targets import ZarrFormat, encode_attrs, filesystem_of, with_numcodecs, writing

if TYPE_CHECKING:
    from virtualizarr.manifests import ManifestArray

ReferenceProduct = Icechunk | KerchunkJson | KerchunkParquet


@dataclass(frozen=True)
class WriteReferences:
    """Write the dataset: references to the chunks of the inputs, and the values of what is copied."""

    layout: Layout
    found: Found
    inputs: Inputs
    source: VirtualSource
    target: Target
    product: ReferenceProduct
    inline_below: int

    def __call__(self, task: None) -> Cost:
        """Write all at once: readers see all of it or nothing."""
        referenced, copied = choose_referenced(self.layout, self.found, self.inputs, self.inline_below)
        joined = join_arrays(self.layout, self.found, self.inputs, referenced)
        values = dict(self.layout.gathered) | self._read(copied)
        content = Content(self.layout, joined, values)
        with needing_virtual(), writing(self.target), with_numcodecs():
            match self.product:
                case Icechunk():
                    from pangeo_forge.plans.references.icechunk import write_icechunk

                    write_icechunk(content, self.target, self.product.origin)
                case KerchunkJson():
                    write_json(make_kerchunk(content), self.target)
                case KerchunkParquet():
                    write_parquet(make_kerchunk(content), self.target)
        nbytes = sum(self.layout.variables[name].nbytes for name in values)
        return Cost(nbytes, nbytes, sum(array.paths.size for array in joined) + len(values))

    def _read(self, copied: list[TargetVariable]) -> dict[str, Array]:
        reader = WriteRegion(self.layout, self.inputs, self.source, self.target, {}, 0, self.found.survey.largest)
        wholes = [(variable, tuple(slice(0, size) for size in variable.shape)) for variable in copied]
        return dict(zip([variable.name for variable in copied], reader.read(wholes), strict=True))


@dataclass(frozen=True)
class Content:
    """What is written.

    Parameters
    ----------
    layout : Layout
    joined : list of JoinedArray
        The variables by reference.
    values : dict of str to numpy.ndarray
        The encoded values of all others.
    """

    layout: Layout
    joined: list[JoinedArray]
    values: dict[str, Array]


def write_values(group: zarr.Group, content: Content, zarr_format: ZarrFormat) -> None:
    """Write the attributes of the dataset, and the variables that are copied, one chunk each."""
    group.attrs.update(encode_attrs(content.layout.attrs, np.dtype(object), zarr_format))
    for name, values in content.values.items():
        variable = content.layout.variables[name]
        options = array_options(variable, zarr_format) | {"chunks": tuple(max(size, 1) for size in variable.shape) or "auto"}
        group.create_array(**options)[...] = values


def make_virtual(joined: list[JoinedArray]) -> xr.Dataset:
    """Make the dataset of references as VirtualiZarr knows it: the attributes are for the writers to write."""
    from virtualizarr.manifests import ChunkManifest, ManifestArray
    from zarr.core.metadata.v3 import ArrayV3Metadata

    variables = {}
    for array in joined:
        paths: Any = array.paths
        manifest = ChunkManifest.from_arrays(paths=paths, offsets=array.offsets, lengths=array.lengths, validate_paths=False)
        data: ManifestArray = ManifestArray(metadata=ArrayV3Metadata.from_dict(array.metadata), chunkmanifest=manifest)
        variables[array.variable.name] = xr.Variable(array.variable.dims, data)
    return xr.Dataset(variables)


def make_kerchunk(content: Content) -> dict[str, Any]:
    """Make the references in the form of kerchunk, version 1."""
    held: dict[str, Any] = {}
    group = zarr.open_group(zarr.storage.MemoryStore(held), mode="w", zarr_format=2)
    write_values(group, content, 2)
    refs: dict[str, Any] = {key: _as_reference(buffer.to_bytes()) for key, buffer in held.items()}
    known = [array for array in content.joined if array.metadata["zarr_format"] == 3]
    if known:
        refs |= {key: value for key, value in make_virtual(known).vz.to_kerchunk(format="dict")["refs"].items() if "/" in key}
    for array in content.joined:
        if array not in known:
            refs |= dict(_list_references(array))
        name = array.variable.name
        refs[f"{name}/.zarray"] = json.dumps(json.loads(refs[f"{name}/.zarray"]) | {"fill_value": _fill_of(array)})
        attrs = encode_attrs(array.variable.attrs, array.variable.dtype, 2)
        refs[f"{name}/.zattrs"] = json.dumps({**attrs, "_ARRAY_DIMENSIONS": list(array.variable.dims)})
    return {"version": 1, "refs": refs}


def _list_references(array: JoinedArray) -> Iterator[tuple[str, Any]]:
    """Write the references of an array whose metadata are Zarr 2 from the beginning."""
    name = array.variable.name
    yield f"{name}/.zarray", json.dumps(array.metadata)
    for place in np.ndindex(*array.paths.shape):
        if array.paths[place]:
            path = str(array.paths[place]).removeprefix("file://")
            yield f"{name}/{'.'.join(map(str, place)) or '0'}", [path, int(array.offsets[place]), int(array.lengths[place])]


def _as_reference(content: bytes) -> str:
    try:
        return content.decode("ascii")
    except UnicodeDecodeError:
        return "base64:" + base64.b64encode(content).decode()


def _fill_of(array: JoinedArray) -> Any:
    """Say what reads where no chunk is stored. In Zarr 2 that is the missing value as well, so that it can be no other.

    Raises
    ------
    UserError
        If chunks that are not stored mean something that is not missing.
    """
    variable, meaning = array.variable, array.metadata["fill_value"]
    missing = variable.attrs.get("_FillValue")
    if missing is not None:
        missing = variable.dtype.type(np.asarray(missing).reshape(-1)[0]).item()
    if array.is_sparse and missing is None and array.metadata["zarr_format"] == 2 and variable.dtype.kind == "f":
        return "NaN"  # a message that is not there
    if array.is_sparse and not _same(missing, meaning) and not (missing is None and meaning in (0, 0.0, False)):
        raise UserError(
            f"chunks of {variable.name!r} that are not stored mean {meaning}, which kerchunk's references can only say of missing values",
            hint="Write the references with format='icechunk'.",
        )
    return _as_json(missing)


def _same(a: Any, b: Any) -> bool:
    return bool(a == b) or (str(a).lower() == str(b).lower())


def _as_json(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def write_json(refs: Mapping[str, Any], target: Target) -> None:
    """Write references of kerchunk into one file, which is there whole or not at all."""
    filesystem, path = filesystem_of(target)
    filesystem.makedirs(path.rpartition("/")[0], exist_ok=True)
    partial = f"{path}.partial"
    with filesystem.open(partial, "wb") as file:
        file.write(json.dumps(refs).encode())
    filesystem.mv(partial, path)
