"""When a dataset is: its time coordinates, of any calendar, as the dates of RFC 3339 that STAC asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import cftime
import numpy as np
import pandas as pd
import xarray as xr

from pangeo_forge.catalog.describing.axes import Axes

#: Calendars whose every day is a day of the Gregorian calendar, by name or by what xarray decodes to 64-bit times.
GREGORIAN = ("standard", "gregorian", "proleptic_gregorian")


@dataclass(frozen=True, slots=True)
class Period:
    """From when to when, both as RFC 3339 in UTC."""

    start: str
    end: str


def find_period(ds: xr.Dataset, axes: Axes) -> Period | None:
    """Find the first and the last time of a dataset; None if it has none, or none that can be written."""
    ends = [end for name in axes.time for end in find_ends(ds[name])]
    written = sorted(text for text in map(format_time, ends) if text is not None)
    return Period(written[0], written[-1]) if written else None


def find_ends(times: xr.DataArray) -> tuple[Any, ...]:
    """Find the first and the last valid time of a coordinate: `numpy.datetime64` or `cftime.datetime`; nothing if it holds no times."""
    if not is_time(times):
        return ()
    values = times.values.ravel()
    valid = values[~pd.isna(values)]
    return (valid.min(), valid.max()) if valid.size else ()


def is_time(coordinate: xr.DataArray) -> bool:
    """Tell whether a coordinate holds points in time."""
    if coordinate.dtype.kind == "M":
        return True
    if coordinate.dtype.kind != "O" or not coordinate.size:
        return False
    return isinstance(coordinate.values.flat[0], cftime.datetime)


def find_calendar(times: xr.DataArray) -> str:
    """Name the calendar of a coordinate that holds times."""
    if times.dtype.kind == "M":
        return str(times.encoding.get("calendar", "proleptic_gregorian"))
    return str(times.values.flat[0].calendar)


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
