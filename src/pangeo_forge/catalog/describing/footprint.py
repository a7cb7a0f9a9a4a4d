"""Where on the globe a dataset is: its bounding box and geometry, as STAC and GeoJSON (RFC 7946) have them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from pangeo_forge.catalog.describing import longitudes
from pangeo_forge.catalog.describing.axes import Axes
from pangeo_forge.catalog.describing.longitudes import Degrees, Reach

#: Of larger coordinate arrays the border and a lattice of about so many points are read.
_MOST_POINTS = 1_000_000

#: Digits behind the point that are kept: a tenth of a metre, and less than the noise of 32-bit floats.
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Footprint:
    """Where a dataset is.

    Parameters
    ----------
    bbox : tuple of float
        West, south, east, north in degrees; west is greater than east where the antimeridian is crossed.
    geometry : dict
        GeoJSON, cut at the antimeridian.
    """

    bbox: tuple[float, float, float, float]
    geometry: dict[str, Any]


def find_footprint(ds: xr.Dataset, axes: Axes) -> Footprint | None:
    """Find where a dataset is, from its coordinates alone; None if they do not tell."""
    return _of_degrees(ds, axes) or _of_projection(ds, axes)


def make_footprint(reach: Reach, south: float, north: float) -> Footprint:
    """Make a bounding box and its geometry."""
    west, east = (round(degrees, _DIGITS) for degrees in reach)
    south, north = round(max(south, -90.0), _DIGITS), round(min(north, 90.0), _DIGITS)
    parts = [_rectangle(part, south, north) for part in longitudes.split((west, east))]
    return Footprint((west, south, east, north), parts[0] if len(parts) == 1 else _join(parts))


def _rectangle(reach: Reach, south: float, north: float) -> dict[str, Any]:
    (west, east) = reach
    if west == east and south == north:
        return {"type": "Point", "coordinates": [west, south]}
    if west == east or south == north:
        return {"type": "LineString", "coordinates": [[west, south], [east, north]]}
    return {"type": "Polygon", "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]]}


def _join(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """Make one geometry of several of one type."""
    return {"type": f"Multi{parts[0]['type']}", "coordinates": [part["coordinates"] for part in parts]}


# Longitude and latitude as two axes.


def _of_degrees(ds: xr.Dataset, axes: Axes) -> Footprint | None:
    if not (axes.longitude and axes.latitude):
        return None
    lon, lat = ds[axes.longitude], ds[axes.latitude]
    is_grid = lon.ndim <= 1 and lat.ndim <= 1 and lon.dims != lat.dims
    return _of_axes(ds, lon, lat) if is_grid else _of_points(ds, lon, lat)


def _of_axes(ds: xr.Dataset, lon: xr.DataArray, lat: xr.DataArray) -> Footprint | None:
    around, up = _finite(_degrees(lon, lon)), _finite(_degrees(lat, lat))
    up = up[np.abs(up) <= 90.0 + 1e-3]
    if not around.size or not up.size:
        return None
    lon_bounds, lat_bounds = _bounds(ds, lon), _bounds(ds, lat)
    reach = longitudes.reach_of_axis(around) if lon_bounds is None else _reach_of_cells(lon_bounds)
    half = _half_step(up) if lat_bounds is None else 0.0
    edges = up if lat_bounds is None else lat_bounds
    return make_footprint(reach, float(edges.min()) - half, float(edges.max()) + half)


def _reach_of_cells(bounds: Degrees) -> Reach:
    """Find how far cells reach whose bounds are given, of shape (cell, vertex)."""
    cells = np.unwrap(bounds.reshape(len(bounds), -1), period=360.0, axis=1)
    middles = cells.mean(axis=1)
    shift = np.unwrap(middles, period=360.0) - middles
    cells = cells + shift[:, np.newaxis]
    return longitudes.make_reach(float(cells.min()), float(cells.max()))


def _half_step(values: Degrees) -> float:
    steps = np.abs(np.diff(np.sort(values)))
    return float(np.median(steps)) / 2 if steps.size else 0.0


# Longitude and latitude of every point.


def _of_points(ds: xr.Dataset, lon: xr.DataArray, lat: xr.DataArray) -> Footprint | None:
    lon_bounds, lat_bounds = _bounds(ds, lon), _bounds(ds, lat)
    if lon_bounds is not None and lat_bounds is not None and lon_bounds.shape == lat_bounds.shape:
        return footprint_of_points(lon_bounds, lat_bounds)
    around, up = np.broadcast_arrays(_degrees(lon, lon), _degrees(lat, lat))
    if lon.ndim != 2 or 1 in lon.shape or lon.size > _MOST_POINTS:
        return footprint_of_points(around, up)
    return footprint_of_grid(around, up, _half_cell(around, period=360.0), _half_cell(up))


def _half_cell(values: Degrees, period: float | None = None) -> float:
    """Estimate half the width of the cells of a curvilinear grid in one of its coordinates, degrees."""
    steps = []
    for axis in (0, 1):
        step = np.diff(values, axis=axis)
        if period is not None:
            step = (step + period / 2) % period - period / 2
        steps.append(np.abs(step[np.isfinite(step)]))
    return max((float(np.median(step)) for step in steps if step.size), default=0.0) / 2


def footprint_of_points(lon: Degrees, lat: Degrees, half_lon: float = 0.0, half_lat: float = 0.0) -> Footprint | None:
    """Find where scattered points are, and what lies around each; those that are nowhere on the globe are left out."""
    around, up = lon.ravel(), lat.ravel()
    valid = np.isfinite(around) & np.isfinite(up) & (np.abs(up) <= 90.0 + 1e-3) & (np.abs(around) <= 720.0)
    if not valid.any():
        return None
    reach = longitudes.reach_of_points(around[valid], half_lon)
    return make_footprint(reach, float(up[valid].min()) - half_lat, float(up[valid].max()) + half_lat)


def footprint_of_grid(lon: Degrees, lat: Degrees, half_lon: float = 0.0, half_lat: float = 0.0) -> Footprint | None:
    """Find where a curvilinear grid is; one whose border runs around a pole reaches up to it."""
    found = footprint_of_points(lon, lat, half_lon, half_lat)
    if found is None or not _runs_around_a_pole(lon):
        return found
    _, south, _, north = found.bbox
    return make_footprint(longitudes.GLOBE, south, 90.0) if north > -south else make_footprint(longitudes.GLOBE, -90.0, north)


def _runs_around_a_pole(lon: Degrees) -> bool:
    """Tell whether the longitudes along the border of a grid add up to a full turn."""
    border = np.concatenate([lon[0, :-1], lon[:-1, -1], lon[-1, :0:-1], lon[:0:-1, 0]])
    if not np.isfinite(border).all():
        return False
    turns = (np.diff(border, append=border[:1]) + 180.0) % 360.0 - 180.0
    return abs(float(turns.sum())) > 180.0


# Coordinates of a projection.


def _of_projection(ds: xr.Dataset, axes: Axes) -> Footprint | None:
    if not (axes.x and axes.y):
        return None
    from pyproj import CRS, Transformer

    from pangeo_forge.catalog.describing.projection import find_projection

    found = find_projection(ds)
    if found is None:
        return None
    edges_x, edges_y = (_edges(_finite(axis.values.astype("f8"))) for axis in (ds[axes.x], ds[axes.y]))
    if edges_x.size < 2 or edges_y.size < 2:
        return None
    to_degrees = Transformer.from_crs(found, CRS(4326), always_xy=True)
    lon, lat = to_degrees.transform(*np.meshgrid(edges_x, edges_y))
    return footprint_of_grid(np.asarray(lon), np.asarray(lat))


def _edges(values: Degrees) -> Degrees:
    """Give the edges of cells from their middles, thinned where there are many."""
    if values.size < 2:
        return values
    half = np.diff(values) / 2
    edges = np.concatenate([[values[0] - half[0]], values[:-1] + half, [values[-1] + half[-1]]])
    step = max(1, edges.size // 500)
    return np.unique(np.concatenate([edges[::step], edges[-1:]]))


# Reading.


def _degrees(values: xr.DataArray, coordinate: xr.DataArray) -> Degrees:
    """Read a coordinate, or its bounds, in degrees."""
    read = np.atleast_1d(_thin(values)).astype("f8")
    return np.rad2deg(read) if str(coordinate.attrs.get("units", "")).lower().startswith("rad") else read


def _thin(values: xr.DataArray) -> npt.NDArray[Any]:
    """Read an array; of a large one of two dimensions the border and a lattice."""
    if values.size <= _MOST_POINTS or values.ndim != 2:
        return values.values
    step = int(np.ceil(np.sqrt(values.size / _MOST_POINTS)))
    border: Iterable[xr.DataArray] = (values[0], values[-1], values[:, 0], values[:, -1])
    return np.concatenate([values[::step, ::step].values.ravel(), *(side.values for side in border)])


def _bounds(ds: xr.Dataset, coordinate: xr.DataArray) -> Degrees | None:
    """Read the bounds of a coordinate's cells (CF conventions, section 7.1), if there are any that make sense."""
    name = coordinate.attrs.get("bounds") or coordinate.encoding.get("bounds")
    if name not in ds.variables or ds[name].ndim != coordinate.ndim + 1 or ds[name].size > 4 * _MOST_POINTS:
        return None
    read = _degrees(ds[name], coordinate)
    return read if read.size and np.isfinite(read).all() else None


def _finite(values: Degrees) -> Degrees:
    return values[np.isfinite(values)]
