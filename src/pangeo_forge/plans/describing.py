"""A variable of an opened input as it would be stored if that were the only input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import cftime
import numpy as np
import xarray as xr
from xarray import conventions

from pangeo_forge.plans.schema import PACKING, Array, VariableSchema, is_time, make_packing


def describe_raw(name: str, variable: xr.Variable, siblings: Mapping[str, xr.Variable]) -> VariableSchema:
    """Describe a variable of numbers as the file packs it; `siblings` are all variables of the file."""
    attrs = dict(variable.attrs)
    # Bounds take from their coordinate what they do not have themselves of units and calendar (CF 1.11, section 7.1).
    parent = next((v for v in siblings.values() if v.attrs.get("bounds") == name and is_time(v.attrs)), None)
    inherited = {key: parent.attrs[key] for key in ("units", "calendar") if key in parent.attrs} | attrs if parent is not None else attrs
    value_dtype = variable.dtype
    if set(attrs) & set(PACKING[:5]) and not is_time(inherited):
        value_dtype = conventions.decode_cf_variable(name, variable).dtype
    packing = make_packing(variable.dtype, inherited)
    return VariableSchema(_dims(variable), variable.shape, variable.dtype, value_dtype, attrs, packing, _chunks(variable))


def describe_decoded(name: str, variable: xr.Variable) -> VariableSchema:
    """Describe a variable that `preprocess` returned, packed as its encoding says; the numbers themselves are not read."""
    if _is_time(variable):
        encoded = conventions.encode_cf_variable(variable.copy(deep=False).load(), name=name)
    elif variable.dtype.kind in "OSUT":
        return describe_text(variable)
    else:
        empty = variable[tuple(slice(0, 0) for _ in variable.dims)].load()
        empty.encoding = {"_FillValue": None, **{key: empty.encoding[key] for key in ("dtype", *PACKING[:5]) if key in empty.encoding}}
        encoded = conventions.encode_cf_variable(empty, name=name)
    attrs = dict(encoded.attrs)
    return VariableSchema(
        _dims(variable), variable.shape, encoded.dtype, variable.dtype, attrs, make_packing(encoded.dtype, attrs), variable.shape
    )


def describe_text(variable: xr.Variable) -> VariableSchema:
    """Describe a variable of strings, whatever the file makes them of."""
    attrs = {name: value for name, value in variable.attrs.items() if name not in PACKING[:5]}
    text = np.dtype(object)
    return VariableSchema(_dims(variable), variable.shape, text, text, attrs, make_packing(text, attrs), _chunks(variable))


def _is_time(variable: xr.Variable) -> bool:
    if variable.dtype.kind == "O":
        return variable.size > 0 and isinstance(variable[(0,) * variable.ndim].values.item(), cftime.datetime)
    return variable.dtype.kind in "mM"


def as_text(values: Array) -> Array:
    """Make an array of Python strings of bytes, characters or objects."""

    def plain(value: Any) -> str:
        return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)

    text = np.empty(values.shape, dtype=object)
    text.reshape(-1)[:] = [plain(value) for value in values.reshape(-1).tolist()]
    return text


def _dims(variable: xr.Variable) -> tuple[str, ...]:
    return tuple(str(dim) for dim in variable.dims)


def _chunks(variable: xr.Variable) -> tuple[int, ...] | None:
    chunks = variable.encoding.get("chunksizes") or variable.encoding.get("chunks")
    return tuple(chunks) if chunks and len(chunks) == variable.ndim else None
