"""When a dataset is: its time coordinates, of any calendar, as the dates of RFC 3339 that STAC asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import cftime
import numpy as np
import pandas as pd
import xarray as xr

from pangeo_forge.catalog.describing.axes import Axes
from pangeo_forge.catalog.describing.decoding import DECODING, find_numbers
from pangeo_forge.catalog.describing.pieces import Array, Values, read_first, read_pieces

#: Calendars whose every day is a day of the Gregorian calendar, by name or by what xarray decodes to 64-bit times.
GREGORIAN = ("standard", "gregorian", "proleptic_gregorian")

#: The first and the last valid time of a coordinate, `numpy.datetime64` or `cftime.datetime`; nothing where none is valid.
Ends = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Period:
    """From when to when, both as RFC 3339 in UTC."""

    start: str
    end: str


def find_times(ds: xr.Dataset, stored: xr.Dataset, axes: Axes) -> dict[str, Ends]:
    """Find the ends of the coordinates that hold times, whatever their order.

    Parameters
    ----------
    ds : Dataset
        Whose times are decoded.
    stored : Dataset
        The same as it is stored: numbers are compared in less time and space than times, of which only the ends are decoded.
    axes : Axes
    """
    names = [name for name in dict.fromkeys([*axes.time, *map(str, ds.sizes)]) if name in ds.variables and is_time(ds[name])]
    numbers = find_numbers(stored, names)
    return {name: _decode_ends(numbers[name]) if name in numbers else _find_ends(ds[name]) for name in names}


def find_period(times: Mapping[str, Ends], axes: Axes) -> Period | None:
    """Find the first and the last time of a dataset; None if it has none, or none that can be written.

    One that goes on beyond the years that can be written ends with them, so that it is found by each time that it holds.
    """
    written = [_write(*times[name]) for name in axes.time if times.get(name)]
    periods = [period for period in written if period is not None]
    return Period(min(period.start for period in periods), max(period.end for period in periods)) if periods else None


def _write(first: Any, last: Any) -> Period | None:
    if _year_of(last) < 1 or _year_of(first) > 9999:
        return None
    return Period(format_time(first) or "0001-01-01T00:00:00Z", format_time(last) or "9999-12-31T23:59:59Z")


def _year_of(time: Any) -> int:
    return int(time.astype("M8[Y]").astype("i8")) + 1970 if isinstance(time, np.datetime64) else int(time.year)


def _decode_ends(numbers: xr.Variable) -> Ends:
    """Find the ends of times that are stored as numbers."""
    ends = _find_ends(numbers)
    if not ends:
        return ()
    # Without `fastpath` xarray imports Dask's arrays to see that this is none of them, which takes half a second.
    found = xr.Variable(("end",), np.array(ends), numbers.attrs, fastpath=True)
    try:
        return tuple(DECODING.decode(found).values)
    except (ValueError, OverflowError):  # numbers that lie beyond all calendars
        return ()


def _find_ends(array: Array) -> Ends:
    """Find the least and the greatest valid value."""
    valid = (piece[_is_valid(piece)] for (piece,) in read_pieces(array))
    ends = [end for piece in valid if piece.size for end in (piece.min(), piece.max())]
    return (min(ends), max(ends)) if ends else ()


def _is_valid(values: Values) -> Values:
    if values.dtype.kind == "f":
        return np.isfinite(values)
    if values.dtype.kind == "i":
        return np.not_equal(values, np.iinfo("i8").min)  # which is no time to numpy
    return np.asarray(~pd.isna(values))


def is_time(coordinate: xr.DataArray) -> bool:
    """Tell whether a coordinate holds points in time."""
    if coordinate.dtype.kind == "M":
        return True
    if coordinate.dtype.kind != "O" or not coordinate.size:
        return False
    return _is_since(coordinate) or isinstance(read_first(coordinate), cftime.datetime)


def find_calendar(times: xr.DataArray) -> str:
    """Name the calendar of a coordinate that holds times."""
    if times.dtype.kind == "M":
        return str(times.encoding.get("calendar", "proleptic_gregorian"))
    return str(times.encoding["calendar"] if _is_since(times) else read_first(times).calendar)


def _is_since(coordinate: xr.DataArray) -> bool:
    """Tell whether xarray has made times of the numbers of a coordinate."""
    return "calendar" in coordinate.encoding and "since" in str(coordinate.encoding.get("units", ""))


def format_time(time: Any) -> str | None:
    """Write a time as RFC 3339.

    A day that the Gregorian calendar lacks, such as 30 February of a year of 360 days, becomes the last day of its month.

    Parameters
    ----------
    time : numpy.datetime64 or cftime.datetime

    Returns
    -------
    str or None
        None for years outside of 1 to 9999, which RFC 3339 cannot write.
    """
    if isinstance(time, np.datetime64):
        text = str(time.astype("M8[s]"))
        return f"{text}Z" if len(text) == len("2000-01-01T00:00:00") and text >= "0001" else None
    if not 1 <= time.year <= 9999:
        return None
    day = min(time.day, _days_in(time.year, time.month))
    return datetime(time.year, time.month, day, time.hour, time.minute, time.second, tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%SZ").zfill(20)


def _days_in(year: int, month: int) -> int:
    return int(cftime.datetime(year, month, 1, calendar="proleptic_gregorian").daysinmonth)
