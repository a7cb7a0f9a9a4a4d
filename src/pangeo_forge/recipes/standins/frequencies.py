"""Frequencies as pandas spelt them until 2.2, ``"M"`` or ``"6H"``, which pandas 3 refuses: these are spelt as they are now."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pandas as pd
import xarray as xr

from pangeo_forge.recipes.remarks import remark

#: What a frequency of dates is called now.
OFFSETS = {
    "A": "YE",
    "AS": "YS",
    "BA": "BYE",
    "BAS": "BYS",
    "BH": "bh",
    "BM": "BME",
    "BQ": "BQE",
    "BY": "BYE",
    "CBH": "cbh",
    "CBM": "CBME",
    "H": "h",
    "L": "ms",
    "M": "ME",
    "N": "ns",
    "Q": "QE",
    "S": "s",
    "SM": "SME",
    "T": "min",
    "U": "us",
    "Y": "YE",
}

#: What a frequency of periods is called now: a month is still ``"M"``.
PERIODS = {"A": "Y", "H": "h", "L": "ms", "N": "ns", "S": "s", "T": "min", "U": "us"}

_UNIT = re.compile(r"(?<![A-Za-z-])[A-Za-z]+")

#: The functions of pandas that take one.
RANGES = ("date_range", "period_range", "timedelta_range")


def modernize(frequency: Any, names: dict[str, str] = OFFSETS) -> Any:
    """Spell a frequency as pandas does now; the anchor of ``"A-SEP"`` stays."""
    if not isinstance(frequency, str):
        return frequency
    return _UNIT.sub(lambda match: names.get(match[0], match[0]), frequency)


def _called(function: Callable[..., Any], frequency: Any, names: dict[str, str], *args: Any, **kwargs: Any) -> Any:
    """Call a function with a frequency as it is, and where that is refused as it is spelt now."""
    try:
        return function(*args, freq=frequency, **kwargs)
    except ValueError:
        spelt = modernize(frequency, names)
        if spelt == frequency:
            raise
        result = function(*args, freq=spelt, **kwargs)
    remark(f"the frequency {frequency!r} is refused by pandas today: {spelt!r} is taken for it")
    return result


_date_range, _period_range, _timedelta_range, _cftime_range = pd.date_range, pd.period_range, pd.timedelta_range, xr.date_range


def date_range(start: Any = None, end: Any = None, periods: Any = None, freq: Any = None, *args: Any, **kwargs: Any) -> Any:
    """Make dates, as `pandas.date_range` does; ``closed`` is what is called ``inclusive`` now."""
    if "closed" in kwargs:
        kwargs["inclusive"] = kwargs.pop("closed") or "both"
        remark("closed= is gone from pandas.date_range: inclusive= is taken for it")
    return _called(lambda **given: _date_range(start, end, periods, given.pop("freq"), *args, **given), freq, OFFSETS, **kwargs)


def period_range(start: Any = None, end: Any = None, periods: Any = None, freq: Any = None, **kwargs: Any) -> Any:
    """Make periods, as `pandas.period_range` does."""
    return _called(_period_range, freq, PERIODS, start, end, periods, **kwargs)


def timedelta_range(start: Any = None, end: Any = None, periods: Any = None, freq: Any = None, **kwargs: Any) -> Any:
    """Make differences of time, as `pandas.timedelta_range` does."""
    return _called(_timedelta_range, freq, OFFSETS, start, end, periods, **kwargs)


def cftime_range(start: Any = None, end: Any = None, periods: Any = None, freq: Any = None, **kwargs: Any) -> Any:
    """Make dates of any calendar, as `xarray.cftime_range` did."""
    kwargs = {"calendar": "standard", "use_cftime": True, **kwargs}
    if "closed" in kwargs:
        kwargs["inclusive"] = kwargs.pop("closed") or "both"
    remark("xarray.cftime_range is going from xarray: date_range(…, use_cftime=True) is taken for it")
    return _called(_cftime_range, freq, OFFSETS, start, end, periods, **kwargs)


def resampling(kind: type[Any]) -> Callable[..., Any]:
    """Make the method `resample` of datasets or arrays that takes frequencies as they were spelt."""
    original: Any = kind.resample

    def resample(self: Any, indexer: Any = None, **kwargs: Any) -> Any:
        try:
            return original(self, indexer, **kwargs)
        except ValueError:
            spelt = {name: modernize(value) if name in self.dims else value for name, value in kwargs.items()}
            given = {name: modernize(value) for name, value in indexer.items()} if indexer else indexer
            if (spelt, given) == (kwargs, indexer):
                raise
            result = original(self, given, **spelt)
        remark("a frequency of resample is refused by pandas today: it is taken as it is spelt now")
        return result

    return resample
