"""The least work that makes the store: ``python floor.py OUT``, with the variables BENCH_ARCHIVE, BENCH_FILES and BENCH_CODEC.

One process a core; each reads whole files with h5netcdf and writes whole chunks with zarr. It knows the shapes beforehand, checks
nothing and can do nothing else.
"""

from __future__ import annotations

import io
import json
import multiprocessing
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from typing import Any
from urllib.request import urlopen

import h5netcdf
import zarr

STEPS = 5


def open_input(archive: str, index: int) -> h5netcdf.File:
    """Open a file; over HTTP it is fetched whole, by one request."""
    path = f"{archive}/f_{index:04d}.nc"
    if path.startswith("http"):
        with urlopen(path) as answer:
            return h5netcdf.File(io.BytesIO(answer.read()), "r")
    return h5netcdf.File(path, "r")


def prepare(archive: str, out: str, files: int, codec: dict[str, Any]) -> None:
    """Write the store's metadata."""
    group = zarr.open_group(out, mode="w", zarr_format=3)
    with open_input(archive, 0) as file:
        for name, variable in file.variables.items():
            shape = [files * STEPS if dim == "time" else size for dim, size in zip(variable.dimensions, variable.shape, strict=True)]
            group.create_array(
                name,
                shape=shape,
                chunks=variable.shape,
                dtype=variable.dtype,
                dimension_names=variable.dimensions,
                compressors=codec,
                attributes={key: value for key, value in variable.attrs.items() if isinstance(value, str)},
            )


def store(archive: str, out: str, index: int) -> None:
    """Write one file's chunks."""
    group = zarr.open_group(out, mode="r+")
    with open_input(archive, index) as file:
        for name, variable in file.variables.items():
            if "time" in variable.dimensions:
                group[name][index * STEPS : (index + 1) * STEPS] = variable[...]
            elif index == 0:
                group[name][...] = variable[...]


def main(out: str, archive: str, files: int, codec: dict[str, Any]) -> None:
    """Make the store."""
    prepare(archive, out, files, codec)
    with ProcessPoolExecutor(len(os.sched_getaffinity(0)), mp_context=multiprocessing.get_context("fork")) as pool:
        list(pool.map(store, [archive] * files, [out] * files, range(files)))
    zarr.consolidate_metadata(out)


if __name__ == "__main__":
    main(sys.argv[1], os.environ["BENCH_ARCHIVE"], int(os.environ["BENCH_FILES"]), json.loads(os.environ["BENCH_CODEC"]))
