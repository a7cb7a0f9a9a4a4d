"""`HDFReferenceRecipe` of the class API: recipes of the shapes that real ones have give what `xarray.open_mfdataset` gives."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import fsspec
import numpy as np
import pytest
import xarray as xr

from pangeo_forge.errors import InputsDisagree, RecipeFailed, SourceError
from reading_references import bake_references, load_text, make_days, write_files

HEAD = """
import re
from os.path import join

import fsspec
import numpy as np
import pandas as pd
from pangeo_forge_recipes.patterns import ConcatDim, FilePattern, MergeDim, pattern_from_file_sequence
from pangeo_forge_recipes.recipes.reference_hdf_zarr import HDFReferenceRecipe

FOLDER = {folder!r}
files = [f"{{FOLDER}}/file_{{number}}.nc" for number in range({count})]
"""


@pytest.fixture
def load(tmp_path, monkeypatch):
    """Load a recipe of files in a folder, three of them unless told."""
    return lambda text, folder=tmp_path / "files", count=3: load_text(
        tmp_path, HEAD.format(folder=str(folder), count=count) + text, monkeypatch
    )


@pytest.fixture
def files(tmp_path) -> list[str]:
    return write_files(tmp_path / "files", 3, make_days)


def open_files(paths: list[str], **options) -> xr.Dataset:
    with xr.open_mfdataset(paths, **{"data_vars": "all", "coords": "minimal", "compat": "override", "join": "exact", **options}) as dataset:
        return dataset.load()


SHAPES = {
    "a list of files": 'recipe = HDFReferenceRecipe(pattern_from_file_sequence(files, "time", nitems_per_file=4))',
    "a list of files of unknown length": 'recipe = HDFReferenceRecipe(pattern_from_file_sequence(files, "time"))',
    "a list of what a file system lists": """
fs = fsspec.filesystem("file")
listed = sorted("file://" + path for path in fs.ls(FOLDER, detail=False) if path.endswith(".nc"))
recipe = HDFReferenceRecipe(pattern_from_file_sequence(listed, "time"), netcdf_storage_options={"auto_mkdir": False})
""",
    "a function of the time": """
def make_url(time):
    day = pd.Timestamp("2000-01-01") + pd.Timedelta(days=time)
    return f"{FOLDER}/file_{day.day_of_year // 4}.nc"


recipe = HDFReferenceRecipe(FilePattern(make_url, ConcatDim("time", range(0, 12, 4), nitems_per_file=4)))
""",
    "files in another order": 'recipe = HDFReferenceRecipe(pattern_from_file_sequence(files[::-1], "time"))',
    "names of dimensions": """
pattern = pattern_from_file_sequence(files, "time")
recipe = HDFReferenceRecipe(pattern, concat_dims=["time"], identical_dims=["lat", "lon"])
""",
    "times read as such": """
pattern = pattern_from_file_sequence(files, "time")
recipe = HDFReferenceRecipe(pattern, identical_dims=["lat", "lon"], coo_map={"time": "cf:time"})
""",
    "options of early versions": """
recipe = HDFReferenceRecipe(
    pattern_from_file_sequence(files, "time"),
    xarray_open_kwargs={"decode_coords": "all"},
    xarray_concat_args={"coords": "minimal"},
    template_count=None,
)
""",
    "names of the files that are written": """
pattern = pattern_from_file_sequence(files, "time")
recipe = HDFReferenceRecipe(pattern, output_json_fname="all.json", output_intake_yaml_fname="all.yaml", inline_threshold=0)
""",
    "places that are assigned": """
from pangeo_forge_recipes.storage import FSSpecTarget, MetadataTarget

recipe = HDFReferenceRecipe(pattern_from_file_sequence(files, "time"), target_options={"anon": True}, output_storage_options={})
recipe.storage_config.target = FSSpecTarget(fsspec.filesystem("file"), "/nowhere")
recipe.metadata_cache = MetadataTarget(fsspec.filesystem("file"), "/nowhere")
""",
    "everything kept in the references": """
recipe = HDFReferenceRecipe(pattern_from_file_sequence(files, "time"), inline_threshold=10_000)
""",
}


@pytest.mark.parametrize("name", list(SHAPES))
def test_a_recipe_gives_what_xarray_gives(name, load, files, tmp_path):
    ours, results = bake_references(load(SHAPES[name]), tmp_path)
    xr.testing.assert_identical(ours, open_files(files))
    assert results["check"].wrong == ()
    assert results["check"].values > 0


def test_a_pruned_recipe_reads_two_files(load, files, tmp_path):
    recipe = load('recipe = HDFReferenceRecipe(pattern_from_file_sequence(files, "time"))')
    ours, _ = bake_references(recipe.prune(), tmp_path)
    xr.testing.assert_identical(ours, open_files(files[:2]))


def test_a_copy_of_a_pruned_recipe_reads_two_files(load, files):
    recipe = load('recipe = HDFReferenceRecipe(pattern_from_file_sequence(files, "time")).copy_pruned()')
    assert len(recipe.pattern) == 2


def test_one_file_is_enough(load, tmp_path):
    paths = write_files(tmp_path / "files", 1, make_days)
    ours, _ = bake_references(load('recipe = HDFReferenceRecipe(pattern_from_file_sequence(files, "time"))', count=1), tmp_path)
    xr.testing.assert_identical(ours, open_files(paths))


def test_files_of_different_variables_are_merged(load, tmp_path):
    for name in ("sst", "ice"):
        write_files(tmp_path / "files" / name, 3, lambda number, name=name: make_days(number).rename(sst=name))
    recipe = load("""
pattern = FilePattern(
    lambda time, variable: f"{FOLDER}/{variable}/file_{time}.nc",
    ConcatDim("time", range(3)),
    MergeDim("variable", ["sst", "ice"]),
)
recipe = HDFReferenceRecipe(pattern, identical_dims=["lat", "lon"])
""")
    ours, results = bake_references(recipe, tmp_path)
    expected = xr.merge([open_files(sorted(map(str, (tmp_path / "files" / name).glob("*.nc")))) for name in ("sst", "ice")], join="exact")
    xr.testing.assert_identical(ours, expected)
    assert results["check"].wrong == ()


def test_packed_values_are_unpacked_when_they_are_read(load, tmp_path):
    packing = {"sst": {"dtype": "i2", "scale_factor": 0.01, "add_offset": 10.0, "_FillValue": -999}}
    paths = write_files(tmp_path / "files", 3, lambda number: make_days(number).where(lambda ds: ds.lon > 0), encoding=packing)
    ours, _ = bake_references(load('recipe = HDFReferenceRecipe(pattern_from_file_sequence(files, "time"))'), tmp_path)
    xr.testing.assert_identical(ours, open_files(paths))
    assert int(ours.sst.isnull().sum()) == 12 * 3


def test_files_of_netcdf_3_are_read(load, tmp_path):
    paths = write_files(tmp_path / "files", 3, make_days, format="NETCDF3_CLASSIC")
    recipe = load('recipe = HDFReferenceRecipe(pattern_from_file_sequence(files, "time", file_type="netcdf3"))')
    ours, _ = bake_references(recipe, tmp_path)
    xr.testing.assert_identical(ours, open_files(paths))


def test_records_of_netcdf_3_are_read(load, tmp_path):
    paths = write_files(tmp_path / "files", 3, make_days, format="NETCDF3_64BIT", unlimited_dims=["time"])
    recipe = load('recipe = HDFReferenceRecipe(pattern_from_file_sequence(files, "time", file_type="netcdf3"))')
    ours, _ = bake_references(recipe, tmp_path)
    xr.testing.assert_identical(ours, open_files(paths))


def test_compressed_chunks_are_read(load, tmp_path):
    packing = {"sst": {"zlib": True, "shuffle": True, "chunksizes": (2, 3, 5)}}
    paths = write_files(tmp_path / "files", 3, make_days, encoding=packing)
    ours, _ = bake_references(load('recipe = HDFReferenceRecipe(pattern_from_file_sequence(files, "time"))'), tmp_path)
    xr.testing.assert_identical(ours, open_files(paths))


# Times.


def test_times_counted_from_another_day_in_each_file_are_mended(load, tmp_path):
    def make(number):
        return make_days(number).assign_coords(time=("time", np.arange(4), {"units": f"days since 2000-01-{1 + 4 * number:02}"}))

    paths = write_files(tmp_path / "files", 3, make)
    ours, results = bake_references(load('recipe = HDFReferenceRecipe(pattern_from_file_sequence(files, "time"))'), tmp_path)
    xr.testing.assert_identical(ours, open_files(paths))
    assert ours.sizes["time"] == 12
    assert results["check"].wrong == ()


def test_times_of_other_calendars_are_kept(load, tmp_path):
    def make(number):
        ds = make_days(number)
        ds.time.attrs["calendar"] = "360_day"
        return ds

    paths = write_files(tmp_path / "files", 3, make)
    ours, _ = bake_references(load('recipe = HDFReferenceRecipe(pattern_from_file_sequence(files, "time"))'), tmp_path)
    xr.testing.assert_identical(ours, open_files(paths))


def test_bounds_that_count_from_another_day_are_refused(load, tmp_path):
    def make(number):
        time = ("time", np.arange(4), {"units": f"days since 2000-01-{1 + 4 * number:02}", "bounds": "time_bnds"})
        return make_days(number).assign_coords(time=time).assign(time_bnds=(("time", "nv"), np.zeros((4, 2))))

    write_files(tmp_path / "files", 3, make)
    recipe = load('recipe = HDFReferenceRecipe(pattern_from_file_sequence(files, "time"))')
    with pytest.raises(InputsDisagree, match="the values of 'time_bnds' with it, which references cannot mend") as caught:
        bake_references(recipe, tmp_path)
    assert "drop('time_bnds')" in caught.value.hint


def test_many_times_are_read_from_the_files(load, tmp_path):
    paths = write_files(tmp_path / "files", 3, lambda number: make_days(number, 400))
    ours, _ = bake_references(load('recipe = HDFReferenceRecipe(pattern_from_file_sequence(files, "time"))'), tmp_path)
    xr.testing.assert_identical(ours, open_files(paths))


def test_coordinates_have_the_types_that_are_asked_for(load, files, tmp_path):
    recipe = load("""
pattern = pattern_from_file_sequence(files, "time")
recipe = HDFReferenceRecipe(pattern, coo_map={"time": "cf:time"}, coo_dtypes={"time": "M8[s]"})
""")
    ours, _ = bake_references(recipe, tmp_path)
    xr.testing.assert_equal(ours, open_files(files))
    assert ours.time.dtype == np.dtype("M8[s]")


# The recipe's own functions.


def test_preprocess_is_given_the_references_of_each_file(load, files, tmp_path):
    recipe = load("""
def preprocess(refs):
    for key in list(refs):
        if key.startswith("sst/"):
            refs[key.replace("sst/", "temperature/")] = refs.pop(key)


recipe = HDFReferenceRecipe(pattern_from_file_sequence(files, "time"), preprocess=preprocess)
""")
    ours, results = bake_references(recipe, tmp_path)
    xr.testing.assert_identical(ours, open_files(files).rename(sst="temperature"))
    assert (results["check"].wrong, results["check"].values > 0) == ((), True)


def test_what_kerchunk_drops_is_left_out(load, tmp_path):
    paths = write_files(tmp_path / "files", 3, lambda number: make_days(number).assign(ice=("time", np.full(4, number))))
    recipe = load("""
from kerchunk.combine import drop

recipe = HDFReferenceRecipe(pattern_from_file_sequence(files, "time"), preprocess=drop("ice"))
""")
    ours, _ = bake_references(recipe, tmp_path)
    xr.testing.assert_identical(ours, open_files(paths).drop_vars("ice"))


def test_postprocess_is_given_the_combined_references(load, files, tmp_path):
    recipe = load("""
import json


def postprocess(refs):
    attrs = json.loads(refs["sst/.zattrs"])
    refs["sst/.zattrs"] = json.dumps({**attrs, "long_name": "sea surface temperature"})
    return refs


recipe = HDFReferenceRecipe(pattern_from_file_sequence(files, "time"), postprocess=postprocess)
""")
    ours, _ = bake_references(recipe, tmp_path)
    assert ours.sst.attrs == {"units": "degC", "long_name": "sea surface temperature"}


def test_coordinates_may_come_from_the_name_of_the_file(load, tmp_path):
    def make(number):
        return make_days(number).isel(time=0, drop=True)

    paths = write_files(tmp_path / "files", 3, make)
    recipe = load(r"""
recipe = HDFReferenceRecipe(
    pattern_from_file_sequence(files, "step"), coo_map={"step": re.compile(r"file_(\d+)\.nc")}, coo_dtypes={"step": "i4"}
)
""")
    ours, _ = bake_references(recipe, tmp_path)
    expected = open_files(paths, combine="nested", concat_dim="step").assign_coords(step=np.arange(3, dtype="i4"))
    xr.testing.assert_equal(ours, expected)


def test_coordinates_may_be_the_place_in_the_list(load, tmp_path):
    paths = write_files(tmp_path / "files", 12, lambda number: make_days(number).isel(time=0, drop=True))
    recipe = load('recipe = HDFReferenceRecipe(pattern_from_file_sequence(files, "step"), coo_map={"step": "INDEX"})', count=12)
    ours, _ = bake_references(recipe, tmp_path)
    xr.testing.assert_equal(ours, open_files(paths, combine="nested", concat_dim="step").assign_coords(step=np.arange(12)))


def test_coordinates_may_come_from_a_function_whose_imports_are_answered(load, tmp_path):
    paths = write_files(tmp_path / "files", 3, lambda number: make_days(number).isel(time=0, drop=True))
    recipe = load("""
def place(index, group, variable, path):
    from pangeo_forge_recipes.patterns import ConcatDim

    return ConcatDim("step", [10, 20, 30]).keys[index]


recipe = HDFReferenceRecipe(pattern_from_file_sequence(files, "step"), coo_map={"step": place})
""")
    ours, _ = bake_references(recipe, tmp_path)
    xr.testing.assert_equal(ours, open_files(paths, combine="nested", concat_dim="step").assign_coords(step=[10, 20, 30]))


def test_a_function_for_coordinates_that_fails_is_the_recipes_fault(load, files, tmp_path):
    recipe = load('recipe = HDFReferenceRecipe(pattern_from_file_sequence(files, "t"), coo_map={"t": lambda *_: {}["no such key"]})')
    with pytest.raises(RecipeFailed, match="failed: KeyError: 'no such key'") as caught:
        bake_references(recipe, tmp_path)
    assert str(caught.value.where) == files[0]


def test_a_function_that_fails_is_the_recipes_fault(load, files, tmp_path):
    recipe = load("""
def preprocess(refs):
    refs.pop("no such variable/.zarray")


recipe = HDFReferenceRecipe(pattern_from_file_sequence(files, "time"), preprocess=preprocess)
""")
    with pytest.raises(RecipeFailed, match=r"preprocess failed: KeyError: 'no such variable/\.zarray'") as caught:
        bake_references(recipe, tmp_path)
    assert str(caught.value.where) == files[0]


# What would be wrong without a word.


def refused(load, tmp_path) -> InputsDisagree:
    with pytest.raises(InputsDisagree) as caught:
        bake_references(load('recipe = HDFReferenceRecipe(pattern_from_file_sequence(files, "time"))'), tmp_path)
    return caught.value


def test_files_that_pack_values_differently_are_refused(load, tmp_path):
    packing = {"dtype": "i2", "_FillValue": -999}
    paths = write_files(tmp_path / "files", 2, make_days, encoding={"sst": {**packing, "scale_factor": 0.01}})
    make_days(2).to_netcdf(tmp_path / "files" / "file_2.nc", encoding={"sst": {**packing, "scale_factor": 0.02}})
    error = refused(load, tmp_path)
    assert error.message.startswith(f"variable 'sst' has scale_factor 0.02, and 0.01 in {paths[0]}")
    assert error.where == str(tmp_path / "files" / "file_2.nc")


def test_files_of_different_types_are_refused(load, tmp_path):
    write_files(tmp_path / "files", 3, lambda number: make_days(number).astype("f8" if number == 1 else "f4"))
    assert "variable 'sst' has dtype '<f8', and '<f4' in" in refused(load, tmp_path).message


def test_files_that_are_compressed_differently_are_refused(load, tmp_path):
    write_files(tmp_path / "files", 2, make_days, encoding={"sst": {"zlib": True}})
    make_days(2).to_netcdf(tmp_path / "files" / "file_2.nc")
    assert "variable 'sst' has" in refused(load, tmp_path).message


def test_files_of_different_lengths_are_refused(load, tmp_path):
    write_files(tmp_path / "files", 3, lambda number: make_days(0, 4 + number))
    assert "variable 'sst' has chunks [5, 3, 5], and [4, 3, 5] in" in refused(load, tmp_path).message


def test_files_whose_lengths_are_no_multiple_of_their_chunks_are_refused(load, tmp_path):
    write_files(tmp_path / "files", 3, make_days, encoding={"sst": {"chunksizes": (3, 3, 5)}})
    assert "have the same place" in refused(load, tmp_path).message


def test_files_of_the_same_steps_are_refused(load, tmp_path):
    paths = write_files(tmp_path / "files", 3, lambda number: make_days(0) + number)
    error = refused(load, tmp_path)
    assert (error.message, error.where) == (f"variable 'sst': a chunk of this input and one of {paths[0]} have the same place", paths[1])


def test_variables_at_other_times_are_refused(load, tmp_path):
    write_files(tmp_path / "files" / "sst", 3, make_days)
    write_files(tmp_path / "files" / "ice", 3, lambda number: make_days(number, since="1999-12-31 12:00").rename(sst="ice"))
    recipe = load("""
names = MergeDim("variable", ["sst", "ice"])
recipe = HDFReferenceRecipe(FilePattern(lambda time, variable: f"{FOLDER}/{variable}/file_{time}.nc", ConcatDim("time", range(3)), names))
""")
    with pytest.raises(InputsDisagree, match="between its values of 'time' lie values of other inputs"):
        bake_references(recipe, tmp_path)


def test_a_variable_that_would_begin_within_a_chunk_is_refused(load, tmp_path):
    write_files(tmp_path / "files", 2, lambda number: make_days(0, 3).drop_vars("sst") if number == 0 else make_days(1, 4))
    recipe = load('recipe = HDFReferenceRecipe(pattern_from_file_sequence(files, "time"))', count=2)
    with pytest.raises(InputsDisagree, match="its first step of 'time' is number 3 of the dataset, where no chunk of 'sst' begins"):
        bake_references(recipe, tmp_path)


def test_coordinates_of_different_calendars_are_refused(load, tmp_path):
    def make(number):
        ds = make_days(number)
        ds.time.attrs["calendar"] = "noleap" if number == 1 else "standard"
        return ds

    write_files(tmp_path / "files", 3, make)
    assert refused(load, tmp_path).message.startswith("variable 'time' has calendar 'noleap', and 'standard' in")


def test_files_whose_times_run_backwards_are_refused(load, tmp_path):
    write_files(tmp_path / "files", 3, lambda number: make_days(number).isel(time=slice(None, None, -1)))
    assert "the values of 'time' do not increase" in refused(load, tmp_path).message


def test_files_without_the_coordinate_are_refused_with_what_to_do(load, tmp_path):
    write_files(tmp_path / "files", 3, lambda number: make_days(number).drop_vars("time"))
    recipe = load('recipe = HDFReferenceRecipe(pattern_from_file_sequence(files, "time"))')
    with pytest.raises(RecipeFailed, match="the inputs have no variable 'time'") as caught:
        bake_references(recipe, tmp_path)
    assert "coo_map" in caught.value.hint


def test_coordinates_that_differ_are_found_by_the_check(load, tmp_path):
    write_files(tmp_path / "files", 3, lambda number: make_days(number).assign_coords(area=("lat", np.arange(3.0) + number)))
    recipe = load('recipe = HDFReferenceRecipe(pattern_from_file_sequence(files, "time"), identical_dims=["area"])')
    _, results = bake_references(recipe, tmp_path)
    assert results["check"].wrong[0].startswith("variable 'area' differs from")


def test_a_file_that_is_missing_is_named(load, files, tmp_path):
    Path(files[1]).unlink()
    with pytest.raises(SourceError, match=r"file_1\.nc: there is no such file"):
        bake_references(load('recipe = HDFReferenceRecipe(pattern_from_file_sequence(files, "time"))'), tmp_path)


def test_a_file_that_is_no_netcdf_is_named(load, files, tmp_path):
    Path(files[1]).write_text("<html>Please log in</html>")
    with pytest.raises(SourceError, match=r"file_1\.nc: is an HTML page, not NetCDF"):
        bake_references(load('recipe = HDFReferenceRecipe(pattern_from_file_sequence(files, "time"))'), tmp_path)


# Where the files are.


@pytest.mark.server
def test_files_on_a_web_server_are_read_where_they_are(load, files, tmp_path, http_server):
    url = http_server(tmp_path / "files").url
    ours, results = bake_references(load('recipe = HDFReferenceRecipe(pattern_from_file_sequence(files, "time"))', folder=url), tmp_path)
    xr.testing.assert_identical(ours, open_files(files))
    assert results["check"].wrong == ()
    refs = json.loads((tmp_path / "out.json").read_text())["refs"]
    assert {ref[0] for ref in refs.values() if isinstance(ref, list)} <= {f"{url}/file_{number}.nc" for number in range(3)}


@pytest.mark.server
def test_many_times_are_read_from_a_web_server(load, tmp_path, http_server):
    paths = write_files(tmp_path / "files", 3, lambda number: make_days(number, 400))
    url = http_server(tmp_path / "files").url
    ours, _ = bake_references(load('recipe = HDFReferenceRecipe(pattern_from_file_sequence(files, "time"))', folder=url), tmp_path)
    xr.testing.assert_identical(ours, open_files(paths))


@pytest.mark.server
def test_files_on_s3_are_read_with_the_options_of_the_recipe(load, files, tmp_path, s3_server):
    shutil.copytree(tmp_path / "files", tmp_path / "s3" / "bucket")
    server = s3_server(tmp_path / "s3")
    recipe = load(
        f"""
recipe = HDFReferenceRecipe(pattern_from_file_sequence(files, "time"), netcdf_storage_options={server.storage_options!r})
""",
        folder="s3://bucket",
    )
    fsspec.filesystem("s3", **server.storage_options).invalidate_cache()
    ours, results = bake_references(recipe, tmp_path)
    xr.testing.assert_identical(ours, open_files(files))
    assert results["check"].wrong == ()


@pytest.mark.server
def test_secrets_are_neither_in_the_references_nor_in_the_snippet(load, files, tmp_path, s3_server):
    from pangeo_forge.plans.plan import PlanContext, Target

    shutil.copytree(tmp_path / "files", tmp_path / "s3" / "bucket")
    options = s3_server(tmp_path / "s3").storage_options
    recipe = load(
        f'recipe = HDFReferenceRecipe(pattern_from_file_sequence(files, "time"), netcdf_storage_options={options!r})', folder="s3://bucket"
    )
    bake_references(recipe, tmp_path)
    plan = recipe.plan(PlanContext(Target("out.json"), Target("")))
    told = (tmp_path / "out.json").read_text() + plan.product.snippet(Target("out.json")) + repr(recipe) + repr(plan.product)
    assert options["secret"] not in told
    assert "remote_protocol" in plan.product.snippet(Target("out.json"))
