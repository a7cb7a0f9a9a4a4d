"""A dataset as it is stored, understood by the CF conventions, without that its coordinates are read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import xarray as xr
from xarray.coders import CFDatetimeCoder
from xarray.conventions import decode_cf_variables

#: Nanoseconds, which xarray takes by default, reach from 1678 to 2262 only.
DECODING = CFDatetimeCoder(time_unit="us")


def decode(stored: xr.Dataset) -> xr.Dataset:
    """Decode a dataset lazily, without indexes, for which xarray reads whole coordinates; times that are not understood stay numbers.

    Parameters
    ----------
    stored : Dataset
        As it is in its store; what is decoded already stays as it is.
    """
    try:
        variables, attrs, told = _decode(stored, DECODING)
    except ValueError:
        variables, attrs, told = _decode(stored, False)
    names = {name for name in variables if name in stored.coords or name in told}
    coordinates = xr.Coordinates({name: variables[name] for name in variables if name in names}, indexes={})
    return xr.Dataset({name: variable for name, variable in variables.items() if name not in names}, coordinates, attrs)


def find_numbers(stored: xr.Dataset, names: Iterable[str]) -> dict[str, xr.Variable]:
    """Find those of some times that are stored as numbers since a day (CF conventions, section 4.4), as such; missing ones are NaN."""
    kept = {name: stored.variables[name] for name in names}
    kept = {
        name: variable for name, variable in kept.items() if variable.dtype.kind in "fiu" and "since" in str(variable.attrs.get("units"))
    }
    variables, _, _ = decode_cf_variables(kept, {}, decode_times=False, decode_timedelta=False)
    return dict(variables)


def _decode(stored: xr.Dataset, decode_times: CFDatetimeCoder | bool) -> Any:
    return decode_cf_variables(stored.variables, stored.attrs, decode_times=decode_times, decode_timedelta=False)
