"""The shapes that published recipes of the class API have, each baked from made-up files and compared with what xarray makes of these."""

from __future__ import annotations

import gzip
import itertools
import re
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cftime
import numpy as np
import pytest
import xarray as xr

from baking import bake, make_plan
from pangeo_forge.errors import InputsDisagree, RecipeFailed, UserError
from pangeo_forge.recipes.loading import load_recipe

HEAD = """
from pangeo_forge_recipes.patterns import ConcatDim, FilePattern, MergeDim, pattern_from_file_sequence
from pangeo_forge_recipes.recipes import XarrayZarrRecipe

FILES = "{folder}"
"""

_NUMBERS = itertools.count()

Load = Callable[..., Any]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Load the object `recipe` of a module, whose text may name ``FILES``, the folder of the test's files."""
    monkeypatch.setattr(sys, "path", list(sys.path))

    def load(text: str, head: str = HEAD) -> Any:
        name = f"class_shape_{next(_NUMBERS)}"
        (tmp_path / f"{name}.py").write_text(head.format(folder=tmp_path) + textwrap.dedent(text))
        return load_recipe(tmp_path, [("recipe", f"{name}:recipe")], "recipe")[1]

    return load


def days(first: int, count: int) -> np.ndarray[Any, Any]:
    return (np.datetime64("2001-01-01") + np.arange(first, first + count)).astype("M8[ns]")


def make(first: int, count: int, name: str = "t2m", **more: Any) -> xr.Dataset:
    """Make days of a field on a small grid."""
    values = np.random.default_rng(first).normal(280, 5, (count, 3, 4)).astype("f4")
    coordinates = {"time": days(first, count), "lat": [10.0, 20.0, 30.0], "lon": [0.0, 90.0, 180.0, 270.0]}
    return xr.Dataset({name: (("time", "lat", "lon"), values), **more}, coordinates)


def write(folder: Path, *datasets: xr.Dataset, name: str = "f", **options: Any) -> list[Path]:
    """Write datasets into files that are called by their number."""
    paths = [folder / f"{name}_{number}.nc" for number in range(len(datasets))]
    for dataset, path in zip(datasets, paths, strict=True):
        dataset.to_netcdf(path, **options)
    return paths


def opened(paths: list[Path], **options: Any) -> xr.Dataset:
    """Open files as one dataset, as xarray does."""
    combine = {"combine": "nested", "concat_dim": "time", "data_vars": "minimal", "coords": "minimal", "compat": "override"}
    with xr.open_mfdataset(paths, **{**combine, "join": "override", **options}) as dataset:
        return dataset.load()


def find_problem(recipe: Any, folder: Path, pattern: str) -> bool:
    """Whether baking is refused for a reason that matches a pattern."""
    with pytest.raises(InputsDisagree) as caught:
        bake(recipe, folder)
    return any(re.search(pattern, problem.message) for problem in caught.value.problems)


THREE = 'three = FilePattern(lambda time: f"{FILES}/f_{time}.nc", ConcatDim("time", range(3), nitems_per_file=4))\n'


# Before there were patterns.


def test_a_list_of_urls_along_a_sequence_dim(load, tmp_path):
    paths = write(tmp_path, *(make(day, 1) for day in range(5)))
    recipe = load(
        """
        from pangeo_forge.recipe import NetCDFtoZarrSequentialRecipe

        recipe = NetCDFtoZarrSequentialRecipe(
            input_urls=[f"{FILES}/f_{day}.nc" for day in range(5)], sequence_dim="time", inputs_per_chunk=2
        )
        """,
        head='FILES = "{folder}"\n',
    )
    ours, _, _ = bake(recipe, tmp_path)
    xr.testing.assert_equal(ours, opened(paths))
    assert ours.t2m.encoding["chunks"] == (2, 3, 4)


def test_a_template_with_a_key_called_variable(load, tmp_path):
    warm = write(tmp_path, make(0, 4, "tas"), make(4, 4, "tas"), name="tas")
    wet = write(tmp_path, make(0, 4, "pr"), make(4, 4, "pr"), name="pr")
    recipe = load(
        """
        from pangeo_forge.patterns import VariableSequencePattern
        from pangeo_forge.recipe import NetCDFtoZarrMultiVarSequentialRecipe

        urls = VariableSequencePattern(FILES + "/{variable}_{number}.nc", keys={"variable": ["tas", "pr"], "number": [0, 1]})
        recipe = NetCDFtoZarrMultiVarSequentialRecipe(input_pattern=urls, sequence_dim="time", nitems_per_input=4)
        """,
        head='FILES = "{folder}"\n',
    )
    xr.testing.assert_equal(bake(recipe, tmp_path)[0], xr.merge([opened(warm), opened(wet)], compat="equals", join="exact"))


def test_the_package_before_it_was_renamed(load, tmp_path):
    paths = write(tmp_path, make(0, 2), make(2, 2))
    recipe = load(
        """
        from pangeo_forge.patterns import pattern_from_file_sequence
        from pangeo_forge.recipes import XarrayZarrRecipe
        from pangeo_forge.executors import PythonPipelineExecutor
        from pangeo_forge.storage import CacheFSSpecTarget, FSSpecTarget

        pattern = pattern_from_file_sequence([f"{FILES}/f_{number}.nc" for number in (0, 1)], "time", nitems_per_file=2)
        recipe = XarrayZarrRecipe(pattern, 1, {"time": 4})
        """,
        head='FILES = "{folder}"\n',
    )
    ours, _, _ = bake(recipe, tmp_path)
    xr.testing.assert_equal(ours, opened(paths))
    assert ours.t2m.encoding["chunks"] == (4, 3, 4)


# How inputs become chunks.


def test_pieces_of_inputs_are_as_long_as_chunks_where_no_length_is_given(load, tmp_path):
    write(tmp_path, *(make(4 * number, 4) for number in range(3)))
    recipe = load(THREE + 'recipe = XarrayZarrRecipe(three, subset_inputs={"time": 2})\n')
    assert bake(recipe, tmp_path)[0].t2m.encoding["chunks"] == (2, 3, 4)


def test_process_chunk_is_given_the_pieces_of_an_input_one_by_one(load, tmp_path):
    paths = write(tmp_path, make(0, 5), make(5, 7))
    recipe = load("""
        def from_first(ds):
            return ds.assign(t2m=ds.t2m - ds.t2m.isel(time=0, drop=True))


        pattern = pattern_from_file_sequence([f"{FILES}/f_0.nc", f"{FILES}/f_1.nc"], "time")
        recipe = XarrayZarrRecipe(pattern, target_chunks={"time": 3}, subset_inputs={"time": 2}, process_chunk=from_first)
    """)
    whole = opened(paths).t2m
    pieces = [whole[a:b] - whole[a:b].isel(time=0, drop=True) for a, b in ((0, 2), (2, 5), (5, 8), (8, 12))]
    xr.testing.assert_allclose(bake(recipe, tmp_path)[0].t2m, xr.concat(pieces, "time"))


def test_process_chunk_sees_the_inputs_of_its_chunk_and_no_others(load, tmp_path):
    paths = write(tmp_path, *(make(start, count) for start, count in ((0, 2), (2, 3), (5, 4), (9, 1), (10, 2))))
    recipe = load("""
        def count(ds):
            return ds.assign(steps=("time", [ds.sizes["time"]] * ds.sizes["time"]))


        files = [f"{FILES}/f_{number}.nc" for number in range(5)]
        recipe = XarrayZarrRecipe(
            pattern_from_file_sequence(files, "time"), target_chunks={"time": 5}, inputs_per_chunk=2, process_chunk=count
        )
    """)
    ours, _, _ = bake(recipe, tmp_path)
    xr.testing.assert_equal(ours.t2m, opened(paths).t2m)
    assert list(ours.steps.values) == [5] * 5 + [5] * 5 + [2] * 2


def test_wrong_counts_of_items_do_not_shift_what_is_stored(load, tmp_path):
    paths = write(tmp_path, make(0, 3), make(3, 5), make(8, 4))
    recipe = load(THREE + "recipe = XarrayZarrRecipe(three)\n")
    xr.testing.assert_equal(bake(recipe, tmp_path)[0], opened(paths))


def test_minus_one_takes_all_of_a_dimension(load, tmp_path):
    write(tmp_path, *(make(4 * number, 4) for number in range(3)))
    recipe = load(THREE + 'recipe = XarrayZarrRecipe(three, target_chunks={"time": 6, "lat": -1, "lon": 2, "height": 1})\n')
    assert bake(recipe, tmp_path)[0].t2m.encoding["chunks"] == (6, 3, 2)


def test_chunks_longer_than_the_dataset_are_as_long_as_it(load, tmp_path):
    paths = write(tmp_path, *(make(4 * number, 4) for number in range(3)))
    recipe = load(THREE + 'recipe = XarrayZarrRecipe(three, target_chunks={"time": 500, "lat": 180}, inputs_per_chunk=125)\n')
    xr.testing.assert_equal(bake(recipe, tmp_path)[0], opened(paths))


# What the functions are given, and what is stored of what they return.


def test_values_that_process_input_moves_out_of_the_files_packing_are_stored_whole(load, tmp_path):
    packing = {"t2m": {"dtype": "i2", "scale_factor": 0.01, "add_offset": 280.0, "_FillValue": -32768}}
    paths = write(tmp_path, make(0, 4), make(4, 4), make(8, 4), encoding=packing)
    recipe = load(
        THREE
        + textwrap.dedent("""
        def in_place(ds, filename):
            ds["t2m"].load()
            ds["t2m"].values[:] = ds["t2m"].values * 1000
            return ds


        recipe = XarrayZarrRecipe(three, process_input=in_place)
        """)
    )
    ours, _, _ = bake(recipe, tmp_path)
    np.testing.assert_allclose(ours.t2m, opened(paths).t2m * 1000, rtol=1e-6)
    assert "scale_factor" not in ours.t2m.encoding


def test_the_files_packing_is_kept_where_the_recipe_keeps_it(load, tmp_path):
    packing = {"t2m": {"dtype": "i2", "scale_factor": 0.01, "add_offset": 280.0, "_FillValue": -32768}}
    paths = write(tmp_path, make(0, 4), make(4, 4), make(8, 4), encoding=packing)
    recipe = load(THREE + "recipe = XarrayZarrRecipe(three, process_input=lambda ds, name: ds, delete_input_encoding=False)\n")
    ours, _, _ = bake(recipe, tmp_path)
    np.testing.assert_allclose(ours.t2m, opened(paths).t2m, atol=1e-6)
    assert ours.t2m.encoding["scale_factor"] == pytest.approx(0.01)


def test_process_input_is_given_the_url_without_the_secrets_of_its_query(load, tmp_path):
    recipe = load("""
        names = []
        pattern = FilePattern(
            lambda time: f"https://example.org/{time}.nc?day=1",
            ConcatDim("time", [1], nitems_per_file=1),
            query_string_secrets={"token": "s3cret"},
        )
        recipe = XarrayZarrRecipe(pattern, process_input=lambda ds, filename: ds.assign_attrs(name=filename))
    """)
    native = recipe.to_native()
    source = native.pattern[0]
    assert native.preprocess(xr.Dataset(), source).attrs["name"] == "https://example.org/1.nc?day=1"
    assert "s3cret" not in repr(native)


def test_units_of_time_that_a_function_chooses_are_kept(load, tmp_path):
    paths = write(tmp_path, *(make(4 * number, 4) for number in range(3)))
    recipe = load(
        THREE
        + textwrap.dedent("""
        def hours(ds, filename):
            ds.time.encoding = {"units": "hours since 2000-01-01", "calendar": "proleptic_gregorian"}
            return ds


        recipe = XarrayZarrRecipe(three, process_input=hours)
        """)
    )
    ours, _, _ = bake(recipe, tmp_path)
    xr.testing.assert_equal(ours, opened(paths))
    assert ours.time.encoding["units"].startswith("hours since 2000-01-01")


def test_times_within_the_day_survive_though_each_file_counts_days(load, tmp_path):
    quarters = (np.datetime64("2001-01-01T00", "h") + 6 * np.arange(8)).astype("M8[ns]")
    files = [make(0, 4).assign_coords(time=quarters[:4]), make(4, 4).assign_coords(time=quarters[4:])]
    paths = write(tmp_path, *files)
    recipe = load("""
        pattern = pattern_from_file_sequence([f"{FILES}/f_0.nc", f"{FILES}/f_1.nc"], "time", nitems_per_file=4)
        recipe = XarrayZarrRecipe(pattern, process_input=lambda ds, filename: ds)
    """)
    xr.testing.assert_equal(bake(recipe, tmp_path)[0], opened(paths))


def test_units_of_time_that_differ_by_file(load, tmp_path):
    paths = [*write(tmp_path, make(0, 4), encoding={"time": {"units": "days since 2001-01-01"}})]
    second = tmp_path / "f_1.nc"
    make(4, 4).to_netcdf(second, encoding={"time": {"units": "hours since 1990-06-01"}})
    recipe = load("""
        pattern = pattern_from_file_sequence([f"{FILES}/f_0.nc", f"{FILES}/f_1.nc"], "time", nitems_per_file=4)
        recipe = XarrayZarrRecipe(pattern)
    """)
    xr.testing.assert_equal(bake(recipe, tmp_path)[0], opened([*paths, second]))


def test_calendars_of_models(load, tmp_path):
    def make_month(month: int) -> xr.Dataset:
        times = [cftime.Datetime360Day(2001, month, day) for day in range(1, 31)]
        return xr.Dataset({"t2m": ("time", np.arange(30.0) + month)}, {"time": times})

    paths = write(tmp_path, make_month(2), make_month(3))
    recipe = load("""
        pattern = pattern_from_file_sequence([f"{FILES}/f_0.nc", f"{FILES}/f_1.nc"], "time", nitems_per_file=30)
        options = {"decode_times": True, "use_cftime": True, "decode_coords": True}
        recipe = XarrayZarrRecipe(pattern, xarray_open_kwargs=options, process_chunk=lambda ds: ds.sortby("time"))
    """)
    ours, _, _ = bake(recipe, tmp_path)
    assert [str(time) for time in ours.time.values] == [str(time) for time in opened(paths).time.values]
    assert ours.time.encoding["calendar"] == "360_day"


def test_decoding_put_off_to_process_input(load, tmp_path):
    raw = make(0, 3).assign_coords(time=("time", [15.0, 45.0, 75.0], {"units": "days since 2001-01-01"}))
    write(tmp_path, raw)
    recipe = load("""
        import xarray as xr


        def decode(ds, fname):
            ds.time.attrs["calendar"] = "360_day"
            return xr.decode_cf(ds)


        pattern = FilePattern(lambda time: f"{FILES}/f_{time}.nc", ConcatDim("time", [0], nitems_per_file=3))
        recipe = XarrayZarrRecipe(pattern, xarray_open_kwargs={"decode_times": False}, process_input=decode)
    """)
    ours, _, _ = bake(recipe, tmp_path)
    assert [str(time)[:10] for time in ours.time.values] == ["2001-01-16", "2001-02-16", "2001-03-16"]


def test_a_dimension_made_by_process_input(load, tmp_path):
    bare = [make(day, 1).isel(time=0, drop=True) for day in range(3)]
    write(tmp_path, *bare)
    recipe = load("""
        import pandas as pd


        def add_time(ds, filename):
            day = int(filename.rpartition("_")[2].partition(".")[0])
            return ds.expand_dims(time=[pd.Timestamp(2001, 1, 1 + day)])


        pattern = FilePattern(lambda time: f"{FILES}/f_{time}.nc", ConcatDim("time", range(3), nitems_per_file=1))
        recipe = XarrayZarrRecipe(pattern, inputs_per_chunk=3, process_input=add_time)
    """)
    expected = xr.concat([make(day, 1) for day in range(3)], "time", data_vars="minimal")
    xr.testing.assert_equal(bake(recipe, tmp_path)[0], expected)


def test_a_dimension_without_a_coordinate(load, tmp_path):
    write(tmp_path, *(make(day, 1).isel(time=0, drop=True) for day in range(3)))
    recipe = load("""
        def add_date(ds, filename):
            import xarray as xr

            return xr.concat([ds], dim="date", data_vars="all")


        pattern = FilePattern(lambda date: f"{FILES}/f_{date}.nc", ConcatDim("date", range(3), nitems_per_file=1))
        recipe = XarrayZarrRecipe(pattern, inputs_per_chunk=300, target_chunks={"date": 300}, process_input=add_date)
    """)
    expected = xr.concat([make(day, 1).isel(time=0, drop=True) for day in range(3)], "date", data_vars="all")
    xr.testing.assert_equal(bake(recipe, tmp_path)[0], expected)


# What lies beside the fields.


def test_bounds_text_and_scalars(load, tmp_path):
    def make_rich(first: int) -> xr.Dataset:
        bounds = np.stack([days(first, 2), days(first + 1, 2)], 1)
        names = np.array([f"day {first}", f"day {first + 1}"], dtype=object)
        rich = make(first, 2, crs=((), 7, {"grid_mapping_name": "latitude_longitude"}), height=((), 2.0))
        rich = rich.assign(time_bnds=(("time", "nv"), bounds), label=("time", names), flag=(("time",), np.array([1, 2], "i1")))
        rich.time.attrs["bounds"] = "time_bnds"
        rich.time.encoding["units"] = "days since 2000-01-01"
        return rich.set_coords("height")

    paths = write(tmp_path, make_rich(0), make_rich(2))
    recipe = load("""
        pattern = pattern_from_file_sequence([f"{FILES}/f_0.nc", f"{FILES}/f_1.nc"], "time", nitems_per_file=2)
        recipe = XarrayZarrRecipe(pattern, inputs_per_chunk=2, xarray_open_kwargs={"decode_coords": "all"})
    """)
    ours, expected = bake(recipe, tmp_path)[0], opened(paths)
    assert set(ours.variables) == set(expected.variables)
    for name in expected.variables:
        xr.testing.assert_equal(ours[name].reset_coords(drop=True), expected[name].reset_coords(drop=True))


def test_missing_values_of_integers(load, tmp_path):
    flags = np.array([[1, -1], [2, 3]], "i2")
    files = [
        xr.Dataset({"flag": (("time", "x"), flags + shift, {"_FillValue": np.int16(-1)})}, {"time": days(2 * shift, 2)}) for shift in (0, 1)
    ]
    paths = write(tmp_path, *files)
    recipe = load("""
        pattern = pattern_from_file_sequence([f"{FILES}/f_0.nc", f"{FILES}/f_1.nc"], "time", nitems_per_file=2)
        recipe = XarrayZarrRecipe(pattern, process_chunk=lambda ds: ds)
    """)
    xr.testing.assert_equal(bake(recipe, tmp_path)[0], opened(paths))


def test_files_of_several_variables_with_bounds_in_each(load, tmp_path):
    for name in ("tg", "rr"):
        write(tmp_path, make(0, 6, name, lat_bnds=(("lat", "nv"), np.zeros((3, 2)))), name=name)
    recipe = load("""
        pattern = FilePattern(
            lambda time, variable: f"{FILES}/{variable}_0.nc{time}",
            ConcatDim("time", keys=[""]),
            MergeDim(name="variable", keys=["tg", "rr"]),
        )
        recipe = XarrayZarrRecipe(file_pattern=pattern, target_chunks={"time": 4}, subset_inputs={"time": 2})
    """)
    ours, _, _ = bake(recipe, tmp_path)
    for name in ("tg", "rr"):
        xr.testing.assert_equal(ours[[name, "lat_bnds"]], opened([tmp_path / f"{name}_0.nc"]))


def test_variables_renamed_by_their_own_file(load, tmp_path):
    for name in ("mean", "spread"):
        write(tmp_path, make(0, 6, "air").assign_attrs(comment=f"ensemble {name}").rename(lat="latitude"), name=name)
    recipe = load("""
        def rename(ds):
            ds = ds.rename(latitude="lat")
            kind = "spread" if "spread" in ds.attrs["comment"] else "mean"
            return ds.rename(air=f"air_{kind}").sortby("time")


        kinds = MergeDim("variable", ["mean", "spread"])
        pattern = FilePattern(lambda time, variable: f"{FILES}/{variable}_0.nc", ConcatDim("time", [0]), kinds)
        recipe = XarrayZarrRecipe(pattern, target_chunks={"time": 1}, subset_inputs={"time": 3}, process_chunk=rename)
    """)
    ours, _, _ = bake(recipe, tmp_path)
    for name in ("mean", "spread"):
        xr.testing.assert_equal(ours[f"air_{name}"].rename("air"), make(0, 6, "air").air)


def test_a_single_file_without_the_concat_dimension_is_stored_as_it_is(load, tmp_path):
    write(tmp_path, make(0, 2))
    recipe = load("""
        pattern = pattern_from_file_sequence([f"{FILES}/f_0.nc"], "mock_concat_dim", nitems_per_file=1)
        recipe = XarrayZarrRecipe(pattern, process_input=lambda ds, filename: ds)
    """)
    xr.testing.assert_equal(bake(recipe, tmp_path)[0], make(0, 2))


def test_several_files_without_the_concat_dimension_are_refused(load, tmp_path):
    write(tmp_path, make(0, 2), make(2, 2))
    recipe = load("""
        pattern = pattern_from_file_sequence([f"{FILES}/f_0.nc", f"{FILES}/f_1.nc"], "number", nitems_per_file=1)
        recipe = XarrayZarrRecipe(pattern)
    """)
    assert find_problem(recipe, tmp_path, r"has no dimension 'number' to concatenate along")


# Where files differ.


def test_values_kept_once_are_those_of_the_first_file_where_files_differ_and_that_is_said(load, tmp_path):
    paths = write(tmp_path, *(make(4 * number, 4, crs=((), number), age=("lat", [number, 1, 2])) for number in range(3)))
    recipe = load(THREE + "recipe = XarrayZarrRecipe(three)\n")
    ours, events, _ = bake(recipe, tmp_path)
    xr.testing.assert_equal(ours, opened(paths))
    said = [note for event in events for note in getattr(event, "notes", ()) if "'crs'" in note]
    assert said and "the first input's is stored" in said[0]


def test_values_kept_once_must_agree_where_files_were_concatenated(load, tmp_path):
    write(tmp_path, *(make(4 * number, 4, age=("lat", [number, 1, 2])) for number in range(3)))
    recipe = load(THREE + "recipe = XarrayZarrRecipe(three, inputs_per_chunk=3)\n")
    assert find_problem(recipe, tmp_path, r"'age' has no concat dimension")


def test_coordinates_are_those_of_the_first_file_where_the_recipe_overrides_them(load, tmp_path):
    shifted = [make(4 * number, 4).assign_coords(lat=np.array([10.0, 20.0, 30.0]) + number * 1e-9) for number in range(3)]
    paths = write(tmp_path, *shifted)
    recipe = load(THREE + 'recipe = XarrayZarrRecipe(three, inputs_per_chunk=3, xarray_concat_kwargs={"join": "override"})\n')
    xr.testing.assert_equal(bake(recipe, tmp_path)[0], opened(paths))


def test_times_that_repeat_are_stored_as_they_come_and_that_is_said(load, tmp_path):
    paths = write(tmp_path, make(0, 4), make(2, 4), make(4, 4))
    recipe = load(THREE + "recipe = XarrayZarrRecipe(three)\n")
    ours, events, results = bake(recipe, tmp_path)
    xr.testing.assert_equal(ours, opened(paths))
    assert any("not in order" in note for event in events for note in getattr(event, "notes", ()))
    assert not results["check"].wrong


def test_a_variable_that_some_files_lack_is_refused(load, tmp_path):
    write(tmp_path, make(0, 4, extra=("time", np.arange(4.0))), make(4, 4), make(8, 4))
    recipe = load(THREE + "recipe = XarrayZarrRecipe(three)\n")
    assert find_problem(recipe, tmp_path, r"'extra' is in .*f_0.nc, but not in .*f_1.nc")


# How files are opened.


def test_files_compressed_as_a_whole(load, tmp_path):
    paths = write(tmp_path, make(0, 4), format="NETCDF3_CLASSIC")
    (tmp_path / "packed.nc.gz").write_bytes(gzip.compress(paths[0].read_bytes()))
    recipe = load("""
        pattern = FilePattern(
            lambda time: f"{FILES}/packed.nc.gz", ConcatDim("time", [""]), fsspec_open_kwargs={"compression": "gzip"}, file_type="netcdf3"
        )
        recipe = XarrayZarrRecipe(pattern, target_chunks={"time": 2})
    """)
    xr.testing.assert_equal(bake(recipe, tmp_path)[0], opened(paths))


def test_stores_as_inputs(load, tmp_path):
    make(0, 6).to_zarr(tmp_path / "in.zarr", consolidated=True)
    recipe = load("""
        pattern = pattern_from_file_sequence([f"{FILES}/in.zarr"], concat_dim="time", file_type="unknown")
        recipe = XarrayZarrRecipe(pattern, target_chunks={"time": 2}, cache_inputs=False, xarray_open_kwargs={"engine": "zarr"})
    """)
    xr.testing.assert_equal(bake(recipe, tmp_path)[0], make(0, 6))


def test_options_of_the_file_system_given_to_the_recipe(load):
    recipe = load("""
        pattern = pattern_from_file_sequence(["https://example.org/a.nc"], "time", nitems_per_file=1)
        recipe = XarrayZarrRecipe(pattern, fsspec_open_kwargs={"username": "me", "password": "s3cret"})
    """)
    assert recipe.pattern.fsspec_open_kwargs == {"username": "me", "password": "s3cret"}


@pytest.mark.parametrize("options", ["XarrayZarrRecipe(pattern, is_opendap=True)", "XarrayZarrRecipe(dap)"])
def test_opendap_by_either_spelling(load, options):
    recipe = load(f"""
        pattern = pattern_from_file_sequence(["https://example.org/dodsC/a"], "time", nitems_per_file=1)
        dap = FilePattern(lambda time: "https://example.org/dodsC/a", ConcatDim("time", [1], nitems_per_file=1), is_opendap=True)
        recipe = {options}
    """)
    assert recipe.pattern.file_type == "opendap"


def test_functions_are_given_dask_arrays_where_the_recipe_asks_for_them(load, tmp_path):
    paths = write(tmp_path, *(make(4 * number, 4) for number in range(3)))
    recipe = load(
        THREE
        + textwrap.dedent("""
        def double(ds, filename):
            return ds.assign(t2m=ds.t2m.copy(data=ds.t2m.data.map_blocks(lambda block: block * 2)))


        recipe = XarrayZarrRecipe(three, process_input=double, xarray_open_kwargs={"chunks": {"time": 2}})
        """)
    )
    xr.testing.assert_allclose(bake(recipe, tmp_path)[0].t2m, opened(paths).t2m * 2)


# What modules do besides.


def test_parameters_assigned_later_count(load, tmp_path):
    paths = write(tmp_path, *(make(4 * number, 4) for number in range(3)))
    recipe = load(
        THREE
        + textwrap.dedent("""
        recipe = XarrayZarrRecipe(three)
        recipe.target_chunks = {"time": 2}
        recipe.process_input = lambda ds, filename: ds.assign(t2m=ds.t2m + 1)
        recipe.target = recipe.input_cache = None
        """)
    )
    ours, _, _ = bake(recipe, tmp_path)
    xr.testing.assert_allclose(ours.t2m, opened(paths).t2m + 1)
    assert ours.t2m.encoding["chunks"] == (2, 3, 4)
    assert recipe.prune().target_chunks == {"time": 2}


def test_a_class_of_its_own_that_finds_its_files_when_it_is_made(load, tmp_path):
    paths = write(tmp_path, make(0, 2), make(2, 2))
    recipe = load("""
        from dataclasses import dataclass
        from typing import List


        @dataclass
        class Found(XarrayZarrRecipe):
            numbers: List[int] = None

            def __post_init__(self):
                self.target_chunks = {"time": 4, "lat": -1}
                self.xarray_open_kwargs = {"engine": "netcdf4"}
                if not self.file_pattern:
                    self.file_pattern = pattern_from_file_sequence([f"{FILES}/f_{n}.nc" for n in self.numbers], "time", nitems_per_file=2)
                self.process_input = lambda ds, fname: ds.assign_attrs(count=len(self.numbers))
                super().__post_init__()


        recipe = Found(file_pattern=None, numbers=[0, 1])
    """)
    ours, _, _ = bake(recipe, tmp_path)
    xr.testing.assert_equal(ours, opened(paths))
    assert ours.attrs["count"] == 2
    assert len(recipe.prune().pattern) == 2


def test_a_class_with_stages_of_its_own_is_refused(load, tmp_path):
    write(tmp_path, *(make(4 * number, 4) for number in range(3)))
    recipe = load(
        THREE
        + textwrap.dedent("""
        from dataclasses import dataclass
        from pangeo_forge_recipes.executors.base import Pipeline, Stage
        from pangeo_forge_recipes.recipes.xarray_zarr import open_input


        @dataclass
        class Sorted(XarrayZarrRecipe):
            def __post_init__(self):
                super().__post_init__()
                self._before = self._compiler().stages
                self._compiler = self._compile

            def _compile(self):
                return Pipeline(stages=[Stage(name="sort", function=print), *self._before], config=self)


        recipe = Sorted(three)
        """)
    )
    with pytest.raises(UserError, match="Sorted has stages of its own"):
        make_plan(recipe, tmp_path)


def test_a_module_that_runs_its_recipe_is_loaded_and_what_it_asks_for_is_passed_over(load, tmp_path):
    write(tmp_path, *(make(4 * number, 4) for number in range(3)))
    recipe = load(
        THREE
        + textwrap.dedent("""
        recipe = XarrayZarrRecipe(three)
        pruned = recipe.copy_pruned()
        run = pruned.to_function()
        run()
        recipe.to_dask().compute()
        recipe.to_prefect().run()
        for key, url in recipe.file_pattern.items():
            print(key, url)
        assert next(recipe.file_pattern.items())[1].endswith("f_0.nc")
        assert recipe.file_pattern.items().send(None)[1].endswith("f_0.nc")
        assert len(list(recipe.iter_inputs())) == len(list(recipe.iter_chunks())) == 3
        """)
    )
    assert len(recipe.pattern) == 3
    assert not list(tmp_path.glob("*.zarr"))


def test_what_is_imported_by_a_function_is_answered_when_it_is_called(load, tmp_path):
    paths = write(tmp_path, *(make(4 * number, 4) for number in range(3)))
    recipe = load(
        THREE
        + textwrap.dedent("""
        def check(ds, filename):
            from pangeo_forge_recipes.patterns import ConcatDim
            from pangeo_forge_recipes.utils import chunked_iterable

            assert ConcatDim("time", [1]).name == "time" and list(chunked_iterable([1, 2, 3], 2)) == [(1, 2), (3,)]
            return ds


        recipe = XarrayZarrRecipe(three, process_input=check)
        """)
    )
    xr.testing.assert_equal(bake(recipe, tmp_path)[0], opened(paths))
    assert not any(name.startswith("pangeo_forge_recipes") for name in sys.modules)


def test_formatting_functions_of_all_kinds(load):
    recipe = load("""
        import functools


        def make_url(day, base=None):
            return f"{base}/{day}.nc"


        days = ConcatDim("day", ["mo", "tu"], nitems_per_file=1)
        patterns = [
            FilePattern("https://example.org/{day}.nc".format, days),
            FilePattern(functools.partial(make_url, base="https://example.org"), days),
            FilePattern(lambda **keys: f"https://example.org/{keys['day']}.nc", days),
        ]
        recipe = XarrayZarrRecipe(patterns[0])
        urls = [[url for _, url in pattern.items()] for pattern in patterns]
        assert urls == [["https://example.org/mo.nc", "https://example.org/tu.nc"]] * 3
        native = [[source.url for source in XarrayZarrRecipe(pattern).pattern] for pattern in patterns]
        assert native == urls
    """)
    assert recipe.pattern[1].url == "https://example.org/tu.nc"


# Credentials.


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ('import os\nuser = os.environ["MADE_UP_USERNAME"]\n', "wants the environment variable 'MADE_UP_USERNAME', which is not set"),
        (
            "import netrc\nuser, _, word = netrc.netrc().authenticators('login.example.org')\n",
            r"reads credentials from .*\.netrc, which is not there",
        ),
    ],
)
def test_credentials_that_are_not_there_are_named_with_the_line(load, tmp_path, monkeypatch, lines, message):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("MADE_UP_USERNAME", raising=False)
    with pytest.raises(UserError, match=message) as caught:
        load(lines)
    assert caught.value.where.line == 7
    assert caught.value.hint


def test_a_host_without_credentials_is_named(load, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".netrc").write_text("machine other.example.org login me password s3cret\n")
    (tmp_path / ".netrc").chmod(0o600)
    with pytest.raises(UserError, match=r"reads credentials for login\.example\.org from ~/\.netrc, which has none") as caught:
        load("import netrc\nuser, _, word = netrc.netrc().authenticators('login.example.org')\n")
    assert "s3cret" not in str(caught.value)


def test_other_missing_keys_are_the_recipes_own_fault(load):
    with pytest.raises(RecipeFailed, match="KeyError: 'nothing'"):
        load('{}["nothing"]\n')
