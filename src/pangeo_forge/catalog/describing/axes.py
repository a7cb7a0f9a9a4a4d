"""Which coordinates say where and when, by the CF conventions (chapters 4 and 5); names are a last resort."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

import cf_xarray  # noqa: F401  (adds `.cf`)
import xarray as xr

from pangeo_forge.catalog.describing.pieces import HELD


@dataclass(frozen=True, slots=True)
class Axes:
    """The names of the coordinates that place a dataset.

    Parameters
    ----------
    longitude, latitude : str, optional
        In degrees or radians: one-dimensional axes, or of equal dimensions as on a curvilinear grid, a mesh or along a track.
    x, y : str, optional
        Projection coordinates, in the units of a grid mapping.
    vertical, time : tuple of str
        Of which there may be several.
    """

    longitude: str | None = None
    latitude: str | None = None
    x: str | None = None
    y: str | None = None
    vertical: tuple[str, ...] = ()
    time: tuple[str, ...] = ()


def find_axes(ds: xr.Dataset) -> Axes:
    """Find the coordinates that place a dataset; what its attributes do not tell is guessed from names."""
    ds = _outline(ds)
    told = _read(ds)
    if told.longitude and told.latitude and (told.time or not _may_have_time(ds)):
        return told
    guessed = _read(ds.cf.guess_coord_axis())
    return Axes(
        *_either((told.longitude, told.latitude), (guessed.longitude, guessed.latitude)),
        *_either((told.x, told.y), (guessed.x, guessed.y)),
        told.vertical or guessed.vertical,
        told.time or guessed.time,
    )


def _outline(ds: xr.Dataset) -> xr.Dataset:
    """Cut coordinates down to one value where cf-xarray, which looks into what may be times, would read or decode many."""
    coordinates = [ds.variables[name] for name in ds.coords]
    return ds.isel({dim: slice(1) for each in coordinates if each.size > HELD or each.dtype.kind == "O" for dim in each.dims})


def _either(told: tuple[str | None, str | None], guessed: tuple[str | None, str | None]) -> tuple[str | None, str | None]:
    """Take a pair as it is told if it is whole."""
    return told if all(told) else guessed


def _may_have_time(ds: xr.Dataset) -> bool:
    return any("since" in str(ds[name].encoding.get("units", "")) or ds[name].dtype.kind in "MO" for name in ds.coords)


def _read(ds: xr.Dataset) -> Axes:
    coordinates, axes = ds.cf.coordinates, ds.cf.axes
    longitude, latitude = _choose_pair(ds, coordinates.get("longitude", ()), coordinates.get("latitude", ()))
    degrees = {*map(str, coordinates.get("longitude", ())), *map(str, coordinates.get("latitude", ()))}
    x, y = (next((name for name in map(str, axes.get(axis, ())) if _is_projected(ds, name, degrees)), None) for axis in "XY")
    times = dict.fromkeys(map(str, [*axes.get("T", ()), *coordinates.get("time", ())]))
    heights = dict.fromkeys(map(str, [*axes.get("Z", ()), *coordinates.get("vertical", ())]))
    return Axes(longitude, latitude, x, y, _present(ds, heights), _present(ds, times))


def _is_projected(ds: xr.Dataset, name: str, degrees: set[str]) -> bool:
    return name in ds.coords and name not in degrees and ds[name].ndim == 1 and ds[name].dtype.kind in "fiu"


def _present(ds: xr.Dataset, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name in ds.variables)


def _choose_pair(ds: xr.Dataset, longitudes: Iterable[Hashable], latitudes: Iterable[Hashable]) -> tuple[str | None, str | None]:
    """Choose the pair that places most data variables: staggered grids have one for each position in a cell."""
    pairs = [
        (str(lon), str(lat))
        for lon in longitudes
        for lat in latitudes
        if lon in ds.variables and lat in ds.variables and _fit(ds[lon], ds[lat])
    ]
    return max(pairs, key=lambda pair: _count_placed(ds, pair), default=(None, None))


def _fit(longitude: xr.DataArray, latitude: xr.DataArray) -> bool:
    are_numbers = longitude.dtype.kind in "fiu" and latitude.dtype.kind in "fiu"
    return are_numbers and (longitude.dims == latitude.dims or (longitude.ndim <= 1 and latitude.ndim <= 1))


def _count_placed(ds: xr.Dataset, pair: tuple[str, str]) -> int:
    variables = ds.variables  # those of `ds.data_vars` are each looked for among all the others
    dims = {*variables[pair[0]].dims, *variables[pair[1]].dims}
    return sum(dims <= set(variable.dims) for name, variable in variables.items() if name not in ds.coords)
