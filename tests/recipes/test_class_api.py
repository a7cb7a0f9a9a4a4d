"""Recipes of the class API of 2021 to 2023 bake unchanged, with the meaning that their parameters had."""

from __future__ import annotations

import importlib.util
import itertools
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
import xarray as xr

from baking import bake
from pangeo_forge.errors import RecipeFailed, UserError
from pangeo_forge.recipes.loading import load_recipe
from peer.archive import write_archive

HEAD = """
from pangeo_forge_recipes.patterns import ConcatDim, FilePattern, MergeDim, pattern_from_file_sequence
from pangeo_forge_recipes.recipes import XarrayZarrRecipe

ARCHIVE = "{archive}"
four = FilePattern(lambda time: f"{{ARCHIVE}}/four_{{time}}.nc", ConcatDim("time", range(3), nitems_per_file=4))
"""

_NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_archive(tmp_path_factory.mktemp("archive"))


@pytest.fixture
def load(tmp_path, archive, monkeypatch):
    """Load the object `recipe` of a module; `head` stands before its text."""
    monkeypatch.setattr(sys, "path", list(sys.path))

    def load(text: str, head: str = HEAD) -> Any:
        name = f"class_api_{next(_NUMBERS)}"
        (tmp_path / f"{name}.py").write_text(head.format(archive=archive) + textwrap.dedent(text))
        return load_recipe(tmp_path, [("recipe", f"{name}:recipe")], "recipe")[1]

    return load


def whole(archive: Path, name: str = "four", count: int = 3) -> xr.Dataset:
    with xr.open_mfdataset(
        [archive / f"{name}_{number}.nc" for number in range(count)],
        combine="nested",
        concat_dim="time",
        data_vars="minimal",
        coords="minimal",
        compat="override",
        join="override",
    ) as opened:
        return opened.load()


def assert_same(ours: xr.Dataset, expected: xr.Dataset) -> None:
    xr.testing.assert_equal(ours, expected.reset_coords("cell_area", drop=False).set_coords("cell_area"))


def test_files_become_one_dataset(load, archive, tmp_path):
    ours, _, _ = bake(load("recipe = XarrayZarrRecipe(four, inputs_per_chunk=2)"), tmp_path)
    assert_same(ours, whole(archive))
    assert ours.tas.encoding["chunks"] == (8, 5, 6)


def test_target_chunks_count_before_inputs(load, tmp_path):
    ours, _, _ = bake(load('recipe = XarrayZarrRecipe(four, target_chunks={"time": 3, "lon": 2, "depth": 7})'), tmp_path)
    assert ours.tas.encoding["chunks"] == (3, 5, 2)


def test_a_merge_dimension_brings_variables_together(load, archive, tmp_path):
    recipe = load("""
        pattern = FilePattern(
            lambda time, variable: f"{ARCHIVE}/{variable}_{time}.nc",
            ConcatDim("time", range(3), nitems_per_file=4),
            MergeDim("variable", ["tas", "pr"]),
        )
        recipe = XarrayZarrRecipe(pattern)
    """)
    ours, _, _ = bake(recipe, tmp_path)
    xr.testing.assert_equal(ours[["tas"]].drop_vars("cell_area"), whole(archive, "tas").drop_vars("cell_area"))
    xr.testing.assert_equal(ours.pr.drop_vars("cell_area", errors="ignore"), whole(archive, "pr").pr)


def test_files_of_unequal_length_follow_one_another(load, archive, tmp_path):
    recipe = load("""
        files = [f"{ARCHIVE}/unequal_{number}.nc" for number in range(3)]
        recipe = XarrayZarrRecipe(pattern_from_file_sequence(files, "time"), target_chunks={"time": 4})
    """)
    ours, _, _ = bake(recipe, tmp_path)
    assert_same(ours, whole(archive, "unequal"))


def test_process_input_is_given_each_file_and_its_name(load, archive, tmp_path):
    recipe = load("""
        def warm(ds, filename):
            return ds.assign(tas=ds.tas + 1, number=ds.tas[:, 0, 0] * 0 + int(filename[-4]))


        recipe = XarrayZarrRecipe(four, process_input=warm)
    """)
    ours, _, _ = bake(recipe, tmp_path)
    xr.testing.assert_allclose(ours.tas, whole(archive).tas + 1)
    assert list(ours.number.values) == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]


def test_process_chunk_is_given_the_inputs_of_a_chunk_together(load, archive, tmp_path):
    recipe = load("""
        def halve(ds, filename):
            return ds.assign(tas=ds.tas / 2)


        def smooth(ds):
            return ds.assign(tas=ds.tas - ds.tas.mean("time"))


        recipe = XarrayZarrRecipe(four, inputs_per_chunk=2, process_input=halve, process_chunk=smooth)
    """)
    ours, _, _ = bake(recipe, tmp_path)
    halved = whole(archive).tas / 2
    chunks = [halved[:8], halved[8:]]
    expected = xr.concat([chunk - chunk.mean("time") for chunk in chunks], "time")
    xr.testing.assert_allclose(ours.tas, expected)


def test_xarray_is_told_how_to_open(load, tmp_path):
    recipe = load("""
        options = {"drop_variables": ["cell_area"], "engine": "h5netcdf", "chunks": {}}
        recipe = XarrayZarrRecipe(four, xarray_open_kwargs=options)
    """)
    ours, _, _ = bake(recipe, tmp_path)
    assert "cell_area" not in ours.variables


def test_what_has_no_meaning_any_more_is_accepted(load, archive, tmp_path):
    recipe = load("""
        recipe = XarrayZarrRecipe(
            file_pattern=four,
            cache_inputs=True,
            copy_input_to_local_file=True,
            consolidate_zarr=False,
            consolidate_dimension_coordinates=False,
            delete_input_encoding=False,
            lock_timeout=10,
            subset_inputs={"time": 2},
            open_input_with_kerchunk=True,
            xarray_concat_kwargs={"join": "exact"},
        )
    """)
    assert_same(bake(recipe, tmp_path)[0], whole(archive))


def test_pruned_recipes_keep_two_keys(load, tmp_path):
    recipe = load("recipe = XarrayZarrRecipe(four)")
    assert len(recipe.prune().pattern) == 2
    assert len(recipe.copy_pruned(1).pattern) == 1
    assert len(recipe.pattern) == 3


def test_a_recipe_may_be_a_class_of_its_own(load, archive, tmp_path):
    recipe = load("""
        from dataclasses import dataclass


        @dataclass
        class Mine(XarrayZarrRecipe):
            suffix: str = "none"


        recipe = Mine(four, suffix="mine")
    """)
    assert_same(bake(recipe, tmp_path)[0], whole(archive))


OLD_IMPORTS = [
    "from pangeo_forge_recipes.recipes.xarray_zarr import XarrayZarrRecipe as Recipe",
    "from pangeo_forge_recipes.recipes import NetCDFtoZarrSequentialRecipe as Recipe",
    "from pangeo_forge_recipes.recipes import XarrayZarrRecipe as Recipe, setup_logging\nsetup_logging()",
    "import pangeo_forge_recipes.recipes\nRecipe = pangeo_forge_recipes.recipes.XarrayZarrRecipe",
    "from pangeo_forge_recipes import patterns, recipes\nRecipe = recipes.XarrayZarrRecipe",
    "from pangeo_forge_recipes.storage import CacheFSSpecTarget, FSSpecTarget, MetadataTarget, StorageConfig\n"
    "from pangeo_forge_recipes.recipes import XarrayZarrRecipe as Recipe",
    "from pangeo_forge_recipes.patterns import prune_pattern\nfrom pangeo_forge_recipes.recipes import XarrayZarrRecipe as Recipe",
]


@pytest.mark.parametrize("imports", OLD_IMPORTS)
def test_the_module_paths_of_all_years_are_answered(load, imports):
    recipe = load(f"\n{imports}\nrecipe = Recipe(four)\n")
    assert len(recipe.pattern) == 3


def test_a_pattern_is_looked_at_as_it_was(load):
    recipe = load("""
        assert four.dims == {"time": 3}
        assert four.concat_dims == ["time"]
        assert four.merge_dims == []
        assert four.nitems_per_input == {"time": 4}
        assert four.concat_sequence_lens == {"time": 12}
        assert [url[-9:] for _, url in four.items()] == ["four_0.nc", "four_1.nc", "four_2.nc"]
        assert four[next(iter(four))].endswith("four_0.nc")
        recipe = XarrayZarrRecipe(four)
    """)
    assert recipe.dialect == "class API"


def test_without_a_length_for_chunks_it_is_refused_as_it_was(load):
    with pytest.raises(RecipeFailed, match="Unable to determine target chunks"):
        load("""
            pattern = FilePattern(lambda time: f"{ARCHIVE}/four_{time}.nc", ConcatDim("time", range(3)))
            recipe = XarrayZarrRecipe(pattern)
        """)


def test_what_is_not_answered_is_named(load):
    with pytest.raises(UserError, match=r"the recipe imports pangeo_forge_recipes\.no_such_module, for which pangeo-forge does not answer"):
        load("import pangeo_forge_recipes.no_such_module")


def test_the_answers_are_for_the_recipe_alone(load):
    load("recipe = XarrayZarrRecipe(four)")
    assert not any(name.partition(".")[0] in ("pangeo_forge_recipes", "apache_beam") for name in sys.modules)
    assert importlib.util.find_spec("pangeo_forge_recipes") is None
