"""Which variable of a dataset is drawn, over which of its dimensions, and at which steps of the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import xarray as xr

from pangeo_forge.catalog.describing.axes import Axes, find_axes
from pangeo_forge.catalog.describing.cube import find_helping
from pangeo_forge.catalog.describing.dataset import with_coordinates
from pangeo_forge.catalog.describing.footprint import Footprint, find_footprint
from pangeo_forge.catalog.describing.times import is_time
from pangeo_forge.catalog.pictures.wanted import CannotDraw

Layout = Literal["grid", "points", "projection", "image", "line"]

_ON_A_MAP = ("grid", "points", "projection")


@dataclass(frozen=True, slots=True)
class Field:
    """A variable that is drawn.

    Parameters
    ----------
    ds : Dataset
        The variable with what belongs to it.
    name : str
    axes : Axes
        The coordinates that place it.
    layout : str
        On a map, by axes of degrees, by the degrees of each point, or by a projection; else as an image or as a line.
    dims : tuple of str
        The dimensions that it is drawn over, the one along x last.
    footprint : Footprint, optional
        Where it is.
    """

    ds: xr.Dataset
    name: str
    axes: Axes
    layout: Layout
    dims: tuple[str, ...]
    footprint: Footprint | None = None

    @property
    def array(self) -> xr.DataArray:
        """The variable itself."""
        return self.ds[self.name]

    @property
    def is_on_a_map(self) -> bool:
        """Whether it is drawn over longitudes and latitudes."""
        return self.layout in _ON_A_MAP

    @property
    def others(self) -> tuple[str, ...]:
        """The dimensions of which one step is drawn."""
        return tuple(str(dim) for dim in self.array.dims if dim not in self.dims)


def choose_field(ds: xr.Dataset, name: str | None = None) -> Field:
    """Choose a variable of a dataset to be drawn: the one of this name or, by default, the first that lies on a map, or the first.

    Raises
    ------
    CannotDraw
        If there is none that can be.
    """
    ds = with_coordinates(ds)
    names = [str(each) for each in ds.data_vars if each not in find_helping(ds) and _is_numbers(ds[each])]
    if name is not None:
        if name not in ds.variables:
            raise CannotDraw(f"there is no variable {name}", hint=f"There are {', '.join(names)}.")
        if not _is_numbers(ds[name]) or not ds[name].ndim:
            raise CannotDraw(f"{name} holds no numbers that could be drawn")
        return make_field(ds, name)
    others = []
    for each in [each for each in names if ds[each].ndim][:50]:
        field = make_field(ds, each)
        if field.is_on_a_map:
            return field
        others.append(field)
    if not others:
        raise CannotDraw("there is nothing to draw: no variable holds numbers along a dimension")
    return others[0]


def make_field(ds: xr.Dataset, name: str) -> Field:
    """Find how a variable is drawn."""
    helping = find_helping(ds)
    own = ds.drop_vars([each for each in ds.data_vars if each not in helping and each != name])
    own = own.drop_vars([each for each, coordinate in own.coords.items() if not {*coordinate.dims} <= {*ds[name].dims}])
    axes = find_axes(own)
    layout, dims = _lay_out(own, name, axes)
    footprint = find_footprint(own, axes) if layout in _ON_A_MAP else None
    if layout in _ON_A_MAP and (footprint is None or not _has_area(footprint)):
        layout, dims, footprint = *_without_place(own[name], axes), None
    return Field(own, name, axes, layout, dims, footprint)


def find_steps(field: Field, given: Mapping[str, int]) -> list[dict[str, int]]:
    """List the steps of the dimensions that are not drawn, in the order in which they are tried until there are values.

    Raises
    ------
    CannotDraw
        If a given step is none.
    """
    sizes = {dim: field.array.sizes[dim] for dim in field.others}
    for dim, step in given.items():
        if dim in sizes and not 0 <= step < sizes[dim]:
            raise CannotDraw(f"{dim} has no step {step}", hint=f"Its steps are 0 to {sizes[dim] - 1}.")
    steps = {dim: given.get(dim, 0) for dim in sizes}
    times = [dim for dim in sizes if dim not in given and _is_along_time(field, dim)]
    tried = [-1, -2, -3, sizes[times[0]] // 2, 0] if times else []
    places = dict.fromkeys(number % sizes[times[0]] for number in tried) if times else {}
    return [steps | {times[0]: place} | {dim: sizes[dim] - 1 for dim in times[1:]} for place in places] or [steps]


def describe_steps(field: Field, steps: Mapping[str, int]) -> str:
    """Say in words where some steps are: ``"2010-09-16, depth 5 m"``."""
    fixed = [name for name in field.axes.time if field.ds[name].ndim == 0 and is_time(field.ds[name])]
    told = [format_value(field.ds[name].values[()]) for name in fixed[:1]] if not any(_is_along_time(field, dim) for dim in steps) else []
    for dim, step in steps.items():
        coordinate = _coordinate_along(field, dim)
        if coordinate is None:
            told.append(f"{dim} {step}")
        else:
            value = format_value(coordinate.isel({dim: step}).values[()])
            unit = str(coordinate.attrs.get("units", ""))
            told.append(value if is_time(coordinate) else f"{dim} {value}{f' {unit}' if unit not in ('', '1') else ''}")
    return ", ".join(told)


def format_value(value: Any) -> str:
    """Write a coordinate's value as people read it; times without what is zero."""
    if isinstance(value, np.datetime64):
        return "no time" if np.isnat(value) else str(value.astype("M8[m]")).replace("T00:00", "").replace("T", " ")
    if hasattr(value, "isoformat"):
        return str(value.isoformat())[:16].replace("T00:00", "").replace("T", " ")
    return f"{value:g}" if isinstance(value, int | float | np.number) else str(value)[:40]


def find_time(field: Field) -> str | None:
    """Find the dimension along which there are times."""
    return next((str(dim) for dim in field.array.dims if field.array.sizes[dim] > 1 and _is_along_time(field, str(dim))), None)


def _is_along_time(field: Field, dim: str) -> bool:
    return any(field.ds[name].dims == (dim,) for name in field.axes.time) or dim == "time"


def _coordinate_along(field: Field, dim: str) -> xr.DataArray | None:
    """Find the coordinate that tells most of a dimension: its own, or the time along it."""
    names: Iterable[str] = [dim, *field.axes.time, *field.axes.vertical]
    along = [field.ds[name] for name in names if name in field.ds.coords and field.ds[name].dims == (dim,)]
    return next((coordinate for coordinate in along if is_time(coordinate)), along[0] if along else None)


def _is_numbers(array: xr.DataArray) -> bool:
    return array.dtype.kind in "fiub" and array.size > 0


def _has_area(footprint: Footprint) -> bool:
    west, south, east, north = footprint.bbox
    return west != east and south != north


def _lay_out(ds: xr.Dataset, name: str, axes: Axes) -> tuple[Layout, tuple[str, ...]]:
    dims = ds[name].dims
    if axes.longitude and axes.latitude:
        lon, lat = ds[axes.longitude], ds[axes.latitude]
        if lon.ndim == lat.ndim == 1 and lon.dims != lat.dims and {*lon.dims, *lat.dims} <= {*dims} and lon.size > 1 < lat.size:
            return "grid", (str(lat.dims[0]), str(lon.dims[0]))
        if lon.dims == lat.dims and 1 <= lon.ndim <= 2 and {*lon.dims} <= {*dims} and _is_somewhere(lon, lat):
            return "points", tuple(str(dim) for dim in lon.dims)
    if axes.x and axes.y and {axes.x, axes.y} <= {*dims} and ds[axes.x].size > 1 < ds[axes.y].size:
        return "projection", (axes.y, axes.x)
    return _without_place(ds[name], axes)


def _is_somewhere(lon: xr.DataArray, lat: xr.DataArray) -> bool:
    """Whether points are on the globe: there are files whose coordinates are of another world."""
    if lon.size > 1_000_000:
        return True
    around, up = lon.values, lat.values
    return bool((np.isfinite(around) & (np.abs(around) <= 720) & np.isfinite(up) & (np.abs(up) <= 90.001)).any())


def _without_place(array: xr.DataArray, axes: Axes) -> tuple[Layout, tuple[str, ...]]:
    """Draw along the dimensions that have a length: one as a line, two as an image, of more the last two; time runs to the right."""
    long = [str(dim) for dim in array.dims if array.sizes[dim] > 1] or [str(array.dims[-1])]
    if len(long) == 1:
        return "line", (long[0],)
    rows, columns = long[-2:]
    return "image", (columns, rows) if rows in axes.time else (rows, columns)
