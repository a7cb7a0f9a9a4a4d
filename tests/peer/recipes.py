"""Beam recipes of the shapes that real ones have; each is baked by the peer and by ours."""

HEAD = """
import os

import apache_beam as beam
import numpy as np
import xarray as xr
from pangeo_forge_recipes.patterns import (
    CombineOp,
    ConcatDim,
    Dimension,
    FilePattern,
    Index,
    MergeDim,
    Position,
    pattern_from_file_sequence,
)
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
    "concat and merge with a function": (
        'pattern = FilePattern(lambda time, variable: f"{ARCHIVE}/{variable}_{time}.nc", '
        'ConcatDim("time", range(3)), MergeDim("variable", ["tas", "pr"]))\n\n'
        "class Doubled(beam.PTransform):\n"
        "    def _one(self, ds: xr.Dataset) -> xr.Dataset:\n"
        "        return (ds * 2).drop_vars('cell_area', errors='ignore')\n\n"
        "    def expand(self, pcoll):\n"
        "        return pcoll | 'double' >> beam.MapTuple(lambda k, v: (k, self._one(v)))\n\n\n"
        f"recipe = {OPEN} | Doubled() | {STORE}, target_chunks={{'time': 5}})"
    ),
    "chunks across unequal files": (
        'pattern = pattern_from_file_sequence([f"{ARCHIVE}/unequal_{n}.nc" for n in range(3)], "time")\n'
        f"recipe = {OPEN} | {STORE}, target_chunks={{'time': 4, 'lon': 4}}) | ConsolidateDimensionCoordinates()"
    ),
    "inputs chosen by Filter and FlatMap": (
        f"{FOUR}\n"
        "def once(item):\n"
        "    index, ds = item\n"
        "    yield index, ds.assign(tas=ds.tas - 1)\n\n\n"
        "recipe = beam.Create(pattern.items()) | beam.Filter(lambda item: item[0].find_position('time') < 2) | OpenURLWithFSSpec()"
        f" | OpenWithXarray() | beam.FlatMap(once) | {STORE})"
    ),
    "a DoFn": (
        f"{FOUR}\n"
        "class Sum(beam.DoFn):\n"
        "    def setup(self):\n"
        "        self.by = 3\n\n"
        "    def process(self, element, times):\n"
        "        index, ds = element\n"
        "        ds['sums'] = ds.tas.cumsum('lat') * self.by * times\n"
        "        yield index, ds.set_coords('sums')\n\n\n"
        f"recipe = {OPEN} | beam.Reshuffle() | beam.ParDo(Sum(), times=2) | {STORE})"
    ),
    "chunks by a function that does not name the concat dimension": (
        f"{FOUR}\n"
        "def divide(ds):\n"
        "    assert set(ds.coords) == {'time', 'lat', 'lon', 'cell_area'}\n"
        "    return {'lon': ds.tas.nbytes // 480}\n\n\n"
        f"recipe = {OPEN} | {STORE}, dynamic_chunking_fn=divide)"
    ),
    "inputs created one by one": (
        'TIME = Dimension("time", CombineOp.CONCAT)\n'
        'items = [(Index({TIME: Position(n)}), f"{ARCHIVE}/four_{n}") for n in (1, 0, 2)]\n'
        "named = beam.Map(lambda item: (item[0], item[1] + '.nc'))\n"
        "recipe = beam.Create(items) | named | OpenURLWithFSSpec() | OpenWithXarray()"
        " | StoreToZarr(store_name='out.zarr', combine_dims=[TIME], target_chunks={'time': 3})"
    ),
    "a function between opening and reading": (
        f"{FOUR}\n"
        "import io\n\n"
        "def fetch(index, file):\n"
        "    with file as opened:\n"
        "        return index, io.BytesIO(opened.read())\n\n\n"
        "recipe = beam.Create(pattern.items()) | OpenURLWithFSSpec() | beam.MapTuple(fetch)"
        f" | OpenWithXarray(xarray_open_kwargs={{'engine': 'h5netcdf'}}) | {STORE})"
    ),
    "a group of each file": (
        'pattern = FilePattern(lambda time: f"{ARCHIVE}/grouped_{time}.nc", ConcatDim("time", range(3)))\n'
        "recipe = beam.Create(pattern.items()) | OpenURLWithFSSpec()"
        f" | OpenWithXarray(xarray_open_kwargs={{'group': 'inner', 'engine': 'h5netcdf'}}) | {STORE})"
    ),
    "grid mappings and bounds as coordinates": (
        'pattern = FilePattern(lambda time: f"{ARCHIVE}/mapped_{time}.nc", ConcatDim("time", range(3)))\n'
        "recipe = beam.Create(pattern.items()) | OpenURLWithFSSpec()"
        f" | OpenWithXarray(file_type=pattern.file_type, xarray_open_kwargs={{'decode_coords': 'all'}}) | {STORE})"
    ),
    "a transform derived from one of theirs": (
        f"{FOUR}\n"
        "class Login(OpenURLWithFSSpec):\n"
        "    def expand(self, *args, **kwargs):\n"
        "        self.open_kwargs = {'auto_mkdir': False}\n"
        "        return super().expand(*args, **kwargs)\n\n\n"
        f"recipe = beam.Create(pattern.items()) | Login(max_concurrency=2) | OpenWithXarray() | {STORE})"
    ),
}
