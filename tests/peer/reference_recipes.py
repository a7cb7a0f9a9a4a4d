"""Beam recipes that write references, of the shapes that real ones have; each is baked by the peer and by ours."""

HEAD = """
import os

import apache_beam as beam
import xarray as xr
from pangeo_forge_recipes.patterns import ConcatDim, FilePattern, MergeDim, pattern_from_file_sequence
from pangeo_forge_recipes.transforms import (
    CombineReferences,
    ConsolidateMetadata,
    OpenURLWithFSSpec,
    OpenWithKerchunk,
    WriteCombinedReference,
    WriteReference,
)

FOLDER = os.environ["ARCHIVE"]
"""

DAYS = 'pattern = FilePattern(lambda time: f"{FOLDER}/days_{time}.nc", ConcatDim("time", range(3), nitems_per_file=4))\n'
OPEN = "beam.Create(pattern.items()) | OpenWithKerchunk(file_type=pattern.file_type)"
WRITE = "WriteCombinedReference(store_name='out', concat_dims=pattern.concat_dims, identical_dims=['lat', 'lon']"

RECIPES = {
    "combined and written in one step": f"{DAYS}recipe = {OPEN} | {WRITE})",
    "combined, then written": (
        f"{DAYS}recipe = {OPEN} | CombineReferences(concat_dims=['time'], identical_dims=['lat', 'lon'])"
        " | WriteReference(store_name='out', concat_dims=['time'])"
    ),
    "opened with fsspec first": (
        f"{DAYS}recipe = beam.Create(pattern.items()) | OpenURLWithFSSpec(open_kwargs={{}})"
        " | OpenWithKerchunk(file_type=pattern.file_type, remote_protocol='file')"
        f" | {WRITE}, remote_protocol='file')"
    ),
    "everything kept in the references": (
        f"{DAYS}recipe = beam.Create(pattern.items()) | OpenWithKerchunk(file_type=pattern.file_type, inline_threshold=6000) | {WRITE})"
    ),
    "times read as such": (f"{DAYS}recipe = {OPEN} | {WRITE}, mzz_kwargs={{'coo_map': {{'time': 'cf:time'}}, 'inline_threshold': 0}})"),
    "a variable left out": (
        f"{DAYS}\n"
        "def drop_ice(refs):\n"
        "    for key in list(refs):\n"
        "        if key.startswith('ice/'):\n"
        "            refs.pop(key)\n"
        "    return refs\n\n\n"
        f"recipe = {OPEN} | {WRITE}, mzz_kwargs=dict(preprocess=drop_ice))"
    ),
    "concat and merge": (
        'pattern = FilePattern(lambda variable, time: f"{FOLDER}/{variable}_{time}.nc", '
        'MergeDim("variable", ["sst", "ice"]), ConcatDim("time", range(3)), file_type="netcdf4")\n'
        f"recipe = {OPEN} | {WRITE})"
    ),
    # Not packed: the peer's kerchunk leaves out what has a `_FillValue` of an integer, since NumPy 2.4.
    "compressed chunks": (
        f'pattern = pattern_from_file_sequence([f"{{FOLDER}}/compressed_{{n}}.nc" for n in range(3)], "time")\nrecipe = {OPEN} | {WRITE})'
    ),
    "NetCDF 3": (
        'pattern = FilePattern(lambda time: f"{FOLDER}/classic_{time}.nc", ConcatDim("time", range(3)), file_type="netcdf3")\n'
        f"recipe = {OPEN} | {WRITE})"
    ),
    "GRIB": (
        'pattern = FilePattern(lambda time: f"{FOLDER}/day_{time}.grib2", ConcatDim("time", range(3)), file_type="grib")\n'
        f"recipe = {OPEN} | WriteCombinedReference(store_name='out', concat_dims=['time'], "
        "identical_dims=['latitude', 'longitude', 'surface', 'step'])"
    ),
    "one variable of GRIB": (
        'pattern = FilePattern(lambda time: f"{FOLDER}/day_{time}.grib2", ConcatDim("time", range(3)), file_type="grib")\n'
        "recipe = beam.Create(pattern.items()) | OpenWithKerchunk("
        "file_type=pattern.file_type, kerchunk_open_kwargs={'filter': {'shortName': 't', 'typeOfLevel': 'surface'}})"
        " | WriteCombinedReference(store_name='out', concat_dims=['time'], identical_dims=['latitude', 'longitude', 'surface', 'step'])"
    ),
}
