"""A worker that is killed at any moment leaves what another goes on from, and the store is the same to the byte."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from pangeo_forge.worker.job import Entry, Job

RECIPE = """
import time
from pathlib import Path

from pangeo_forge.recipes import ZarrRecipe, pattern_from_file_sequence

FILES = sorted(str(path) for path in (Path(__file__).parent / "archive").glob("*.nc"))


def slowly(ds, source):
    time.sleep(0.05)
    return ds


recipe = ZarrRecipe(pattern_from_file_sequence(FILES, "time"), preprocess=slowly, target_chunks={"time": 2})
"""


STUBBORN = """
import time

print("here", flush=True)
for _ in range(600):
    try:
        time.sleep(0.1)
    except Exception:
        pass
"""


@pytest.fixture(scope="module")
def feedstock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("feedstock")
    (folder / "archive").mkdir()
    (folder / "recipe.py").write_text(RECIPE)
    for number in range(24):
        values = np.random.default_rng(number).normal(size=(1, 40, 50)).astype("f4")
        ds = xr.Dataset({"sst": (("time", "lat", "lon"), values)}, {"time": ("time", [number], {"units": "days since 2000-01-01"})})
        ds.to_netcdf(folder / "archive" / f"{number:02}.nc", engine="h5netcdf")
    return folder


def start(feedstock: Path, home: Path, **options: Any) -> subprocess.Popen[str]:
    """Start a worker as the supervisor does: in a session of its own, the job on its standard input."""
    settings: dict[str, Any] = {"engine_options": {"workers": 2}, "target": str(home / "out.zarr"), "scratch": str(home / "run")}
    job = Job("bake", str(feedstock), [Entry("sst", "recipe:recipe")], "sst", **{**settings, **options})
    (home / "run").mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "pangeo_forge.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(job.to_dict()))
    process.stdin.close()
    process.stdin = None
    return process


def finish(process: subprocess.Popen[str]) -> list[dict[str, Any]]:
    out, _ = process.communicate(timeout=120)
    return [json.loads(line) for line in out.splitlines()]


def are_identical(a: Path, b: Path) -> bool:
    files = sorted(path.relative_to(a) for path in a.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(b) for path in b.rglob("*") if path.is_file())
    return all((a / path).read_bytes() == (b / path).read_bytes() for path in files)


@pytest.fixture(scope="module")
def undisturbed(feedstock: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("undisturbed")
    assert finish(start(feedstock, home))[-1]["error"] is None
    return home / "out.zarr"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_a_run_that_was_killed_at_a_random_point_resumes_to_the_same_store(
    feedstock: Path, undisturbed: Path, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    process = start(feedstock, tmp_path)
    assert process.stdout is not None
    process.stdout.readline()  # the recipe is loaded
    time.sleep(chance.uniform(0.2, 2.5))
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    resumed = finish(start(feedstock, tmp_path, resume=True))
    assert resumed[-1]["error"] is None
    assert are_identical(tmp_path / "out.zarr", undisturbed)


@pytest.mark.slow
def test_a_resumed_run_does_not_do_again_what_was_done(feedstock: Path, tmp_path: Path) -> None:
    finish(start(feedstock, tmp_path))
    again = finish(start(feedstock, tmp_path, resume=True))
    started = {event["stage"]: event for event in again if event["event"] == "stage_started"}
    assert all(event["done"] == event["tasks"] for event in started.values())
    assert not [event for event in again if event["event"] == "task_ended"]


def test_a_worker_that_is_asked_to_stop_says_so_and_leaves_no_process(feedstock: Path, tmp_path: Path) -> None:
    process = start(feedstock, tmp_path)
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(0.5)
    process.send_signal(signal.SIGTERM)
    events = finish(process)
    assert process.returncode == 1
    assert events[-1]["error"]["kind"] == "RunCancelled"
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


def test_a_recipe_that_catches_every_exception_is_stopped_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "recipe.py").write_text(STUBBORN)
    process = start(tmp_path, tmp_path)
    assert process.stderr is not None
    while "here" not in process.stderr.readline():
        pass
    process.send_signal(signal.SIGTERM)
    events = finish(process)
    assert events[-1]["error"]["kind"] == "RunCancelled"


def test_a_worker_whose_parent_is_gone_ends_with_all_its_processes(feedstock: Path, tmp_path: Path) -> None:
    process = start(feedstock, tmp_path)
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    process.stdout = None
    process.communicate(timeout=30)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    pytest.fail("processes of the pool are still there")


def test_what_a_recipe_prints_is_not_taken_for_events(feedstock: Path, tmp_path: Path) -> None:
    (tmp_path / "noisy").mkdir()
    (tmp_path / "noisy" / "recipe.py").write_text("import os\nprint('hello')\nos.system('echo from a child')\nrecipe = 1\n")
    process = start(tmp_path / "noisy", tmp_path)
    out, err = process.communicate(timeout=60)
    assert {json.loads(line)["event"] for line in out.splitlines()} == {"loading_started", "loading_ended", "worker_ended"}
    assert "hello" in err
    assert "from a child" in err


@pytest.fixture
def small_disk(tmp_path: Path) -> Path:
    """A file system with room for 300 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", folder], capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"needs the right to mount a file system: {mounted.stderr.strip()}")
    return folder


def test_a_full_disk_is_named_and_the_run_goes_on_when_there_is_room(
    feedstock: Path, tmp_path: Path, undisturbed: Path, small_disk: Path
) -> None:
    try:
        (small_disk / "ballast").write_bytes(bytes(250_000))
        target = small_disk / "out.zarr"
        failed = finish(start(feedstock, tmp_path, target=str(target)))[-1]["error"]
        assert (failed["kind"], failed["message"], failed["where"]) == ("TargetError", "the disk is full", str(target))
        assert failed["hint"] == "Make room, then go on with `pangeo-forge runs resume`."
        (small_disk / "ballast").unlink()
        assert finish(start(feedstock, tmp_path, target=str(target), resume=True))[-1]["error"] is None
        assert are_identical(target, undisturbed)
    finally:
        subprocess.run(["umount", small_disk], check=True)
