"""Which task owns what: regions along the concat dimensions and blocks of whole chunks, so that no two tasks write one chunk.

Where a row of target chunks is too large for one task's memory, and taking it apart would have every input read many times over,
a variable goes through an intermediate store, in two passes; the chunks of that store are those of the rechunker algorithm
(https://rechunker.readthedocs.io, *Algorithm*): what both a reading and a writing pass can hold.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pangeo_forge.plans.chunks import fit_block
from pangeo_forge.plans.layout import Layout, TargetVariable
from pangeo_forge.plans.tasks import BlockTasks, Box, Bundle, Region, count_each

#: Reading an input so many times over costs more than writing everything twice.
_WORTH_TWO_PASSES = 3.0


@dataclass(frozen=True, slots=True)
class TwoPasses:
    """How a variable goes through the intermediate store.

    Parameters
    ----------
    chunks : tuple of int
        Those of the intermediate store.
    block : tuple of int
        What one task of the second pass reads there and writes, whole chunks of the target.
    """

    chunks: tuple[int, ...]
    block: tuple[int, ...]


@dataclass(frozen=True)
class Work:
    """The tasks that fill a store.

    Parameters
    ----------
    direct : tuple of Bundle
        Variables that are written straight into the target.
    spread : tuple of Bundle
        Variables that are written into the intermediate store first.
    two_passes : dict of str to TwoPasses
        How those go on from there.
    memory : int
        What a task's blocks may hold, bytes.
    """

    direct: tuple[Bundle, ...]
    spread: tuple[Bundle, ...]
    two_passes: dict[str, TwoPasses]
    memory: int


def divide(layout: Layout, task_memory: int, *, reads_whole: bool) -> Work:
    """Divide the writing of a dataset into tasks.

    Parameters
    ----------
    layout : Layout
    task_memory : int
        What one task may hold, bytes: half of it for what it reads, half for what it writes.
    reads_whole : bool
        Whether to read a part of an input means to read all of it, as where `preprocess` computes.
    """
    memory = task_memory // 2
    direct: dict[tuple[int, tuple[str, ...]], list[TargetVariable]] = {}
    spread: dict[tuple[int, tuple[str, ...]], list[TargetVariable]] = {}
    two_passes = {}
    for variable in layout.stored:
        route = _choose_route(variable, layout, memory, reads_whole)
        if route is None:
            direct.setdefault((variable.group, variable.concat_dims), []).append(variable)
        else:
            two_passes[variable.name] = route
            spread.setdefault((variable.group, variable.concat_dims), []).append(variable)
    return Work(
        tuple(_bundle(layout, dims, variables, _direct_span(layout, dims, variables)) for (_, dims), variables in direct.items()),
        tuple(_bundle(layout, dims, variables, _spread_span(dims, variables, two_passes)) for (_, dims), variables in spread.items()),
        two_passes,
        memory,
    )


def _bundle(layout: Layout, dims: tuple[str, ...], variables: Sequence[TargetVariable], span: tuple[int, ...]) -> Bundle:
    first = tuple(int(layout.offsets[dim][0]) for dim in dims)
    counts = tuple(-(-layout.sizes[dim] // step) - begin // step for dim, begin, step in zip(dims, first, span, strict=True))
    return Bundle(tuple(variable.name for variable in variables), dims, span, counts, first)


def _direct_span(layout: Layout, dims: tuple[str, ...], variables: Sequence[TargetVariable]) -> tuple[int, ...]:
    """Whole chunks, and as many as a typical input holds, so that an input is opened by few tasks."""
    span = []
    for dim in dims:
        chunk = variables[0].unit[variables[0].dims.index(dim)]
        positions = len(layout.offsets[dim]) - 1
        steps = int(layout.offsets[dim][-1] - layout.offsets[dim][0])
        span.append(chunk * max(1, round(steps / positions) // chunk))
    return tuple(span)


def _spread_span(dims: tuple[str, ...], variables: Sequence[TargetVariable], two_passes: Mapping[str, TwoPasses]) -> tuple[int, ...]:
    return tuple(max(two_passes[v.name].chunks[v.dims.index(dim)] for v in variables) for dim in dims)


def _choose_route(variable: TargetVariable, layout: Layout, memory: int, reads_whole: bool) -> TwoPasses | None:
    """Choose whether a variable is written straight into the target (None) or through the intermediate store."""
    is_concat = [dim in variable.concat_dims for dim in variable.dims]
    row = [chunk if along else size for along, chunk, size in zip(is_concat, variable.unit, variable.shape, strict=True)]
    if not any(is_concat) or math.prod(row) * variable.itemsize <= memory:
        return None
    block = fit_block(row, variable.unit, variable.itemsize, memory)
    if _times_read(variable, block, is_concat, reads_whole) <= _WORTH_TWO_PASSES:
        return None
    concat_axes = [axis for axis, along in enumerate(is_concat) if along]
    part = fit_block(row, [1] * len(row), variable.itemsize, memory, split_first=concat_axes)
    part = _whole_inputs(part, variable, layout)
    return TwoPasses(tuple(min(a, b) for a, b in zip(part, block, strict=True)), block)


def _whole_inputs(part: tuple[int, ...], variable: TargetVariable, layout: Layout) -> tuple[int, ...]:
    """Make the reading pass end where inputs end, where it holds more than one of equal length."""
    aligned = list(part)
    for axis, dim in enumerate(variable.dims):
        if dim in variable.concat_dims:
            lengths = np.diff(layout.offsets[dim])
            if len(lengths) and (lengths == lengths[0]).all() and part[axis] > lengths[0] > 0:
                aligned[axis] = part[axis] // int(lengths[0]) * int(lengths[0])
    return tuple(aligned)


def _times_read(variable: TargetVariable, block: tuple[int, ...], is_concat: Sequence[bool], reads_whole: bool) -> float:
    """Estimate how many times over an input is decompressed if it is read block by block."""
    times = 1.0
    for axis, (size, length) in enumerate(zip(variable.shape, block, strict=True)):
        if is_concat[axis] or length >= size:
            continue
        source = size if reads_whole else (variable.source_chunks[axis] if variable.source_chunks else 1)
        blocks = -(-size // length)
        aligned = length % source == 0
        touched = min(size, length if aligned else (-(-length // source) + 1) * source)
        times *= blocks * touched / size
    return times


def block_tasks(layout: Layout, work: Work) -> BlockTasks:
    """Make the tasks of the second pass."""
    boxes = []
    for name, passes in work.two_passes.items():
        variable = layout.variables[name]
        boxes.append(Box(name, variable.first, variable.shape, passes.block))
    return BlockTasks(tuple(boxes))


def iterate_blocks(
    layout: Layout, region: Region, memory: int, chunks: Mapping[str, tuple[int, ...]]
) -> Iterator[list[tuple[TargetVariable, tuple[slice, ...]]]]:
    """Divide a region into batches of blocks, each batch of at most `memory` bytes where a chunk is not larger than that.

    All blocks of a batch are read with one opening of each input.

    Parameters
    ----------
    chunks : mapping of str to tuple of int
        The chunks of the store that is written.
    """
    batch: list[tuple[TargetVariable, tuple[slice, ...]]] = []
    held = 0
    for name in region.variables:
        variable = layout.variables[name]
        box = [
            slice(region.extent[dim].start, min(region.extent[dim].stop, size)) if dim in region.extent else slice(0, size)
            for dim, size in zip(variable.dims, variable.shape, strict=True)
        ]
        # Blocks lie at multiples of the chunks, also where what is written begins within one.
        origins = [part.start - part.start % chunk for part, chunk in zip(box, chunks[name], strict=True)]
        lengths = [part.stop - origin for part, origin in zip(box, origins, strict=True)]
        concat_axes = [axis for axis, dim in enumerate(variable.dims) if dim in region.extent]
        block = fit_block(lengths, chunks[name], variable.itemsize, memory, split_first=concat_axes)
        for place in np.ndindex(*count_each(lengths, block)):
            key = tuple(
                slice(max(origin + at * step, part.start), min(origin + (at + 1) * step, part.stop))
                for part, origin, at, step in zip(box, origins, place, block, strict=True)
            )
            nbytes = math.prod(part.stop - part.start for part in key) * variable.itemsize
            if batch and held + nbytes > memory:
                yield batch
                batch, held = [], 0
            batch.append((variable, key))
            held += nbytes
    if batch:
        yield batch
