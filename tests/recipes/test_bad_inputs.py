"""Bad input gets an error that names the file and says what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from baking import bake
from pangeo_forge.engines.local import LocalEngine
from pangeo_forge.errors import ForgeError, InputsDisagree, SourceError, SourceUnavailable
from pangeo_forge.recipes import ZarrRecipe, pattern_from_file_sequence
from pangeo_forge.worker.events import TaskRetried
from servers.faulty import LOGIN_PAGE, MISSING, FaultyServer, busy, reset, truncated

pytestmark = pytest.mark.server


def day(number: float, **attrs: str) -> xr.Dataset:
    values = np.random.default_rng(0).normal(size=(1, 40, 50)).astype("f4")
    return xr.Dataset(
        {"sst": (("time", "lat", "lon"), values, {"units": "K"} | attrs)},
        {"time": ("time", [number], {"units": "days since 2000-01-01"}), "lat": np.arange(40.0)},
    )


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    folder.mkdir()
    for number in range(3):
        day(number).to_netcdf(folder / f"{number}.nc", engine="h5netcdf")
    return folder


@pytest.fixture
def served(archive: Path, faulty_server: Callable[[Path], FaultyServer]) -> FaultyServer:
    return faulty_server(archive)


def recipe_of(server: FaultyServer, **options: Any) -> ZarrRecipe:
    return ZarrRecipe(pattern_from_file_sequence([f"{server.url}/{number}.nc" for number in range(3)], "time"), **options)


def error_of(recipe: ZarrRecipe, folder: Path, **options: Any) -> ForgeError:
    with pytest.raises(ForgeError) as caught:
        bake(recipe, folder, **options)
    return caught.value


def test_a_missing_file_is_named_and_not_asked_for_again(served: FaultyServer, tmp_path: Path) -> None:
    served.misbehave("/1.nc", MISSING)
    error = error_of(recipe_of(served), tmp_path)
    assert type(error) is SourceError
    assert str(error) == f"{served.url}/1.nc: there is no such file"
    assert error.hint == "Check the URL that the pattern makes for this key."
    assert served.count("/1.nc") <= 2


def test_a_file_that_is_cut_off_is_named(served: FaultyServer, archive: Path, tmp_path: Path) -> None:
    served.misbehave("/1.nc", truncated(len((archive / "1.nc").read_bytes()) // 2))
    error = error_of(recipe_of(served), tmp_path)
    assert str(error) == f"{served.url}/1.nc: is cut off: the file is shorter than it says of itself"


def test_a_login_page_is_told_from_data(served: FaultyServer, tmp_path: Path) -> None:
    served.misbehave("/1.nc", LOGIN_PAGE)
    error = error_of(recipe_of(served), tmp_path)
    assert str(error) == f"{served.url}/1.nc: is an HTML page, not NetCDF"
    assert error.hint == "Open the URL in a browser to see what the server sends; it may want a login."


@pytest.mark.parametrize("fault", [busy(2), busy(2, status=429), reset(2)], ids=["503", "429", "reset"])
def test_what_may_pass_is_tried_again_until_it_has(served: FaultyServer, tmp_path: Path, fault: Any) -> None:
    served.misbehave("/1.nc", fault)
    baked, events, _ = bake(recipe_of(served), tmp_path)
    assert baked.sizes["time"] == 3
    retries = [event for event in events if isinstance(event, TaskRetried)]
    assert retries
    assert retries[0].error["where"] == f"{served.url}/1.nc"


def test_what_does_not_pass_ends_the_run_in_the_end(served: FaultyServer, tmp_path: Path) -> None:
    served.misbehave("/1.nc", busy(1000))
    error = error_of(recipe_of(served), tmp_path, engine=LocalEngine(workers=2))
    assert type(error) is SourceUnavailable
    assert str(error) == f"{served.url}/1.nc: the server answers HTTP 503"


def test_an_address_where_nobody_listens_is_unavailable(tmp_path: Path) -> None:
    recipe = ZarrRecipe(pattern_from_file_sequence(["http://127.0.0.1:9/a.nc"], "time"))
    error = error_of(recipe, tmp_path)
    assert str(error).startswith("http://127.0.0.1:9/a.nc: the connection failed")


def test_secrets_in_a_url_are_not_in_the_message(served: FaultyServer, tmp_path: Path) -> None:
    url = served.url.replace("http://", "http://me:pass@") + "/none.nc?token=secret"
    error = error_of(ZarrRecipe(pattern_from_file_sequence([url], "time")), tmp_path)
    assert str(error) == f"{served.url}/none.nc?…: there is no such file"
    assert "secret" not in str(error.to_dict())
    assert "pass" not in str(error.to_dict())


# Inputs that do not make one dataset.


def disagreement(tmp_path: Path, *datasets: xr.Dataset) -> InputsDisagree:
    paths = []
    for number, dataset in enumerate(datasets):
        dataset.to_netcdf(tmp_path / f"{number}.nc", engine="h5netcdf")
        paths.append(str(tmp_path / f"{number}.nc"))
    with pytest.raises(InputsDisagree) as caught:
        bake(ZarrRecipe(pattern_from_file_sequence(paths, "time")), tmp_path)
    return caught.value


def test_inputs_of_different_shape_are_named(tmp_path: Path) -> None:
    error = disagreement(tmp_path, day(0), day(1), day(2).isel(lat=slice(0, 30)))
    assert [problem.message for problem in error.problems] == [
        f"'lat' has no concat dimension, so it is kept once, but it differs between {tmp_path}/0.nc and {tmp_path}/2.nc",
        f"dimension 'lat' has 40 steps in {tmp_path}/0.nc, but 30 in {tmp_path}/2.nc",
    ]


def test_inputs_in_different_units_are_named(tmp_path: Path) -> None:
    error = disagreement(tmp_path, day(0), day(1, units="degC"))
    assert [problem.message for problem in error.problems] == [f"units of 'sst' are 'K' in {tmp_path}/0.nc, but 'degC' in {tmp_path}/1.nc"]
    assert error.problems[0].hint == "Convert one to the other in preprocess."


def test_inputs_with_different_variables_are_named(tmp_path: Path) -> None:
    error = disagreement(tmp_path, day(0), day(1).assign(ice=("time", [1.0])))
    assert [problem.message for problem in error.problems] == [f"variable 'ice' is in {tmp_path}/1.nc, but not in {tmp_path}/0.nc"]


def test_inputs_that_overlap_are_named_with_the_value(tmp_path: Path) -> None:
    error = disagreement(tmp_path, day(0), day(1), day(1))
    assert [problem.message for problem in error.problems] == [
        f"coordinate 'time' is not in order: {tmp_path}/1.nc ends with 2000-01-02T00:00:00, "
        f"and {tmp_path}/2.nc begins with 2000-01-02T00:00:00"
    ]


def test_inputs_out_of_order_are_named_with_the_values(tmp_path: Path) -> None:
    error = disagreement(tmp_path, day(0), day(5), day(3), day(6))
    assert "1.nc ends with 2000-01-06T00:00:00" in error.problems[0].message
    assert "2.nc begins with 2000-01-04T00:00:00" in error.problems[0].message


def test_a_file_without_the_concat_dimension_is_named_with_what_to_write(tmp_path: Path) -> None:
    error = disagreement(tmp_path, day(0).isel(time=0, drop=True), day(1).isel(time=0, drop=True))
    assert error.problems[0].message == f"{tmp_path}/0.nc has no dimension 'time' to concatenate along"
    assert error.problems[0].hint == "Give it one in preprocess: return ds.expand_dims(time=[…])."


def test_a_disagreement_of_many_inputs_is_told_in_short(tmp_path: Path) -> None:
    error = disagreement(tmp_path, day(0, units="degC"), *(day(number) for number in range(1, 30)))
    assert len(error.problems) <= 12
    assert "29 things are wrong" in error.message
