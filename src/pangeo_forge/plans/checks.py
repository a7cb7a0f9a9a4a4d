"""Is the dataset what it should be? It is opened as a user would open it, and compared with the inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr

from pangeo_forge.plans.inputs import Inputs
from pangeo_forge.plans.layout import Layout, TargetVariable
from pangeo_forge.plans.plan import Target
from pangeo_forge.plans.products import Product
from pangeo_forge.plans.reading import Source
from pangeo_forge.plans.stores import group_number
from pangeo_forge.types import redact_url

#: At most so many values of a variable are compared with one input.
_CELLS = 200_000
#: At most so many chunks of a variable are looked at for a value that is not missing.
_CHUNKS = 32


@dataclass(frozen=True, slots=True)
class Findings:
    """What the checks found.

    Parameters
    ----------
    wrong : tuple of str
        What is not as it should be.
    doubtful : tuple of str
        What may be right, but seldom is.
    values : int
        How many values were compared with the inputs.
    """

    wrong: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()
    values: int = 0


def join(a: Findings, b: Findings) -> Findings:
    """Put two findings together."""
    return Findings(tuple(sorted({*a.wrong, *b.wrong})), tuple(sorted({*a.doubtful, *b.doubtful})), a.values + b.values)


def choose_inputs(inputs: Inputs, count: int) -> list[int]:
    """Choose inputs to compare with: the first, the last, and some evenly between."""
    count = min(count, len(inputs))
    return sorted({round(place) for place in np.linspace(0, len(inputs) - 1, count)}) if count else []


@dataclass(frozen=True)
class Check:
    """Check the dataset as a whole (task None), or against the input of a number."""

    layout: Layout
    inputs: Inputs
    source: Source
    target: Target
    product: Product
    decoding: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, task: int | None) -> Findings:
        """Run one check."""
        decoding = {name: value for name, value in self.decoding.items() if name != "drop_variables"}
        with self.product.open(self.target, **decoding) as dataset:
            return self._check_whole(dataset) if task is None else self._check_input(dataset, task)

    def _check_whole(self, dataset: xr.Dataset) -> Findings:
        wrong = [f"variable {name!r} is missing" for name in self.layout.variables if name not in dataset.variables]
        wrong += [
            f"dimension {dim!r} has {dataset.sizes.get(dim)} steps, not {size}"
            for dim, size in self.layout.sizes.items()
            if dataset.sizes.get(dim) != size and any(dim in variable.dims for variable in self.layout.variables.values())
        ]
        for dim in self.layout.offsets if self.layout.ordered else ():
            index = dataset.indexes.get(dim)
            if index is not None and not (index.is_monotonic_increasing or index.is_monotonic_decreasing):
                wrong.append(f"coordinate {dim!r} is not in order")
        doubtful = [
            f"variable {variable.name!r} has no value: all that was looked at is missing"
            for variable in self.layout.stored
            if variable.name in dataset.variables and not has_value(dataset.variables[variable.name], variable.chunks)
        ]
        return Findings(tuple(wrong), tuple(doubtful))

    def _check_input(self, dataset: xr.Dataset, number: int) -> Findings:
        file = self.inputs[number]
        random = np.random.default_rng(number)
        wrong, compared = [], 0
        with self.source.open(file) as opened:
            for variable in self.layout.variables.values():
                is_here = variable.group == group_number(file, self.inputs) and variable.name in opened.decoded.variables
                if not is_here or variable.name in self.layout.varying:
                    continue
                ours = as_target(opened.decoded.variables[variable.name], variable)
                key = choose_cells(ours.shape, [dim in variable.concat_dims for dim in variable.dims], random)
                into = self._place(variable, file.index, key)
                here, there = ours[key].load(), dataset.variables[variable.name][into].load()
                compared += here.size
                if not are_equal(here, there, variable):
                    place = ", ".join(f"{dim}={part.start}" for dim, part in zip(variable.dims, into, strict=True))
                    wrong.append(f"variable {variable.name!r} at {place} differs from {redact_url(file.url)}")
        return Findings(tuple(wrong), (), compared)

    def _place(self, variable: TargetVariable, index: Mapping[str, int], key: tuple[slice, ...]) -> tuple[slice, ...]:
        starts = [int(self.layout.offsets[dim][index[dim]]) if dim in variable.concat_dims else 0 for dim in variable.dims]
        return tuple(slice(part.start + start, part.stop + start) for part, start in zip(key, starts, strict=True))


def as_target(ours: xr.Variable, variable: TargetVariable) -> xr.Variable:
    """Give a variable of an input the dimensions that it has in the dataset, where it is one step along those that it lacks."""
    missing: dict[Any, int] = dict.fromkeys([dim for dim in variable.dims if dim not in ours.dims], 1)
    if not missing:
        return ours
    widen: Any = ours.set_dims
    wide: xr.Variable = widen({**missing, **ours.sizes})
    return wide.transpose(*variable.dims)


def choose_cells(shape: Sequence[int], is_concat: Sequence[bool], random: np.random.Generator) -> tuple[slice, ...]:
    """Choose one step along each concat dimension, and a box of at most `_CELLS` values along the others."""
    key, room = [], _CELLS
    for size, along in zip(reversed(shape), reversed(is_concat), strict=True):
        length = min(size, 1 if along else max(room, 1))
        start = int(random.integers(0, size - length + 1)) if size else 0
        key.append(slice(start, start + length))
        room //= max(length, 1)
    return tuple(reversed(key))


def are_equal(ours: xr.Variable, theirs: xr.Variable, variable: TargetVariable) -> bool:
    """Compare decoded values: exactly, or within what the target's own packing can hold."""
    a, b = ours.values, theirs.values
    if a.shape != b.shape:
        return False
    if a.dtype.kind in "mMOSUT" or b.dtype.kind in "mMOSUT":
        return _texts(a) == _texts(b)
    if a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype.kind in "fc"):
        return True
    scale = float(np.abs(np.asarray(variable.attrs.get("scale_factor", 0.0)).reshape(-1)[0]))
    return bool(np.allclose(a, b, rtol=1e-6, atol=scale * 0.51, equal_nan=True))


def _texts(values: Any) -> list[str]:
    if values.dtype.kind == "M":
        return [str(text) for text in np.datetime_as_string(values.reshape(-1), unit="s")]
    return [_text(value) for value in values.reshape(-1).tolist()]


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value.strftime("%Y-%m-%dT%H:%M:%S")) if hasattr(value, "calendar") else str(value)


def has_value(variable: xr.Variable, chunks: Sequence[int]) -> bool:
    """Whether a variable has a value that is not missing, in the chunks that are looked at."""
    if variable.dtype.kind not in "fcmM" or not variable.size:
        return True
    counts = [-(-size // chunk) for size, chunk in zip(variable.shape, chunks, strict=True)]
    total = int(np.prod(counts))
    for number in np.unique(np.linspace(0, total - 1, min(total, _CHUNKS)).astype("i8")):
        place = np.unravel_index(number, counts) if counts else ()
        key = tuple(slice(int(at) * chunk, (int(at) + 1) * chunk) for at, chunk in zip(place, chunks, strict=True))
        if not bool(variable[key].isnull().all()):
            return True
    return False
