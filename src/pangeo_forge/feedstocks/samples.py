"""Small files to try a new recipe on: made-up daily sea surface temperature, one file a month."""

from __future__ import annotations

from math import cos, pi, radians
from pathlib import Path
from typing import Any

#: The months, by their first day and their length, in days since the start of 2020.
_MONTHS = {"2020-01": (0, 31), "2020-02": (31, 29), "2020-03": (60, 31)}
_LATITUDES = [-60.0, -30.0, 0.0, 30.0, 60.0]
_LONGITUDES = [float(degrees) for degrees in range(0, 360, 45)]


def write_samples(folder: Path) -> list[Path]:
    """Write three NetCDF files ``sst_YYYY-MM.nc`` with ``SST(time, lat, lon)`` in degrees Celsius, and return their paths."""
    from netCDF4 import Dataset

    paths = []
    for month, (start, length) in _MONTHS.items():
        days = list(range(start, start + length))
        paths.append(folder / f"sst_{month}.nc")
        with Dataset(paths[-1], "w") as file:
            file.setncatts({"Conventions": "CF-1.11", "title": "Made-up sea surface temperature"})
            time = {"units": "days since 2020-01-01", "calendar": "standard", "standard_name": "time", "axis": "T"}
            _write_axis(file, "time", days, time)
            _write_axis(file, "lat", _LATITUDES, {"units": "degrees_north", "standard_name": "latitude", "axis": "Y"})
            _write_axis(file, "lon", _LONGITUDES, {"units": "degrees_east", "standard_name": "longitude", "axis": "X"})
            sst = file.createVariable("SST", "f4", ("time", "lat", "lon"), compression="zlib")
            sst.setncatts({"units": "degree_Celsius", "standard_name": "sea_surface_temperature", "cell_methods": "time: mean"})
            sst[:] = [[[_temperature(day, lat, lon) for lon in _LONGITUDES] for lat in _LATITUDES] for day in days]
    return paths


def _write_axis(file: Any, name: str, values: list[Any], attributes: dict[str, str]) -> None:
    file.createDimension(name, len(values))
    variable = file.createVariable(name, "f8", (name,))
    variable.setncatts(attributes)
    variable[:] = values


def _temperature(day: int, latitude: float, longitude: float) -> float:
    """Warm at the equator, colder in winter (northern in January), and a little different all around."""
    season = -4 * cos(2 * pi * (day - 30) / 365) * (latitude / 60)
    return round(28 * cos(radians(latitude)) ** 2 + season + cos(radians(longitude)), 3)
