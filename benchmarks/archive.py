"""Make an archive of NetCDF4 files to bake: ``python archive.py FOLDER [--files 24]``

24 files are 210 MB, 374 MB raw: three float32 fields with noise, five time steps a file, one HDF5 chunk a step, zlib 4 with shuffle,
so that reading and writing cost what real model output costs.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import h5netcdf
import numpy as np

STEPS, LATITUDES, LONGITUDES, VARIABLES = 5, 361, 720, 3


def make_archive(folder: Path, files: int) -> Path:
    """Write the files that are not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    missing = [index for index in range(files) if not file_of(folder, index).exists()]
    if missing:
        with ProcessPoolExecutor() as pool:
            list(pool.map(write_file, [folder] * len(missing), missing))
    return folder


def file_of(folder: Path, index: int) -> Path:
    """Name a file of the archive."""
    return folder / f"f_{index:04d}.nc"


def write_file(folder: Path, index: int) -> None:
    """Write one file; it has its name only once it is whole."""
    latitude = np.linspace(-90, 90, LATITUDES, dtype="f4")
    longitude = np.linspace(0, 360, LONGITUDES, endpoint=False, dtype="f4")
    noise = np.random.default_rng(index)
    partial = folder / f".f_{index:04d}.nc"
    with h5netcdf.File(partial, "w") as file:
        file.attrs.update({"title": "An archive to measure with", "Conventions": "CF-1.8"})
        file.dimensions = {"time": STEPS, "lat": LATITUDES, "lon": LONGITUDES}
        time = file.create_variable("time", ("time",), "i4", data=index * STEPS + np.arange(STEPS, dtype="i4"))
        time.attrs.update({"units": "days since 2000-01-01", "calendar": "standard", "standard_name": "time"})
        file.create_variable("lat", ("lat",), "f4", data=latitude).attrs.update({"units": "degrees_north", "standard_name": "latitude"})
        file.create_variable("lon", ("lon",), "f4", data=longitude).attrs.update({"units": "degrees_east", "standard_name": "longitude"})
        for number in range(VARIABLES):
            variable = file.create_variable(
                f"v{number}",
                ("time", "lat", "lon"),
                "f4",
                data=make_field(noise, latitude, longitude, index * STEPS + number),
                chunks=(1, LATITUDES, LONGITUDES),
                compression="gzip",
                compression_opts=4,
                shuffle=True,
            )
            variable.attrs.update({"units": "K", "long_name": f"variable {number}"})
    partial.rename(file_of(folder, index))


def make_field(noise: np.random.Generator, latitude: np.ndarray, longitude: np.ndarray, first: int) -> np.ndarray:
    """Make a wave that wanders, with noise, rounded to hundredths; ``(time, lat, lon)``, float32."""
    y, x = np.deg2rad(latitude)[:, None], np.deg2rad(longitude)[None, :]
    steps = first + np.arange(STEPS)[:, None, None]
    wave = 15 * np.cos(y) * np.cos(x + 0.1 * steps) + 5 * np.sin(3 * x + 2 * y)
    return np.round(wave + noise.normal(0, 0.3, wave.shape), 2).astype("f4")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=24)
    arguments = parser.parse_args()
    make_archive(arguments.folder, arguments.files)
