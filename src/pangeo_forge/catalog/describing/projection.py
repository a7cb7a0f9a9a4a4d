"""The coordinate reference system of a grid, by its grid mapping (CF conventions, section 5.6)."""

from __future__ import annotations

import xarray as xr
from pyproj import CRS
from pyproj.exceptions import CRSError


def find_projection(ds: xr.Dataset) -> CRS | None:
    """Find the coordinate reference system of most data variables; None if no grid mapping tells it."""
    names = [str(name) for name in map(_grid_mapping, ds.variables.values()) if name in ds.variables]
    for name in sorted(set(names), key=names.count, reverse=True):
        try:
            return CRS.from_cf({key: value for key, value in ds[name].attrs.items() if value is not None})
        except (CRSError, KeyError, ValueError, TypeError):  # what an author wrote there may be anything; the next may do
            continue
    return None


def _grid_mapping(variable: xr.Variable) -> str:
    """Give the name of a variable's grid mapping; the extended form, ``"crs: x y"``, may name several, of which the first is taken."""
    text = str(variable.attrs.get("grid_mapping") or variable.encoding.get("grid_mapping") or "")
    return text.split(":")[0].split()[0] if text.strip() else ""
