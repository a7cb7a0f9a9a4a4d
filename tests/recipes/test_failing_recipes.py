"""Code of a recipe that fails: the error names the function, the input and the exception, and shows its author's lines."""

from __future__ import annotations

import faulthandler
import os
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from baking import bake, make_plan
from pangeo_forge.engines.base import Engine, make_engine
from pangeo_forge.errors import EngineError, ForgeError, RecipeFailed
from pangeo_forge.plans.plan import Plan, PlanContext, Stage, Step
from pangeo_forge.recipes import ConcatDim, FilePattern, ZarrRecipe, pattern_from_file_sequence

HERE = __file__
PACKAGE = str(Path(__file__).parents[2] / "src" / "pangeo_forge")


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    paths = [str(tmp_path / f"{number}.nc") for number in range(3)]
    for number, path in enumerate(paths):
        xr.Dataset({"sst": (("time", "x"), np.full((1, 4), float(number)))}, {"time": [number]}).to_netcdf(path)
    return paths


@pytest.fixture(params=["local", "serial"])
def engine(request: pytest.FixtureRequest) -> Engine:
    made: Engine = make_engine(request.param, {"workers": 2})
    return made


def error_of(recipe: Any, folder: Path, engine: Engine) -> ForgeError:
    with pytest.raises(ForgeError) as caught:
        bake(recipe, folder, engine)
    return caught.value


def recipe_of(files: list[str], preprocess: Callable[..., Any] | None = None, **options: Any) -> ZarrRecipe:
    return ZarrRecipe(pattern_from_file_sequence(files, "time"), preprocess=preprocess, **options)


def frames_of(error: ForgeError) -> list[str]:
    """Give the lines of a traceback that name a file."""
    return re.findall(r'File ".+", line \d+, in .+', error.detail or "")


def assert_shows_author(error: ForgeError, function: str) -> None:
    """Make sure that a traceback begins in this file, has a function of it, and no lines of ours."""
    frames = frames_of(error)
    assert frames[0].startswith(f'File "{HERE}"'), frames
    assert any(frame.endswith(f"in {function}") for frame in frames), frames
    assert not any(PACKAGE in frame for frame in frames), frames


# What is raised.


class Unpicklable(Exception):
    def __init__(self, message: str, *, code: int) -> None:
        super().__init__(message)
        self.code = code
        self.file = open(os.devnull)  # noqa: SIM115, PTH123

    def __del__(self) -> None:
        self.file.close()


class Speechless(Exception):
    def __str__(self) -> str:
        raise ValueError("no words")


def raise_from() -> None:
    try:
        {}["nothing"]
    except KeyError as error:
        raise RuntimeError("no such year") from error


def raise_unpicklable() -> None:
    raise Unpicklable("cannot be sent", code=3)


def raise_speechless() -> None:
    raise Speechless


def raise_group() -> None:
    raise ExceptionGroup("two things", [ValueError("one"), TypeError("two")])


def interrupt() -> None:
    raise KeyboardInterrupt


def leave() -> None:
    raise SystemExit(3)


def recurse() -> None:
    recurse()


def warn() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.warn("this is deprecated", DeprecationWarning, stacklevel=1)


def stop() -> None:
    raise StopIteration


def tell_secret() -> None:
    raise ValueError("cannot read https://me:hunter2@host/a.nc?token=hunter2")


RAISED = {
    raise_from: "RuntimeError: no such year",
    raise_unpicklable: "Unpicklable: cannot be sent",
    raise_speechless: "Speechless: (its message cannot be written: ValueError)",
    raise_group: "ExceptionGroup: two things (2 sub-exceptions), the first ValueError: one",
    leave: "SystemExit: 3",
    recurse: "RecursionError: maximum recursion depth exceeded",
    warn: "DeprecationWarning: this is deprecated",
    stop: "StopIteration",
    tell_secret: "ValueError: cannot read https://host/a.nc?…",
}


@pytest.mark.parametrize("fail", RAISED, ids=lambda function: function.__name__)
def test_whatever_preprocess_raises_is_told_with_the_input(
    engine: Engine, files: list[str], tmp_path: Path, fail: Callable[[], None]
) -> None:
    def set_time(ds: xr.Dataset, source: Any) -> xr.Dataset:
        if source.url == files[1]:
            fail()
        return ds

    error = error_of(recipe_of(files, set_time), tmp_path, engine)
    assert type(error) is RecipeFailed
    assert error.message == f"set_time failed: {RAISED[fail]}"
    assert error.where == files[1]
    assert error.hint == "The traceback of the recipe's code is shown with --verbose."
    assert_shows_author(error, "set_time")
    assert "hunter2" not in (error.detail or "").replace("https://me:hunter2@host/a.nc?token=hunter2", "")


def test_an_interruption_that_preprocess_raises_by_itself_is_told_where_ctrl_c_is_another_s(files: list[str], tmp_path: Path) -> None:
    def set_time(ds: xr.Dataset, source: Any) -> xr.Dataset:
        raise KeyboardInterrupt

    error = error_of(recipe_of(files, set_time), tmp_path, make_engine("local", {"workers": 2}))
    assert error.message == "set_time failed: KeyboardInterrupt"


def test_ctrl_c_is_nobody_s_fault(files: list[str], tmp_path: Path) -> None:
    def set_time(ds: xr.Dataset, source: Any) -> xr.Dataset:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bake(recipe_of(files, set_time), tmp_path, make_engine("serial", {}))


def test_both_exceptions_of_a_chain_are_shown_from_the_recipe_s_lines_on(engine: Engine, files: list[str], tmp_path: Path) -> None:
    def set_time(ds: xr.Dataset, source: Any) -> xr.Dataset:
        raise_from()
        return ds

    error = error_of(recipe_of(files, set_time), tmp_path, engine)
    assert "KeyError: 'nothing'" in (error.detail or "")
    assert "The above exception was the direct cause" in (error.detail or "")
    assert_shows_author(error, "set_time")


def test_lines_of_libraries_are_shown_below_those_of_the_recipe(engine: Engine, files: list[str], tmp_path: Path) -> None:
    error = error_of(recipe_of(files, lambda ds, source: ds.isel(nothing=0)), tmp_path, engine)
    assert error.message.startswith("<lambda> failed: ValueError: Dimensions {'nothing'} do not exist")
    assert_shows_author(error, "<lambda>")
    assert any("xarray" in frame for frame in frames_of(error))


# Where it is raised.


def test_a_function_that_makes_urls(engine: Engine, tmp_path: Path) -> None:
    def make_url(time: int) -> str:
        return str(1 / (time - 1))

    error = error_of(ZarrRecipe(FilePattern(make_url, ConcatDim("time", [1]))), tmp_path, engine)
    assert (error.message, error.where) == ("make_url failed: ZeroDivisionError: division by zero", "time=1")
    assert_shows_author(error, "make_url")


def test_a_function_that_makes_something_else_than_urls(engine: Engine, tmp_path: Path) -> None:
    def make_url(time: int) -> Any:
        return Path("a.nc")

    error = error_of(ZarrRecipe(FilePattern(make_url, ConcatDim("time", [1]))), tmp_path, engine)
    assert str(error).startswith("time=1: make_url returned a ")
    assert error.hint == "Return the URL as a text."


def test_values_that_are_computed_late(engine: Engine, files: list[str], tmp_path: Path) -> None:
    def fail(values: Any) -> Any:
        if values.size:
            raise ValueError("only now")
        return values

    def process(ds: xr.Dataset, source: Any) -> xr.Dataset:
        return ds.assign(sst=xr.apply_ufunc(fail, ds.sst.chunk(), dask="parallelized", output_dtypes=[float]))

    error = error_of(recipe_of(files, process), tmp_path, engine)
    assert error.message == "fail failed: ValueError: only now"
    assert error.where in files
    assert_shows_author(error, "fail")


def test_a_function_that_chooses_chunks(engine: Engine, files: list[str], tmp_path: Path) -> None:
    def choose(template: xr.Dataset) -> dict[str, int]:
        return {"time": template.sizes["no such dimension"]}

    error = error_of(recipe_of(files, target_chunks=choose), tmp_path, engine)
    assert error.message == "choose failed: KeyError: 'no such dimension'"
    assert_shows_author(error, "choose")


class Plugin:
    """A recipe of another package: a plan of its own."""

    def plan(self, context: PlanContext) -> Plan:
        step = Step("store", lambda results: Stage("store", range(3), self.work))
        whole = make_plan(recipe_of([str(Path(context.target.url).parent / "0.nc")]), Path(context.target.url).parent)
        return Plan((step,), whole.sample, whole.describe, whole.product)

    def prune(self) -> Plugin:
        return self

    def work(self, number: int) -> None:
        raise_unpicklable()


def test_a_task_of_a_recipe_of_another_package(engine: Engine, files: list[str], tmp_path: Path) -> None:
    error = error_of(Plugin(), tmp_path, engine)
    assert error.message == "Plugin.work failed: Unpicklable: cannot be sent"
    assert_shows_author(error, "work")


# The end of a process.


def test_a_function_that_ends_its_process_is_named_with_the_input(files: list[str], tmp_path: Path) -> None:
    def set_time(ds: xr.Dataset, source: Any) -> xr.Dataset:
        if source.url == files[1]:
            os._exit(3)
        return ds

    error = error_of(recipe_of(files, set_time), tmp_path, make_engine("local", {"workers": 2}))
    assert type(error) is RecipeFailed
    assert (error.message, error.where) == ("set_time ended its process with exit code 3", files[1])


def test_a_function_that_crashes_is_named_with_the_input(files: list[str], tmp_path: Path) -> None:
    def set_time(ds: xr.Dataset, source: Any) -> xr.Dataset:
        if source.url == files[1]:
            faulthandler.disable()
            os.abort()
        return ds

    error = error_of(recipe_of(files, set_time), tmp_path, make_engine("local", {"workers": 2}))
    assert type(error) is EngineError
    assert (error.message, error.where) == ("set_time crashed its process 3 times (SIGABRT)", files[1])


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("fail", [raise_unpicklable, leave], ids=lambda function: function.__name__)
def test_it_is_the_same_on_dask(files: list[str], tmp_path: Path, fail: Callable[[], None]) -> None:
    def set_time(ds: xr.Dataset, source: Any) -> xr.Dataset:
        fail()
        return ds

    engine = make_engine("dask", {"workers": 1})
    try:
        error = error_of(recipe_of(files, set_time), tmp_path, engine)
    finally:
        engine.close()
    assert type(error) is RecipeFailed
    assert error.message == f"set_time failed: {RAISED[fail]}"
    assert_shows_author(error, "set_time")
