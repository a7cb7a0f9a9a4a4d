"""Pipelines of the Beam API that write references: what their steps mean, without Beam."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from pangeo_forge.errors import RecipeFailed, SourceError
from pangeo_forge.plans.products import KerchunkJson, KerchunkParquet
from pangeo_forge.recipes.lifting import LiftedRecipe, UnliftedPipeline
from peer.gribs import write_grib
from peer.reference_recipes import DAYS, HEAD, OPEN, WRITE
from reading_references import bake_references, load_text, make_days


@pytest.fixture
def files(tmp_path) -> list[str]:
    (tmp_path / "files").mkdir()
    for number in range(3):
        make_days(number).to_netcdf(tmp_path / "files" / f"days_{number}.nc")
    return [str(path) for path in sorted((tmp_path / "files").iterdir())]


@pytest.fixture
def load(tmp_path, monkeypatch):
    """Load a recipe of files in a folder."""

    def load(text: str, folder: str = str(tmp_path / "files")):
        monkeypatch.setenv("ARCHIVE", folder)
        return load_text(tmp_path, HEAD + text + "\n", monkeypatch)

    return load


def open_files(paths: list[str]) -> xr.Dataset:
    with xr.open_mfdataset(paths, data_vars="minimal", coords="minimal", compat="override", join="exact") as dataset:
        return dataset.load()


PIPELINES = {
    "in one step": f"{DAYS}recipe = {OPEN} | {WRITE})",
    "with labels": f'{DAYS}recipe = "a" >> beam.Create(pattern.items()) | "b" >> OpenWithKerchunk(file_type="netcdf4") | "c" >> {WRITE})',
    "of unknown type": f"{DAYS}recipe = beam.Create(pattern.items()) | OpenWithKerchunk() | {WRITE})",
    "precombined": f"{DAYS}recipe = {OPEN} | {WRITE}, precombine_inputs=True)",
    "as early versions wrote it": (
        f"{DAYS}recipe = beam.Create(pattern.items()) | OpenWithKerchunk(file_type=pattern.file_type, drop_keys=True)"
        " | CombineReferences(concat_dims=pattern.concat_dims, identical_dims=['lat', 'lon'], precombine_inputs=True)"
        " | WriteCombinedReference(store_name='out')"
    ),
    "of a list of pairs": (f"{DAYS}recipe = beam.Create(list(pattern.items())) | OpenWithKerchunk(file_type=pattern.file_type) | {WRITE})"),
    "of inputs that are chosen": (
        f"{DAYS}recipe = beam.Create(pattern.items()) | beam.Filter(lambda item: item[1].endswith('.nc')) | beam.Reshuffle()"
        f" | OpenWithKerchunk(file_type=pattern.file_type) | {WRITE})"
    ),
    "consolidated": f"{DAYS}recipe = {OPEN} | {WRITE}) | ConsolidateMetadata()",
    "with options for the combined references": (
        f"{DAYS}recipe = {OPEN} | {WRITE}, remote_options={{'anon': True}}, target_options={{'anon': True}}, remote_protocol='file')"
    ),
}


@pytest.mark.parametrize("name", list(PIPELINES))
def test_a_pipeline_gives_what_xarray_gives(name, load, files, tmp_path):
    recipe = load(PIPELINES[name])
    assert isinstance(recipe, LiftedRecipe)
    ours, results = bake_references(recipe, tmp_path)
    xr.testing.assert_identical(ours, open_files(files))
    assert (results["check"].wrong, results["check"].values > 0) == ((), True)


def test_a_pruned_pipeline_reads_two_files(load, files, tmp_path):
    ours, _ = bake_references(load(f"{DAYS}recipe = {OPEN} | {WRITE})").prune(), tmp_path)
    xr.testing.assert_identical(ours, open_files(files[:2]))


@pytest.mark.parametrize(("name", "product"), [("reference.json", KerchunkJson), ("reference.parquet", KerchunkParquet)])
def test_the_name_of_the_file_says_what_is_written(load, files, tmp_path, name, product):
    recipe = load(f"{DAYS}recipe = {OPEN} | {WRITE}, output_file_name={name!r})")
    assert isinstance(recipe.recipe.product, product)
    ours, _ = bake_references(recipe, tmp_path)
    xr.testing.assert_identical(ours, open_files(files))


def test_functions_behind_the_references_are_called_with_the_store_that_they_stand_for(load, files, tmp_path):
    recipe = load(f"""
import pathlib

{DAYS}

def check(store):
    ds = xr.open_dataset(store, engine="zarr", chunks={{}})
    assert ds.sizes["time"] == 12
    pathlib.Path({str(tmp_path / "seen")!r}).write_text(str(float(ds.sst.mean())))
    return store


def again(store):
    assert "sst/.zarray" in store
    return store


recipe = {OPEN} | {WRITE}) | "Test dataset" >> beam.Map(check) | beam.Map(again)
""")
    bake_references(recipe, tmp_path)
    assert float((tmp_path / "seen").read_text()) == pytest.approx(float(open_files(files).sst.mean()))


def test_a_function_behind_the_references_that_fails_is_the_recipes_fault(load, files, tmp_path):
    recipe = load(f"""
{DAYS}

def check(store):
    assert "no such variable" in xr.open_dataset(store, engine="zarr"), "not as it should be"


recipe = {OPEN} | {WRITE}) | beam.Map(check)
""")
    with pytest.raises(RecipeFailed, match="check failed: AssertionError: not as it should be"):
        bake_references(recipe, tmp_path)


def test_parameters_of_kerchunk_that_are_not_known_are_named(load):
    recipe = load(f"{DAYS}recipe = {OPEN} | {WRITE}, mzz_kwargs={{'append': True}})")
    assert isinstance(recipe, UnliftedPipeline)
    assert recipe.reason == "its mzz_kwargs give 'append'"


def test_coordinates_may_be_mapped(load, files, tmp_path):
    recipe = load(f"{DAYS}recipe = {OPEN} | {WRITE}, mzz_kwargs={{'coo_map': {{'time': 'cf:time'}}, 'coo_dtypes': {{'time': 'M8[s]'}}}})")
    ours, _ = bake_references(recipe, tmp_path)
    xr.testing.assert_equal(ours, open_files(files))
    assert ours.time.dtype == np.dtype("M8[s]")


# GRIB.


@pytest.fixture
def gribs(tmp_path) -> np.ndarray:
    """Write three files of two messages each; their values by day, variable, latitude and longitude."""
    (tmp_path / "files").mkdir()
    return np.array([write_grib(tmp_path / "files" / f"day_{number}.grib2", number) for number in range(3)])


GRIBS = 'pattern = FilePattern(lambda time: f"{FOLDER}/day_{time}.grib2", ConcatDim("time", range(3)), file_type="grib")\n'
WRITE_GRIBS = "WriteCombinedReference(store_name='out', concat_dims=['time'], identical_dims=['latitude', 'longitude', 'surface', 'step'])"


def test_the_messages_of_grib_files_are_combined(load, gribs, tmp_path):
    ours, results = bake_references(load(f"{GRIBS}recipe = {OPEN} | {WRITE_GRIBS}"), tmp_path)
    assert {name: ours[name].dims for name in ours.data_vars} == dict.fromkeys(("t", "dpt"), ("time", "latitude", "longitude"))
    np.testing.assert_array_equal(ours.t, gribs[:, 0])
    np.testing.assert_array_equal(ours.dpt, gribs[:, 1])
    np.testing.assert_array_equal(ours.time, np.arange(3) + np.datetime64("2000-01-01"))
    assert (results["check"].wrong, results["check"].values > 0) == ((), True)


def test_messages_of_grib_files_may_be_chosen(load, gribs, tmp_path):
    opened = OPEN[:-1] + ", kerchunk_open_kwargs={'filter': {'shortName': ['dpt', 'u']}})"
    ours, _ = bake_references(load(f"{GRIBS}recipe = {opened} | {WRITE_GRIBS}"), tmp_path)
    assert list(ours.data_vars) == ["dpt"]
    np.testing.assert_array_equal(ours.dpt, gribs[:, 1])


def test_a_choice_of_no_message_is_refused(load, gribs, tmp_path):
    opened = OPEN[:-1] + ", kerchunk_open_kwargs={'filter': {'shortName': '2t'}})"
    with pytest.raises(SourceError, match=r"day_0\.grib2: has no message that is asked for"):
        bake_references(load(f"{GRIBS}recipe = {opened} | {WRITE_GRIBS}"), tmp_path)


# Where the files are.


@pytest.mark.server
def test_files_on_a_web_server_are_tested_by_the_recipe_where_they_are(load, files, tmp_path, http_server):
    url = http_server(tmp_path / "files").url
    recipe = load(
        f"""
{DAYS}

def check(store):
    with xr.open_dataset(store, engine="zarr", chunks=None) as ds:
        assert float(ds.sst.isel(time=11).mean()) > 0
        assert ds.sizes["time"] == 12


recipe = {OPEN} | {WRITE}) | beam.Map(check)
""",
        folder=url,
    )
    ours, results = bake_references(recipe, tmp_path)
    xr.testing.assert_identical(ours, open_files(files))
    assert results["check"].wrong == ()


@pytest.mark.server
def test_gribs_on_a_web_server_are_read_where_they_are(load, gribs, tmp_path, http_server):
    url = http_server(tmp_path / "files").url
    ours, _ = bake_references(load(f"{GRIBS}recipe = {OPEN} | {WRITE_GRIBS}", folder=url), tmp_path)
    np.testing.assert_array_equal(ours.t, gribs[:, 0])
    assert f"{url}/day_1.grib2" in (tmp_path / "out.json").read_text()


@pytest.mark.server
def test_files_on_s3_may_be_named_without_the_protocol(load, files, tmp_path, s3_server):
    (tmp_path / "s3").mkdir()
    (tmp_path / "files").rename(tmp_path / "s3" / "bucket")
    options = s3_server(tmp_path / "s3").storage_options
    opened = f"OpenWithKerchunk(file_type='netcdf4', remote_protocol='s3', storage_options={options!r})"
    recipe = load(f"{DAYS}recipe = beam.Create(pattern.items()) | {opened} | {WRITE})", folder="bucket")
    ours, _ = bake_references(recipe, tmp_path)
    xr.testing.assert_identical(ours, open_files([path.replace("/files/", "/s3/bucket/") for path in files]))
    text = (tmp_path / "out.json").read_text()
    assert options["secret"] not in text + repr(recipe)
    assert {ref[0].rpartition("/")[0] for ref in json.loads(text)["refs"].values() if isinstance(ref, list)} <= {"s3://bucket"}


def test_paths_are_written_such_that_they_lead_there_from_anywhere(load, files, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    bake_references(load(f"{DAYS}recipe = {OPEN[:-1]}, inline_threshold=0) | {WRITE})", folder="files"), tmp_path)
    refs = json.loads((tmp_path / "out.json").read_text())["refs"]
    assert all(Path(ref[0].removeprefix("file://")).is_absolute() for ref in refs.values() if isinstance(ref, list))
