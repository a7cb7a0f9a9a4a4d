"""The dataset to be made: its dimensions, variables, chunks and attributes, decided from what the inputs have in common."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import xarray as xr

from pangeo_forge.errors import InputsDisagree, Problem, UserError
from pangeo_forge.plans.blaming import blamed_on_recipe
from pangeo_forge.plans.chunks import Chunks, ChunkSpec, choose_chunks, count_units
from pangeo_forge.plans.coordinates import Gathered, gather, promise, recode
from pangeo_forge.plans.inputs import Inputs
from pangeo_forge.plans.schema import PACKING, Array, Packing, is_time, itemsize, make_packing
from pangeo_forge.plans.survey import CommonVariable, Disagreement, Survey
from pangeo_forge.types import redact_url


@dataclass(frozen=True, slots=True)
class TargetVariable:
    """A variable of the target.

    Parameters
    ----------
    name : str
    dims, shape, chunks
        Names of its dimensions, their lengths, and those of a chunk.
    dtype : numpy.dtype
        Of the encoded values; ``object`` for text.
    attrs : dict
        Its attributes, those of the packing included.
    packing : tuple
        What an input's variable must have to be copied as it is.
    group : int
        The position along the merge dimensions of the inputs that it is read from.
    concat_dims : tuple of str
        Those of its dimensions along which inputs follow one another.
    source_chunks : tuple of int or None
        How the inputs are chunked; None if they are contiguous.
    codec : dict
        What of the recipe's ``encoding`` says how chunks are compressed.
    shards : tuple of int, optional
        The lengths of a shard, where several chunks are one object.
    begin : tuple of int
        Where along each dimension writing begins, where the store holds what is before; empty where all is written.
    """

    name: str
    dims: tuple[str, ...]
    shape: tuple[int, ...]
    chunks: tuple[int, ...]
    dtype: np.dtype[Any]
    attrs: dict[str, Any]
    packing: Packing
    group: int
    concat_dims: tuple[str, ...]
    source_chunks: tuple[int, ...] | None
    codec: Mapping[str, Any] = field(default_factory=dict)
    shards: tuple[int, ...] | None = None
    begin: tuple[int, ...] = ()

    @property
    def first(self) -> tuple[int, ...]:
        """Where along each dimension writing begins."""
        return self.begin or (0,) * len(self.dims)

    @property
    def unit(self) -> tuple[int, ...]:
        """The lengths of what is written as one object, and so by one task: a shard, or a chunk."""
        return self.shards or self.chunks

    @property
    def unit_count(self) -> int:
        """The number of objects that are written."""
        return count_units(self.first, self.shape, self.unit)

    @property
    def itemsize(self) -> int:
        """Bytes of one encoded value."""
        return itemsize(self.dtype)

    @property
    def nbytes(self) -> int:
        """Uncompressed bytes of all values."""
        return math.prod(self.shape) * self.itemsize

    @property
    def new_nbytes(self) -> int:
        """Uncompressed bytes of the values that are written."""
        return math.prod(size - first for first, size in zip(self.first, self.shape, strict=True)) * self.itemsize


@dataclass(frozen=True)
class Layout:
    """The dataset to be made.

    Parameters
    ----------
    sizes : dict of str to int
        Its dimensions.
    offsets : dict of str to numpy.ndarray
        Where along a concat dimension each position's steps begin, and where the last one's end, shape (positions + 1,).
    variables : dict of str to TargetVariable
    gathered : dict of str to numpy.ndarray
        The encoded values of coordinates along the concat dimensions (and their bounds), which are written at once.
    attrs : dict
        Of the dataset.
    notes : tuple of str
        What the user should know of how inputs were brought together.
    kept : frozenset of str
        The variables that the store holds already, so that they are not written.
    varying : frozenset of str
        Variables whose values are those of the first input, though others have other values.
    ordered : bool
        Whether the coordinates along the concat dimensions rise or fall all along.
    """

    sizes: dict[str, int]
    offsets: dict[str, Array]
    variables: dict[str, TargetVariable]
    gathered: dict[str, Array]
    attrs: dict[str, Any]
    notes: tuple[str, ...] = ()
    kept: frozenset[str] = frozenset()
    varying: frozenset[str] = frozenset()
    ordered: bool = True

    @property
    def stored(self) -> list[TargetVariable]:
        """The variables that are written by tasks."""
        return [variable for name, variable in self.variables.items() if name not in self.gathered and name not in self.kept]


#: What becomes of values that are kept once, where inputs differ in them (see `xarray.concat`).
Compat = Literal["equals", "override"]


@dataclass(frozen=True)
class Wishes:
    """What the recipe's author says about the target."""

    target_chunks: ChunkSpec = None
    encoding: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    attrs: Mapping[str, Any] = field(default_factory=dict)
    compat: Compat = "equals"
    ordered: bool = True


def make_layout(survey: Survey, inputs: Inputs, wishes: Wishes) -> Layout:
    """Decide how the dataset is laid out.

    `survey` may be of all inputs or of a sample; of a sample the lengths along concat dimensions are estimates.

    Raises
    ------
    InputsDisagree
        If the inputs do not make one dataset; its problems name which file against which.
    UserError
        If what the recipe asks for does not fit the inputs.
    """
    is_sample = survey.inputs < len(inputs)
    problems, notes = _find_problems(survey, inputs, wishes.compat)
    offsets = _make_offsets(survey, inputs)
    common = _merge_groups(survey, inputs, problems)
    disorders: list[Problem] = []
    gathered = promise(survey, common) if is_sample else gather(survey, common, inputs, disorders)
    if wishes.ordered:
        problems += disorders
    if problems:
        more = max(survey.disagreeing - len(survey.disagreements), 0)
        count = len(problems) + more
        raise InputsDisagree(
            "the inputs do not make one dataset" + (f" ({count} things are wrong)" if count > 1 else ""),
            problems=problems,
            detail=f"{more} more are not shown" if more else None,
            hint="Bring the inputs in line in preprocess, or leave the odd ones out of the pattern.",
        )
    gathered = {name: recode(name, found, common[name][1], wishes.encoding.get(name, {})) for name, found in gathered.items()}
    along = {dim: int(ends[-1]) for dim, ends in offsets.items() if survey.lengths.get(dim)}
    sizes = {dim: seen.value for dim, seen in survey.sizes.items()} | along
    _check_wishes(wishes, common)
    dims_of = [(variable.schema.dims, variable.schema.itemsize) for name, (_, variable) in common.items() if name not in gathered]
    of_input = {dim: next((int(length) for length in np.diff(ends) if length), 1) for dim, ends in offsets.items()}
    chunks = choose_chunks(_ask_for_chunks(wishes, common, sizes, survey.attrs), sizes, of_input, dims_of)
    variables = {
        name: _make_variable(name, group, variable, sizes, chunks, survey.concat_dims, wishes.encoding.get(name, {}), gathered.get(name))
        for name, (group, variable) in common.items()
    }
    variables = _pin_bounds(variables)
    notes += [disorder.message for disorder in disorders]
    return Layout(
        sizes,
        offsets,
        variables,
        {name: found.values for name, found in gathered.items()},
        {**survey.attrs, **wishes.attrs},
        (*_make_notes(common, survey), *notes),
        varying=frozenset(survey.varying),
        ordered=not disorders,
    )


def _ask_for_chunks(
    wishes: Wishes, common: Mapping[str, tuple[int, CommonVariable]], sizes: Mapping[str, int], attrs: Mapping[str, Any]
) -> Chunks:
    """Say which chunks the recipe wants, its function asked with the outline of the dataset if it has one."""
    if not callable(wishes.target_chunks):
        return wishes.target_chunks
    with blamed_on_recipe(wishes.target_chunks, "target_chunks"):
        return wishes.target_chunks(_outline({name: variable for name, (_, variable) in common.items()}, sizes, {**attrs, **wishes.attrs}))


def _outline(variables: Mapping[str, CommonVariable], sizes: Mapping[str, int], attrs: Mapping[str, Any]) -> xr.Dataset:
    """Make the dataset as its author would see it, but with zeros for values."""
    made, coordinates = {}, set(str(attrs.get("coordinates", "")).split())
    for name, variable in variables.items():
        schema = variable.schema
        dtype = np.dtype("M8[ns]") if is_time(schema.attrs) else variable.value_dtype
        kept = {
            key: value for key, value in variable.attrs.items() if key not in PACKING[:5] and not (is_time(schema.attrs) and key in PACKING)
        }
        coordinates |= set(str(kept.pop("coordinates", "")).split())
        made[name] = xr.Variable(schema.dims, np.broadcast_to(np.zeros((), dtype), [sizes[dim] for dim in schema.dims]), kept)
    dataset = xr.Dataset(made, attrs={name: value for name, value in attrs.items() if name != "coordinates"})
    return dataset.set_coords([name for name in made if name in coordinates])


def _find_problems(survey: Survey, inputs: Inputs, compat: Compat) -> tuple[list[Problem], list[str]]:
    """Say where inputs do not fit together, and, where the first of them has its way, that it has."""

    def write(told: Disagreement) -> str:
        names = {"first": redact_url(inputs[told.first].url), "second": redact_url(inputs[told.second].url)}
        return told.message.format(**names)

    varying = list(survey.varying.values())
    lacking = [odd for dim, odd in survey.lacking.items() if inputs.concat_shape[dim] > 1]
    told = sorted([*survey.disagreements, *lacking, *(varying if compat == "equals" else ())])
    notes = [f"{write(odd)}: the first input's is stored" for odd in sorted(varying) if compat == "override"]
    return [Problem(write(odd), hint=odd.hint) for odd in told], notes


def _make_offsets(survey: Survey, inputs: Inputs) -> dict[str, Array]:
    offsets = {}
    for dim, positions in inputs.concat_shape.items():
        known = survey.lengths.get(dim, {})
        typical = inputs.nitems_per_file[dim] or (round(sum(seen.value for seen in known.values()) / len(known)) if known else 1)
        lengths = np.full(positions, typical, dtype="i8")
        for position, seen in known.items():
            lengths[position] = seen.value
        offsets[dim] = np.concatenate([[0], np.cumsum(lengths)]).astype("i8")
    return offsets


def _merge_groups(survey: Survey, inputs: Inputs, problems: list[Problem]) -> dict[str, tuple[int, CommonVariable]]:
    """Name the variables of all groups; one that stands in several is taken from the first, if it is known to be the same in all."""
    compared = {name for name, _ in survey.shared}
    common: dict[str, tuple[int, CommonVariable]] = {}
    for position in sorted(survey.groups):
        for name, variable in survey.groups[position].variables.items():
            if name in common and name not in compared:
                first, second = (redact_url(inputs[number].url) for number in (common[name][1].number, variable.number))
                hint = "Drop it from all but one of them in preprocess, or give it different names."
                problems.append(Problem(f"variable {name!r} is in the files of several merge keys: {first} and {second}", hint=hint))
            common.setdefault(name, (position, variable))
    return common


def _check_wishes(wishes: Wishes, common: Mapping[str, Any]) -> None:
    unknown = [name for name in wishes.encoding if name not in common]
    if unknown:
        raise UserError(
            f"encoding names the variable {unknown[0]!r}, which the dataset does not have", hint=f"It has {', '.join(sorted(common))}."
        )


def _make_variable(
    name: str,
    group: int,
    variable: CommonVariable,
    sizes: Mapping[str, int],
    chunks: Mapping[str, int],
    concat_dims: tuple[str, ...],
    encoding: Mapping[str, Any],
    gathered: Gathered | None,
) -> TargetVariable:
    dtype, attrs, packing = _choose_packing(variable, encoding)
    if gathered is not None:
        dtype, attrs = gathered.dtype, {**attrs, **gathered.attrs}
    dims = variable.schema.dims
    shape = tuple(sizes[dim] for dim in dims)
    return TargetVariable(
        name=name,
        dims=dims,
        shape=shape,
        chunks=tuple(max(size, 1) for size in shape) if gathered is not None else tuple(chunks[dim] for dim in dims),
        dtype=dtype,
        attrs=attrs,
        packing=packing,
        group=group,
        concat_dims=tuple(dim for dim in concat_dims if dim in dims),
        source_chunks=variable.schema.chunks,
        codec={key: value for key, value in encoding.items() if key not in ("dtype", "shards", *PACKING)},
        shards=_choose_shards(name, encoding.get("shards"), dims, chunks) if gathered is None else None,
    )


def _choose_shards(
    name: str, wanted: Mapping[str, int] | Sequence[int] | None, dims: tuple[str, ...], chunks: Mapping[str, int]
) -> tuple[int, ...] | None:
    """Choose the lengths of a shard: those asked for, brought to whole chunks."""
    if wanted is None:
        return None
    by_dim = wanted if isinstance(wanted, Mapping) else dict(zip(dims, wanted, strict=False))
    if set(by_dim) - set(dims) or (not isinstance(wanted, Mapping) and len(wanted) != len(dims)):
        raise UserError(f"the shards of {name!r} do not fit its dimensions {dims}", hint="Give a length for each: {'time': 100}.")
    return tuple(max(-(-by_dim.get(dim, chunks[dim]) // chunks[dim]), 1) * chunks[dim] for dim in dims)


def _choose_packing(variable: CommonVariable, encoding: Mapping[str, Any]) -> tuple[np.dtype[Any], dict[str, Any], Packing]:
    """Choose dtype and packing: what the recipe asks for, else what all inputs have, else plain values."""
    schema, attrs = variable.schema, variable.attrs
    asked = {key: value for key, value in encoding.items() if key in PACKING and value is not None}
    if schema.is_text or not (variable.mixed or asked or "dtype" in encoding):
        return schema.dtype, attrs, schema.packing
    if schema.is_time:
        inherited = {key: value for key, value in schema.packing if key in ("units", "calendar")}
        dtype = np.dtype(encoding.get("dtype", "f8" if variable.mixed else schema.dtype))
        attrs = {**attrs, **inherited, **asked}
    elif "dtype" in encoding or asked:
        dtype = np.dtype(encoding.get("dtype", schema.dtype if "scale_factor" not in asked else "i2"))
        attrs = {key: value for key, value in attrs.items() if key not in PACKING[:5]} | asked
    else:
        dtype = variable.value_dtype
        attrs = {key: value for key, value in attrs.items() if key not in PACKING[:5]}
        if dtype.kind == "f":
            attrs["_FillValue"] = dtype.type(np.nan)
    return dtype, attrs, make_packing(dtype, attrs)


def _pin_bounds(variables: dict[str, TargetVariable]) -> dict[str, TargetVariable]:
    """Give bounds of times units of their own where those of their coordinate, which they take else, are not what they are counted in."""
    pinned = dict(variables)
    for coordinate in variables.values():
        bounds = variables.get(str(coordinate.attrs.get("bounds")))
        if bounds is None or "units" in bounds.attrs or "units" not in coordinate.attrs:
            continue
        counted = {key: value for key, value in bounds.packing if key in ("units", "calendar")}
        if counted and counted != {key: coordinate.attrs[key] for key in counted if key in coordinate.attrs}:
            pinned[bounds.name] = replace(bounds, attrs={**bounds.attrs, **counted})
    return pinned


def _make_notes(common: Mapping[str, tuple[int, CommonVariable]], survey: Survey) -> tuple[str, ...]:
    mixed = sorted(name for name, (_, variable) in common.items() if variable.mixed and not variable.schema.is_time)
    notes = []
    if mixed:
        notes.append(f"the inputs pack {', '.join(mixed)} in different ways: the values are stored unpacked")
    if survey.dropped:
        notes.append(f"the inputs differ in the attributes {', '.join(sorted(survey.dropped))}: these are left out")
    return tuple(notes)
