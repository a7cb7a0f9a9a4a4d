"""Pipelines of the Beam API, read as plans, or refused with the reason."""

from __future__ import annotations

import textwrap

import pytest

from baking import bake
from pangeo_forge.errors import RecipeFailed, UserError
from pangeo_forge.recipes.lifting import LiftedRecipe, UnliftedPipeline
from peer.recipes import FOUR, OPEN, STORE


@pytest.fixture
def load(load_beam):
    """Load the object `recipe` of a module that begins with a pattern, too."""
    return lambda text: load_beam(FOUR + "\n" + textwrap.dedent(text))


def test_functions_behind_the_store_are_called_with_it(load, tmp_path):
    recipe = load(f"""
        import pathlib


        def check(store, name):
            ds = xr.open_dataset(store, engine="zarr")
            assert ds.sizes["time"] == 12
            pathlib.Path(name).write_text(store.path)
            return store


        def again(store):
            assert store.path
            return store


        recipe = {OPEN} | {STORE}) | ConsolidateMetadata() | beam.Map(check, name={str(tmp_path / "seen")!r}) | beam.Map(again)
    """)
    bake(recipe, tmp_path)
    assert (tmp_path / "seen").read_text() == str(tmp_path / "out.zarr")


def test_a_function_behind_the_store_that_fails_is_the_recipes_fault(load, tmp_path):
    recipe = load(f"""
        def check(store):
            raise AssertionError("not as it should be")


        recipe = {OPEN} | {STORE}) | beam.Map(check)
    """)
    with pytest.raises(RecipeFailed, match="check failed: AssertionError: not as it should be"):
        bake(recipe, tmp_path)


def test_a_pruned_pipeline_reads_two_inputs(load):
    recipe = load(f"recipe = {OPEN} | {STORE})")
    assert (len(recipe.pattern), len(recipe.prune().pattern)) == (3, 2)


def test_the_name_of_create_does_not_matter(load):
    recipe = load(f"from apache_beam import Create as Start\nrecipe = {OPEN.replace('beam.Create', 'Start')} | {STORE})")
    assert len(recipe.prune().pattern) == 2


def test_a_transform_may_be_made_of_others(load):
    recipe = load(
        """
        from dataclasses import dataclass


        @dataclass
        class Whole(beam.PTransform):
            name: str

            def expand(self, pcoll):
                return pcoll | OpenURLWithFSSpec() | OpenWithXarray() | StoreToZarr(self.name, combine_dims=pattern.combine_dim_keys)


        recipe = beam.Create(pattern.items()) | Whole("all.zarr")
    """.replace("StoreToZarr(self.name, ", "StoreToZarr(store_name=self.name, ")
    )
    assert isinstance(recipe, LiftedRecipe)
    assert recipe.store_name == "all.zarr"


def test_a_function_may_be_a_transform(load):
    recipe = load(f"""
        @beam.ptransform_fn
        def prepared(pcoll, offset):
            return pcoll | beam.MapTuple(lambda index, ds: (index, ds + offset))


        recipe = {OPEN} | prepared(1) | {STORE})
    """)
    assert isinstance(recipe, LiftedRecipe)


KERCHUNK = "from pangeo_forge_recipes.transforms import OpenWithKerchunk, WriteCombinedReference, WriteReference\n"

REASONS = {
    "recipe = beam.Create([1, 2]) | OpenURLWithFSSpec() | OpenWithXarray() | "
    + STORE
    + ")": "its Create gives something else than pairs of an index and a URL",
    f"recipe = {OPEN}": "it has 0 steps that write a store",
    f"recipe = {OPEN} | beam.Map(max, beam.pvalue.AsList(beam.Create([1]))) | {STORE})": "Map takes the elements of another pipeline",
    f"recipe = {OPEN} | beam.Map(max, beam.Create([1]) | beam.Map(max)) | {STORE})": "Map takes the elements of another pipeline",
    f"recipe = {OPEN} | beam.GroupByKey() | {STORE})": "apache_beam.GroupByKey is not among the transforms that are read",
    f"recipe = {OPEN} | beam.combiners.Count.Globally() | {STORE})": "apache_beam.combiners.Count.Globally",
    f"{KERCHUNK}recipe = beam.Create(pattern.items()) | WriteCombinedReference('a', ['time'])": "it opens nothing with OpenWithKerchunk",
    f"{KERCHUNK}recipe = beam.Create(pattern.items()) | OpenWithKerchunk() | WriteReference('a', ['time'])": "that nothing has combined",
    f"{KERCHUNK}recipe = beam.Create(pattern.items()) | OpenWithKerchunk() | beam.Map(print) | WriteCombinedReference('a', ['time'])": (
        "Map stands before references are written"
    ),
    f"{KERCHUNK}recipe = beam.Create(pattern.items()) | OpenWithKerchunk(file_type='zarr') | WriteCombinedReference('a', ['time'])": (
        "it makes references of files of type zarr"
    ),
}


@pytest.mark.parametrize("text", list(REASONS))
def test_a_pipeline_that_no_plan_does_says_why_when_it_is_run(load, tmp_path, text):
    recipe = load(text)
    assert isinstance(recipe, UnliftedPipeline)
    with pytest.raises(UserError) as caught:
        bake(recipe, tmp_path)
    assert REASONS[text] in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("return ds", "returned a Dataset, not a pair of an index and a dataset"),
        ("return {}, ds", "returned another index than it was given"),
        ("return index, ds['no such variable']", "KeyError"),
    ],
)
def test_a_function_that_returns_something_else_is_told(load, tmp_path, text, message):
    recipe = load(f"""
        def change(item):
            index, ds = item
            {text}


        recipe = {OPEN} | beam.Map(change) | {STORE})
    """)
    with pytest.raises((RecipeFailed, UserError), match=message):
        bake(recipe, tmp_path)


def test_secrets_of_the_query_are_in_no_address(load):
    recipe = load(f"""
        opened = OpenURLWithFSSpec(secrets={{"token": "not-to-be-shown"}})
        recipe = beam.Create(pattern.items()) | opened | OpenWithXarray() | {STORE})
    """)
    assert recipe.pattern.fsspec_open_kwargs == {"params": {"token": "not-to-be-shown"}}
    assert "not-to-be-shown" not in repr(recipe) + recipe.pattern[0].url
