"""A virtual recipe from the command line: listed, planned, tested and run like any other."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import xarray as xr

from virtualizing import combined, make_files

RECIPE = """
from pathlib import Path

from pangeo_forge.recipes import VirtualRecipe, pattern_from_file_sequence

FILES = sorted(str(path) for path in (Path(__file__).parent / "archive").glob("*.nc"))

icechunk = VirtualRecipe(pattern_from_file_sequence(FILES, "time"))
json = VirtualRecipe(pattern_from_file_sequence(FILES, "time"), format="kerchunk-json")
parquet = VirtualRecipe(pattern_from_file_sequence(FILES, "time"), format="kerchunk-parquet")
"""

META = """
title: made up
recipes:
  - id: icechunk
    object: "recipe:icechunk"
  - id: json
    object: "recipe:json"
  - id: parquet
    object: "recipe:parquet"
"""

IDS = {"icechunk": ".icechunk", "json": ".json", "parquet": ".parquet"}


@pytest.fixture
def feedstock(tmp_path: Path) -> Path:
    folder = tmp_path / "made-up"
    (folder / "archive").mkdir(parents=True)
    make_files(folder / "archive")
    (folder / "recipe.py").write_text(RECIPE)
    (folder / "meta.yaml").write_text(META)
    return folder


def test_it_is_listed_and_planned(forge, feedstock):
    listed = json.loads(forge("recipe", "list", feedstock, "--json").stdout)
    assert [(recipe["id"], recipe["kind"], recipe["inputs"], recipe["problem"]) for recipe in listed["recipes"]] == [
        (name, "VirtualRecipe", 3, None) for name in IDS
    ]
    planned = forge("recipe", "plan", feedstock, "icechunk")
    assert "as references (Icechunk)" in planned.stdout
    assert "write" in planned.stdout


@pytest.mark.slow
@pytest.mark.parametrize("recipe_id", IDS)
def test_what_a_run_makes_is_named_after_its_kind_and_opens_as_is_shown(forge, feedstock, tmp_path, recipe_id):
    done = forge("recipe", "run", feedstock, recipe_id, "--json")
    assert done.returncode == 0, done.stderr
    (outcome,) = json.loads(done.stdout)
    target = outcome["run"]["target"]
    assert target.endswith(f"/{recipe_id}{IDS[recipe_id]}")
    program = f"{outcome['result']['snippet']}\nds.load().to_netcdf({str(tmp_path / 'copy.nc')!r})"
    subprocess.run([sys.executable, "-W", "ignore", "-c", program], check=True)
    with xr.open_dataset(tmp_path / "copy.nc") as copy:
        xr.testing.assert_equal(copy.load(), combined(sorted(map(str, (feedstock / "archive").glob("*.nc")))))


@pytest.mark.slow
def test_the_datasets_of_tests_open_from_python_whatever_they_are(forge, forge_environ, feedstock):
    program = "import pangeo_forge as pf\nfor run in pf.list_runs():\n    print(run.recipe_id, pf.open_dataset(run).sizes['time'])"
    for recipe_id in IDS:
        done = forge("recipe", "test", feedstock, recipe_id)
        assert done.returncode == 0, done.stderr
        assert f"{recipe_id} passed its test" in done.stdout
    shown = subprocess.run([sys.executable, "-W", "ignore", "-c", program], env=forge_environ, check=True, capture_output=True, text=True)
    assert sorted(shown.stdout.split("\n"))[1:] == ["icechunk 8", "json 8", "parquet 8"]


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["serial", "dask"])
def test_other_engines_make_the_same(forge, feedstock, tmp_path, engine):
    done = forge("recipe", "run", feedstock, "json", "--engine", engine, "--target", tmp_path / "made.json")
    assert done.returncode == 0, done.stderr
    with xr.open_dataset(str(tmp_path / "made.json"), engine="kerchunk") as dataset:
        xr.testing.assert_identical(dataset.load(), combined(sorted(map(str, (feedstock / "archive").glob("*.nc")))))
