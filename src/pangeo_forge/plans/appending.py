"""Appending to a dataset that is there: its layout goes on, and what is written is seen only when all of it is there.

Chunks behind the end of an array are seen by nobody while the metadata tell its old length. So data and coordinates are written
first, and the metadata last.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import xarray as xr
from xarray import conventions

from pangeo_forge.errors import InputsDisagree, Problem
from pangeo_forge.plans.coordinates import show
from pangeo_forge.plans.existing import ExistingDataset, ExistingVariable
from pangeo_forge.plans.fidelity import encode_faithfully
from pangeo_forge.plans.inputs import Inputs
from pangeo_forge.plans.layout import Layout, TargetVariable, Wishes
from pangeo_forge.plans.plan import Cost, Target
from pangeo_forge.plans.schema import Array, Shared, make_packing
from pangeo_forge.plans.stores import make_intermediate
from pangeo_forge.plans.survey import CommonVariable, Survey, find_differences
from pangeo_forge.plans.targets import consolidate, encode_attrs, forget_arrays, open_array, open_group, remove, sweep, writing
from pangeo_forge.plans.work import Work
from pangeo_forge.types import redact_url


def continue_layout(layout: Layout, survey: Survey, existing: ExistingDataset, dim: str, inputs: Inputs, wishes: Wishes) -> Layout:
    """Make a layout go on where a dataset ends.

    Parameters
    ----------
    layout : Layout
        Of the inputs alone.
    survey : Survey
        Of the inputs.
    existing : ExistingDataset
    dim : str
        The dimension that is appended along.
    inputs : Inputs
        To name the files in a problem.
    wishes : Wishes
        What the recipe says of attributes, and of values that should be the same in all files.

    Returns
    -------
    Layout
        Of the whole: chunks, dtypes and packing are those of the dataset, and what it holds already is written no more.

    Raises
    ------
    InputsDisagree
        If the inputs do not go on with the dataset.
    UserError
        If a coordinate cannot be expressed as the dataset packs it.
    """
    begin = existing.sizes[dim]
    problems = [*_find_problems(layout, survey, existing, dim, inputs)]
    other = [*_compare_values(survey, existing, inputs)]
    notes = [f"{problem.message}: it stays as it is there" for problem in other if wishes.compat == "override"]
    if problems or (other and wishes.compat == "equals"):
        raise _disagree([*problems, *(other if wishes.compat == "equals" else ())])
    gathered = {name: _recode(layout, name, existing.variables[name]) for name in layout.gathered}
    problems = [*_compare_coordinates(gathered, existing, dim)]
    problems += [*_find_overlap(gathered[dim], existing, dim, inputs)] if dim in gathered else []
    if problems:
        raise _disagree(problems)
    sizes = {**layout.sizes, dim: begin + layout.sizes[dim]}
    variables = {
        name: _continue_variable(variable, existing.variables[name], sizes, dim, begin) for name, variable in layout.variables.items()
    }
    kept = frozenset(name for name, variable in variables.items() if dim not in variable.dims)
    return Layout(
        sizes=sizes,
        offsets={**layout.offsets, dim: layout.offsets[dim] + begin},
        variables=variables,
        gathered={name: values for name, values in gathered.items() if name not in kept},
        attrs=_join_attrs(existing, survey, wishes.attrs),
        notes=(f"{layout.sizes[dim]:,} steps are appended along {dim!r} to {begin:,} that are there", *notes),
        ordered=layout.ordered,
        kept=kept,
    )


def _disagree(problems: list[Problem]) -> InputsDisagree:
    more = f" ({len(problems)} things are wrong)" if len(problems) > 1 else ""
    return InputsDisagree(
        "the inputs do not go on with the dataset at the target" + more,
        problems=problems,
        hint="Bring them in line in preprocess, or bake a new dataset of all files.",
    )


def _find_problems(layout: Layout, survey: Survey, existing: ExistingDataset, dim: str, inputs: Inputs) -> Iterator[Problem]:
    """Say what of the variables and dimensions is other than in the dataset."""
    common = {name: variable for group in survey.groups.values() for name, variable in group.variables.items()}
    for name in sorted(layout.variables.keys() - existing.variables.keys()):
        url = redact_url(inputs[common[name].number].url)
        yield Problem(f"variable {name!r} is in {url}, but not in the dataset", hint="Drop it in preprocess.")
    for name, there in existing.variables.items():
        if name not in layout.variables and dim in there.schema.dims:
            yield Problem(f"variable {name!r} is in the dataset along {dim!r}, but not in the inputs", hint="Make it in preprocess.")
    for name in layout.variables.keys() & existing.variables.keys():
        yield from _compare_variable(name, existing.variables[name], common[name], inputs)
    for other, size in layout.sizes.items():
        if other != dim and existing.sizes.get(other, size) != size:
            hint = "Bring the inputs to the dataset's shape in preprocess."
            yield Problem(f"dimension {other!r} has {existing.sizes[other]} steps in the dataset, but {size} in the inputs", hint=hint)


def _compare_values(survey: Survey, existing: ExistingDataset, inputs: Inputs) -> Iterator[Problem]:
    """Say which variables without a concat dimension have other values than in the dataset."""
    for (name, positions), (shared, number) in survey.shared.items():
        ours = existing.variables[name].shared if name in existing.variables else None
        if not positions and ours is not None and not _mean_the_same(shared, ours):
            hint = "Drop it in preprocess, so that the dataset keeps what it has."
            yield Problem(f"{name!r} is not in {redact_url(inputs[number].url)} what it is in the dataset", hint=hint)


def _compare_variable(name: str, there: ExistingVariable, here: CommonVariable, inputs: Inputs) -> Iterator[Problem]:
    theirs = CommonVariable(there.schema, -1, False, there.schema.value_dtype)
    url = redact_url(inputs[here.number].url)
    for told in find_differences(name, theirs, here):
        yield Problem(told.message.format(first="the dataset", second=url), hint=told.hint)
    if there.is_fixed_text:
        yield Problem(f"the dataset holds {name!r} as strings of a fixed length", hint="Longer ones would be cut: none is appended.")


def _mean_the_same(a: Shared, b: Shared) -> bool:
    return a.digest == b.digest if a.packing == b.packing else a.meaning == b.meaning


def _recode(layout: Layout, name: str, there: ExistingVariable) -> Array:
    """Encode a gathered coordinate as the dataset has it."""
    variable, values = layout.variables[name], layout.gathered[name]
    attrs = {**_counted(variable.packing), **variable.attrs}
    if not values.size or variable.dtype.kind == "O" or make_packing(values.dtype, attrs) == there.schema.packing:
        return values
    decoded = conventions.decode_cf_variable(name, xr.Variable(variable.dims, values, attrs))
    return encode_faithfully(name, decoded, there.schema.dtype, _attrs_of(there))


def _counted(packing: Any) -> dict[str, Any]:
    return {key: value for key, value in packing if key in ("units", "calendar")}


def _attrs_of(there: ExistingVariable) -> dict[str, Any]:
    """Give the attributes of a variable, with the units that bounds take from their coordinate."""
    return {**_counted(there.schema.packing), **there.schema.attrs}


def _compare_coordinates(gathered: Mapping[str, Array], existing: ExistingDataset, dim: str) -> Iterator[Problem]:
    """Compare the coordinates along the other concat dimensions, which the dataset has already."""
    for name, values in gathered.items():
        there = existing.variables[name]
        shared = there.shared
        if dim in there.schema.dims or not values.size or shared is None or shared.values is None:
            continue
        if not np.array_equal(values, shared.values):
            hint = "Append all of these dimensions' steps in the order that the dataset has."
            yield Problem(f"{name!r} is not in the inputs what it is in the dataset", hint=hint)


def _find_overlap(values: Array, existing: ExistingDataset, dim: str, inputs: Inputs) -> Iterator[Problem]:
    """Say whether the inputs begin before the dataset ends."""
    old = existing.coordinate
    if not values.size or not old.size:
        return
    if values.dtype.kind == "O":
        twice = sorted(set(values.tolist()) & set(old.tolist()))
        goes_on, falls = not twice, False
    else:
        falls = bool(old[-1] < old[0]) if old.size > 1 else bool(values[-1] < values[0])
        goes_on = bool(values[0] < old[-1] if falls else values[0] > old[-1])
    if not goes_on:
        attrs = _attrs_of(existing.variables[dim])
        first, last = (show(xr.Variable((dim,), part, attrs)) for part in (values[:1], old[-1:]))
        yield Problem(
            f"the inputs begin with {first} along {dim!r}, in {redact_url(inputs[0].url)}, but the dataset ends with {last}",
            hint="It may hold them already. Give the pattern only the files that come after.",
        )


def _continue_variable(variable: TargetVariable, there: ExistingVariable, sizes: Mapping[str, int], dim: str, begin: int) -> TargetVariable:
    return replace(
        variable,
        shape=tuple(sizes[name] for name in variable.dims),
        chunks=there.chunks,
        shards=there.shards,
        dtype=there.schema.dtype,
        attrs=_attrs_of(there),
        packing=there.schema.packing,
        begin=tuple(begin if name == dim else 0 for name in variable.dims),
        codec={},
    )


def _join_attrs(existing: ExistingDataset, survey: Survey, attrs: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the attributes of the dataset that the inputs do not contradict, as where all are baked at once, and set the recipe's."""
    theirs = encode_attrs(survey.attrs, np.dtype(object), existing.zarr_format)
    kept = {name: value for name, value in existing.attrs.items() if name not in survey.dropped and theirs.get(name, value) == value}
    return {**kept, **attrs}


@dataclass(frozen=True)
class PrepareToAppend:
    """Write the coordinates of what is appended, where nobody sees them yet."""

    layout: Layout
    existing: ExistingDataset
    target: Target
    scratch: Target
    work: Work

    def __call__(self, task: None) -> Cost:
        """Write behind the ends of the arrays."""
        forget_arrays()
        if not self.existing.is_consolidated:
            consolidate(self.target)  # from now on a reader sees all arrays at one length
        variables = [self.layout.variables[name] for name in self.layout.gathered]
        with writing(self.target):
            for variable in variables:
                key = tuple(slice(first, size) for first, size in zip(variable.begin, variable.shape, strict=True))
                open_array(self.target, variable.name, variable.shape)[key] = self.layout.gathered[variable.name]
        make_intermediate(self.scratch, self.layout, self.work)
        return Cost(bytes_written=sum(variable.new_nbytes for variable in variables), chunks=len(variables))


@dataclass(frozen=True)
class Extend:
    """Let readers see what was appended: lengthen the arrays, and last gather their metadata, which readers open first."""

    layout: Layout
    existing: ExistingDataset
    target: Target
    scratch: Target

    def __call__(self, task: None) -> Cost:
        """Change the metadata; done again, it changes nothing."""
        sweep(self.target)
        with writing(self.target):
            group = open_group(self.target, "r+")
            for variable in self.layout.variables.values():
                if variable.name not in self.layout.kept:
                    array: Any = group[variable.name]
                    array.resize(variable.shape)
            attrs = encode_attrs(self.layout.attrs, np.dtype(object), self.existing.zarr_format)
            if dict(group.attrs) != attrs:
                group.attrs.put(attrs)
        consolidate(self.target)
        remove(self.scratch)
        return Cost()
