"""Beam recipes of the shapes that real ones have; each is baked by the peer and by ours."""

HEAD = """
import os

import apache_beam as beam
import numpy as np
import xarray as xr
from pangeo_forge_recipes.patterns import ConcatDim, FilePattern, MergeDim, pattern_from_file_sequence
from pangeo_forge_recipes.transforms import (
    ConsolidateDimensionCoordinates,
    ConsolidateMetadata,
    Indexed,
    OpenURLWithFSSpec,
    OpenWithXarray,
    StoreToZarr,
    T,
)

ARCHIVE = os.environ["ARCHIVE"]
"""

ONE = 'pattern = FilePattern(lambda time: f"{ARCHIVE}/one_{time}.nc", ConcatDim("time", range(6), nitems_per_file=1))\n'
FOUR = 'pattern = FilePattern(lambda time: f"{ARCHIVE}/four_{time}.nc", ConcatDim("time", range(3), nitems_per_file=4))\n'
STORE = "StoreToZarr(store_name='out.zarr', combine_dims=pattern.combine_dim_keys"
OPEN = "beam.Create(pattern.items()) | OpenURLWithFSSpec() | OpenWithXarray(file_type=pattern.file_type)"

RECIPES = {
    "one concat dimension": f"{ONE}recipe = {OPEN} | {STORE})",
    "several steps in a file": f"{FOUR}recipe = {OPEN} | {STORE}) | ConsolidateDimensionCoordinates() | ConsolidateMetadata()",
    "unequal steps": (
        'pattern = pattern_from_file_sequence([f"{ARCHIVE}/unequal_{n}.nc" for n in range(3)], "time")\n'
        f"recipe = {OPEN} | {STORE}, target_chunks={{'time': 2}})"
    ),
    "concat and merge": (
        'pattern = FilePattern(lambda time, variable: f"{ARCHIVE}/{variable}_{time}.nc", '
        'ConcatDim("time", range(3)), MergeDim("variable", ["tas", "pr"]))\n'
        f"recipe = {OPEN} | {STORE})"
    ),
    "chunks smaller than inputs": f"{FOUR}recipe = {OPEN} | {STORE}, target_chunks={{'time': 2, 'lat': 3}})",
    "chunks larger than inputs": f"{FOUR}recipe = {OPEN} | {STORE}, target_chunks={{'time': 6}})",
    "preprocess by Map": (
        f"{FOUR}\n"
        "def warm(item):\n"
        "    index, ds = item\n"
        "    return index, ds.assign(tas=ds.tas + 1).drop_vars('cell_area')\n\n\n"
        f"recipe = {OPEN} | beam.Map(warm) | {STORE}, attrs={{'made': 'by a test'}})"
    ),
    "a transform of its own": (
        f"{FOUR}\n"
        "class Kelvin(beam.PTransform):\n"
        "    @staticmethod\n"
        "    def _convert(item: Indexed[T]) -> Indexed[T]:\n"
        "        index, ds = item\n"
        "        ds['tas'] = ds.tas + 273.15\n"
        "        ds.tas.attrs['units'] = 'K'\n"
        "        return index, ds\n\n"
        "    def expand(self, pcoll: beam.PCollection) -> beam.PCollection:\n"
        "        return pcoll | beam.Map(self._convert)\n\n\n"
        f"recipe = {OPEN} | 'to kelvin' >> Kelvin() | {STORE})"
    ),
    "chunks by a function": (
        f"{FOUR}\n"
        "def divide(ds, lengths):\n"
        "    assert ds.sizes['time'] == 12\n"
        "    return {'time': lengths, 'lon': ds.sizes['lon'] // 2}\n\n\n"
        f"recipe = {OPEN} | {STORE}, dynamic_chunking_fn=divide, dynamic_chunking_fn_kwargs={{'lengths': 3}})"
    ),
    "a coordinate made by MapTuple": (
        'pattern = FilePattern(lambda step: f"{ARCHIVE}/bare_{step}.nc", ConcatDim("step", range(4)))\n\n'
        "def place(index, ds):\n"
        "    return index, ds.expand_dims(step=[index.find_position('step') * 10])\n\n\n"
        f"recipe = {OPEN} | beam.MapTuple(place) | {STORE}, target_chunks={{'step': 2}})"
    ),
    "encoding and options of xarray": (
        f"{FOUR}"
        "recipe = beam.Create(pattern.items()) | OpenURLWithFSSpec() | OpenWithXarray("
        "file_type=pattern.file_type, xarray_open_kwargs={'drop_variables': ['cell_area']}, load=True)"
        f" | {STORE}, encoding={{'tas': {{'dtype': 'f8'}}}})"
    ),
    "packed values": (
        f'pattern = FilePattern(lambda time: f"{{ARCHIVE}}/packed_{{time}}.nc", ConcatDim("time", range(3)))\nrecipe = {OPEN} | {STORE})'
    ),
    "NetCDF 3": (
        'pattern = FilePattern(lambda time: f"{ARCHIVE}/classic_{time}.nc", ConcatDim("time", range(3)), file_type="netcdf3")\n'
        f"recipe = {OPEN} | {STORE})"
    ),
}
