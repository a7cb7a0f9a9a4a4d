"""``import pangeo_forge as pf`` does what the command does, and costs next to nothing until it is used."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import pangeo_forge as pf
from pangeo_forge.errors import RecipeFailed, TargetExists, UsageError
from pangeo_forge.worker.events import RunEnded, RunStarted, StageEnded

RECIPE = """
from pangeo_forge.recipes import ConcatDim, FilePattern, ZarrRecipe

def make_url(time):
    return f"{archive}/nemo_1m_{{time}}_grid-T.nc"

def rename(ds, source):
    return ds.assign_coords(time_counter=ds.time_centered.variable).drop_vars("time_centered").rename(time_counter="time")

def fail(ds, source):
    raise ValueError("no")

pattern = FilePattern(make_url, ConcatDim("time", ["20150101-20150201", "20150201-20150301", "20150301-20150401"]))
sst = ZarrRecipe(pattern, preprocess=rename, open_kwargs={{"drop_variables": ["bounds_lat", "bounds_lon"]}})
broken = ZarrRecipe(pattern, preprocess=fail)
"""


@pytest.fixture(autouse=True)
def home(forge_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PANGEO_FORGE_HOME", str(forge_home))
    return forge_home


@pytest.fixture
def feedstock(tmp_path: Path, samples: Path) -> Path:
    folder = tmp_path / "nemo"
    folder.mkdir()
    entries = "".join(f'  - id: "{name}"\n    object: "recipe:{name}"\n' for name in ("sst", "broken"))
    (folder / "meta.yaml").write_text(f"recipes:\n{entries}")
    (folder / "recipe.py").write_text(RECIPE.format(archive=samples / "NEMO"))
    return folder


def test_importing_the_package_imports_nothing_that_takes_time():
    code = "import sys, pangeo_forge; print(*{name.partition('.')[0] for name in sys.modules})"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"numpy", "xarray", "zarr", "dask", "pydantic", "sqlalchemy", "typer", "rich"} & set(ended.stdout.split()) == set()


def test_every_public_name_is_there():
    assert [name for name in pf.__all__ if getattr(pf, name, None) is None] == []
    assert set(pf.__all__) <= set(dir(pf))


def test_a_name_that_there_is_not_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'pangeo_forge' has no attribute 'cook'"):
        pf.cook  # noqa: B018


def test_bake_returns_a_run_whose_dataset_equals_the_inputs(feedstock, home, nemo_files):
    run = pf.bake(feedstock, "sst")
    assert (run.state, run.recipe_id, run.feedstock, run.inputs, run.pruned) == ("succeeded", "sst", "nemo", 3, False)
    assert run.target == f"{home}/bakery/nemo/sst.zarr"
    expected = []
    for file in nemo_files:
        with xr.open_dataset(file, decode_times=False) as one:
            expected.append(one.tos.values)
    for named in (run, run.id):
        with pf.open_dataset(named) as ds:
            np.testing.assert_array_equal(ds.tos.values, np.concatenate(expected))


def test_a_run_is_remembered(feedstock):
    run = pf.bake(feedstock, "sst", pruned=True)
    assert pf.get_run(run.id) == run
    assert pf.list_runs() == [run]
    assert pf.list_runs(state="failed") == []


def test_an_observer_is_told_every_event(feedstock):
    events = []
    run = pf.bake(feedstock, "sst", pruned=True, workers=1, observer=events.append)
    assert isinstance(events[0], RunStarted)
    assert events[0].run_id == run.id
    assert isinstance(events[-1], RunEnded)
    assert [event.stage for event in events if isinstance(event, StageEnded)] == ["inspect", "prepare", "store", "finalize", "check"]


def test_a_feedstock_is_listed_and_planned_without_a_run(feedstock):
    listing = pf.list_recipes(feedstock)
    assert [recipe["id"] for recipe in listing["recipes"]] == ["sst", "broken"]
    planned = pf.plan(feedstock, "sst", pruned=True)
    assert (planned["id"], planned["inputs"]) == ("sst", 2)
    assert pf.list_runs() == []


def test_a_run_that_failed_raises_why_and_can_be_resumed_once_it_is_mended(feedstock):
    with pytest.raises(RecipeFailed, match="fail failed: ValueError: no"):
        pf.bake(feedstock, "broken")
    (failed,) = pf.list_runs(state="failed")
    text = (feedstock / "recipe.py").read_text()
    (feedstock / "recipe.py").write_text(text.replace("preprocess=fail", "preprocess=rename"))
    run = pf.resume(failed.id)
    assert (run.id, run.state, run.attempt) == (failed.id, "succeeded", 2)


def test_a_target_of_ones_own_is_kept_unless_it_may_be_replaced(feedstock, tmp_path):
    target = tmp_path / "mine.zarr"
    assert pf.bake(feedstock, "sst", target=target).target == str(target)
    with pytest.raises(TargetExists):
        pf.bake(feedstock, "sst", target=target)
    assert pf.bake(feedstock, "sst", target=target, overwrite=True).state == "succeeded"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"recipe_id": "ice"}, "there is no recipe 'ice'"),
        ({}, "has 2 recipes, and none is named"),
        ({"recipe_id": "sst", "engine": "ray"}, "there is no engine 'ray'"),
        ({"recipe_id": "sst", "workers": 0}, "workers is 0"),
        ({"recipe_id": "sst", "bakery": "remote"}, "there is no bakery 'remote'"),
        ({"recipe_id": "sst", "scheduler": "tcp://h:1", "workers": 2}, "has its own number of workers"),
    ],
)
def test_what_makes_no_sense_is_a_usage_error_and_no_run(feedstock, options, message):
    with pytest.raises(UsageError, match=message):
        pf.bake(feedstock, **options)
    assert pf.list_runs() == []


def test_all_errors_are_one_family():
    with pytest.raises(pf.ForgeError):
        pf.get_run("nothing")


def test_a_feedstock_is_begun_and_made_a_repository(tmp_path):
    assert pf.init_feedstock(tmp_path / "ocean") == tmp_path / "ocean"
    assert pf.create_feedstock(tmp_path / "ocean", tmp_path / "repository") == tmp_path / "repository"
    shutil.rmtree(tmp_path / "ocean")
    assert pf.bake(tmp_path / "repository", pruned=True).state == "succeeded"


def test_the_bakeries_are_known(home):
    assert [(bakery.id, bakery.target.url) for bakery in pf.list_bakeries()] == [("local", f"{home}/bakery")]
