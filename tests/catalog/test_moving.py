"""A target that is moved, with its catalogue or without: its datasets keep their names, and what is known of them."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import pangeo_forge as pf
from catalog.test_runs import write_feedstock
from pangeo_forge.catalog.entering.moving import find_moved

Forge = Callable[..., subprocess.CompletedProcess[str]]


def write_store(path: Path, values: float = 1.0) -> None:
    xr.Dataset({"sst": (("y", "x"), np.full((2, 2), values))}).to_zarr(path, mode="w", zarr_format=3, consolidated=False)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """A target with two stores and its catalogue."""
    for name in ("cold", "warm"):
        write_store(tmp_path / "target" / f"{name}.zarr")
    pf.create_catalog(tmp_path / "target")
    return tmp_path / "target"


def find(target: Path, **search: object) -> dict[str, dict]:
    return {item["id"]: item for item in pf.search_catalog(target, pf.Search(**search)).items}


def test_datasets_keep_their_names_and_are_not_described_anew(target: Path, tmp_path: Path) -> None:
    before = find(target)
    moved = Path(shutil.move(target, tmp_path / "elsewhere"))
    outcome = pf.create_catalog(moved)
    assert (outcome.described, outcome.unchanged, outcome.gone) == (0, 2, 0)
    after = find(moved)
    assert {name: item["properties"] for name, item in after.items()} == {name: item["properties"] for name, item in before.items()}
    assert {item["assets"]["data"]["href"] for item in after.values()} == {str(moved / "cold.zarr"), str(moved / "warm.zarr")}


def test_files_of_the_catalogue_lead_to_where_they_are_now(target: Path, tmp_path: Path) -> None:
    moved = Path(shutil.move(target, tmp_path / "elsewhere"))
    pf.create_catalog(moved)
    assert not any(str(target) in path.read_text() for path in (moved / "catalog" / "warm").glob("*.json"))
    assert pf.open(moved / "catalog" / "warm" / "collection.json").sst.shape == (2, 2)
    assert all(verdict.faults == () for _, verdict in pf.validate_catalog(moved))
    assert pf.create_catalog(moved).unchanged == 2


def test_a_copy_whose_files_are_newer_becomes_a_newer_version(target: Path, tmp_path: Path) -> None:
    moved = tmp_path / "copied"
    shutil.copytree(target, moved, copy_function=shutil.copyfile)
    shutil.rmtree(target)
    write_store(moved / "warm.zarr", 2.0)
    pf.create_catalog(moved)
    assert {item["collection"] for item in find(moved).values()} == {"cold", "warm"}
    assert len(find(moved, collections=["warm"], all_versions=True)) in (1, 2)  # one, if both were written within a second


def test_what_a_run_made_is_still_known_as_its_own(forge: Forge, forge_home: Path, tmp_path: Path) -> None:
    assert forge("recipe", "run", write_feedstock(tmp_path)).returncode == 0
    moved = Path(shutil.move(forge_home, tmp_path / "home"))
    ended = forge("catalog", "create", "local", PANGEO_FORGE_HOME=str(moved))
    assert ended.stdout == "0 described, 1 unchanged, 0 gone\n", ended.stderr
    (item,) = find(moved / "bakery").values()
    assert (item["collection"], item["properties"]["pangeo_forge:feedstock"]) == ("warmth.sst", "warmth")
    assert item["assets"]["data"]["href"] == str(moved / "bakery" / "warmth" / "sst.zarr")
    assert set(item["assets"]) == {"data", "inputs"}


def test_a_dataset_that_is_still_there_is_not_taken_for_one_that_has_its_name(forge: Forge, forge_home: Path, tmp_path: Path) -> None:
    place = tmp_path / "sst.zarr"
    assert forge("recipe", "run", write_feedstock(tmp_path), "--target", place).returncode == 0
    write_store(forge_home / "bakery" / "warmth" / "sst.zarr")
    assert forge("catalog", "create", "local").stdout == "1 described, 0 unchanged, 0 gone\n"
    hrefs = {item["collection"]: item["assets"]["data"]["href"] for item in find(forge_home / "bakery").values()}
    assert hrefs["warmth.sst"] == str(place)
    assert len(hrefs) == 2


def test_what_a_run_has_put_on_another_machine_is_taken_to_be_there() -> None:
    row = {"href": "s3://bucket/sst.zarr", "feedstock": "warmth"}
    found = {"/target/sst.zarr": type("Found", (), {"name": "sst.zarr"})()}
    assert find_moved(found, {"sst": [row]}) == {}
    assert find_moved(found, {"sst": [row | {"feedstock": None}]}) == {"sst": "/target/sst.zarr"}


def test_a_catalogue_that_was_left_behind_follows_its_target(target: Path, tmp_path: Path) -> None:
    shutil.move(target / "catalog", tmp_path / "catalog")
    moved = Path(shutil.move(target, tmp_path / "elsewhere"))
    assert pf.create_catalog(moved, tmp_path / "catalog").unchanged == 2
    record = json.loads((tmp_path / "catalog" / "warm" / "collection.json").read_text())
    assert record["assets"]["data"]["href"] == str(moved / "warm.zarr")
    assert [link["href"] for link in record["links"] if link["rel"] == "store"] == [str(moved / "warm.zarr")]


@pytest.mark.parametrize("spell", ["../target", "{target}/", "file://{target}", "{target}/../target", "{link}"])
def test_another_spelling_of_a_target_is_the_same_target(target: Path, tmp_path: Path, spell: str, forge: Forge) -> None:
    (tmp_path / "link").symlink_to(target)
    (tmp_path / "sub").mkdir()
    ended = forge("catalog", "create", spell.format(target=target, link=tmp_path / "link"), cwd=tmp_path / "sub")
    assert ended.stdout == "0 described, 2 unchanged, 0 gone\n"
    assert {item["assets"]["data"]["href"] for item in find(target).values()} == {str(target / "cold.zarr"), str(target / "warm.zarr")}


def test_a_bakery_that_is_reached_by_a_link_is_the_same_bakery(forge: Forge, forge_home: Path, tmp_path: Path) -> None:
    assert forge("recipe", "run", write_feedstock(tmp_path)).returncode == 0
    (tmp_path / "link").symlink_to(forge_home)
    assert forge("catalog", "create", tmp_path / "link" / "bakery").stdout == "0 described, 1 unchanged, 0 gone\n"


def test_the_catalogue_of_a_copy_is_of_the_copy_though_the_original_is_still_there(forge: Forge, forge_home: Path, tmp_path: Path) -> None:
    assert forge("recipe", "run", write_feedstock(tmp_path)).returncode == 0
    shutil.copytree(forge_home / "bakery", tmp_path / "copy")
    pf.create_catalog(tmp_path / "copy")
    (item,) = find(tmp_path / "copy").values()
    assert (item["collection"], item["properties"]["pangeo_forge:feedstock"]) == ("warmth.sst", "warmth")
    assert item["assets"]["data"]["href"] == str(tmp_path / "copy" / "warmth" / "sst.zarr")
    (original,) = find(forge_home / "bakery").values()
    assert original["assets"]["data"]["href"] == str(forge_home / "bakery" / "warmth" / "sst.zarr")


def test_a_store_deep_in_folders_of_long_names_is_entered_under_a_shorter_one(tmp_path: Path) -> None:
    write_store(tmp_path.joinpath("target", *("m" * 60 + str(level) for level in range(4)), "sst.zarr"))
    assert pf.create_catalog(tmp_path / "target").problems == ()
    ((name, item),) = find(tmp_path / "target").items()
    assert len(name) < 200
    assert pf.open(item).sst.shape == (2, 2)


@pytest.mark.parametrize("output", ["warm.zarr", "warm.zarr/sst", "warm.zarr/sst/c"])
def test_no_catalogue_is_written_into_a_dataset(target: Path, forge: Forge, output: str) -> None:
    ended = forge("catalog", "create", target, "--output", target / output)
    assert (ended.returncode, "is a dataset itself" in ended.stderr) == (2, True)


def test_a_catalogue_is_not_taken_for_a_target(target: Path, forge: Forge) -> None:
    ended = forge("catalog", "create", target / "catalog")
    assert (ended.returncode, "is a catalogue itself" in ended.stderr, str(target) in ended.stderr) == (2, True, True)
