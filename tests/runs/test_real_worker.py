"""The supervisor with the worker that users have, on real files."""

import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from pangeo_forge.errors import EngineError, TargetExists
from pangeo_forge.runs.run import make_run_id
from pangeo_forge.runs.supervisor import ask_worker, resume_run, start_run
from pangeo_forge.worker.events import StageStarted, TaskEnded
from pangeo_forge.worker.job import Entry, Job

pytestmark = pytest.mark.slow

RECIPE = """
import xarray as xr
from pangeo_forge.recipes import ConcatDim, FilePattern, ZarrRecipe

FILES = {files!r}

def set_time(ds, source):
    time = ds["time_centered"].variable
    ds = ds.assign_coords(time_counter=xr.Variable(time.dims, time.data, {{"bounds": "time_centered_bounds"}}, time.encoding))
    return ds.drop_vars("time_centered").drop_attrs(deep=False)

def make_url(time_counter):
    return FILES[time_counter]

recipe = ZarrRecipe(FilePattern(make_url, ConcatDim("time_counter", range(3))), preprocess=set_time, target_chunks={{"time_counter": 1}})
"""


@pytest.fixture
def nemo(tmp_path, nemo_files, bakery):
    """A job that bakes three months of an ocean model."""
    folder = tmp_path / "feedstock"
    folder.mkdir()
    (folder / "recipe.py").write_text(RECIPE.format(files=[str(file) for file in nemo_files]))
    entries = [Entry("nemo-sst", "recipe:recipe")]
    return Job(kind="bake", folder=str(folder), entries=entries, recipe_id="nemo-sst", target=bakery.target.dataset("nemo", "nemo-sst"))


def files_in(store):
    return {str(path.relative_to(store)): path.read_bytes() for path in Path(store).rglob("*") if path.is_file()}


def test_recipes_of_a_feedstock_are_listed(nemo, bakery):
    listed = ask_worker(replace(nemo, kind="list", recipe_id=None), bakery=bakery)
    assert [(recipe["id"], recipe["inputs"]) for recipe in listed["recipes"]] == [("nemo-sst", 3)]


def test_run_killed_in_the_middle_and_resumed_makes_the_same_store_byte_for_byte(nemo, records, details, settings):
    undisturbed = start_run(records, replace(nemo, target=nemo.target + ".undisturbed"), details, settings=settings)
    disturbed = replace(details, id=make_run_id("nemo-sst"))

    def kill_worker(event):
        if isinstance(event, TaskEnded) and event.stage == "store":
            os.kill(records.get(disturbed.id).worker_pid, signal.SIGKILL)

    with pytest.raises(EngineError, match="SIGKILL"):
        start_run(records, nemo, disturbed, settings=settings, observer=kill_worker)
    assert records.get(disturbed.id).state == "failed"
    run = resume_run(records, disturbed.id, settings=settings)
    assert (run.state, run.attempt) == ("succeeded", 2)
    assert files_in(run.target) == files_in(undisturbed.target)
    assert (run.bytes_written, run.chunks_written) == (undisturbed.bytes_written, undisturbed.chunks_written)
    assert run.bytes_stored == undisturbed.bytes_stored > 0
    assert run.peak_memory > 50_000_000
    assert "xarray" in run.environment


def test_resuming_a_run_that_was_refused_does_not_write_over_the_dataset_that_was_there(nemo, records, details, settings):
    start_run(records, nemo, details, settings=settings)
    before = files_in(nemo.target)
    refused = replace(details, id=make_run_id("nemo-sst"))
    with pytest.raises(TargetExists):
        start_run(records, nemo, refused, settings=settings)
    seen = []
    with pytest.raises(TargetExists):
        resume_run(records, refused.id, settings=settings, observer=seen.append)
    assert not [event for event in seen if isinstance(event, StageStarted)]
    assert files_in(nemo.target) == before
