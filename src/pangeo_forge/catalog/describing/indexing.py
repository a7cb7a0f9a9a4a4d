"""Whether xarray may make indexes of a dataset's coordinates, for which it reads those of one dimension whole, and decodes them."""

from __future__ import annotations

import xarray as xr

from pangeo_forge.catalog.describing.times import GREGORIAN

#: A reader's memory that an index may take while it is made, and what a value takes of it: a number or a 64-bit time, or the object that
#: a time in a calendar of its own is.
_MOST = 500_000_000
_NUMBER = 33
_OBJECT = 320


def takes_indexes(stored: xr.Dataset) -> bool:
    """Tell whether all indexes of a dataset, as it is stored, can be made in little memory."""
    return all(variable.size * _size(variable) <= _MOST for name, variable in stored.variables.items() if variable.dims == (name,))


def _size(variable: xr.Variable) -> int:
    return _NUMBER if str(variable.attrs.get("calendar", "standard")).lower() in GREGORIAN else _OBJECT
