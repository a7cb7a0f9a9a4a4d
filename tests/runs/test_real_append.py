"""A run that appends, killed for real: readers see the dataset as it was, and the run that goes on completes it."""

import os
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from pangeo_forge.errors import EngineError, UsageError
from pangeo_forge.runs.run import make_run_id
from pangeo_forge.runs.supervisor import resume_run, start_run
from pangeo_forge.worker.events import Note, StageStarted, TaskEnded
from pangeo_forge.worker.job import Entry, Job

pytestmark = pytest.mark.slow

#: While there is the file `HOLD`, no run ends: once all is appended, its checks wait.
RECIPE = """
import time
from pathlib import Path

import zarr
from pangeo_forge.recipes import ZarrRecipe, pattern_from_file_sequence

FILES = {files!r}
HOLD, STORE = Path({hold!r}), {store!r}

def wait(ds, source):
    while HOLD.exists() and zarr.open_group(STORE, mode="r")["time"].shape == (len(FILES),):
        time.sleep(0.05)
    return ds

first = ZarrRecipe(pattern_from_file_sequence(FILES[:3], "time"), target_chunks={{"time": 2}})
later = ZarrRecipe(pattern_from_file_sequence(FILES[3:], "time"), append_dim="time", preprocess=wait)
"""


def make_steps(number):
    values = np.random.default_rng(number).normal(size=(1, 20, 30)).astype("f4")
    return xr.Dataset(
        {"sst": (("time", "lat", "lon"), values)}, {"time": [np.datetime64("2000-01-01", "ns") + np.timedelta64(number, "D")]}
    )


@pytest.fixture
def appending(tmp_path, records, details, settings):
    """A job that appends five days to the three that are baked."""
    files = []
    for number in range(8):
        files.append(str(tmp_path / f"{number}.nc"))
        make_steps(number).to_netcdf(files[-1], engine="h5netcdf")
    folder = tmp_path / "feedstock"
    folder.mkdir()
    (folder / "recipe.py").write_text(RECIPE.format(files=files, hold=str(tmp_path / "hold"), store=str(tmp_path / "sst.zarr")))
    entries = [Entry("first", "recipe:first"), Entry("later", "recipe:later")]
    first = Job(kind="bake", folder=str(folder), entries=entries, recipe_id="first", target=str(tmp_path / "sst.zarr"))
    start_run(records, first, replace(details, id=make_run_id("first")), settings=settings)
    return replace(first, recipe_id="later")


def load(store):
    with xr.open_zarr(store, chunks=None) as dataset:
        return dataset.load()


@pytest.mark.parametrize("moment", ["inspect", "prepare", "store", "finalize"])
def test_an_append_killed_at_any_stage_leaves_the_old_dataset_and_is_completed_by_resuming(moment, appending, records, details, settings):
    before, hold = load(appending.target), Path(appending.target).parent / "hold"
    whole = xr.concat([make_steps(number) for number in range(8)], "time")
    hold.touch()

    def kill_worker(event):
        begins = isinstance(event, StageStarted) and event.stage == moment == "finalize"
        if begins or (isinstance(event, TaskEnded) and event.stage == moment):
            os.kill(records.get(details.id).worker_pid, signal.SIGKILL)

    with pytest.raises(EngineError, match="SIGKILL"):
        start_run(records, appending, details, settings=settings, observer=kill_worker)
    hold.unlink()
    seen = load(appending.target)  # the worker may have gone on until the signal came
    xr.testing.assert_equal(seen, before if seen.sizes["time"] == 3 else whole)
    assert resume_run(records, details.id, settings=settings).state == "succeeded"
    xr.testing.assert_equal(load(appending.target), whole)


def test_a_dataset_that_is_appended_to_is_not_removed_by_overwriting(appending, records, details, settings):
    with pytest.raises(UsageError, match="the recipe appends to the dataset at the target, and --overwrite would remove that"):
        start_run(records, replace(appending, overwrite=True), details, settings=settings)
    assert load(appending.target).sizes["time"] == 3


def test_a_test_of_an_appending_recipe_says_that_it_makes_a_dataset_of_its_own(appending, records, details, settings):
    seen = []
    job = replace(appending, pruned=True, target=appending.target + ".test")
    start_run(records, job, details, settings=settings, observer=seen.append)
    assert "a test makes a dataset of its own: nothing is appended along 'time'" in [e.message for e in seen if isinstance(e, Note)]
    assert (load(job.target).sizes["time"], Path(appending.target).is_dir()) == (2, True)
