"""Real model output and real servers."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
import zarr

from baking import bake
from pangeo_forge.plans.plan import Target
from pangeo_forge.recipes import ConcatDim, FilePattern, InputFile, ZarrRecipe, pattern_from_file_sequence
from servers.rclone import Served

MINIMAL: dict[str, Any] = {"combine": "nested", "data_vars": "minimal", "coords": "minimal", "compat": "override", "join": "override"}


def set_time(ds: xr.Dataset, source: InputFile) -> xr.Dataset:
    """NEMO's months all have time_counter 0.0; the time is in time_centered."""
    return ds.assign_coords(time_counter=ds["time_centered"].values)


def test_nemo_months_on_a_tripolar_grid_in_a_360_day_calendar(nemo_files: list[Path], tmp_path: Path) -> None:
    recipe = ZarrRecipe(pattern_from_file_sequence([str(path) for path in nemo_files], "time_counter"), preprocess=set_time)
    baked, _, _ = bake(recipe, tmp_path)
    assert [str(time) for time in baked["time_counter"].values] == ["2015-01-16 00:00:00", "2015-02-16 00:00:00", "2015-03-16 00:00:00"]
    assert baked["time_counter"].values[0].calendar == "360_day"
    assert "nav_lat" in baked.coords
    for number, path in enumerate(nemo_files):
        with xr.open_dataset(path) as month:
            np.testing.assert_array_equal(baked["tos"].values[number], month["tos"].values[0])


def test_nemo_months_without_a_time_of_their_own_are_told_what_is_wrong(nemo_files: list[Path], tmp_path: Path) -> None:
    with pytest.raises(Exception, match="do not make one dataset") as caught:
        bake(ZarrRecipe(pattern_from_file_sequence([str(path) for path in nemo_files], "time_counter")), tmp_path)
    problem = caught.value.problems[0]  # type: ignore[attr-defined]
    assert (
        problem.message == f"coordinate 'time_counter' is not in order: {nemo_files[0]} ends with 0.0, and {nemo_files[1]} begins with 0.0"
    )
    assert "or that the coordinate is not set" in (problem.hint or "")


@pytest.mark.parametrize("lengths", [[27, 27], [10, 1, 40, 3]], ids=["equal", "unequal"])
def test_ostia_months_in_files_of_several_steps(ostia_file: Path, tmp_path: Path, lengths: list[int]) -> None:
    paths, start = [], 0
    with xr.open_dataset(ostia_file, decode_cf=False) as whole:
        for length in lengths:
            paths.append(str(tmp_path / f"{start:02}.nc"))
            whole.isel(time=slice(start, start + length)).to_netcdf(paths[-1], engine="h5netcdf")
            start += length
    baked, _, _ = bake(ZarrRecipe(pattern_from_file_sequence(paths, "time"), target_chunks={"time": 12, "longitude": 100}), tmp_path)
    with xr.open_dataset(ostia_file) as whole:
        xr.testing.assert_equal(baked, whole.load())


def test_a_360_day_calendar_and_netcdf3(a1b_file: Path, tmp_path: Path) -> None:
    paths = []
    with xr.open_dataset(a1b_file, decode_cf=False) as whole:
        for number in range(4):
            paths.append(str(tmp_path / f"{number}.nc"))
            whole.isel(time=slice(60 * number, 60 * number + 60)).to_netcdf(paths[-1], engine="netcdf4", format="NETCDF3_64BIT")
    baked, _, _ = bake(ZarrRecipe(pattern_from_file_sequence(paths, "time")), tmp_path)
    with xr.open_dataset(a1b_file) as whole:
        xr.testing.assert_equal(baked, whole.load())


def test_cmip6_years_that_count_time_from_one_date(shared: Path, tmp_path: Path) -> None:
    paths = sorted(str(path) for path in (shared / "data" / "ec-earth3-ta").glob("*.nc"))
    baked, _, _ = bake(ZarrRecipe(pattern_from_file_sequence(paths, "time"), target_chunks={"time": 120}), tmp_path)
    xr.testing.assert_equal(baked, xr.open_mfdataset(paths, concat_dim="time", **MINIMAL).load())


def test_cesm_centuries_in_a_noleap_calendar_with_text_and_auxiliary_grids(shared: Path, tmp_path: Path) -> None:
    paths = sorted(str(path) for path in (shared / "data" / "cesm-le-shf").glob("*.nc"))
    baked, _, _ = bake(ZarrRecipe(pattern_from_file_sequence(paths, "time")), tmp_path)
    whole = xr.open_mfdataset(paths, concat_dim="time", **MINIMAL).load()
    assert baked["time"].values[0].calendar == "noleap"
    texts = [name for name, variable in whole.variables.items() if variable.dtype.kind in "SO" and name not in ("time", "time_bound")]
    xr.testing.assert_equal(baked.drop_vars(texts), whole.drop_vars(texts))
    for name in texts:
        with xr.open_dataset(paths[0]) as first:
            assert baked[name].values.tolist() == first[name].values.astype(str).tolist()


# Servers.


@pytest.fixture
def archive(nemo_files: list[Path], tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    (folder / "bucket").mkdir(parents=True)
    for path in nemo_files:
        shutil.copy(path, folder / "bucket")
    return folder


def nemo_recipe(root: str, files: list[Path], **options: Any) -> ZarrRecipe:
    pattern = FilePattern(lambda month: f"{root}/{files[month].name}", ConcatDim("month", range(3)), **options)
    dims = {"month": "time_counter"}
    return ZarrRecipe(pattern_from_file_sequence([file.url for file in pattern], dims["month"], **options), preprocess=set_time)


@pytest.mark.server
@pytest.mark.parametrize("protocol", ["http", "ftp", "s3"])
@pytest.mark.parametrize("cached", [False, True], ids=["direct", "cached"])
def test_inputs_are_read_from_servers(
    archive: Path, nemo_files: list[Path], tmp_path: Path, request: pytest.FixtureRequest, protocol: str, cached: bool
) -> None:
    serve: Callable[[Path], Served] = request.getfixturevalue(f"{protocol}_server")
    served = serve(archive)
    root = "s3://bucket" if protocol == "s3" else f"{served.url}/bucket"
    recipe = nemo_recipe(root, nemo_files, fsspec_open_kwargs=served.storage_options)
    options = {"cache": Target(str(tmp_path / "cache"))} if cached else {}
    baked, _, _ = bake(recipe, tmp_path, **options)
    with xr.open_dataset(nemo_files[2]) as month:
        np.testing.assert_array_equal(baked["tos"].values[2], month["tos"].values[0])
    assert len(list((tmp_path / "cache").glob("*.nc")) if cached else []) == (3 if cached else 0)


@pytest.mark.server
def test_the_target_may_be_on_s3(nemo_files: list[Path], tmp_path: Path, s3_server: Callable[[Path], Served]) -> None:
    (tmp_path / "bucket").mkdir()
    served = s3_server(tmp_path)
    from pangeo_forge.engines.local import LocalEngine
    from pangeo_forge.plans.plan import PlanContext
    from pangeo_forge.worker.checkpoints import Checkpoints
    from pangeo_forge.worker.running import run_plan

    recipe = ZarrRecipe(pattern_from_file_sequence([str(path) for path in nemo_files], "time_counter"), preprocess=set_time)
    context = PlanContext(Target("s3://bucket/nemo.zarr", served.storage_options), Target(str(tmp_path / "intermediate.zarr")))
    run_plan(recipe.plan(context), LocalEngine(2), Checkpoints(tmp_path / "run"), lambda event: None)
    with xr.open_zarr("s3://bucket/nemo.zarr", storage_options=served.storage_options, chunks=None) as baked:
        assert baked.sizes["time_counter"] == 3
        assert float(baked["tos"].max()) > 20
    assert zarr.open_group(str(tmp_path / "bucket" / "nemo.zarr"), mode="r")["tos"].shape == (3, 330, 360)
