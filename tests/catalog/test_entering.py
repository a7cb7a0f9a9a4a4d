"""Entering what runs made: two at once lose nothing, and what one is killed over the next one finishes."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from pangeo_forge.api.cataloguing import Search, create_catalog, open_tree, search_catalog, validate_catalog
from pangeo_forge.catalog.health.record import read_health
from pangeo_forge.catalog.index.table import make_index, read_index

#: Enters a version of a dataset, and is killed by the system just before it moves a file into its place or removes one for the n-th time.
ENTER_AND_DIE = """
import os, signal, sys
from pathlib import Path
from fsspec.implementations.local import LocalFileSystem
from pangeo_forge.catalog.entering.adding import add_entry
from pangeo_forge.catalog.description import Description
from pangeo_forge.catalog.entry import About, Entry, Provenance, Way
from pangeo_forge.catalog.health.findings import Executed, Look
from pangeo_forge.catalog.storage.tree import Tree

folder, name, version, left = Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])

def deadly(method):
    def call(*args):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return method(*args)
    return call

Path.replace, LocalFileSystem.rm_file = deadly(Path.replace), deadly(LocalFileSystem.rm_file)
made = Provenance(run=f"run-{version}", feedstock="f", recipe="r", bakery="local", baked="2020-01-01T00:00:00Z")
ways, about = [Way(key="data", href=str(folder / f"{name}.zarr"), format="zarr")], About(title=name, description="D")
created = f"2020-01-0{version}T00:00:00Z"
entry = Entry(id="", version=version, created=created, description=Description(), about=about, ways=ways, provenance=made)
looks = {"data": Look(executed=Executed(worked=created))}
tree = Tree(LocalFileSystem(), str(folder / "catalog"))
add_entry(tree, entry, f"{name}.zarr", version, title="T", description="D", looks=looks)
"""

_FOLLOWED = {"child", "item", "latest-version", "predecessor-version"}


def enter(folder: Path, name: str, version: str, dies_at: int = 0) -> int:
    ended = subprocess.run([sys.executable, "-c", ENTER_AND_DIE, folder, name, version, str(dies_at)], capture_output=True, text=True)
    assert ended.returncode in (0, -signal.SIGKILL), ended.stderr
    return ended.returncode


def find_indexed(folder: Path) -> set[str]:
    return {item["id"] for item in search_catalog(folder, Search(all_versions=True), limit=100).items}


def find_linked(folder: Path) -> set[str]:
    """Follow the links from the root to the Items, each of which must lead somewhere."""
    seen: dict[Path, dict[str, Any]] = {}
    waiting = [folder / "catalog" / "catalog.json"]
    while waiting:
        path = waiting.pop().resolve()
        if path not in seen:
            seen[path] = json.loads(path.read_text())
            waiting += [path.parent / link["href"] for link in seen[path]["links"] if link["rel"] in _FOLLOWED]
    return {record["id"] for record in seen.values() if record["type"] == "Feature"}


def find_faults(folder: Path) -> list[str]:
    return [name for name, verdict in validate_catalog(folder) if verdict.faults]


@pytest.mark.slow
def test_wherever_a_run_is_killed_readers_find_a_whole_catalogue_and_the_next_run_finishes_it(tmp_path: Path) -> None:
    folder, unharmed = tmp_path / "target", tmp_path / "unharmed"
    assert enter(folder, "a", "1") == 0
    shutil.move(folder, unharmed)
    for number in range(1, 100):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(unharmed, folder)
        code = enter(folder, "a", "2", dies_at=number)
        written = number > 1
        assert {"a-1"} <= find_indexed(folder) <= find_linked(folder) <= {"a-1", "a-2"}, number
        assert find_faults(folder) == [], number
        assert enter(folder, "b", "1") == 0
        assert find_indexed(folder) == find_linked(folder) == ({"a-1", "a-2", "b-1"} if written else {"a-1", "b-1"}), number
        health = read_health(open_tree(folder))
        assert health["a"].item == ("a-2" if written else "a-1")
        assert list((folder / "catalog" / ".entering").glob("[!.]*")) == []
        if code == 0:
            break
    assert number > 6


@pytest.mark.slow
def test_a_version_that_a_run_was_killed_over_stays_out_if_there_is_a_newer_one(tmp_path: Path) -> None:
    assert enter(tmp_path, "a", "1", dies_at=2) != 0
    left = next((tmp_path / "catalog" / ".entering").glob("1-*"))
    kept = left.read_bytes()
    assert enter(tmp_path, "a", "2") == 0
    assert find_indexed(tmp_path) == {"a-1", "a-2"}
    left.write_bytes(kept)
    assert enter(tmp_path, "b", "1") == 0
    assert not left.exists()
    assert [item["id"] for item in search_catalog(tmp_path, Search(collections=["a"])).items] == ["a-2"]


@pytest.mark.slow
def test_what_cannot_be_entered_stops_no_other_and_is_told_of_by_the_next_making(tmp_path: Path) -> None:
    assert enter(tmp_path, "a", "1") == 0
    left = tmp_path / "catalog" / ".entering" / "0-00000000"
    left.write_text("{}")
    assert enter(tmp_path, "a", "2") == 0
    assert find_indexed(tmp_path) == {"a-1", "a-2"}
    ((place, why),) = create_catalog(tmp_path).problems
    assert (place, "cannot be entered: KeyError" in why) == (str(left), True)


# Real runs.

META = """\
title: Three at once
recipes:
  - dict_object: "recipe:recipes"
"""

RECIPE = """
from pangeo_forge.recipes import ZarrRecipe, pattern_from_file_sequence

recipes = {{name: ZarrRecipe(pattern_from_file_sequence([{file!r}], "time")) for name in "abc"}}
"""


@dataclass(frozen=True)
class Home:
    """A user who bakes three recipes of one feedstock."""

    folder: Path

    @property
    def target(self) -> Path:
        return self.folder / "home" / "bakery"

    @property
    def catalog(self) -> Path:
        return self.target / "catalog"

    def start(self, *arguments: str | Path) -> subprocess.Popen[str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PANGEO_FORGE_")}
        environ = inherited | {"PANGEO_FORGE_HOME": str(self.folder / "home"), "PANGEO_FORGE_WORKERS": "1"}
        command = [sys.executable, "-m", "pangeo_forge", "recipe", *map(str, arguments)]
        return subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


@contextmanager
def held_back(catalog: Path) -> Iterator[None]:
    """Let processes come as far as a catalogue's lock, and go on all at the same moment after the body."""
    catalog.mkdir(parents=True, exist_ok=True)
    with (catalog / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def wait_until_they_enter(catalog: Path, processes: list[subprocess.Popen[str]]) -> None:
    while len(list((catalog / ".entering").glob("[!.]*"))) < len(processes):
        assert [process.poll() for process in processes] == [None] * len(processes), [process.communicate()[1] for process in processes]
        time.sleep(0.02)


def finish(processes: list[subprocess.Popen[str]]) -> None:
    ended = [(process.communicate()[1], process.returncode) for process in processes]
    assert [code for _, code in ended] == [0] * len(processes), ended


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Three runs have come to cataloguing at the same moment, and one of them was killed there."""
    home = Home(tmp_path_factory.mktemp("at-once"))
    feedstock, file = home.folder / "warmth", str(home.folder / "warm.nc")
    xr.Dataset({"sst": ("time", np.ones(2))}, {"time": np.array(["2000-01-01", "2000-01-02"], "M8[ns]")}).to_netcdf(file)
    feedstock.mkdir()
    (feedstock / "meta.yaml").write_text(META)
    (feedstock / "recipe.py").write_text(RECIPE.format(file=file))
    with held_back(home.catalog):
        processes = [home.start("run", feedstock, name, "--no-lint") for name in "abc"]
        wait_until_they_enter(home.catalog, processes)
        processes[2].kill()
        processes[2].communicate()
    finish(processes[:2])
    return home


@pytest.mark.slow
def test_runs_that_end_at_the_same_moment_are_all_entered_also_one_that_was_killed_there(home: Home) -> None:
    names = {"warmth.a", "warmth.b", "warmth.c"}
    items = search_catalog(home.target, Search(all_versions=True)).items
    assert {(item["collection"], item["properties"]["pangeo_forge:recipe"]) for item in items} == {(name, name[-1]) for name in names}
    assert find_linked(home.target) == {item["id"] for item in items}
    assert (find_faults(home.target), set(read_health(open_tree(home.target)))) == ([], names)
    assert list((home.catalog / ".entering").iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("attempt", range(2))
def test_that_holds_each_time(home: Home, tmp_path: Path, attempt: int) -> None:
    runs = [item["properties"]["pangeo_forge:run"] for item in search_catalog(home.target, Search()).items][:2]
    catalog = tmp_path / "catalog"
    with held_back(catalog):
        processes = [home.start("catalog", run, "--output", catalog) for run in runs]
        wait_until_they_enter(catalog, processes)
    finish(processes)
    items = search_catalog(tmp_path, Search()).items
    assert sorted(item["properties"]["pangeo_forge:run"] for item in items) == sorted(runs)
    assert find_linked(tmp_path) == {item["id"] for item in items}


@pytest.mark.slow
def test_what_the_index_has_lost_of_a_run_is_found_again_as_the_run_told_it(home: Home) -> None:
    before = {item["id"]: item for item in search_catalog(home.target, Search()).items}
    index = home.catalog / "index.parquet"
    rows = read_index(index.read_bytes())
    index.write_bytes(make_index(row for row in rows if row["collection"] != "warmth.b"))
    outcome = create_catalog(home.target)
    assert (outcome.described, outcome.unchanged, outcome.problems) == (1, 2, ())
    assert {item["id"]: item for item in search_catalog(home.target, Search()).items} == before
    assert find_linked(home.target) == set(before)
    assert create_catalog(home.target).described == 0
