"""A worker that is killed while it makes references leaves what another goes on from, to the same references."""

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

import pytest
import xarray as xr

from pangeo_forge.plans.plan import Target
from pangeo_forge.plans.products import recognize
from pangeo_forge.worker.job import Entry, Job
from virtualizing import make_files

RECIPE = """
from pathlib import Path

from pangeo_forge.recipes import VirtualRecipe, pattern_from_file_sequence

FILES = sorted(str(path) for path in (Path(__file__).parent / "archive").glob("*.nc"))

icechunk = VirtualRecipe(pattern_from_file_sequence(FILES, "time"))
json = VirtualRecipe(pattern_from_file_sequence(FILES, "time"), format="kerchunk-json")
parquet = VirtualRecipe(pattern_from_file_sequence(FILES, "time"), format="kerchunk-parquet")
"""


@pytest.fixture(scope="module")
def feedstock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("feedstock")
    (folder / "archive").mkdir()
    make_files(folder / "archive", 25, 1)
    (folder / "recipe.py").write_text(RECIPE)
    return folder


def start(feedstock: Path, home: Path, name: str, *, resume: bool = False) -> subprocess.Popen[str]:
    """Start a worker as the supervisor does: in a session of its own, the job on its standard input."""
    entry = Entry(name, f"recipe:{name}")
    settings: dict[str, Any] = {"engine_options": {"workers": 2}, "target": str(home / "out"), "scratch": str(home / "run")}
    job = Job("bake", str(feedstock), [entry], name, resume=resume, **settings)
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


@pytest.mark.slow
@pytest.mark.parametrize("name", ["icechunk", "json", "parquet"])
@pytest.mark.parametrize("stage", ["inspect", "write"])
def test_a_run_that_was_killed_resumes_to_the_same_references(feedstock: Path, tmp_path: Path, name: str, stage: str) -> None:
    process = start(feedstock, tmp_path, name)
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line)["event"] == "stage_started" and json.loads(line)["stage"] == stage:
            break
    time.sleep(random.Random(f"{name} {stage}").uniform(0, 0.5))
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    out, _ = start(feedstock, tmp_path, name, resume=True).communicate(timeout=300)
    ended = json.loads(out.splitlines()[-1])
    assert ended["error"] is None
    product = recognize(Target(str(tmp_path / "out")))
    assert product is not None
    with product.open(Target(str(tmp_path / "out"))) as dataset:
        urls = sorted(map(str, (feedstock / "archive").glob("*.nc")))
        with xr.open_mfdataset(
            urls, concat_dim="time", combine="nested", data_vars="minimal", coords="minimal", compat="override"
        ) as files:
            xr.testing.assert_equal(dataset.load(), files.load())
