"""``catalog check`` as it is typed: what it prints, in which words, and with which exit code."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from pangeo_forge.api.cataloguing import create_catalog

Forge = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def stores(tmp_path: Path) -> Path:
    for name in ("sst", "ssh"):
        xr.Dataset({name: ("x", np.ones(3))}).to_zarr(tmp_path / "stores" / f"{name}.zarr", consolidated=False)
    create_catalog(tmp_path / "stores")
    return tmp_path / "stores"


def test_nothing_wrong_is_one_line_and_success(stores: Path, forge: Forge) -> None:
    ended = forge("catalog", "check", stores)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "2 healthy\n", "")


def test_what_is_broken_is_named_with_what_to_do_and_fails(stores: Path, forge: Forge) -> None:
    shutil.rmtree(stores / "sst.zarr")
    ended = forge("catalog", "check", stores)
    assert ended.returncode == 1
    assert ended.stdout.splitlines() == [
        "sst is broken",
        f"  {stores}/sst.zarr: there is nothing any more",
        "    hint: Put it back, or describe what is there anew with `pangeo-forge catalog create`.",
        "1 broken, 1 healthy",
    ]


def test_machines_are_told_all_of_it(stores: Path, forge: Forge) -> None:
    shutil.rmtree(stores / "sst.zarr")
    told = json.loads(forge("catalog", "check", stores, "--json").stdout)
    assert told["states"] == {"broken": 1, "healthy": 1}
    assert told["datasets"]["sst"]["findings"][0]["check"] == "reach"


def test_a_search_shows_the_state_once_there_was_a_check(stores: Path, forge: Forge) -> None:
    assert "STATE" not in forge("catalog", "search", stores).stdout
    shutil.rmtree(stores / "sst.zarr")
    forge("catalog", "check", stores)
    lines = forge("catalog", "search", stores).stdout.splitlines()
    assert lines[0].split()[-1] == "STATE"
    assert {line.split()[0]: line.split()[-2] for line in lines[1:]} == {"sst": "broken", "ssh": "healthy"}
    health = json.loads(forge("catalog", "search", stores, "--json").stdout)["health"]
    assert {each["state"] for each in health.values()} == {"broken", "healthy"}


def test_a_dataset_that_there_is_not_is_a_wrong_command(stores: Path, forge: Forge) -> None:
    ended = forge("catalog", "check", stores, "sts")
    assert (ended.returncode, "the catalogue has no dataset 'sts'" in ended.stderr) == (2, True)


def test_a_catalogue_that_cannot_be_written_to_is_checked_all_the_same(stores: Path, forge: Forge) -> None:
    lock = stores / "catalog" / ".lock"
    lock.unlink()
    lock.mkdir()  # nobody, not even root, can lock that
    ended = forge("catalog", "check", stores)
    assert ended.stdout == "2 healthy\n"
    assert "note: what was found could not be kept beside the catalogue: " in ended.stderr
