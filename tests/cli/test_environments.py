"""Recipes that require what is not there, from the command line; ``pangeo-forge env``."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from environments.packing import pack, write_project
from pangeo_forge.worker.events import EnvironmentReady, from_line

pytestmark = pytest.mark.slow

Forge = Callable[..., subprocess.CompletedProcess[str]]

#: A plugin of the kind that recipes of the older APIs are written with: it imports these itself.
PLUGIN = """
import apache_beam as beam
from pangeo_forge_recipes.patterns import ConcatDim, FilePattern

def make_pattern(archive):
    return FilePattern(lambda time: f"{archive}/{time}.nc", ConcatDim("time", ["a", "b"]))

class AddAttribute(beam.PTransform):
    @staticmethod
    def _add(item):
        index, ds = item
        return index, ds.assign_attrs(told_by="plugin")

    def expand(self, pcoll):
        return pcoll | beam.Map(self._add)
"""

NATIVE = """
import os

import tiny

from pangeo_forge.recipes import ZarrRecipe, pattern_from_file_sequence

if "FAILS" in os.environ:
    raise RuntimeError("it fails")

def tell(ds, source):
    import tiny
    return ds.assign_attrs(told_by=f"tiny {tiny.__version__}")

pattern = pattern_from_file_sequence([os.environ["ARCHIVE"] + f"/{name}.nc" for name in "ab"], "time")
recipe = ZarrRecipe(pattern, preprocess=tell)
"""

BEAM = """
import os

import apache_beam as beam
from esgf_like import AddAttribute, make_pattern
from pangeo_forge_recipes.transforms import OpenURLWithFSSpec, OpenWithXarray, StoreToZarr

pattern = make_pattern(os.environ["ARCHIVE"])
recipe = (
    beam.Create(pattern.items())
    | OpenURLWithFSSpec()
    | OpenWithXarray(file_type=pattern.file_type)
    | AddAttribute()
    | StoreToZarr(store_name="out.zarr", combine_dims=pattern.combine_dim_keys)
)
"""


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packages")
    pack(folder / "wheels", write_project(folder, "tiny", "2.0"))
    requires = ["pangeo-forge-recipes", "apache-beam==2.50.0"]
    pack(folder / "wheels", write_project(folder, "esgf-like", requires=requires, modules={"esgf_like": PLUGIN}))
    return folder / "wheels"


@pytest.fixture
def forge_offline(forge: Forge, tmp_path: Path) -> Forge:
    """Run the command where uv fetches nothing."""
    return lambda *arguments, **environ: forge(
        *arguments, ARCHIVE=str(tmp_path / "archive"), UV_OFFLINE="1", UV_CACHE_DIR=str(tmp_path / "cache"), **environ
    )


@pytest.fixture
def feedstock(tmp_path: Path, wheels: Path) -> Callable[..., Path]:
    """Write a feedstock on two small files."""
    (tmp_path / "archive").mkdir()
    for number, name in enumerate("ab"):
        times = 3 * number + np.arange(3)
        xr.Dataset({"sst": ("time", np.arange(3.0))}, {"time": times}).to_netcdf(tmp_path / "archive" / f"{name}.nc")

    def write(*requirements: str, recipe: str = NATIVE, meta: str = '  - id: small\n    object: "recipe:recipe"\n') -> Path:
        folder = tmp_path / "small"
        folder.mkdir()
        (folder / "meta.yaml").write_text(f"title: Small\nrecipes:\n{meta}")
        (folder / "recipe.py").write_text(recipe)
        (folder / "requirements.txt").write_text("\n".join([f"--find-links {wheels}", *requirements, ""]))
        return folder

    return write


def events_of(home: Path, run_id: str) -> list[EnvironmentReady]:
    lines = (home / "runs" / run_id / "journal.jsonl").read_text().splitlines()
    return [event for event in map(from_line, lines) if isinstance(event, EnvironmentReady)]


def outcome_of(ended: subprocess.CompletedProcess[str]) -> dict:
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    return found[0] if isinstance(found, list) else found


def test_a_recipe_is_baked_with_what_it_requires_and_the_journal_says_in_what(forge_offline: Forge, feedstock, forge_home: Path) -> None:
    folder = feedstock("tiny", "zarr==2.16.1")
    run = outcome_of(forge_offline("recipe", "run", folder, "--no-lint", "--json"))["run"]
    assert xr.open_zarr(run["target"]).attrs["told_by"] == "tiny 2.0"
    (ready,) = events_of(forge_home, run["id"])
    assert (ready.packages, ready.was_built) == ({"tiny": "2.0"}, True)
    assert ready.remarks[0].startswith(f"{folder}/requirements.txt:3: zarr==2.16.1 is not held: ")
    logs = forge_offline("runs", "logs", run["id"]).stdout
    assert f"environment {ready.key}, built just now, with 1 package" in logs
    assert "zarr==2.16.1 is not held" in logs


def test_the_second_bake_takes_the_environment_that_is_there(forge_offline: Forge, feedstock, forge_home: Path) -> None:
    folder = feedstock("tiny")
    first = outcome_of(forge_offline("recipe", "test", folder, "--no-lint", "--json"))["run"]
    second = outcome_of(forge_offline("recipe", "test", folder, "--no-lint", "--json"))["run"]
    (built,), (found,) = events_of(forge_home, first["id"]), events_of(forge_home, second["id"])
    assert (built.was_built, found.was_built) == (True, False)
    assert built.key == found.key


def test_packages_that_import_the_older_apis_themselves_are_answered_as_the_recipe_is(forge_offline: Forge, feedstock) -> None:
    run = outcome_of(forge_offline("recipe", "run", feedstock("esgf-like", recipe=BEAM), "--no-lint", "--json"))["run"]
    ds = xr.open_zarr(run["target"])
    assert ds.sizes == {"time": 6}
    assert ds.attrs["told_by"] == "plugin"


def test_without_isolation_nothing_is_built_and_what_is_missing_is_told(forge_offline: Forge, feedstock, forge_home: Path) -> None:
    folder = feedstock("tiny")
    ended = forge_offline("recipe", "list", folder, "--no-isolation")
    assert ended.returncode == 1
    assert f"{folder}/recipe.py:4: the recipe imports 'tiny', which is not installed" in ended.stderr
    assert str(folder / "requirements.txt") in ended.stderr
    assert not (forge_home / "environments").exists()


def test_requirements_that_cannot_be_met_end_the_command_with_their_line(forge_offline: Forge, feedstock) -> None:
    folder = feedstock("tiny>=3", "--no-index")
    ended = forge_offline("recipe", "plan", folder)
    assert ended.returncode == 1
    assert (
        f"error: {folder}/requirements.txt:2: the recipe's requirements cannot be met: Because only tiny==2.0 is available" in ended.stderr
    )


def test_the_keys_of_a_dictionary_are_found_in_the_environment(forge_offline: Forge, feedstock) -> None:
    recipe = NATIVE + 'recipes = {"one": recipe, "two": recipe}\n'
    folder = feedstock("tiny", recipe=recipe, meta='  - dict_object: "recipe:recipes"\n')
    listing = outcome_of(forge_offline("recipe", "list", folder, "--json"))
    assert [one["id"] for one in listing["recipes"]] == ["one", "two"]


def test_a_run_is_resumed_in_the_environment(forge_offline: Forge, feedstock) -> None:
    folder = feedstock("tiny")
    failed = forge_offline("recipe", "run", folder, "--no-lint", "--json", FAILS="1")
    assert failed.returncode == 1
    run_id = json.loads(failed.stdout)[0]["run"]["id"]
    assert forge_offline("env", "prune", "--all").returncode == 0
    resumed = forge_offline("runs", "resume", run_id, "--json")
    assert outcome_of(resumed)["run"]["state"] == "succeeded"


def test_env_create_builds_and_env_list_shows_it(forge_offline: Forge, feedstock) -> None:
    folder = feedstock("tiny")
    created = outcome_of(forge_offline("env", "create", folder, "--json"))
    assert created["was_built"]
    (listed,) = json.loads(forge_offline("env", "list", "--json").stdout)
    assert listed == created["environment"]
    assert (listed["requirements"], listed["packages"]) == (["tiny"], {"tiny": "2.0"})
    assert Path(listed["python"]).exists()
    shown = forge_offline("env", "list").stdout
    assert re.search(rf"^{listed['key']} +lifted +[\d.]+ +1 +[\d.]+ kB +tiny$", shown, re.MULTILINE)


def test_env_create_says_that_nothing_is_needed(forge_offline: Forge, feedstock) -> None:
    ended = forge_offline("env", "create", feedstock("numpy"))
    assert ended.stdout == "Nothing need be installed: what the recipes require is there.\n"


def test_env_list_says_that_there_are_none(forge: Forge) -> None:
    assert forge("env", "list").stdout.startswith("There are no environments.")
    assert json.loads(forge("env", "list", "--json").stdout) == []


def test_env_prune_removes_all_but_what_is_in_use(forge_offline: Forge, feedstock, forge_home: Path) -> None:
    created = outcome_of(forge_offline("env", "create", feedstock("tiny"), "--json"))["environment"]
    hold = "import fcntl, sys; file = open(sys.argv[1]); fcntl.flock(file, fcntl.LOCK_SH); print('held', flush=True); input()"
    lock = forge_home / "environments" / "locks" / f"{created['key']}.lock"
    with subprocess.Popen([sys.executable, "-c", hold, lock], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as user:
        assert user.stdout is not None
        user.stdout.readline()
        left = forge_offline("env", "prune", "--all")
        user.communicate("\n")
    assert left.stdout == f"nothing was removed\nleft {created['key']}: it is in use\n"
    removed = json.loads(forge_offline("env", "prune", "--all", "--json").stdout)
    assert [one["key"] for one in removed["removed"]] == [created["key"]]
    assert not Path(created["folder"]).exists()


def test_env_prune_wants_to_know_which(forge: Forge) -> None:
    ended = forge("env", "prune")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "Give either --older-than DAYS or --all." in ended.stderr
