"""Appending to a dataset that is there gives what one bake of all files gives; until it is done, readers see the old one."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
import zarr

from pangeo_forge.engines.base import Engine
from pangeo_forge.engines.local import LocalEngine
from pangeo_forge.engines.serial import SerialEngine
from pangeo_forge.errors import InputsDisagree, TargetError, UsageError, UserError
from pangeo_forge.plans.fidelity import encode_faithfully
from pangeo_forge.plans.plan import PlanContext, Recipe, Target
from pangeo_forge.plans.targets import consolidate
from pangeo_forge.recipes import ConcatDim, FilePattern, MergeDim, ZarrRecipe, pattern_from_file_sequence
from pangeo_forge.worker.checkpoints import Checkpoints
from pangeo_forge.worker.events import Event, StageStarted, TaskEnded
from pangeo_forge.worker.running import run_plan
from servers.fixtures import Served

DAY = np.timedelta64(1, "D")
_RUNS = itertools.count()


def make_day(number: int, **attrs: Any) -> xr.Dataset:
    """Make one day of a sea surface, with an area that does not change."""
    values = np.random.default_rng(number).normal(280, 5, (1, 3, 4)).astype("f4")
    return xr.Dataset(
        {"sst": (("time", "lat", "lon"), values, {"units": "K"}), "area": (("lat", "lon"), np.ones((3, 4)))},
        {"time": [np.datetime64("2000-01-01", "ns") + number * DAY], "lat": [0.0, 1.0, 2.0], "lon": [0.0, 1.0, 2.0, 3.0]},
        {"title": "made up", **attrs},
    )


def write(path: Path, dataset: xr.Dataset, **encoding: dict[str, Any]) -> str:
    path.parent.mkdir(exist_ok=True)
    dataset.to_netcdf(path, engine="h5netcdf", encoding=encoding)
    return str(path)


@pytest.fixture
def days(tmp_path: Path) -> list[str]:
    """Twelve days, each counted from itself."""
    return [write(tmp_path / f"{n:02d}.nc", make_day(n), time={"units": f"hours since 2000-01-{n + 1:02d}"}) for n in range(12)]


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., list[Event]]:
    """Run a recipe into ``out.zarr``, or another target; runs of one name go on from one another's checkpoints."""

    def run(
        recipe: Recipe,
        target: Target | None = None,
        engine: Engine | None = None,
        name: str | None = None,
        tell: Callable[[Event], None] = lambda event: None,
        **options: Any,
    ) -> list[Event]:
        events: list[Event] = []

        def keep(event: Event) -> None:
            events.append(event)
            tell(event)

        folder = tmp_path / "runs" / (name or str(next(_RUNS)))
        context = PlanContext(target or Target(str(tmp_path / "out.zarr")), Target(str(folder / "intermediate.zarr")), **options)
        results = run_plan(recipe.plan(context), engine or SerialEngine(), Checkpoints(folder), keep)
        assert not results["check"].wrong
        return events

    return run


def load(path: Path | str, **options: Any) -> xr.Dataset:
    with xr.open_zarr(path, chunks=None, **options) as dataset:
        return dataset.load()


def native(files: list[str], **options: Any) -> ZarrRecipe:
    return ZarrRecipe(pattern_from_file_sequence(files, "time"), **options)


def files_in(store: Path) -> dict[str, bytes]:
    return {str(path.relative_to(store)): path.read_bytes() for path in store.rglob("*") if path.is_file()}


# What comes out.


@pytest.mark.parametrize("zarr_format", [2, 3])
@pytest.mark.parametrize(("chunk", "there"), [(1, 5), (2, 5), (4, 4), (5, 3), (50, 7)])
def test_appending_gives_what_one_bake_of_all_files_gives(days, run, tmp_path, zarr_format, chunk, there):
    wish: dict[str, Any] = {"target_chunks": {"time": chunk}, "format": zarr_format}
    run(native(days, **wish), Target(str(tmp_path / "whole.zarr")))
    run(native(days[:there], **wish))
    run(native(days[there:], append_dim="time"))
    xr.testing.assert_identical(load(tmp_path / "out.zarr"), load(tmp_path / "whole.zarr"))


def test_chunks_and_format_are_those_of_the_dataset_whatever_the_recipe_asks_for(days, run, tmp_path):
    run(native(days[:5], target_chunks={"time": 2, "lat": 2}, format=2))
    run(native(days[5:], append_dim="time", target_chunks={"time": 7}, encoding={"sst": {"dtype": "f8"}}))
    array = zarr.open_group(tmp_path / "out.zarr", mode="r")["sst"]
    assert (array.metadata.zarr_format, array.chunks, array.dtype) == (2, (2, 2, 4), np.dtype("f4"))


def test_datasets_are_appended_to_again_and_again(days, run, tmp_path):
    run(native(days[:1], target_chunks={"time": 5}))
    for number in range(1, 12):
        run(native(days[number : number + 1], append_dim="time"))
    run(native(days), Target(str(tmp_path / "whole.zarr")))
    xr.testing.assert_identical(load(tmp_path / "out.zarr"), load(tmp_path / "whole.zarr"))


@pytest.mark.parametrize("task_memory", [100, 400, 100_000_000])
def test_tasks_that_hold_little_write_the_same(days, run, tmp_path, task_memory):
    run(native(days[:5], target_chunks={"time": 4, "lon": 2}))
    run(native(days[5:], append_dim="time"), task_memory=task_memory)
    np.testing.assert_array_equal(load(tmp_path / "out.zarr").sst, np.concatenate([make_day(n).sst for n in range(12)]))


def test_what_goes_through_an_intermediate_store_begins_where_the_dataset_ends(days, run, tmp_path):
    run(native(days[:5], target_chunks={"time": 4, "lat": 1, "lon": 1}))
    events = run(native(days[5:], append_dim="time", preprocess=lambda ds, source: ds), task_memory=100)
    assert "spread" in {event.stage for event in events if isinstance(event, StageStarted)}
    np.testing.assert_array_equal(load(tmp_path / "out.zarr").sst, np.concatenate([make_day(n).sst for n in range(12)]))


def test_processes_side_by_side_share_no_chunk(days, run, tmp_path):
    run(native(days[:5], target_chunks={"time": 3}))
    run(native(days[5:], append_dim="time"), engine=LocalEngine(2))
    np.testing.assert_array_equal(load(tmp_path / "out.zarr").sst, np.concatenate([make_day(n).sst for n in range(12)]))


def test_shards_are_completed(days, run, tmp_path):
    run(native(days[:5], target_chunks={"time": 1}, encoding={"sst": {"shards": {"time": 4}}}))
    run(native(days[5:], append_dim="time"))
    assert zarr.open_group(tmp_path / "out.zarr", mode="r")["sst"].shards == (4, 3, 4)
    np.testing.assert_array_equal(load(tmp_path / "out.zarr").sst, np.concatenate([make_day(n).sst for n in range(12)]))


def test_files_of_several_variables_and_dimensions_are_appended(run, tmp_path):
    whole = xr.concat([make_day(n).drop_vars("area") for n in range(6)], "time")
    whole = whole.assign(ice=whole.sst + 1)
    for time, lat, name in itertools.product(range(3), range(3), ["sst", "ice"]):
        write(tmp_path / f"{name}_{time}_{lat}.nc", whole[[name]].isel(time=slice(2 * time, 2 * time + 2), lat=[lat]))

    def pattern(times: range) -> FilePattern:
        dims = (ConcatDim("time", times), ConcatDim("lat", range(3)), MergeDim("name", ["sst", "ice"]))
        return FilePattern(lambda time, lat, name: f"{tmp_path}/{name}_{time}_{lat}.nc", *dims)

    run(ZarrRecipe(pattern(range(1)), target_chunks={"time": 3, "lat": 2}))
    run(ZarrRecipe(pattern(range(1, 3)), append_dim="time"))
    xr.testing.assert_equal(load(tmp_path / "out.zarr"), whole)


def test_a_falling_coordinate_goes_on_falling(tmp_path, run):
    files = [write(tmp_path / f"{n}.nc", make_day(20 - n)) for n in range(4)]
    run(native(files[:2]))
    run(native(files[2:], append_dim="time"))
    assert load(tmp_path / "out.zarr").indexes["time"].is_monotonic_decreasing


def test_strings_are_appended(tmp_path, run):
    files = [write(tmp_path / f"{n}.nc", make_day(n).assign(ship=("time", ["ship " * (n + 1)]))) for n in range(4)]
    run(native(files[:2]))
    run(native(files[2:], append_dim="time"))
    assert [len(str(name)) for name in load(tmp_path / "out.zarr").ship.values] == [5, 10, 15, 20]


@pytest.mark.server
def test_the_dataset_may_be_on_s3(days, run, tmp_path, s3_server: Callable[[Path], Served]):
    (tmp_path / "bucket").mkdir()
    served = s3_server(tmp_path)
    target = Target("s3://bucket/sst.zarr", served.storage_options)
    run(native(days[:5], target_chunks={"time": 2}), target)
    run(native(days[5:], append_dim="time"), target, engine=LocalEngine(2))
    assert zarr.open_group(str(tmp_path / "bucket" / "sst.zarr"), mode="r")["sst"].shape == (12, 3, 4)
    appended = load("s3://bucket/sst.zarr", storage_options=served.storage_options)
    np.testing.assert_array_equal(appended.sst, np.concatenate([make_day(n).sst for n in range(12)]))


# Encoding.


def test_times_are_counted_as_the_dataset_counts_them(tmp_path, run):
    units = ["days since 1990-01-01", "hours since 2000-01-01", "minutes since 2000-02-01"]
    files = [write(tmp_path / f"{n}.nc", make_day(n), time={"units": units[n], "dtype": "f8", "_FillValue": None}) for n in range(3)]
    run(native(files[:1]))
    run(native(files[1:], append_dim="time"))
    assert zarr.open_group(tmp_path / "out.zarr", mode="r")["time"][...].tolist() == [3652.0, 3653.0, 3654.0]


def test_times_of_another_calendar_are_refused(days, tmp_path, run):
    run(native(days[:1]))
    later = write(tmp_path / "noleap.nc", make_day(5).convert_calendar("noleap"))
    with pytest.raises(InputsDisagree) as caught:
        run(native([later], append_dim="time"))
    assert "calendars of 'time' are 'proleptic_gregorian' in the dataset, but 'noleap'" in str(caught.value.problems[0])


def test_times_that_the_datasets_units_cannot_express_are_refused(tmp_path, run):
    files = [write(tmp_path / "0.nc", make_day(0), time={"units": "days since 2000-01-01", "dtype": "i4"})]
    noon = make_day(1).assign_coords(time=[np.datetime64("2000-01-02T12", "ns")])
    files.append(write(tmp_path / "1.nc", noon, time={"units": "hours since 2000-01-01", "dtype": "i4"}))
    run(native(files[:1]))
    with pytest.raises(UserError, match=r"1 of the values of 'time' cannot be expressed as the dataset packs them .*days since 2000-01-01"):
        run(native(files[1:], append_dim="time"))


def test_times_that_are_left_as_numbers_are_refused_where_the_dataset_counts_from_another_date():
    numbers = xr.Variable(("when",), np.array([1.0]), {"units": "days since 2000-01-01"})
    with pytest.raises(UserError, match="the times of 'when' are numbers, and not counted as in the dataset: 'days since 1990-01-01'"):
        encode_faithfully("when", numbers, np.dtype("f8"), {"units": "days since 1990-01-01"})


PACKED = {"dtype": "i2", "scale_factor": 0.01, "add_offset": 280.0, "_FillValue": -32768}


def test_values_are_packed_as_in_the_dataset(tmp_path, run):
    files = [write(tmp_path / "0.nc", make_day(0), sst=PACKED)]
    files += [write(tmp_path / "1.nc", make_day(1), sst={**PACKED, "scale_factor": 0.02}), write(tmp_path / "2.nc", make_day(2))]
    run(native(files[:1]))
    run(native(files[1:], append_dim="time"))
    assert zarr.open_group(tmp_path / "out.zarr", mode="r")["sst"].dtype == np.dtype("i2")
    np.testing.assert_allclose(load(tmp_path / "out.zarr").sst[2], make_day(2).sst[0], atol=0.006)
    np.testing.assert_allclose(load(tmp_path / "out.zarr").sst[1], make_day(1).sst[0], atol=0.016)


@pytest.mark.parametrize("value", [900.0, np.inf])
def test_values_that_the_datasets_packing_cannot_hold_are_refused_and_the_file_is_named(tmp_path, run, value):
    run(native([write(tmp_path / "0.nc", make_day(0), sst=PACKED)]))
    hot = make_day(1)
    hot.sst[0, 1, 2] = value
    with pytest.raises(UserError, match=rf"hot.nc: 1 of the values of 'sst' cannot be expressed .*int16.*such as {value}"):
        run(native([write(tmp_path / "hot.nc", hot)], append_dim="time"))


def test_missing_values_are_refused_where_the_dataset_has_no_value_for_them(tmp_path, run):
    counts = [make_day(n).assign(count=("time", np.array([n], "i4"))) for n in range(2)]
    run(native([write(tmp_path / "0.nc", counts[0])]))
    gap = counts[1].assign(count=("time", np.array([np.nan])))
    with pytest.raises(UserError, match="of the values of 'count' cannot be expressed as the dataset packs them"):
        run(native([write(tmp_path / "1.nc", gap)], append_dim="time"))


def test_a_value_that_means_missing_in_the_dataset_is_refused(tmp_path, run):
    counts = [make_day(n).assign(count=("time", np.array([n - 1], "i4"))) for n in range(2)]
    run(native([write(tmp_path / "0.nc", counts[0].assign(count=("time", [7.0])), count={"dtype": "i4", "_FillValue": 0})]))
    with pytest.raises(UserError, match=r"1 of the values of 'count' cannot be expressed"):
        run(native([write(tmp_path / "1.nc", counts[1])], append_dim="time"))


def test_values_are_rounded_to_the_datasets_precision(tmp_path, run):
    run(native([write(tmp_path / "0.nc", make_day(0))]))
    precise = make_day(1)
    precise["sst"] = precise.sst.astype("f8") + 1e-9
    run(native([write(tmp_path / "1.nc", precise)], append_dim="time"))
    assert load(tmp_path / "out.zarr").sst.dtype == np.dtype("f4")


# Attributes.


def test_attributes_that_the_files_contradict_are_left_out_and_the_recipes_are_set(tmp_path, run):
    files = [write(tmp_path / f"{n}.nc", make_day(n, history=f"made on day {n}", only=n) if n else make_day(n)) for n in range(2)]
    run(native(files[:1], attrs={"history": "made on day 0", "version": 1, "keeper": "us"}))
    run(native(files[1:], append_dim="time", attrs={"version": 2}))
    assert load(tmp_path / "out.zarr").attrs == {"title": "made up", "version": 2, "keeper": "us"}


# What is refused.


def refused(run: Callable[..., Any], tmp_path: Path, dataset: xr.Dataset) -> str:
    """Append a dataset that is not to be appended; nothing is to change at the target."""
    before = files_in(tmp_path / "out.zarr")
    with pytest.raises(UserError) as caught:
        run(native([write(tmp_path / "refused.nc", dataset)], append_dim="time"))
    assert files_in(tmp_path / "out.zarr") == before
    return "\n".join([str(caught.value), *(problem.message for problem in caught.value.problems)])


def test_files_that_begin_before_the_dataset_ends_are_refused(days, run, tmp_path):
    run(native(days[:5]))
    told = refused(run, tmp_path, make_day(4))
    assert f"the inputs begin with 2000-01-05T00:00:00 along 'time', in {tmp_path}/refused.nc, but the dataset ends with 2000-01-05" in told


def test_to_append_the_same_files_twice_is_refused(days, run):
    run(native(days[:5]))
    run(native(days[5:], append_dim="time"))
    with pytest.raises(InputsDisagree, match="the inputs do not go on with the dataset"):
        run(native(days[5:], append_dim="time"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda ds: ds.drop_vars("sst"), "variable 'sst' is in the dataset along 'time', but not in the inputs"),
        (lambda ds: ds.assign(ice=ds.sst), "variable 'ice' is in {file}, but not in the dataset"),
        (lambda ds: ds.transpose("lat", "time", "lon"), "dimensions of 'sst' are ('time', 'lat', 'lon') in the dataset, but"),
        (lambda ds: ds.isel(lat=[0, 1]), "dimension 'lat' has 3 steps in the dataset, but 2 in the inputs"),
        (lambda ds: ds.assign_coords(lat=ds.lat + 1), "'lat' is not in {file} what it is in the dataset"),
        (lambda ds: ds.assign(area=ds.area + 1), "'area' is not in {file} what it is in the dataset"),
        (lambda ds: ds.assign(sst=ds.sst.assign_attrs(units="degC")), "units of 'sst' are 'K' in the dataset, but 'degC'"),
        (lambda ds: ds.assign(sst=ds.sst.astype(str)), "'sst' is float32 in the dataset, but object"),
    ],
    ids=["variable missing", "variable new", "order", "shape", "coordinate", "values", "units", "text"],
)
def test_files_that_do_not_fit_the_dataset_are_refused(days, run, tmp_path, change, message):
    run(native(days[:5]))
    assert message.format(file=f"{tmp_path}/refused.nc") in refused(run, tmp_path, change(make_day(7)))


def test_variables_that_do_not_change_need_not_be_in_the_files(days, run, tmp_path):
    run(native(days[:5]))
    run(native([write(tmp_path / "bare.nc", make_day(7).drop_vars("area"))], append_dim="time"))
    assert load(tmp_path / "out.zarr").area.values.tolist() == np.ones((3, 4)).tolist()


def test_a_target_without_a_dataset_is_refused(days, run):
    with pytest.raises(TargetError, match="there is no dataset to append to"):
        run(native(days, append_dim="time"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda ds: ds.rename(time="when"), "the dataset at the target has no dimension 'time'"),
        (lambda ds: ds.drop_vars("time"), "the dataset at the target has no coordinate along 'time'"),
    ],
)
def test_a_dataset_that_does_not_say_where_it_ends_is_refused(days, run, tmp_path, change, message):
    change(make_day(0)).to_zarr(tmp_path / "out.zarr")
    with pytest.raises(UserError, match=message):
        run(native(days, append_dim="time"))


def test_a_dimension_that_the_pattern_does_not_have_is_refused(days):
    with pytest.raises(UsageError, match="append_dim is 'tiem', which is not a concat dimension of the pattern"):
        native(days, append_dim="tiem")


def test_strings_of_fixed_length_are_not_cut(days, run, tmp_path):
    make_day(0).assign(ship=("time", np.array(["abc"]))).to_zarr(tmp_path / "out.zarr", zarr_format=2)
    assert "strings of a fixed length" in refused(run, tmp_path, make_day(1).assign(ship=("time", ["a long name"])))


# What readers see, and what is left when a run ends early.


class Stopped(BaseException):
    """The process ended here."""


def stop_after(count: int) -> Callable[[Event], None]:
    seen = itertools.count(1)

    def tell(event: Event) -> None:
        if isinstance(event, TaskEnded) and event.stage not in ("existing", "inspect") and next(seen) == count:
            raise Stopped

    return tell


@pytest.mark.parametrize("zarr_format", [2, 3])
@pytest.mark.parametrize("count", range(1, 7))
def test_until_a_run_is_done_readers_see_the_dataset_as_it_was_and_a_resumed_run_completes_it(days, run, tmp_path, count, zarr_format):
    run(native(days, target_chunks={"time": 3}, format=zarr_format), Target(str(tmp_path / "whole.zarr")))
    run(native(days[:5], target_chunks={"time": 3}, format=zarr_format))
    before = load(tmp_path / "out.zarr")
    append = native(days[5:], append_dim="time")
    ended = False
    try:
        run(append, name="append", tell=stop_after(count))
        ended = True
    except Stopped:
        committed = len(load(tmp_path / "out.zarr").time) == 12
        if not committed:
            xr.testing.assert_identical(load(tmp_path / "out.zarr"), before)
            xr.testing.assert_identical(load(tmp_path / "out.zarr", consolidated=False), before)
    run(append, name="append")
    xr.testing.assert_identical(load(tmp_path / "out.zarr"), load(tmp_path / "whole.zarr"))
    assert not ended


def test_what_a_run_left_that_was_never_resumed_is_not_seen_in_what_another_appends(days, run, tmp_path):
    other = [write(tmp_path / "other" / f"{n}.nc", make_day(n + 100).assign_coords(time=make_day(n).time)) for n in range(5, 12)]
    run(native(days[:5], target_chunks={"time": 3}))
    with pytest.raises(Stopped):
        run(native(other, append_dim="time"), tell=stop_after(4))
    run(native(days[5:7], append_dim="time"))
    run(native(days[7:], append_dim="time"))
    np.testing.assert_array_equal(load(tmp_path / "out.zarr").sst, np.concatenate([make_day(n).sst for n in range(12)]))


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_readers_see_the_old_dataset_while_arrays_are_lengthened_one_by_one(days, run, tmp_path, zarr_format):
    run(native(days[:5], target_chunks={"time": 3}, format=zarr_format))
    before = load(tmp_path / "out.zarr")
    append = native(days[5:], append_dim="time")
    with pytest.raises(Stopped):
        run(append, name="append", tell=stop_after(4))
    lengthened: Any = zarr.open_group(tmp_path / "out.zarr", mode="r+", use_consolidated=False)["sst"]
    lengthened.resize((12, 3, 4))
    xr.testing.assert_identical(load(tmp_path / "out.zarr"), before)
    with pytest.raises(TargetError, match="the consolidated metadata do not say of 'sst' what the array itself says"):
        run(append)
    run(append, name="append")
    np.testing.assert_array_equal(load(tmp_path / "out.zarr").sst, np.concatenate([make_day(n).sst for n in range(12)]))


def test_a_dataset_without_consolidated_metadata_gets_them_before_anything_is_written(days, run, tmp_path):
    xr.concat([xr.load_dataset(path) for path in days[:5]], "time", data_vars="minimal").to_zarr(
        tmp_path / "out.zarr", consolidated=False, encoding={"time": {"units": "days since 2000-01-01"}}
    )
    run(native(days[5:], append_dim="time"))
    assert zarr.open_group(tmp_path / "out.zarr", mode="r").metadata.consolidated_metadata is not None
    assert load(tmp_path / "out.zarr").sizes["time"] == 12


def test_a_dataset_that_another_tool_lengthened_without_consolidating_is_not_written_over(days, run, tmp_path):
    run(native(days[:5], format=2))
    added = xr.concat([xr.load_dataset(path) for path in days[5:8]], "time", data_vars="minimal").drop_vars(["area", "lat", "lon"])
    added.to_zarr(tmp_path / "out.zarr", append_dim="time", consolidated=False)
    with pytest.raises(TargetError, match="the consolidated metadata do not say"):
        run(native(days[8:], append_dim="time"))
    consolidate(Target(str(tmp_path / "out.zarr")))
    run(native(days[8:], append_dim="time"))
    np.testing.assert_array_equal(load(tmp_path / "out.zarr").sst, np.concatenate([make_day(n).sst for n in range(12)]))


# Plans and tests.


def test_a_test_of_an_appending_recipe_makes_a_dataset_of_its_own(days, run, tmp_path):
    run(native(days, append_dim="time").prune())
    assert load(tmp_path / "out.zarr").sizes["time"] == 2


def test_a_plan_counts_what_is_written_and_says_what_comes_of_it(days, run, tmp_path):
    run(native(days[:5], target_chunks={"time": 2}))
    plan = native(days[5:], append_dim="time").plan(PlanContext(Target(str(tmp_path / "out.zarr")), Target("")))
    results = plan.sample()
    stages = {stage.name: stage for stage in plan.outline(results)}
    assert plan.describe(results)["sizes"]["time"] == 12
    assert (stages["store"].cost.bytes_written, stages["store"].cost.chunks) == (7 * 48, 4)
    assert stages["prepare"].notes == ("7 steps are appended along 'time' to 5 that are there",)


def test_preprocess_is_applied_to_what_is_appended(days, run, tmp_path):
    def warm(ds: xr.Dataset, source: Any) -> xr.Dataset:
        return ds.assign(sst=ds.sst + 1)

    run(native(days[:5], preprocess=warm))
    run(replace(native(days[5:], append_dim="time"), preprocess=warm))
    np.testing.assert_array_equal(load(tmp_path / "out.zarr").sst, np.concatenate([make_day(n).sst + 1 for n in range(12)]))
