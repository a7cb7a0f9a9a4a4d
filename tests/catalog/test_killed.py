"""Making a catalogue that is killed, or done by two at once: what readers see is whole, and the next making finishes it."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from pangeo_forge.api.cataloguing import Search, create_catalog, search_catalog, validate_catalog

#: Makes a catalogue, and is killed by the system just before it moves a file into its place or removes one for the n-th time.
MAKE_AND_DIE = """
import os, signal, sys
from pathlib import Path
from fsspec.implementations.local import LocalFileSystem
from pangeo_forge.api.cataloguing import create_catalog

target, left = sys.argv[1], int(sys.argv[2])

def deadly(method):
    def call(*args):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return method(*args)
    return call

Path.replace, LocalFileSystem.rm_file = deadly(Path.replace), deadly(LocalFileSystem.rm_file)
create_catalog(target, workers=1)
"""

OLD = {"kept", "rewritten", "gone"}
NEW = {"kept", "rewritten", "new0", "new1"}


def write_store(path: Path, value: float = 1.0, **attrs: str) -> None:
    lat, lon = ("lat", [0.0, 1.0], {"units": "degrees_north"}), ("lon", [10.0, 11.0], {"units": "degrees_east"})
    ds = xr.Dataset({"sst": (("lat", "lon"), np.full((2, 2), value))}, {"lat": lat, "lon": lon}, attrs)
    ds.to_zarr(path, mode="w", consolidated=False)


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """A target that has a catalogue, and of which one dataset was written again since, one is gone and two are new."""
    target = tmp_path / "target"
    for name in sorted(OLD):
        write_store(target / f"{name}.zarr")
    create_catalog(target, workers=1)
    write_store(target / "rewritten.zarr", title="Another title")
    shutil.rmtree(target / "gone.zarr")
    for name in sorted(NEW - OLD):
        write_store(target / f"{name}.zarr")
    return target


def find_indexed(target: Path) -> set[str]:
    return {str(item["collection"]) for item in search_catalog(target, Search(), limit=1000).items}


def find_linked(target: Path) -> set[str]:
    """Follow the links from the root to the last Item, each of which must lead somewhere; name the Collections."""
    found, waiting = set(), [target / "catalog" / "catalog.json"]
    while waiting:
        path = waiting.pop()
        record = json.loads(path.read_text())
        found |= {record["id"]} if record["type"] == "Collection" else set()
        waiting += [path.parent / link["href"] for link in record["links"] if link["rel"] in ("child", "item")]
    return found


def find_leftovers(target: Path) -> set[str]:
    """Find the files of a catalogue that neither its root leads to nor its makers need."""
    folder = target / "catalog"
    seen, waiting = {folder / "index.parquet", folder / "health.json"}, [folder / "catalog.json"]
    while waiting:
        path = waiting.pop()
        seen.add(path)
        waiting += [path.parent / link["href"] for link in json.loads(path.read_text())["links"] if link["rel"] in ("child", "item")]
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and not path.name.endswith(".lock")} - {
        str(path.relative_to(folder)) for path in seen
    }


def faults_of(target: Path) -> list[str]:
    return [name for name, verdict in validate_catalog(target) if verdict.faults]


@pytest.mark.slow
def test_wherever_the_making_is_killed_readers_find_a_whole_catalogue_and_the_next_finishes_it(changed: Path, tmp_path: Path) -> None:
    target, unharmed = changed, tmp_path / "unharmed"
    shutil.copytree(target, unharmed)
    for number in range(1, 100):
        shutil.rmtree(target)
        shutil.copytree(unharmed, target)
        done = subprocess.run([sys.executable, "-c", MAKE_AND_DIE, target, str(number)], capture_output=True, text=True)
        assert done.returncode in (0, -signal.SIGKILL), done.stderr
        for seen in (find_indexed(target), find_linked(target)):
            assert {"kept", "rewritten"} <= seen <= OLD | NEW, number
        assert faults_of(target) == [], number
        create_catalog(target, workers=1)
        assert (find_indexed(target), find_linked(target), faults_of(target)) == (NEW, NEW, []), number
        assert find_leftovers(target) == set(), number
        if done.returncode == 0:
            break
    assert number > 10


@pytest.mark.slow
def test_two_makings_at_once_come_to_one_whole_catalogue(tmp_path: Path) -> None:
    names = {f"d{number}" for number in range(15)}
    for name in names:
        write_store(tmp_path / f"{name}.zarr")
    command = [sys.executable, "-m", "pangeo_forge", "catalog", "create", str(tmp_path), "--workers", "1"]
    makings = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for _ in range(2)]
    said = [making.communicate()[0] for making in makings]
    assert [making.returncode for making in makings] == [0, 0], said
    assert (find_indexed(tmp_path), find_linked(tmp_path), faults_of(tmp_path)) == (names, names, [])
    again = create_catalog(tmp_path)
    assert (again.described, again.unchanged) == (0, 15)


@pytest.mark.slow
def test_an_interrupted_making_says_what_is_left_and_that_it_goes_on(tmp_path: Path) -> None:
    for number in range(60):
        write_store(tmp_path / f"d{number}.zarr")
    command = [sys.executable, "-m", "pangeo_forge", "catalog", "create", str(tmp_path), "--workers", "1"]
    making = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=answer_to_ctrl_c)
    while not list((tmp_path / "catalog").glob("*/*.json")):
        assert making.poll() is None
        time.sleep(0.01)
    making.send_signal(signal.SIGINT)
    _, said = making.communicate()
    assert making.returncode == 130
    assert said.startswith("error: interrupted: readers see the catalogue as it was before\nhint: The same command goes on ")
    assert create_catalog(tmp_path).problems == ()
    assert len(find_indexed(tmp_path)) == 60


def answer_to_ctrl_c() -> None:
    """Undo that shells let what runs in the background ignore it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
