"""Values on a raster of longitudes and latitudes, north up, whatever grid, projection or points they are on."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import xarray as xr

from pangeo_forge.catalog.pictures.fields import Field
from pangeo_forge.catalog.pictures.reading import Values, read_thinned, read_thinned_together

Bbox = tuple[float, float, float, float]
_Places = npt.NDArray[np.intp]

#: Of fewer points than this each is drawn as a dot; more are taken to cover what lies between them.
_DOTS = 60
_DOT = 3

#: Points that lie in a smaller share of the picture than this do not cover what lies between them either.
_EVERYWHERE = 0.4

#: Values are spread around a point over at most this share of the picture.
_WIDEST = 0.1


@dataclass(frozen=True, slots=True)
class Raster:
    """Values of pixels of equal size in degrees.

    Parameters
    ----------
    values : array
        The northernmost row first; NaN where there is nothing.
    bbox : tuple of float
        West, south, east, north; east is greater than west, and greater than 180 where the antimeridian is crossed.
    """

    values: Values
    bbox: Bbox


def rasterize(field: Field, steps: Mapping[str, int], bbox: Bbox, pixels: int) -> Raster:
    """Put the values of a field on a raster; they are read on a lattice that is about as fine.

    Parameters
    ----------
    field : Field
        One that is on a map.
    steps : mapping of str to int
        Of the dimensions that are not drawn.
    bbox : tuple of float
        West, south, east, north; west is greater than east where the antimeridian is crossed.
    pixels : int
        How many there are along the longer side.
    """
    west, south, east, north = bbox
    east = east if east > west else east + 360.0
    width, height = _choose_size(east - west, north - south, pixels)
    lon = west + (np.arange(width) + 0.5) * (east - west) / width
    lat = north - (np.arange(height) + 0.5) * (north - south) / height
    if field.layout == "points":
        values = _from_points(field, steps, (west, south, east, north), (height, width))
    elif field.layout == "grid":
        values = _from_grid(field, steps, lon, lat)
    else:
        values = _from_projection(field, steps, lon, lat)
    return Raster(values, (west, south, east, north))


def _choose_size(width: float, height: float, pixels: int) -> tuple[int, int]:
    """Choose how many pixels there are; very long and very high pictures have pixels that are no squares."""
    aspect = min(max(width / height, 0.5), 3.0)
    return (pixels, max(1, round(pixels / aspect))) if aspect >= 1 else (max(1, round(pixels * aspect)), pixels)


# Axes of degrees.


def _from_grid(field: Field, steps: Mapping[str, int], lon: Values, lat: Values) -> Values:
    rows, columns = field.dims
    values, taken = read_thinned(field.array, steps, {rows: lat.size, columns: lon.size})
    assert field.axes.latitude and field.axes.longitude
    up = _degrees(field.ds[field.axes.latitude])[taken[rows]]
    around = _degrees(field.ds[field.axes.longitude])[taken[columns]]
    row, on_row = _find_nearest(up, lat)
    column, on_column = _find_nearest(around, lon, period=360.0)
    return np.where(on_row[:, np.newaxis] & on_column, values[np.ix_(row, column)], np.nan)


def _find_nearest(axis: Values, wanted: Values, period: float | None = None) -> tuple[_Places, npt.NDArray[np.bool_]]:
    """Find the nearest of an axis' values to each that is wanted, and whether that lies in the cell around it."""
    places = np.flatnonzero(np.isfinite(axis))
    if period is not None:
        axis, wanted = axis % period, wanted % period
    if not places.size:
        return np.zeros(wanted.shape, np.intp), np.zeros(wanted.shape, np.bool_)
    order = places[np.argsort(axis[places], kind="stable")]
    line = axis[order]
    half = _half_steps(line, period)
    if period is not None:
        line = np.r_[line[-1] - period, line, line[0] + period]
        turn = np.r_[-1, 0 : order.size, 0]
        order, half = order[turn], half[turn]
    nearest = np.searchsorted((line[1:] + line[:-1]) / 2, wanted)
    return order[nearest], np.abs(line[nearest] - wanted) <= half[nearest]


def _half_steps(line: Values, period: float | None) -> Values:
    """Give half the width of the cells along a sorted axis, and a little more; a much wider gap than most steps is no cell."""
    steps = np.diff(line)
    usual = float(np.median(steps)) if steps.size else (period or 1.0)
    widths = np.minimum(np.maximum(np.r_[steps[:1], steps], np.r_[steps, steps[-1:]]), 3 * usual)
    return np.asarray(widths / 2 * 1.01 + 1e-6)


# A projection.


def _from_projection(field: Field, steps: Mapping[str, int], lon: Values, lat: Values) -> Values:
    from pyproj import CRS, Transformer

    from pangeo_forge.catalog.describing.projection import find_projection

    found = find_projection(field.ds)
    assert found is not None  # without it there would be no footprint
    rows, columns = field.dims
    values, taken = read_thinned(field.array, steps, {rows: 2 * lat.size, columns: 2 * lon.size})
    x, y = Transformer.from_crs(CRS(4326), found, always_xy=True).transform(*np.meshgrid(lon, lat))
    column, on_column = _find_nearest(
        field.ds[columns].values.astype("f8")[taken[columns]], np.asarray(x), period=360.0 if found.is_geographic else None
    )
    row, on_row = _find_nearest(field.ds[rows].values.astype("f8")[taken[rows]], np.asarray(y))
    return np.where(on_row & on_column & np.isfinite(x) & np.isfinite(y), values[row, column], np.nan)


# Points, each with its own longitude and latitude.


def _from_points(field: Field, steps: Mapping[str, int], bbox: Bbox, shape: tuple[int, int]) -> Values:
    assert field.axes.latitude and field.axes.longitude
    most = dict.fromkeys(field.dims, 2 * max(shape)) if len(field.dims) == 2 else {field.dims[0]: 1_000_000}
    coordinates = [field.ds[name] for name in (field.axes.longitude, field.axes.latitude)]
    with warnings.catch_warnings(action="ignore"):
        (values, *read), _ = read_thinned_together([field.array, *coordinates], steps, most)
    lon, lat = (_as_degrees(each, coordinate) for each, coordinate in zip(read, coordinates, strict=True))
    west, south, east, north = bbox
    width, height = (east - west) / shape[1], (north - south) / shape[0]
    column = np.floor((lon - west) % 360.0 / width)
    row = np.floor((north - lat) / height)
    row[(row == -1) | (row == shape[0])] = np.clip(row[(row == -1) | (row == shape[0])], 0, shape[0] - 1)
    column[column == shape[1]] -= 1
    there = np.isfinite(row) & np.isfinite(column) & (row >= 0) & (row < shape[0]) & (column < shape[1])
    place = (row[there] * shape[1] + column[there]).astype(np.intp)
    counted, means = _average(place, values[there], shape)
    if lon.ndim == 2:
        radius = _find_radius_of_cells(lon, lat, (width, height), shape)
    else:
        radius = _find_radius_of_points(row[there] / shape[0], column[there] / shape[1], shape)
    return _spread(means, counted, radius, around=east - west >= 360.0)


def _average(place: _Places, values: Values, shape: tuple[int, int]) -> tuple[npt.NDArray[np.bool_], Values]:
    """Give the pixels that have points, and the means of the values in each."""
    size, valid = shape[0] * shape[1], np.isfinite(values)
    number = np.bincount(place[valid], minlength=size)
    total = np.bincount(place[valid], values[valid], minlength=size)
    means = np.where(number > 0, total / np.maximum(number, 1), np.nan)
    return (np.bincount(place, minlength=size) > 0).reshape(shape), means.reshape(shape)


def _find_radius_of_cells(lon: Values, lat: Values, pixel: tuple[float, float], shape: tuple[int, int]) -> int:
    """Find over how many pixels around it a point of a grid spreads, so that neighbours meet."""
    steps = [_step_in_pixels(lon, lat, axis, pixel) for axis in (0, 1) if lon.shape[axis] > 1]
    return min(round(_WIDEST * max(shape)), int(np.ceil(max(steps, default=0.0) / 2)) + 1)


def _find_radius_of_points(row: Values, column: Values, shape: tuple[int, int]) -> int:
    """Find over how many pixels around it a point spreads, from how many there are: a few, and those along a track, are dots.

    Parameters
    ----------
    row, column : array
        Where the points are, as shares of the height and the width.
    shape : tuple of int
        The raster's.
    """
    side = int(np.sqrt(row.size) / 2)  # four points in each field, if they lie everywhere
    if row.size < _DOTS or len(np.unique((row * side).astype(int) * side + (column * side).astype(int))) < _EVERYWHERE * side**2:
        return _DOT
    return min(round(_WIDEST * max(shape)), int(np.ceil(0.85 * np.sqrt(shape[0] * shape[1] / row.size))))


def _step_in_pixels(lon: Values, lat: Values, axis: int, pixel: tuple[float, float]) -> float:
    along = np.abs((np.diff(lon, axis=axis) + 180.0) % 360.0 - 180.0) / pixel[0]
    steps = np.maximum(along, np.abs(np.diff(lat, axis=axis)) / pixel[1])
    steps = steps[np.isfinite(steps)]
    return float(np.percentile(steps, 98)) if steps.size else 0.0


def _spread(values: Values, present: npt.NDArray[np.bool_], radius: int, *, around: bool) -> Values:
    """Let pixels without points take the mean of their neighbours, step by step; where the nearest points have no value, none."""
    for _ in range(radius):
        if present.all():
            break
        value, there = _pad(np.where(np.isfinite(values), values, 0.0), around=around), _pad(present, around=around)
        valid = _pad(present & np.isfinite(values), around=around)
        near, of_value, total = _add_neighbours(there), _add_neighbours(valid), _add_neighbours(value)
        new = ~present & (near > 0)
        with_value = new & (2 * of_value >= near)
        values = np.where(with_value, total / np.maximum(of_value, 1), values)
        present = present | new
    return values


def _pad(values: npt.NDArray[np.generic], *, around: bool) -> Values:
    """Put a border around a raster: nothing, or at the sides of one of the whole globe what is on the other side."""
    padded = np.pad(values.astype("f8"), 1)
    if around:
        padded[1:-1, 0], padded[1:-1, -1] = values[:, -1], values[:, 0]
    return padded


def _add_neighbours(padded: Values) -> Values:
    rows, columns = padded.shape[0] - 2, padded.shape[1] - 2
    shifts = [(row, column) for row in range(3) for column in range(3) if (row, column) != (1, 1)]
    return np.asarray(np.sum([padded[row : row + rows, column : column + columns] for row, column in shifts], axis=0))


def _degrees(coordinate: xr.DataArray) -> Values:
    return _as_degrees(coordinate.values.astype("f8"), coordinate)


def _as_degrees(values: Values, coordinate: xr.DataArray) -> Values:
    return np.rad2deg(values) if str(coordinate.attrs.get("units", "")).lower().startswith("rad") else values
