"""The coordinates along the concat dimensions: gathered from all inputs, checked for order, encoded as one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import xarray as xr
from xarray import conventions
from xarray.coding.times import decode_cf_datetime, encode_cf_datetime

from pangeo_forge.errors import Problem
from pangeo_forge.plans.inputs import Inputs
from pangeo_forge.plans.reading import encode
from pangeo_forge.plans.schema import PACKING, Array, Shared, is_time
from pangeo_forge.plans.survey import CommonVariable, Survey
from pangeo_forge.types import redact_url

#: Units that times are read in, but not written in by xarray: those that follow are tried.
_ONLY_READ = frozenset({"month", "months", "year", "years", "common_year", "common_years"})
_FINER = ("days", "hours", "minutes", "seconds", "milliseconds", "microseconds")


@dataclass(frozen=True, slots=True)
class Gathered:
    """A coordinate of the whole dataset.

    Parameters
    ----------
    values : numpy.ndarray
        Encoded; empty where only a sample of the inputs is known.
    dtype : numpy.dtype
    attrs : dict
        Units and calendar, where they had to be chosen.
    """

    values: Array
    dtype: np.dtype[Any]
    attrs: dict[str, Any]


Common = Mapping[str, tuple[int, CommonVariable]]


def promise(survey: Survey, common: Common) -> dict[str, Gathered]:
    """Name the coordinates that will be gathered, without their values."""
    names = {name for (name, _), (shared, _) in survey.shared.items() if shared.values is not None}
    return {name: Gathered(np.empty(0), common[name][1].schema.dtype, {}) for name in common if name in names}


def gather(survey: Survey, common: Common, inputs: Inputs, disorders: list[Problem]) -> dict[str, Gathered]:
    """Put the pieces of each coordinate together, and add to `disorders` what is out of order.

    Parameters
    ----------
    survey : Survey
        Of all inputs.
    common : mapping of str to (int, CommonVariable)
        The variables.
    inputs : Inputs
        To name the files in a problem.
    disorders : list of Problem
        Is added to.
    """
    pieces: dict[str, dict[int, tuple[Shared, int]]] = {}
    for (name, positions), (shared, number) in survey.shared.items():
        if shared.values is not None:
            pieces.setdefault(name, {})[positions[0]] = (shared, number)
    gathered = {}
    for name, by_position in pieces.items():
        ordered = [by_position[position] for position in sorted(by_position)]
        variable = common[name][1]
        found = _join([shared for shared, _ in ordered], variable, survey.concat_dims)
        if name in survey.concat_dims and not variable.schema.is_text:
            lengths = [len(cast("Array", shared.values)) for shared, _ in ordered]
            coordinate = xr.Variable((name,), found.values, {**variable.attrs, **found.attrs})
            problem = find_disorder(coordinate, lengths, [number for _, number in ordered], inputs)
            disorders.extend([problem] if problem else [])
        gathered[name] = found
    return gathered


def _join(pieces: list[Shared], variable: CommonVariable, concat_dims: tuple[str, ...]) -> Gathered:
    schema = variable.schema
    axis = next(axis for axis, dim in enumerate(schema.dims) if dim in concat_dims)
    if not variable.mixed or schema.is_text:
        values = np.concatenate([cast("Array", piece.values) for piece in pieces], axis)
        return Gathered(values, values.dtype, {})
    if not schema.is_time:
        values = np.concatenate([_unpack(piece, schema.dims) for piece in pieces], axis).astype(variable.value_dtype)
        return Gathered(values, values.dtype, {})
    units, calendar = _units(pieces[0])
    decoded = np.concatenate([decode_cf_datetime(piece.values, *_units(piece), use_cftime=True) for piece in pieces], axis)
    try:
        return _encode_times(decoded, units, calendar)
    except TypeError:  # dates of several calendars: the survey has told of them, and nothing is made of these
        return Gathered(np.zeros(decoded.shape), np.dtype("f8"), {"units": units, "calendar": calendar})


def _unpack(piece: Shared, dims: tuple[str, ...]) -> Array:
    """Decode a piece by its own packing; a fill value of NaN needs no decoding."""
    attrs = {name: value for name, value in piece.packing if name != "dtype" and value != "NaN"}
    decoded = conventions.decode_cf_variable("piece", xr.Variable(dims, piece.values, attrs), decode_times=False)
    return cast("Array", decoded.values)


def _units(piece: Shared) -> tuple[str, str]:
    packing = dict(piece.packing)
    return packing["units"], packing.get("calendar", "standard")


def _encode_times(times: Array, units: str, calendar: str) -> Gathered:
    """Encode times as integers, in the units of the first input if they are whole in these, else in finer ones."""
    since = units.partition(" since ")[2]
    for candidate in (units, *(f"{unit} since {since}" for unit in _FINER)):
        if candidate.partition(" ")[0] in _ONLY_READ:
            continue
        values, _, _ = encode_cf_datetime(times, candidate, calendar, dtype=np.dtype("f8"))
        if np.all(values == np.rint(values)):
            return Gathered(np.rint(values).astype("i8"), np.dtype("i8"), {"units": candidate, "calendar": calendar})
    return Gathered(values, np.dtype("f8"), {"units": candidate, "calendar": calendar})


def recode(name: str, found: Gathered, variable: CommonVariable, encoding: Mapping[str, Any]) -> Gathered:
    """Encode a coordinate anew where the recipe asks for another packing than it has."""
    asked = {key: value for key, value in encoding.items() if key in PACKING and value is not None}
    if variable.schema.is_text or not (asked or "dtype" in encoding):
        return found
    counted = {key: value for key, value in variable.schema.packing if key in ("units", "calendar")}
    attrs = {**variable.attrs, **counted, **found.attrs}
    dtype = np.dtype(encoding.get("dtype", found.dtype))
    if not found.values.size:
        return Gathered(found.values, dtype, {**found.attrs, **asked})
    decoded = conventions.decode_cf_variable(name, xr.Variable(variable.schema.dims, found.values, attrs))
    return Gathered(encode(name, decoded, dtype, {**attrs, **asked}), dtype, {**found.attrs, **asked})


def find_disorder(coordinate: xr.Variable, lengths: list[int], numbers: list[int], inputs: Inputs) -> Problem | None:
    """Say where a coordinate neither rises nor falls all along, if it does not.

    Parameters
    ----------
    coordinate : xarray.Variable
        Encoded, shape (n,).
    lengths : list of int
        How many of its values each input holds.
    numbers : list of int
        The inputs' numbers.
    inputs : Inputs
    """
    values = coordinate.values
    if len(values) < 2:
        return None
    rises = values[1:] > values[:-1]
    falls = values[1:] < values[:-1]
    wanted = rises if np.count_nonzero(rises) >= np.count_nonzero(falls) else falls
    if wanted.all():
        return None
    at = int(np.argmin(wanted))
    ends = np.cumsum(lengths)
    before, after = (int(np.searchsorted(ends, place, side="right")) for place in (at, at + 1))
    left, right = (redact_url(inputs[numbers[place]].url) for place in (before, after))
    a, b = (show(coordinate[place : place + 1]) for place in (at, at + 1))
    name = repr(coordinate.dims[0])
    if before == after:
        message = f"coordinate {name} is not in order in {left}: {a} is followed by {b}"
    else:
        message = f"coordinate {name} is not in order: {left} ends with {a}, and {right} begins with {b}"
    again = " The same value twice means that files overlap, or that the coordinate is not set." if a == b else ""
    return Problem(
        message, hint=f"Order the keys of ConcatDim({name}, …) as the files follow one another, or mend {name} in preprocess.{again}"
    )


def show(value: xr.Variable) -> str:
    """Write the first value of an encoded coordinate as people know it."""
    decoded = conventions.decode_cf_variable("value", value).values if is_time(value.attrs) else value.values
    return str(decoded[0]).removesuffix(".000000000")
