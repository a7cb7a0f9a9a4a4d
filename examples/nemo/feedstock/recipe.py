"""Three months of a NEMO ocean model run, one file a month, become one dataset along time."""

import os

import xarray as xr

from pangeo_forge.recipes import ConcatDim, FilePattern, ZarrRecipe

ARCHIVE = os.environ["NEMO_ARCHIVE"]  # the server's address, such as http://127.0.0.1:8080

MONTHS = ("20150101-20150201", "20150201-20150301", "20150301-20150401")

#: Attributes that say something of one file, not of the dataset.
OF_ONE_FILE = ("name", "file_name", "timeStamp", "TimeStamp")


def make_url(time_counter):
    """Say where the file of one month is."""
    return f"{ARCHIVE}/nemo_1m_{time_counter}_grid-T.nc"


def set_time(ds: xr.Dataset, source) -> xr.Dataset:
    """Take the time from ``time_centered``, the middle of the month: ``time_counter`` is 0.0 in every file."""
    time = ds["time_centered"].variable
    attrs = {"standard_name": "time", "long_name": "Time", "axis": "T", "bounds": "time_centered_bounds"}
    ds = ds.assign_coords(time_counter=xr.Variable(time.dims, time.data, attrs, time.encoding)).drop_vars("time_centered")
    ds.attrs = {name: value for name, value in ds.attrs.items() if name not in OF_ONE_FILE}
    return ds


recipe = ZarrRecipe(
    FilePattern(make_url, ConcatDim("time_counter", MONTHS)),
    preprocess=set_time,
    target_chunks={"time_counter": 1},
)
