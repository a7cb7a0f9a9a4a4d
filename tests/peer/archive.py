"""Small made-up files of the shapes that the recipes read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr

LAT, LON = np.linspace(-80, 80, 5), np.arange(0.0, 360.0, 60.0)


def make(first: int, steps: int, name: str = "tas") -> xr.Dataset:
    """Make days from a first one on, with an area that all files have in common."""
    rng = np.random.default_rng(first)
    values = rng.normal(10, 3, (steps, LAT.size, LON.size)).astype("f4")
    times = np.datetime64("2000-01-01") + np.arange(first, first + steps)
    return xr.Dataset(
        {
            name: (("time", "lat", "lon"), values, {"units": "degC", "long_name": name}),
        },
        {
            "time": times.astype("M8[ns]"),
            "lat": ("lat", LAT, {"units": "degrees_north"}),
            "lon": LON,
            # A coordinate, as the peer cannot bake a data variable without the concat dimension.
            "cell_area": (("lat", "lon"), np.outer(np.cos(np.radians(LAT)), np.ones(LON.size)), {"units": "m2"}),
        },
        {"title": "made up", "history": f"from day {first}"},
    )


def write_archive(folder: Path) -> Path:
    """Write all files into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(6):
        make(number, 1).to_netcdf(folder / f"one_{number}.nc")
    for number in range(3):
        make(4 * number, 4).to_netcdf(folder / f"four_{number}.nc")
        make(4 * number, 4).to_netcdf(folder / f"tas_{number}.nc")
        make(4 * number, 4, "pr").drop_vars("cell_area").to_netcdf(folder / f"pr_{number}.nc")
        packing = {"tas": {"dtype": "i2", "scale_factor": 0.01, "add_offset": 5.0, "_FillValue": -9999}}
        make(4 * number, 4).to_netcdf(folder / f"packed_{number}.nc", encoding=packing)
        make(4 * number, 4).to_netcdf(folder / f"grouped_{number}.nc", group="inner")
        _map(make(4 * number, 4)).to_netcdf(folder / f"mapped_{number}.nc")
        make(4 * number, 4).to_netcdf(folder / f"classic_{number}.nc", format="NETCDF3_CLASSIC")
    for number, (first, steps) in enumerate([(0, 2), (2, 5), (7, 3)]):
        make(first, steps).to_netcdf(folder / f"unequal_{number}.nc")
    for number in range(4):
        make(number, 1).isel(time=0, drop=True).drop_vars("cell_area").to_netcdf(folder / f"bare_{number}.nc")
    return folder


def _map(ds: xr.Dataset) -> xr.Dataset:
    """Give a grid mapping and bounds, as data variables."""
    ds["crs"] = ((), np.int32(0), {"grid_mapping_name": "latitude_longitude"})
    ds["lat_bnds"] = (("lat", "bnds"), np.stack([LAT - 20, LAT + 20], axis=1))
    ds.lat.attrs["bounds"] = "lat_bnds"
    ds.tas.attrs["grid_mapping"] = "crs"
    return ds
