"""Dimensions and variables, as the datacube extension 2.3 of STAC describes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from pangeo_forge.catalog.describing.attributes import clean, clean_attributes, clean_text
from pangeo_forge.catalog.describing.axes import Axes
from pangeo_forge.catalog.describing.pieces import read_pieces
from pangeo_forge.catalog.describing.projection import find_projection
from pangeo_forge.catalog.describing.times import GREGORIAN, Ends, find_calendar, format_time

#: The values of irregular coordinates of at most so many steps are listed.
_LISTED = 200

_TYPES = {
    *(f"{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64)),
    *(f"float{bits}" for bits in (16, 32, 64)),
}
_COMPLEX = {"complex64": "cfloat32", "complex128": "cfloat64"}


def describe_dimensions(ds: xr.Dataset, axes: Axes, times: Mapping[str, Ends]) -> dict[str, dict[str, Any]]:
    """Describe each dimension: ``cube:dimensions``.

    Parameters
    ----------
    ds : Dataset
    axes : Axes
    times : mapping of str to tuple
        The ends of the coordinates that hold times.
    """
    return {str(dim): _describe_dimension(ds, str(dim), axes, times) for dim in ds.sizes}


def describe_variables(ds: xr.Dataset) -> dict[str, dict[str, Any]]:
    """Describe each variable that is no dimension: ``cube:variables``."""
    helping = find_helping(ds)
    return {
        clean_text(str(name)): _describe_variable(variable, "data" if name in ds.data_vars and name not in helping else "auxiliary")
        for name, variable in ds.variables.items()
        if name not in ds.sizes
    }


def find_helping(ds: xr.Dataset) -> set[str]:
    """Name the variables that only say how others lie: bounds of cells, grid mappings, the parts of a mesh (CF, chapters 5 and 7)."""
    named = {str(name) for name, variable in ds.variables.items() if "cf_role" in variable.attrs or "grid_mapping_name" in variable.attrs}
    for variable in ds.variables.values():
        for key in ("bounds", "climatology", "grid_mapping"):
            text = str(variable.attrs.get(key) or variable.encoding.get(key) or "")
            named |= {part.rstrip(":") for part in text.split()}
    return named


def _describe_dimension(ds: xr.Dataset, dim: str, axes: Axes, times: Mapping[str, Ends]) -> dict[str, Any]:
    size = ds.sizes[dim]
    coordinate = ds[dim] if dim in ds.variables else None
    if coordinate is None or not size:
        return {"type": "index", "extent": [0, max(size - 1, 0)], "step": 1}
    described: dict[str, Any] = _told(coordinate.attrs)
    if dim in times:
        return described | _temporal(coordinate, times[dim])
    if coordinate.dtype.kind not in "fiu":
        return described | {"type": "other", "values": [_as_text(value) for value in coordinate[:_LISTED].values]}
    found = _numeric(coordinate)
    if dim in (axes.longitude, axes.latitude, axes.x, axes.y) and None not in found["extent"]:
        described |= {"type": "spatial", "axis": "x" if dim in (axes.longitude, axes.x) else "y"}
        projection = find_projection(ds) if dim in (axes.x, axes.y) else None
        return described | found | ({"reference_system": projection.to_wkt()} if projection else {})
    if dim in axes.vertical:
        return described | {"type": "spatial", "axis": "z"} | found
    return described | {"type": "other"} | found


def _told(attrs: Any) -> dict[str, Any]:
    """Give the description and the unit that attributes tell."""
    description = str(attrs.get("long_name") or attrs.get("standard_name") or "").strip()
    unit = str(attrs.get("units", "")).strip()
    return {name: clean_text(text) for name, text in (("description", description), ("unit", unit)) if text}


def _temporal(times: xr.DataArray, ends: Ends) -> dict[str, Any]:
    """Describe a dimension of times; in a calendar of its own by numbers, since STAC's dates are Gregorian."""
    calendar = find_calendar(times)
    written = [format_time(end) for end in ends]
    if calendar in GREGORIAN and all(written):
        return {"type": "temporal", "extent": written or [None, None]}
    unit = str(times.encoding.get("units") or "days since 0001-01-01")
    numbers = [float(_number(end, unit, calendar)) for end in ends]
    return {"type": "temporal", "extent": numbers or [None, None], "unit": unit, "reference_system": calendar}


def _number(time: Any, unit: str, calendar: str) -> Any:
    import cftime

    if isinstance(time, np.datetime64):
        time = cftime.num2date(int(time.astype("M8[us]").astype("i8")), "microseconds since 1970-01-01", calendar=calendar)
    return cftime.date2num(time, unit, calendar=calendar)


def _numeric(coordinate: xr.DataArray) -> dict[str, Any]:
    """Describe a dimension of numbers: its extent, and its step or, if it has none, its values."""
    finite = (piece[np.isfinite(piece)] for (piece,) in read_pieces(coordinate))
    ends = [end for piece in finite if piece.size for end in (piece.min(), piece.max())]
    if not ends:
        return {"extent": [None, None]}
    extent: dict[str, Any] = {"extent": [clean(min(ends)), clean(max(ends))]}
    if step := _find_step(coordinate):
        return extent | {"step": round(step, 9)}
    extent["step"] = None
    values = coordinate.values if coordinate.size <= _LISTED else np.empty(0)
    return extent | ({"values": [clean(value) for value in values[np.isfinite(values)]]} if values.size else {})


def _find_step(coordinate: xr.DataArray) -> float | None:
    """Find the step of a regular dimension, whatever its direction."""
    first = last = step = None
    for (piece,) in read_pieces(coordinate):
        steps = np.diff(piece.astype("f8"), prepend=[] if last is None else [last])
        if steps.size:
            step = steps[0] if step is None else step
            if not (np.isfinite(steps).all() and np.allclose(steps, step, rtol=1e-3, atol=0)):
                return None
        first, last = float(piece[0]) if first is None else first, float(piece[-1])
    return abs(last - first) / (coordinate.size - 1) if first is not None and last is not None and step else None


def _describe_variable(variable: xr.Variable, kind: str) -> dict[str, Any]:
    described: dict[str, Any] = {"dimensions": [str(dim) for dim in variable.dims], "variable_type": kind} | _told(variable.attrs)
    described["data_type"] = _COMPLEX.get(str(variable.dtype), str(variable.dtype) if str(variable.dtype) in _TYPES else "other")
    fill = variable.encoding.get("_FillValue", variable.attrs.get("_FillValue"))
    if isinstance(fill, int | float | np.number) and not isinstance(fill, bool):
        described["nodata"] = clean(fill)
    described["shape"] = list(variable.shape)
    if chunks := variable.encoding.get("preferred_chunks") or variable.encoding.get("chunks"):
        described["chunks"] = (
            [int(chunks[dim]) for dim in variable.dims] if isinstance(chunks, dict) else [int(length) for length in chunks]
        )
    described["attrs"] = clean_attributes(variable.attrs)
    return described


def _as_text(value: Any) -> Any:
    return clean(value if isinstance(value, bytes) else str(value))
