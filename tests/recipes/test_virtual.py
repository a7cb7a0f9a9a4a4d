"""References: what is opened through them equals what the files hold, of every kind of file, in every form of references."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from pangeo_forge.catalog.health.executing import execute
from pangeo_forge.catalog.snippets import write_snippets
from pangeo_forge.engines.serial import SerialEngine
from pangeo_forge.errors import UserError
from pangeo_forge.plans.plan import PlanContext, Target
from pangeo_forge.plans.references.icechunk import find_newest
from pangeo_forge.plans.targets import with_numcodecs
from pangeo_forge.recipes import VirtualRecipe, pattern_from_file_sequence
from pangeo_forge.worker.checkpoints import Checkpoints
from pangeo_forge.worker.running import run_plan
from virtualizing import FORMATS, PACKED, bake, combined, list_references, make_files


@pytest.mark.parametrize("form", FORMATS)
def test_references_give_the_values_of_the_files(tmp_path: Path, form: Any) -> None:
    urls = make_files(tmp_path)
    dataset, results = bake(VirtualRecipe(pattern_from_file_sequence(urls, "time"), format=form), tmp_path)
    xr.testing.assert_identical(dataset.load(), combined(urls))
    assert not results["check"].wrong
    assert results["check"].values > 0


@pytest.mark.parametrize("form", FORMATS)
def test_packed_values_are_unpacked_as_those_of_the_files_are(tmp_path: Path, form: Any) -> None:
    urls = make_files(tmp_path, **PACKED)
    dataset, _ = bake(VirtualRecipe(pattern_from_file_sequence(urls, "time"), format=form), tmp_path)
    xr.testing.assert_identical(dataset.load(), combined(urls))


def test_large_variables_are_referenced_and_what_a_reader_wants_at_once_is_copied(tmp_path: Path) -> None:
    urls = make_files(tmp_path)
    bake(VirtualRecipe(pattern_from_file_sequence(urls, "time"), format="kerchunk-json", inline_below=0), tmp_path)
    assert list_references(Target(str(tmp_path / "out.json"))) == {"sst", "mask"}


def test_a_cache_is_not_used_and_that_is_said(tmp_path: Path) -> None:
    recipe = VirtualRecipe(pattern_from_file_sequence(make_files(tmp_path), "time"))
    plan = recipe.plan(PlanContext(Target("out"), Target("scratch"), cache=Target(str(tmp_path / "cache"))))
    assert plan.steps[0].make_stage({}).notes == ("the cache is not used: references lead to the files where they are",)


# Kinds of files.


def make_netcdf3(folder: Path, *, unlimited: bool) -> list[str]:
    """Make files of NetCDF 3, packed, whose time is a record dimension or is not."""
    urls = []
    for number in range(3):
        values = np.random.default_rng(number).normal(280, 5, (2, 3, 4))
        values[0, 0, 0] = np.nan
        coords = {
            "time": ("time", 2 * number + np.arange(2), {"units": "days since 1990-01-01"}),
            "lat": ("lat", [10.0, 20.0, 30.0], {"valid_range": np.array([-90.0, 90.0])}),
            "label": ("lat", np.array([b"abc", b"def", b"ghi"])),
        }
        data = {"t2m": (("time", "lat", "lon"), values, {"units": "K", "level": np.int32(2)}), "mask": (("lat", "lon"), np.eye(3, 4))}
        encoding = {"t2m": {"dtype": "i2", "scale_factor": 0.01, "add_offset": 273.15, "_FillValue": -32767, "missing_value": -32767}}
        path = folder / f"classic-{number}.nc"
        dataset = xr.Dataset(data, coords, {"title": "made up"})
        dataset.to_netcdf(path, format="NETCDF3_64BIT", encoding=encoding, unlimited_dims=["time"] if unlimited else [])
        urls.append(str(path))
    return urls


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("unlimited", [True, False], ids=["record", "fixed"])
def test_netcdf3_is_referenced(tmp_path: Path, form: Any, unlimited: bool) -> None:
    urls = make_netcdf3(tmp_path, unlimited=unlimited)
    dataset, results = bake(VirtualRecipe(pattern_from_file_sequence(urls, "time"), format=form), tmp_path)
    expected = combined(urls)
    expected["label"] = expected.label.astype(object).str.decode("ascii") if expected.label.dtype.kind == "S" else expected.label
    xr.testing.assert_identical(dataset.load(), expected)
    assert not results["check"].wrong


def make_grib(folder: Path, samples: Path, times: int = 3, steps: tuple[int, ...] = (6,)) -> list[str]:
    """Make GRIB files of a real message: one for each time, a message for each step, each with values of its own."""
    import eccodes

    urls = []
    with (samples / "polar_stereo.grib2").open("rb") as file:
        original = eccodes.codes_grib_new_from_file(file)
    values = eccodes.codes_get_values(original)
    for number in range(times):
        path = folder / f"forecast-{number}.grib2"
        with path.open("wb") as file:
            for step in steps:
                message = eccodes.codes_clone(original)
                eccodes.codes_set(message, "dataDate", 20130520 + number)
                eccodes.codes_set(message, "step", step)
                eccodes.codes_set_values(message, values + 10 * number + step)
                eccodes.codes_write(message, file)
                eccodes.codes_release(message)
        urls.append(str(path))
    eccodes.codes_release(original)
    return urls


def open_grib(url: str) -> xr.Dataset:
    return xr.open_dataset(url, engine="cfgrib", backend_kwargs={"indexpath": ""})


@pytest.mark.parametrize("form", ["kerchunk-json", "kerchunk-parquet"])
@pytest.mark.parametrize("steps", [(6,), (6, 12, 18)], ids=["one-message", "several-messages"])
def test_messages_of_grib_files_are_referenced(tmp_path: Path, samples: Path, form: Any, steps: tuple[int, ...]) -> None:
    urls = make_grib(tmp_path, samples, steps=steps)
    dataset, results = bake(VirtualRecipe(pattern_from_file_sequence(urls, "time"), format=form), tmp_path)
    assert not results["check"].wrong
    assert dataset.t.dims == (("time", "step") if len(steps) > 1 else ("time",)) + ("y", "x")
    for number, url in enumerate(urls):
        with open_grib(url) as message:
            np.testing.assert_allclose(dataset.t.isel(time=number).values, message.t.values, rtol=1e-6)
            assert dataset.time.values[number] == message.time.values
            assert dataset.valid_time.isel(time=number).values.tolist() == message.valid_time.values.tolist()
            np.testing.assert_array_equal(dataset.latitude.values, message.latitude.values)
            assert (dataset.step.values == message.step.values).all()


def test_grib_is_refused_for_icechunk_with_the_reason(tmp_path: Path, samples: Path) -> None:
    urls = make_grib(tmp_path, samples)
    with pytest.raises(UserError, match="cannot be referenced by Icechunk: what decodes its messages has no name in Zarr 3") as refused:
        bake(VirtualRecipe(pattern_from_file_sequence(urls, "time"), format="icechunk"), tmp_path)
    assert str(refused.value.where) == urls[0]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("version", [2, 3])
def test_zarr_stores_are_referenced(tmp_path: Path, form: Any, version: Any) -> None:
    stores = []
    for url in make_files(tmp_path):
        with xr.open_dataset(url) as dataset:
            dataset = dataset.load().drop_vars("station")
        dataset.sst.encoding = {"chunks": (2, 3, 8)}
        dataset.drop_encoding().to_zarr(f"{url}.zarr", zarr_format=version, encoding={"sst": {"chunks": (2, 3, 8)}})
        stores.append(f"{url}.zarr")
    pattern = pattern_from_file_sequence(stores, "time", file_type="zarr")
    made, results = bake(VirtualRecipe(pattern, format=form), tmp_path)
    assert not results["check"].wrong
    for number, store in enumerate(stores):
        with xr.open_zarr(store, chunks=None) as dataset:
            np.testing.assert_array_equal(made.sst.isel(time=slice(4 * number, 4 * number + 4)).values, dataset.sst.values)


@pytest.mark.parametrize("form", FORMATS)
def test_names_of_files_may_have_any_characters(tmp_path: Path, form: Any) -> None:
    folder = tmp_path / "sea & ice (100 %), köln #1"
    folder.mkdir()
    urls = make_files(folder, 2)
    dataset, results = bake(VirtualRecipe(pattern_from_file_sequence(urls, "time"), format=form), tmp_path)
    xr.testing.assert_identical(dataset.load(), combined(urls))
    assert not results["check"].wrong


# Baked again.


@pytest.mark.parametrize(("first", "second"), [("a", "b"), ("a", "ab"), ("ab", "a")])
def test_an_icechunk_repository_that_is_baked_again_keeps_its_older_versions_wherever_their_files_are(
    tmp_path: Path, first: str, second: str
) -> None:
    files = {}
    for name, count in (("a", 1), ("b", 2)):
        (tmp_path / name).mkdir()
        files[name] = make_files(tmp_path / name, count=count)[-1]
    target, versions = Target(str(tmp_path / "out.icechunk")), []
    for number, names in enumerate((first, second)):
        urls = [files[name] for name in names]
        plan = VirtualRecipe(pattern_from_file_sequence(urls, "time")).plan(PlanContext(target, Target(str(tmp_path / "scratch"))))
        run_plan(plan, SerialEngine(), Checkpoints(tmp_path / f"run{number}"), lambda event: None)
        snapshot, leads_to = find_newest(target)
        asset = {"href": target.url, "type": "application/vnd.zarr+icechunk", "version": snapshot, "pangeo_forge:leads_to": leads_to}
        versions.append((write_snippets(asset)[0].code, urls))
    for code, urls in versions:
        with with_numcodecs():
            xr.testing.assert_identical(execute(code, {}).load(), combined(urls))
