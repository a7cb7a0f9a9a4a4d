"""Code of recipes of the older APIs that fails, wherever it is called: the error names it and the input, and shows its author's lines."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from baking import bake
from pangeo_forge.engines.base import make_engine
from pangeo_forge.errors import ForgeError, RecipeFailed
from pangeo_forge.recipes.lifting.lifted import UnliftedPipeline
from pangeo_forge.recipes.loading import load_recipe

PACKAGE = str(Path(__file__).parents[2] / "src" / "pangeo_forge")

CLASSIC = """
from pangeo_forge_recipes.patterns import ConcatDim, FilePattern
from pangeo_forge_recipes.recipes import XarrayZarrRecipe

def make_url(time):
    return f"{{archive}}/{{{{time}}}}.nc"

def fail(*args):
    raise LookupError("mine")

pattern = FilePattern(make_url, ConcatDim("time", range(4), nitems_per_file=1))
recipe = {recipe}
"""

BEAM = """
import apache_beam as beam
from pangeo_forge_recipes.patterns import ConcatDim, FilePattern
from pangeo_forge_recipes.transforms import OpenURLWithFSSpec, OpenWithXarray, StoreToZarr

def make_url(time):
    return f"{{archive}}/{{{{time}}}}.nc"

def fail(*args, **kwargs):
    raise LookupError("mine")

class Do(beam.DoFn):
    def process(self, element):
        fail()
        yield element

class Own(beam.PTransform):
    def expand(self, pcoll):
        return fail()

pattern = FilePattern(make_url, ConcatDim("time", range(4)))
opened = beam.Create(pattern.items()) | OpenURLWithFSSpec() | OpenWithXarray(file_type=pattern.file_type)
stored = StoreToZarr(store_name="a.zarr", combine_dims=pattern.combine_dim_keys)
recipe = {recipe}
"""

#: By the recipe's kind and text: the function that messages name.
FAILING = {
    (CLASSIC, "XarrayZarrRecipe(pattern, process_input=fail)"): "fail",
    (CLASSIC, "XarrayZarrRecipe(pattern, process_input=lambda ds, name: fail())"): "<lambda>",
    (CLASSIC, "XarrayZarrRecipe(pattern, process_chunk=fail)"): "fail",
    (CLASSIC, "XarrayZarrRecipe(pattern, process_chunk=fail, inputs_per_chunk=2)"): "fail",
    (BEAM, "opened | beam.Map(fail) | stored"): "fail",
    (BEAM, "opened | beam.MapTuple(lambda index, ds: fail()) | stored"): "<lambda>",
    (BEAM, "opened | stored | beam.Map(fail)"): "fail",
    (BEAM, "opened | StoreToZarr(store_name='a.zarr', combine_dims=pattern.combine_dim_keys, dynamic_chunking_fn=fail)"): "fail",
}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    folder.mkdir()
    for number in range(4):
        xr.Dataset({"sst": (("time", "x"), np.full((1, 4), float(number)))}, {"time": [number]}).to_netcdf(folder / f"{number}.nc")
    return folder


def write(folder: Path, archive: Path, text: str, recipe: str) -> Path:
    feedstock = folder / "feedstock"
    feedstock.mkdir()
    (feedstock / "recipe.py").write_text(
        text.format(recipe=recipe).replace("{archive}", str(archive)).replace("{{", "{").replace("}}", "}")
    )
    return feedstock


def frames_of(error: ForgeError) -> list[str]:
    return re.findall(r'File ".+", line \d+, in .+', error.detail or "")


@pytest.mark.parametrize("engine", ["local", "serial"])
@pytest.mark.parametrize(("text", "recipe", "name"), [(*key, name) for key, name in FAILING.items()], ids=[key[1] for key in FAILING])
def test_a_function_that_fails_is_named(tmp_path: Path, archive: Path, text: str, recipe: str, name: str, engine: str) -> None:
    feedstock = write(tmp_path, archive, text, recipe)
    _, loaded = load_recipe(feedstock, [("a", "recipe:recipe")], "a")
    with pytest.raises(RecipeFailed) as caught:
        bake(loaded, tmp_path, make_engine(engine, {"workers": 2}))
    error = caught.value
    assert error.message == f"{name} failed: LookupError: mine"
    assert str(error.where).startswith((str(archive), str(tmp_path / "out.zarr"), "target_chunks"))
    frames = frames_of(error)
    assert frames[0].startswith(f'File "{feedstock}/recipe.py"'), frames
    assert not any(PACKAGE in frame for frame in frames), frames


@pytest.mark.parametrize("recipe", ["opened | Own() | stored", "Own()"])
def test_an_expand_that_fails_is_the_reason_why_beam_is_to_run_the_pipeline(tmp_path: Path, archive: Path, recipe: str) -> None:
    _, loaded = load_recipe(write(tmp_path, archive, BEAM, recipe), [("a", "recipe:recipe")], "a")
    assert isinstance(loaded, UnliftedPipeline)
    assert loaded.reason == "the expand of Own fails: LookupError: mine"
