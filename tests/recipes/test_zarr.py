"""The native recipe: what comes out, for the cases that its users meet one at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
import zarr

from baking import bake, make_plan
from pangeo_forge.errors import InputsDisagree, RecipeFailed, UsageError, UserError
from pangeo_forge.recipes import ConcatDim, FilePattern, InputFile, MergeDim, ZarrRecipe, pattern_from_file_sequence


def write(path: Path, dataset: xr.Dataset, **encoding: dict[str, Any]) -> str:
    dataset.to_netcdf(path, engine="h5netcdf", encoding=encoding)
    return str(path)


def day(number: int, **extra: Any) -> xr.Dataset:
    values = np.arange(12, dtype="f4").reshape(1, 3, 4) + number
    return xr.Dataset(
        {"sst": (("time", "lat", "lon"), values, {"units": "K"}), **extra},
        {"time": [np.datetime64("2000-01-01", "ns") + np.timedelta64(number, "D")], "lat": [0.0, 1.0, 2.0], "lon": [0.0, 1.0, 2.0, 3.0]},
    )


@pytest.fixture
def days(tmp_path: Path) -> list[str]:
    return [write(tmp_path / f"day_{number}.nc", day(number), time={"units": "days since 2000-01-01"}) for number in range(6)]


def test_files_that_follow_one_another_become_one_dataset(days: list[str], tmp_path: Path) -> None:
    baked, _, _ = bake(ZarrRecipe(pattern_from_file_sequence(days, "time")), tmp_path)
    xr.testing.assert_identical(baked.drop_encoding(), xr.concat([xr.open_dataset(path) for path in days], "time").load().drop_encoding())


def test_target_chunks_are_those_asked_for_and_the_coordinate_is_one_chunk(days: list[str], tmp_path: Path) -> None:
    bake(ZarrRecipe(pattern_from_file_sequence(days, "time"), target_chunks={"time": 4, "lon": 2}), tmp_path)
    group = zarr.open_group(tmp_path / "out.zarr", mode="r")
    assert group["sst"].chunks == (4, 3, 2)
    assert group["time"].chunks == (6,)


@pytest.mark.parametrize(("size", "chunks"), [("96B", (2, 3, 4)), ("24B", (1, 1, 4)), ("1MB", (6, 3, 4))])
def test_target_chunks_given_as_a_size_split_the_concat_dimension_first(
    days: list[str], tmp_path: Path, size: str, chunks: tuple[int, ...]
) -> None:
    bake(ZarrRecipe(pattern_from_file_sequence(days, "time"), target_chunks=size), tmp_path)
    assert zarr.open_group(tmp_path / "out.zarr", mode="r")["sst"].chunks[0] == chunks[0]
    assert np.prod(zarr.open_group(tmp_path / "out.zarr", mode="r")["sst"].chunks) * 4 <= {"96B": 96, "24B": 24, "1MB": 1e6}[size]


def test_target_chunks_of_an_unknown_dimension_are_refused_with_the_nearest_name(days: list[str], tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        bake(ZarrRecipe(pattern_from_file_sequence(days, "time"), target_chunks={"tiem": 1}), tmp_path)
    assert caught.value.message == "target_chunks names the dimension 'tiem', which the dataset does not have"
    assert caught.value.hint == "Did you mean 'time'?"


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_the_store_has_the_format_asked_for_and_consolidated_metadata(days: list[str], tmp_path: Path, zarr_format: Any) -> None:
    bake(ZarrRecipe(pattern_from_file_sequence(days, "time"), format=zarr_format), tmp_path)
    assert zarr.open_group(tmp_path / "out.zarr", mode="r").metadata.zarr_format == zarr_format
    assert zarr.open_consolidated(tmp_path / "out.zarr").metadata.consolidated_metadata is not None


def test_preprocess_is_told_which_file_it_is_given(days: list[str], tmp_path: Path) -> None:
    def preprocess(ds: xr.Dataset, source: InputFile) -> xr.Dataset:
        return ds.assign(day=("time", [source.keys["time"]]), place=("time", [source.index["time"]]), url=("time", [source.url]))

    pattern = FilePattern(lambda time: f"{tmp_path}/day_{time}.nc", ConcatDim("time", [1, 3, 5]))
    baked, _, _ = bake(ZarrRecipe(pattern, preprocess=preprocess), tmp_path)
    assert baked["day"].values.tolist() == [1, 3, 5]
    assert baked["place"].values.tolist() == [0, 1, 2]
    assert [str(url) for url in baked["url"].values] == [days[1], days[3], days[5]]


def test_files_may_be_opened_by_a_function_of_the_recipe(days: list[str], tmp_path: Path) -> None:
    closed = []

    def open_it(source: InputFile) -> xr.Dataset:
        ds = xr.open_dataset(source.url).load()
        ds.set_close(lambda: closed.append(source.number))
        return ds

    recipe = ZarrRecipe(pattern_from_file_sequence(days, "time"), opener=open_it, preprocess=lambda ds, source: ds * 2)
    made, _, _ = bake(recipe, tmp_path)
    plain, _, _ = bake(ZarrRecipe(pattern_from_file_sequence(days, "time")), tmp_path / "plain")
    xr.testing.assert_equal(made, plain * 2)
    assert set(closed) == set(range(len(days)))


def test_an_opener_that_gives_no_dataset_is_told_so(days: list[str], tmp_path: Path) -> None:
    recipe = ZarrRecipe(pattern_from_file_sequence(days, "time"), opener=lambda source: source.url)
    with pytest.raises(UserError, match="returned str, not a Dataset"):
        bake(recipe, tmp_path)


def test_an_exception_in_preprocess_names_the_function_and_the_file(days: list[str], tmp_path: Path) -> None:
    def fix_time(ds: xr.Dataset, source: InputFile) -> xr.Dataset:
        return ds.rename({"tme": "time"})

    with pytest.raises(RecipeFailed) as caught:
        bake(ZarrRecipe(pattern_from_file_sequence(days, "time"), preprocess=fix_time), tmp_path)
    assert str(caught.value).startswith(f"{days[0]}: fix_time failed: ValueError: cannot rename 'tme'")
    assert "in fix_time" in (caught.value.detail or "")


def test_a_preprocess_that_returns_nothing_is_told_so(days: list[str], tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        bake(ZarrRecipe(pattern_from_file_sequence(days, "time"), preprocess=lambda ds, source: None), tmp_path)  # type: ignore[arg-type, return-value]
    assert caught.value.message == "<lambda> returned NoneType, not a Dataset"
    assert caught.value.hint == "End the function with `return ds`."


def test_merge_dimensions_bring_variables_together(tmp_path: Path) -> None:
    for number in range(2):
        write(tmp_path / f"a_{number}.nc", day(number).rename(sst="a"))
        write(tmp_path / f"b_{number}.nc", day(number).rename(sst="b"))
    pattern = FilePattern(lambda v, time: f"{tmp_path}/{v}_{time}.nc", MergeDim("v", ["a", "b"]), ConcatDim("time", range(2)))
    baked, _, _ = bake(ZarrRecipe(pattern), tmp_path)
    assert sorted(baked.data_vars) == ["a", "b"]
    assert baked.sizes["time"] == 2


def test_a_pattern_of_merge_dimensions_only_is_merged(tmp_path: Path) -> None:
    write(tmp_path / "a.nc", day(0).rename(sst="a"))
    write(tmp_path / "b.nc", day(0).rename(sst="b"))
    baked, _, _ = bake(ZarrRecipe(FilePattern(lambda v: f"{tmp_path}/{v}.nc", MergeDim("v", ["a", "b"]))), tmp_path)
    xr.testing.assert_equal(baked, xr.merge([day(0).rename(sst="a"), day(0).rename(sst="b")]))


def test_a_variable_of_two_merge_keys_that_differs_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "a.nc", day(0).rename(sst="a").assign(depth=5.0))
    write(tmp_path / "b.nc", day(0).rename(sst="b").assign(depth=6.0))
    with pytest.raises(InputsDisagree) as caught:
        bake(ZarrRecipe(FilePattern(lambda v: f"{tmp_path}/{v}.nc", MergeDim("v", ["a", "b"]))), tmp_path)
    assert caught.value.problems[0].message == (
        f"'depth' has no concat dimension, so it is kept once, but it differs between {tmp_path}/a.nc and {tmp_path}/b.nc"
    )


def test_encoding_is_chosen_not_inherited(days: list[str], tmp_path: Path) -> None:
    encoding = {"sst": {"dtype": "i2", "scale_factor": 0.01, "add_offset": 0.0, "_FillValue": -1}}
    baked, _, _ = bake(ZarrRecipe(pattern_from_file_sequence(days, "time"), encoding=encoding), tmp_path)
    array = zarr.open_group(tmp_path / "out.zarr", mode="r")["sst"]
    assert array.dtype == "int16"
    np.testing.assert_allclose(baked["sst"].values, xr.concat([xr.open_dataset(path) for path in days], "time")["sst"].values, atol=0.006)


def test_text_of_any_kind_is_stored_as_strings(tmp_path: Path) -> None:
    paths = []
    for number in range(2):
        names = xr.Variable(("time",), np.array([f"day {number}"], dtype=object))
        chars = xr.Variable(("station",), np.array([b"ab", b"c"], dtype="S2"))
        paths.append(write(tmp_path / f"{number}.nc", day(number, name=names, station_name=chars), time={"units": "days since 2000-01-01"}))
    baked, _, _ = bake(ZarrRecipe(pattern_from_file_sequence(paths, "time")), tmp_path)
    assert [str(value) for value in baked["name"].values] == ["day 0", "day 1"]
    assert [str(value) for value in baked["station_name"].values] == ["ab", "c"]


def test_a_row_of_chunks_too_large_for_a_task_goes_through_an_intermediate_store_and_the_plan_says_so(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    paths = []
    for number in range(24):
        values = random.normal(size=(1, 30, 40)).astype("f4")
        ds = xr.Dataset({"sst": (("time", "lat", "lon"), values)}, {"time": [number]})
        paths.append(write(tmp_path / f"{number:02}.nc", ds, sst={"zlib": True, "chunksizes": (1, 30, 40)}))
    recipe = ZarrRecipe(pattern_from_file_sequence(paths, "time"), target_chunks={"time": -1, "lat": 5, "lon": 10})
    plan = make_plan(recipe, tmp_path, task_memory=40_000)
    stages = {stage.name: stage for stage in plan.outline(plan.sample())}
    assert stages["spread"].notes == (
        "sst: a row of target chunks is 115 kB, more than a task may hold (20.0 kB): it goes through an intermediate store, in two passes",
    )
    baked, _, results = bake(recipe, tmp_path, task_memory=40_000)
    xr.testing.assert_equal(baked, xr.concat([xr.open_dataset(path) for path in paths], "time").load())
    assert results["store"].chunks == 24
    assert not (tmp_path / "intermediate.zarr").exists()


def test_attributes_that_files_do_not_share_are_left_out_and_noted(days: list[str], tmp_path: Path) -> None:
    paths = [
        write(tmp_path / f"x{n}.nc", day(n).assign_attrs(history=str(n), title="t"), time={"units": "days since 2000-01-01"})
        for n in (0, 1)
    ]
    recipe = ZarrRecipe(pattern_from_file_sequence(paths, "time"), attrs={"institution": "here"})
    baked, events, _ = bake(recipe, tmp_path)
    assert baked.attrs == {"title": "t", "institution": "here"}
    assert ("the inputs differ in the attributes history: these are left out",) in [getattr(event, "notes", None) for event in events]


def test_what_is_not_a_pattern_is_refused() -> None:
    with pytest.raises(UsageError, match="the first argument of ZarrRecipe is a list, not a FilePattern"):
        ZarrRecipe(["a.nc"])  # type: ignore[arg-type]


def test_pruning_keeps_two_keys_of_each_concat_dimension(days: list[str], tmp_path: Path) -> None:
    baked, _, _ = bake(ZarrRecipe(pattern_from_file_sequence(days, "time")).prune(), tmp_path)
    assert baked.sizes["time"] == 2


def test_bounds_stay_right_when_their_coordinate_is_counted_anew(tmp_path: Path) -> None:
    paths = []
    for number in range(2):
        ds = day(number, time_bnds=(("time", "bnds"), [[np.datetime64("2000-01-01", "ns"), np.datetime64("2000-02-01", "ns")]]))
        ds["time"].attrs["bounds"] = "time_bnds"
        paths.append(write(tmp_path / f"{number}.nc", ds, time={"units": "days since 2000-01-01"}))
    recipe = ZarrRecipe(pattern_from_file_sequence(paths, "time"), encoding={"time": {"units": "hours since 1990-01-01", "dtype": "i8"}})
    baked, _, _ = bake(recipe, tmp_path)
    assert baked["time"].encoding["units"] == "hours since 1990-01-01"
    xr.testing.assert_equal(baked, xr.concat([xr.open_dataset(path) for path in paths], "time").load())


def test_small_variables_along_the_concat_dimension_are_one_chunk_too(tmp_path: Path) -> None:
    paths = [write(tmp_path / f"{n}.nc", day(n, quality=("time", [float(n)])), time={"units": "days since 2000-01-01"}) for n in range(4)]
    baked, _, _ = bake(ZarrRecipe(pattern_from_file_sequence(paths, "time"), target_chunks={"time": 1}), tmp_path)
    assert zarr.open_group(tmp_path / "out.zarr", mode="r")["quality"].chunks == (4,)
    assert baked["quality"].values.tolist() == [0, 1, 2, 3]


def test_a_coordinate_that_files_pack_differently_is_unpacked(tmp_path: Path) -> None:
    paths = []
    for number, scale in enumerate([0.5, 0.25]):
        ds = xr.Dataset({"v": ("level", [1.0, 2.0])}, {"level": [10.0 * number, 10.0 * number + 1]})
        paths.append(write(tmp_path / f"{number}.nc", ds, level={"dtype": "i2", "scale_factor": scale, "_FillValue": -1}))
    baked, _, _ = bake(ZarrRecipe(pattern_from_file_sequence(paths, "level")), tmp_path)
    assert baked["level"].values.tolist() == [0.0, 1.0, 10.0, 11.0]


def test_chunks_may_be_put_together_in_shards_and_a_task_owns_whole_ones(days: list[str], tmp_path: Path) -> None:
    recipe = ZarrRecipe(pattern_from_file_sequence(days, "time"), target_chunks={"time": 1}, encoding={"sst": {"shards": {"time": 4}}})
    baked, _, _ = bake(recipe, tmp_path)
    array = zarr.open_group(tmp_path / "out.zarr", mode="r")["sst"]
    assert (array.chunks, array.shards) == ((1, 3, 4), (4, 3, 4))
    assert sorted(path.name for path in (tmp_path / "out.zarr" / "sst" / "c").iterdir()) == ["0", "1"]
    xr.testing.assert_equal(baked, xr.concat([xr.open_dataset(path) for path in days], "time").load())


@pytest.mark.parametrize(
    ("encoding", "message", "hint"),
    [
        ({"_FilValue": 1}, "the encoding of 'sst' gives '_FilValue', which is not known", "Did you mean '_FillValue'?"),
        ({"chunks": (1, 2)}, "the encoding of 'sst' gives 'chunks'", "Chunks are chosen by target_chunks, for all variables."),
    ],
)
def test_an_encoding_that_is_not_known_is_refused_when_the_recipe_is_made(
    days: list[str], encoding: dict[str, Any], message: str, hint: str
) -> None:
    with pytest.raises(UsageError) as caught:
        ZarrRecipe(pattern_from_file_sequence(days, "time"), encoding={"sst": encoding})
    assert (caught.value.message, caught.value.hint) == (message, hint)


def test_a_compressor_that_zarr_does_not_take_is_refused_with_its_own_words(days: list[str], tmp_path: Path) -> None:
    recipe = ZarrRecipe(pattern_from_file_sequence(days, "time"), encoding={"sst": {"compressors": "gzip9"}})
    with pytest.raises(UserError, match="Zarr cannot make the array 'sst' as the recipe's encoding asks"):
        bake(recipe, tmp_path)


def latitudes(number: int, dtype: str, offset: float) -> xr.Dataset:
    return day(number).assign_coords(lat=("lat", (np.arange(3) * 0.1 + offset).astype(dtype)))


def test_values_kept_once_that_are_packed_differently_but_mean_the_same_agree(tmp_path: Path) -> None:
    units = {"units": "days since 2000-01-01"}
    paths = [write(tmp_path / f"{n}.nc", latitudes(n, dtype, 0), time=units) for n, dtype in enumerate(["f4", "f8"])]
    baked, _, _ = bake(ZarrRecipe(pattern_from_file_sequence(paths, "time")), tmp_path)
    np.testing.assert_allclose(baked["lat"].values, [0, 0.1, 0.2], rtol=1e-6)


def test_values_kept_once_that_are_packed_differently_and_differ_are_refused(tmp_path: Path) -> None:
    units = {"units": "days since 2000-01-01"}
    paths = [write(tmp_path / f"{n}.nc", latitudes(n, dtype, 5 * n), time=units) for n, dtype in enumerate(["f4", "f8"])]
    with pytest.raises(InputsDisagree) as caught:
        bake(ZarrRecipe(pattern_from_file_sequence(paths, "time")), tmp_path)
    assert caught.value.problems[0].message == (
        f"'lat' has no concat dimension, so it is kept once, but it differs between {paths[0]} and {paths[1]}"
    )


@pytest.mark.parametrize(("shift", "agree"), [(0, True), (1, False)])
def test_times_of_merge_keys_are_compared_as_dates_whatever_they_are_counted_from(tmp_path: Path, shift: int, agree: bool) -> None:
    write(tmp_path / "a.nc", day(0).rename(sst="a"), time={"units": "days since 2000-01-01"})
    write(tmp_path / "b.nc", day(shift).rename(sst="b"), time={"units": "hours since 1990-01-01"})
    pattern = FilePattern(lambda v, time: f"{tmp_path}/{v}.nc", MergeDim("v", ["a", "b"]), ConcatDim("time", [0]))
    if agree:
        baked, _, _ = bake(ZarrRecipe(pattern), tmp_path)
        assert str(baked["time"].values[0]).startswith("2000-01-01")
    else:
        with pytest.raises(InputsDisagree, match="do not make one dataset") as caught:
            bake(ZarrRecipe(pattern), tmp_path)
        assert "'time' differs between" in caught.value.problems[0].message


@pytest.mark.parametrize(
    ("chunks", "notes"),
    [
        ({"time": 1, "y": 1}, ["the chunks of the variable 'sst' have 4.0 kB, which makes 4,000 requests for all of it [PFR025]"]),
        ({"time": 1}, []),
        ({"time": -1}, []),
        (None, []),
    ],
)
def test_chunks_that_readers_would_not_like_are_noted(tmp_path, chunks, notes):
    values = np.zeros((20, 200, 1000), "f4")
    xr.Dataset({"sst": (("time", "y", "x"), values)}, {"time": np.arange(20)}).to_netcdf(tmp_path / "a.nc")
    plan = make_plan(ZarrRecipe(pattern_from_file_sequence([str(tmp_path / "a.nc")], "time"), target_chunks=chunks), tmp_path)
    store = next(stage for stage in plan.outline(plan.sample()) if stage.name == "store")
    assert list(store.notes) == notes


# What a recipe vouches for.


def test_the_first_file_has_its_way_where_the_recipe_says_so_and_the_run_says_where_others_differ(tmp_path):
    for number in range(2):
        time = np.datetime64("2001-01-01", "ns") + np.arange(2) * np.timedelta64(1 - 2 * number, "D")
        ds = xr.Dataset({"t": ("time", np.arange(2.0)), "mask": ("x", [number, 1])}, {"time": time})
        ds.to_netcdf(tmp_path / f"{number}.nc")
    pattern = FilePattern(lambda time: f"{tmp_path}/{time}.nc", ConcatDim("time", [0, 1]))
    ours, events, _ = bake(ZarrRecipe(pattern, compat="override", ordered=False), tmp_path)
    assert list(ours["mask"].values) == [0, 1]
    assert list(ours.time.dt.day.values) == [1, 2, 1, 31]
    said = [note for event in events for note in getattr(event, "notes", ())]
    assert any("'mask'" in note and "the first input's is stored" in note for note in said)
    assert any("not in order" in note for note in said)


def test_compat_is_one_of_two(tmp_path):
    with pytest.raises(UsageError, match="compat='first', but it is 'equals' or 'override'"):
        ZarrRecipe(FilePattern(lambda time: "a.nc", ConcatDim("time", [0, 1])), compat="first")
