"""The archive as a recipe for pangeo-forge-recipes 0.10, to be baked by pangeo-forge-runner."""

import os
import time
from pathlib import Path

import apache_beam as beam
from pangeo_forge_recipes.patterns import ConcatDim, FilePattern
from pangeo_forge_recipes.transforms import (
    ConsolidateDimensionCoordinates,
    ConsolidateMetadata,
    OpenURLWithFSSpec,
    OpenWithXarray,
    StoreToZarr,
)

# The runner imports this after its start-up; the last time it does is when the bake begins.
if "BENCH_STAMP" in os.environ:
    Path(os.environ["BENCH_STAMP"]).write_text(str(time.time()))


def address(time):
    """Say where a file is."""
    return os.environ["BENCH_ARCHIVE"] + f"/f_{time:04d}.nc"


files = ConcatDim("time", keys=list(range(int(os.environ["BENCH_FILES"]))), nitems_per_file=5)
pattern = FilePattern(address, files, file_type="netcdf4")
# The runner rewrites calls in this text to hand over where to store, so they must be named just so.
recipe = (
    beam.Create(pattern.items())
    | OpenURLWithFSSpec()
    | OpenWithXarray(file_type=pattern.file_type)
    | StoreToZarr(store_name="bench.zarr", combine_dims=pattern.combine_dim_keys, target_chunks={"time": 5})
    | ConsolidateDimensionCoordinates()
    | ConsolidateMetadata()
)
