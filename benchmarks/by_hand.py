"""What somebody who knows xarray and Dask writes by hand: ``python by_hand.py OUT``, with BENCH_ARCHIVE, BENCH_FILES and BENCH_CODEC."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import fsspec
import xarray as xr

KEPT = ("units", "calendar", "dtype", "_FillValue")


def main(out: str, archive: str, files: int, codec: dict[str, Any]) -> None:
    """Make the store."""
    names = [f"{archive}/f_{index:04d}.nc" for index in range(files)]
    inputs: list[Any] = [fsspec.open(name).open() for name in names] if archive.startswith("http") else names
    ds = xr.open_mfdataset(
        inputs,
        engine="h5netcdf",
        parallel=True,
        combine="nested",
        concat_dim="time",
        data_vars="minimal",
        coords="minimal",
        compat="override",
        join="override",
        chunks={"time": 5},
    )
    for variable in ds.variables.values():
        variable.encoding = {key: value for key, value in variable.encoding.items() if key in KEPT}
    ds.to_zarr(out, mode="w", zarr_format=3, consolidated=True, encoding={name: {"compressors": [codec]} for name in ds.data_vars})


if __name__ == "__main__":
    main(sys.argv[1], os.environ["BENCH_ARCHIVE"], int(os.environ["BENCH_FILES"]), json.loads(os.environ["BENCH_CODEC"]))
