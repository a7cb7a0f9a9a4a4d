"""Where on the globe a dataset is: its bounding box and geometry, as STAC and GeoJSON (RFC 7946) have them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from pangeo_forge.catalog.describing import longitudes
from pangeo_forge.catalog.describing.axes import Axes
from pangeo_forge.catalog.describing.longitudes import Degrees, Reach
from pangeo_forge.catalog.describing.pieces import HELD, Values, read_pieces

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
    edges = _edges_of_cells(ds, lat) or _edges_around(_degrees(lat, lat))
    around = (_finite(piece) for piece in _degrees(lon, lon))
    start = next((piece for piece in around if piece.size), None)
    if edges is None or start is None:
        return None
    bounds = _bounds(ds, lon)
    following = (piece for piece in around if piece.size)
    reach = longitudes.reach_of_axis(itertools.chain([start], following)) if bounds is None else _reach_of_cells(bounds)
    return make_footprint(reach, *edges)


def _edges_of_cells(ds: xr.Dataset, lat: xr.DataArray) -> tuple[float, float] | None:
    bounds = _bounds(ds, lat)
    return None if bounds is None else (float(bounds.min()), float(bounds.max()))


def _edges_around(latitudes: Iterable[Degrees]) -> tuple[float, float] | None:
    """Find the southern and the northern edge of cells, half a usual step beyond the outermost middles; None where none is on the globe."""
    ends: list[float] = []
    half = 0.0
    for piece in latitudes:
        up = piece[np.abs(piece) <= 90.0 + 1e-3]
        if up.size:
            half = half if ends else _half_step(up)
            ends += [float(up.min()), float(up.max())]
    return (min(ends) - half, max(ends) + half) if ends else None


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
    vertices = _of_vertices(ds, lon, lat)
    if vertices is not None:
        return vertices
    if lon.ndim != 2 or 1 in lon.shape or not lon.size:
        return footprint_of_points(_pairs(lon, lat, lon, lat))
    to_east, to_north = _to_degrees(lon), _to_degrees(lat)
    half_lon, half_lat = _half_cell(to_east(_middle_of(lon).values), period=360.0), _half_cell(to_north(_middle_of(lat).values))
    sides = [to_east(side.values) for side in (lon[0], lon[:, -1], lon[-1], lon[:, 0])]
    return _up_to_a_pole(footprint_of_points(_pairs(lon, lat, lon, lat), half_lon, half_lat), _join_sides(*sides))


def _middle_of(array: xr.DataArray) -> xr.DataArray:
    """Give the part in the middle of a grid whose cells stand for all; of one that may be held, all of it."""
    if array.size <= HELD:
        return array
    side = int(np.sqrt(HELD))
    return array[tuple(slice((size - side) // 2 if size > side else 0, (size + side) // 2) for size in array.shape)]


def _of_vertices(ds: xr.Dataset, lon: xr.DataArray, lat: xr.DataArray) -> Footprint | None:
    """Find where cells are by their vertices; None unless all are given."""
    names = [_name_bounds(ds, coordinate) for coordinate in (lon, lat)]
    if None in names or ds[names[0]].shape != ds[names[1]].shape:
        return None
    around, up = (ds[name] for name in names)
    cloud = Cloud()
    for piece in _pairs(around, up, lon, lat):
        if not all(np.isfinite(degrees).all() for degrees in piece):
            return None
        cloud.add(*piece)
    return cloud.footprint()


def _half_cell(values: Degrees, period: float | None = None) -> float:
    """Estimate half the width of the cells of a curvilinear grid in one of its coordinates, degrees."""
    steps = []
    for axis in (0, 1):
        step = np.diff(values, axis=axis)
        if period is not None:
            step = (step + period / 2) % period - period / 2
        steps.append(np.abs(step[np.isfinite(step)]))
    return max((float(np.median(step)) for step in steps if step.size), default=0.0) / 2


class Cloud:
    """Where scattered points are, gathered piece by piece; those that are nowhere on the globe are left out."""

    def __init__(self) -> None:
        self._circle = longitudes.Circle()
        self._south, self._north = np.inf, -np.inf

    def add(self, lon: Degrees, lat: Degrees) -> None:
        """Add points, degrees east and north."""
        valid = (np.abs(lat) <= 90.0 + 1e-3) & (np.abs(lon) <= 720.0)
        if valid.any():
            self._circle.add(lon[valid])
            up = lat[valid]
            self._south, self._north = min(self._south, float(up.min())), max(self._north, float(up.max()))

    def footprint(self, half_lon: float = 0.0, half_lat: float = 0.0) -> Footprint | None:
        """Make the footprint of the points, and of what lies around each."""
        if self._south > self._north:
            return None
        return make_footprint(self._circle.reach(half_lon), self._south - half_lat, self._north + half_lat)


def footprint_of_points(points: Iterable[tuple[Degrees, Degrees]], half_lon: float = 0.0, half_lat: float = 0.0) -> Footprint | None:
    """Find where scattered points are, and what lies around each."""
    cloud = Cloud()
    for lon, lat in points:
        cloud.add(lon, lat)
    return cloud.footprint(half_lon, half_lat)


def footprint_of_grid(lon: Degrees, lat: Degrees, half_lon: float = 0.0, half_lat: float = 0.0) -> Footprint | None:
    """Find where a curvilinear grid is; one whose border runs around a pole reaches up to it."""
    found = footprint_of_points([(lon.ravel(), lat.ravel())], half_lon, half_lat)
    return found and _up_to_a_pole(found, _join_sides(lon[0], lon[:, -1], lon[-1], lon[:, 0]))


def _up_to_a_pole(found: Footprint | None, border: Degrees) -> Footprint | None:
    """Let what is within a border reach up to the pole, if the border runs around it."""
    if found is None or not _runs_around_a_pole(border):
        return found
    _, south, _, north = found.bbox
    return make_footprint(longitudes.GLOBE, south, 90.0) if north > -south else make_footprint(longitudes.GLOBE, -90.0, north)


def _join_sides(top: Degrees, right: Degrees, bottom: Degrees, left: Degrees) -> Degrees:
    """Go along the border of a grid once, from corner to corner."""
    return np.concatenate([top[:-1], right[:-1], bottom[:0:-1], left[:0:-1]])


def _runs_around_a_pole(border: Degrees) -> bool:
    """Tell whether the longitudes along a border add up to a full turn."""
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
    edges_x, edges_y = (_edges(_finite(_thin(axis))) for axis in (ds[axes.x], ds[axes.y]))
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


def _degrees(values: xr.DataArray, coordinate: xr.DataArray) -> Iterator[Degrees]:
    """Read a coordinate, or its bounds, in degrees, piece by piece."""
    to_degrees = _to_degrees(coordinate)
    return (to_degrees(piece) for (piece,) in read_pieces(values))


def _pairs(around: xr.DataArray, up: xr.DataArray, lon: xr.DataArray, lat: xr.DataArray) -> Iterator[tuple[Degrees, Degrees]]:
    """Read two coordinates, or their bounds, of equal shape."""
    to_east, to_north = _to_degrees(lon), _to_degrees(lat)
    return ((to_east(east), to_north(north)) for east, north in read_pieces(around, up))


def _to_degrees(coordinate: xr.DataArray) -> Callable[[Values], Degrees]:
    """Give what makes degrees of a coordinate's values."""
    is_radians = str(coordinate.attrs.get("units", "")).lower().startswith("rad")
    return lambda values: np.rad2deg(values.astype("f8")) if is_radians else values.astype("f8")


def _thin(axis: xr.DataArray) -> Degrees:
    """Read an axis; of a long one some of its values in order, the two at either end among them."""
    if axis.size <= HELD:
        return axis.values.astype("f8")
    step = axis.size // 500
    kept = [(piece[:2], piece[::step], piece[-2:]) for (piece,) in read_pieces(axis)]
    return np.unique(np.concatenate([values for each in kept for values in each])).astype("f8")


def _bounds(ds: xr.Dataset, coordinate: xr.DataArray) -> Degrees | None:
    """Read the bounds of a coordinate's cells, if there are any that make sense, and not too many."""
    name = _name_bounds(ds, coordinate)
    if name is None or ds[name].size > HELD:
        return None
    read = next(_degrees(ds[name], coordinate)).reshape(ds[name].shape)
    return read if read.size and np.isfinite(read).all() else None


def _name_bounds(ds: xr.Dataset, coordinate: xr.DataArray) -> str | None:
    """Name the bounds of a coordinate's cells (CF conventions, section 7.1)."""
    name = coordinate.attrs.get("bounds") or coordinate.encoding.get("bounds")
    return str(name) if name in ds.variables and ds[name].ndim == coordinate.ndim + 1 else None


def _finite(values: Degrees) -> Degrees:
    return values[np.isfinite(values)]
