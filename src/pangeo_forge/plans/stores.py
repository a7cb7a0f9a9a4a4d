"""The functions of the stages: each is a picklable value that is called with one task."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import numpy as np
import zarr

from pangeo_forge.errors import UserError
from pangeo_forge.plans.chunks import count_units
from pangeo_forge.plans.fidelity import encode_faithfully
from pangeo_forge.plans.inputs import InputFile, Inputs
from pangeo_forge.plans.layout import Layout, TargetVariable
from pangeo_forge.plans.opening import Fetching
from pangeo_forge.plans.pieces import find_pieces
from pangeo_forge.plans.plan import Cost, Target
from pangeo_forge.plans.reading import OpenedInput, Source, encode
from pangeo_forge.plans.schema import Array
from pangeo_forge.plans.survey import Survey, make_survey
from pangeo_forge.plans.targets import (
    ZarrFormat,
    consolidate,
    encode_attrs,
    forget_arrays,
    make_codec,
    open_array,
    open_group,
    remove,
    remove_file,
    sweep,
    writing,
)
from pangeo_forge.plans.tasks import Block, Region
from pangeo_forge.plans.work import Work, iterate_blocks
from pangeo_forge.types import redact_url

#: Small variables along a concat dimension are written at once, not in the chunks of the others, if an input holds at most so many
#: bytes of them, and if there are not so many inputs that gathering them would take much memory.
_GATHER_BELOW = 4_000
_GATHER_UP_TO = 20_000


#: Of an input that is too large to be fetched whole, its data are read in blocks of so many bytes.
_DATA_BLOCK = 4_000_000


@dataclass(frozen=True)
class Inspect:
    """Open an input's header, and say what it holds."""

    inputs: Inputs
    source: Source

    def __call__(self, number: int) -> Survey:
        """Survey the input of a number."""
        file = self.inputs[number]
        dims = tuple(self.inputs.concat_shape)
        with self.source.open(file) as opened:
            gather_below = _GATHER_BELOW if len(self.inputs) <= _GATHER_UP_TO else 0
            header = opened.read_header(dims, bool(self.inputs.merge_shape), gather_below)
        return make_survey(header, group_number(file, self.inputs), dims)


def group_number(file: InputFile, inputs: Inputs) -> int:
    """Return the number of an input's position along the merge dimensions."""
    number = 0
    for dim, size in inputs.merge_shape.items():
        number = number * size + file.index[dim]
    return number


def group_index(group: int, inputs: Inputs) -> dict[str, int]:
    """Return the position along each merge dimension of a number."""
    index = {}
    for dim, size in reversed(inputs.merge_shape.items()):
        group, index[dim] = divmod(group, size)
    return index


@dataclass(frozen=True)
class Prepare:
    """Write the target's metadata, and the coordinates along the concat dimensions."""

    layout: Layout
    target: Target
    zarr_format: ZarrFormat
    scratch: Target
    work: Work

    def __call__(self, task: None) -> Cost:
        """Make the arrays of the target, and those of the intermediate store if there is one."""
        forget_arrays()
        with writing(self.target):
            self._make_target()
        make_intermediate(self.scratch, self.layout, self.work)
        gathered = [self.layout.variables[name] for name in self.layout.gathered]
        return Cost(bytes_written=sum(variable.nbytes for variable in gathered), chunks=len(gathered))

    def _make_target(self) -> None:
        remove_file(self.target)
        group = open_group(self.target, "w", self.zarr_format)
        group.attrs.update(encode_attrs(self.layout.attrs, np.dtype(object), self.zarr_format))
        for variable in self.layout.variables.values():
            array = _create_array(group, array_options(variable, self.zarr_format))
            if variable.name in self.layout.gathered:
                array[...] = self.layout.gathered[variable.name]


def make_intermediate(scratch: Target, layout: Layout, work: Work) -> None:
    """Make the intermediate store, if there is something that goes through it."""
    from zarr.codecs import BloscCodec

    if not work.two_passes:
        return
    with writing(scratch):
        group = open_group(scratch, "w", 3)
        for name, passes in work.two_passes.items():
            variable = layout.variables[name]
            dtype = str if variable.dtype.kind == "O" else variable.dtype
            fast = BloscCodec(cname="lz4", clevel=1, shuffle="shuffle", typesize=max(variable.itemsize, 1))
            group.create_array(name=name, shape=variable.shape, chunks=passes.chunks, dtype=dtype, compressors=fast)


def _create_array(group: zarr.Group, options: dict[str, Any]) -> zarr.Array[Any]:
    try:
        return group.create_array(**options)
    except (TypeError, ValueError, KeyError) as error:
        raise UserError(
            f"Zarr cannot make the array {options['name']!r} as the recipe's encoding asks: {error}",
            hint="See zarr's documentation of create_array for compressors, filters, serializer and shards.",
        ) from error


def array_options(variable: TargetVariable, zarr_format: ZarrFormat) -> dict[str, Any]:
    """Say how a variable's array is made, as `zarr.Group.create_array` takes it."""
    attrs = encode_attrs(variable.attrs, variable.dtype, zarr_format)
    is_text = variable.dtype.kind == "O"
    options: dict[str, Any] = {
        "name": variable.name,
        "shape": variable.shape,
        "chunks": variable.chunks or "auto",
        "dtype": str if is_text else variable.dtype,
        "fill_value": _fill_value(variable, zarr_format),
        "attributes": attrs,
        "compressors": make_codec(zarr_format, variable.dtype),
    }
    if variable.shards is not None:
        options["shards"] = variable.shards
    if zarr_format == 2:
        attrs["_ARRAY_DIMENSIONS"] = list(variable.dims)
    else:
        options["dimension_names"] = variable.dims
    return options | _codec_options(variable.codec)


def _codec_options(codec: Mapping[str, Any]) -> dict[str, Any]:
    options = dict(codec)
    if "compressor" in options:
        options["compressors"] = options.pop("compressor")
    return options


def _fill_value(variable: TargetVariable, zarr_format: ZarrFormat) -> Any:
    """Choose what reads where no chunk is stored: the variable's missing value if it has one, else NaN for numbers that have it."""
    if "_FillValue" in variable.attrs and variable.dtype.kind != "O":
        return variable.dtype.type(np.asarray(variable.attrs["_FillValue"]).reshape(-1)[0])
    if variable.dtype.kind == "f":
        return variable.dtype.type(np.nan)
    if variable.dtype.kind == "O":
        return ""
    return None if zarr_format == 2 else variable.dtype.type(0)


@dataclass(frozen=True)
class WriteRegion:
    """Read a region of the dataset from the inputs, and write it as whole chunks of a store.

    Parameters
    ----------
    layout, inputs, source
        What is made, of what, and how it is read.
    target : Target
        The store: the target, or the intermediate one.
    chunks : dict of str to tuple of int
        The store's chunks.
    memory : int
        What the blocks of a task may hold, bytes.
    largest : int
        The size of the largest input, bytes; 0 if it is not known.
    """

    layout: Layout
    inputs: Inputs
    source: Source
    target: Target
    chunks: dict[str, tuple[int, ...]]
    memory: int
    largest: int = 0

    def __call__(self, region: Region) -> Cost:
        """Write a region."""
        cost = Cost()
        for batch in iterate_blocks(self.layout, region, self.memory, self.chunks):
            arrays = self.read(batch)
            with writing(self.target):
                for (variable, key), values in zip(batch, arrays, strict=True):
                    cost = cost + write_block(self.target, variable, key, values, self.chunks[variable.name])
        return cost

    def read(self, batch: list[tuple[TargetVariable, tuple[slice, ...]]]) -> list[Array]:
        """Read the blocks of a batch, each input opened once."""
        blocks: list[Array | None] = [None] * len(batch)
        fetching = Fetching(self.memory, _DATA_BLOCK, 4, self.largest)
        for number, pieces in sorted(self._find_inputs(batch).items()):
            with self.source.open(self.inputs[number], fetching) as opened:
                for place, within, into in pieces:
                    variable, key = batch[place]
                    values = read_piece(opened, variable, within)
                    shape = tuple(part.stop - part.start for part in key)
                    if values.shape == shape:
                        blocks[place] = values
                        continue
                    block = blocks[place]
                    if block is None:
                        block = blocks[place] = np.empty(shape, variable.dtype)
                    block[into] = values
        return cast("list[Array]", blocks)

    def _find_inputs(
        self, batch: list[tuple[TargetVariable, tuple[slice, ...]]]
    ) -> dict[int, list[tuple[int, tuple[slice, ...], tuple[slice, ...]]]]:
        needed: dict[int, list[tuple[int, tuple[slice, ...], tuple[slice, ...]]]] = {}
        for place, (variable, key) in enumerate(batch):
            for positions, within, into in find_pieces(self.layout, variable, key):
                file = self.inputs[{**positions, **group_index(variable.group, self.inputs)}]
                needed.setdefault(file.number, []).append((place, within, into))
        return needed


def read_piece(opened: OpenedInput, variable: TargetVariable, within: tuple[slice, ...]) -> Array:
    """Read part of an input's variable, encoded as the target's."""
    pack = partial(encode_faithfully, where=redact_url(opened.file.url)) if variable.begin else encode
    return opened.read(variable.name, within, variable.dtype, variable.attrs, variable.packing, pack)


def write_block(target: Target, variable: TargetVariable, key: tuple[slice, ...], values: Array, chunks: tuple[int, ...]) -> Cost:
    """Write a block of whole chunks, and say what that took."""
    open_array(target, variable.name, variable.shape)[key if key else ...] = values
    nbytes = math.prod(values.shape) * variable.itemsize
    count = count_units([part.start for part in key], [part.stop for part in key], chunks)
    return Cost(bytes_read=nbytes, bytes_written=nbytes, chunks=count)


@dataclass(frozen=True)
class Store:
    """Fill the target: regions from the inputs, blocks from the intermediate store."""

    write_region: WriteRegion
    scratch: Target

    def __call__(self, task: Region | Block) -> Cost:
        """Write what the task owns."""
        if isinstance(task, Region):
            return self.write_region(task)
        variable = self.write_region.layout.variables[task.variable]
        with writing(self.scratch):
            values = cast("Array", np.asarray(open_array(self.scratch, task.variable, variable.shape)[task.key]))
        with writing(self.write_region.target):
            return write_block(self.write_region.target, variable, task.key, values, variable.unit)


@dataclass(frozen=True)
class Finalize:
    """Consolidate the target's metadata, and remove what is no longer needed."""

    target: Target
    scratch: Target

    def __call__(self, task: None) -> Cost:
        """Finish the store."""
        sweep(self.target)
        consolidate(self.target)
        remove(self.scratch)
        return Cost()
