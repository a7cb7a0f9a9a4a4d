"""From nothing to a repository: begin a recipe, try it, make it a feedstock, try it from there."""

from __future__ import annotations

import json
import subprocess

import pytest
import xarray as xr

pytestmark = pytest.mark.slow


def test_a_recipe_is_begun_tested_and_made_a_repository(forge, tmp_path):
    assert forge("recipe", "init", "ocean", cwd=tmp_path).returncode == 0

    tested = forge("recipe", "test", "ocean", cwd=tmp_path)
    assert tested.returncode == 0, tested.stderr
    assert tested.stdout.startswith("ocean passed its test.\n")

    created = forge("create-feedstock", "ocean", "--local", "ocean-feedstock", cwd=tmp_path)
    assert created.returncode == 0, created.stderr
    commit = subprocess.run(["git", "-C", tmp_path / "ocean-feedstock", "rev-parse", "HEAD"], check=True, capture_output=True, text=True)

    from_repository = forge("recipe", "test", f"file://{tmp_path}/ocean-feedstock@main", "--json")
    assert from_repository.returncode == 0, from_repository.stderr
    run = json.loads(from_repository.stdout)["run"]
    assert (run["feedstock"], run["recipe_id"], run["commit"]) == ("ocean", "ocean", commit.stdout.strip())

    ran = forge("recipe", "run", tmp_path / "ocean-feedstock", "--json")
    assert ran.returncode == 0, ran.stderr
    (outcome,) = json.loads(ran.stdout)
    with xr.open_zarr(outcome["run"]["target"]) as ds:
        assert dict(ds.sizes) == {"time": 91, "lat": 5, "lon": 8}
        assert ds.indexes["time"].is_monotonic_increasing
        assert bool(ds.sst.notnull().any())
