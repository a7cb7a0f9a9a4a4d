"""References of the older APIs on every engine, from the command line, and after a kill."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import xarray as xr

from pangeo_forge.engines.base import make_engine
from reading_references import bake_references, load_text, make_days, write_files

RECIPE = """
import time

from pangeo_forge_recipes.patterns import pattern_from_file_sequence
from pangeo_forge_recipes.recipes import HDFReferenceRecipe

files = [f"{folder}/file_{{number}}.nc" for number in range({count})]
recipe = HDFReferenceRecipe(pattern_from_file_sequence(files, "time"){options})
"""


def open_files(paths: list[str]) -> xr.Dataset:
    with xr.open_mfdataset(paths, data_vars="minimal", coords="minimal", compat="override", join="exact") as dataset:
        return dataset.load()


@pytest.fixture
def paths(tmp_path) -> list[str]:
    return write_files(tmp_path / "files", 5, make_days)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["local", "dask"])
def test_every_engine_gives_the_same(name, paths, tmp_path, monkeypatch):
    recipe = load_text(tmp_path, RECIPE.format(folder=tmp_path / "files", count=5, options=""), monkeypatch)
    engine = make_engine(name, {"workers": 2})
    try:
        ours, results = bake_references(recipe, tmp_path, engine)
    finally:
        engine.close()
    xr.testing.assert_identical(ours, open_files(paths))
    assert results["check"].wrong == ()


@pytest.fixture
def feedstock(tmp_path) -> Path:
    folder = tmp_path / "feedstock"
    folder.mkdir()
    (folder / "meta.yaml").write_text('recipes:\n  - id: sst\n    object: "recipe:recipe"\n')
    return folder


def test_the_test_of_a_recipe_opens_the_dataset_as_its_snippet_does(forge, feedstock, paths, tmp_path):
    (feedstock / "recipe.py").write_text(RECIPE.format(folder=tmp_path / "files", count=5, options=", output_json_fname='sst.json'"))
    ended = forge("recipe", "test", "--no-lint", feedstock)
    assert ended.returncode == 0, ended.stderr
    assert "note: output_json_fname: no meaning any more" in ended.stderr
    snippet = ended.stdout.partition("Open it with:")[2].strip()
    assert 'engine="kerchunk"' in snippet
    opened = subprocess.run(
        [sys.executable, "-c", snippet + "\nprint(ds.sizes['time'], float(ds.sst.mean()))"], capture_output=True, text=True, check=True
    )
    steps, mean = opened.stdout.split()
    assert int(steps) == 8
    assert float(mean) == pytest.approx(float(open_files(paths[:2]).sst.mean()))


@pytest.mark.slow
def test_a_run_that_was_killed_goes_on_where_it_stopped(forge, forge_environ, feedstock, paths, tmp_path):
    waits = f"""
from pathlib import Path


def wait(refs):
    while Path({str(tmp_path / "wait")!r}).exists():
        time.sleep(0.05)

"""
    text = RECIPE.format(folder=tmp_path / "files", count=5, options=", preprocess=wait")
    (feedstock / "recipe.py").write_text(text.replace("\nfiles =", waits + "\nfiles ="))
    (tmp_path / "wait").touch()
    target = tmp_path / "sst.json"
    command = [sys.executable, "-m", "pangeo_forge", "recipe", "run", "--no-lint", str(feedstock), "--target", str(target)]
    with subprocess.Popen(command, env=forge_environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        seen = []
        for line in process.stderr:
            seen.append(line)
            if re.search(r"write +0/1", line):
                break
        process.send_signal(signal.SIGKILL)
    (tmp_path / "wait").unlink()
    run_id = re.search(r"run (\S+):", "".join(seen)).group(1)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        ended = forge("runs", "resume", run_id)
        if "is still running" not in ended.stderr:
            break
    assert ended.returncode == 0, ended.stderr
    with xr.open_dataset(str(target), engine="kerchunk") as dataset:
        xr.testing.assert_identical(dataset.load(), open_files(paths))
