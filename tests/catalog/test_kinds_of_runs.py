"""Runs of every kind of recipe in the catalogue: each ends there, with an Item that is valid and tells what it was made by."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import xarray as xr

from pangeo_forge.api.cataloguing import open_tree, validate_catalog
from pangeo_forge.api.trusting import make_trust
from pangeo_forge.catalog.health.executing import execute
from pangeo_forge.catalog.snippets import write_snippets
from peer.archive import make, write_archive
from peer.recipes import FOUR, HEAD, OPEN, STORE

CLASSIC = f"""
import os

from pangeo_forge_recipes.patterns import ConcatDim, FilePattern
from pangeo_forge_recipes.recipes import XarrayZarrRecipe

ARCHIVE = os.environ["ARCHIVE"]
{FOUR}
recipe = XarrayZarrRecipe(pattern, inputs_per_chunk=1)
"""

LIFTED = f"{HEAD}{FOUR}recipe = {OPEN} | {STORE}) | ConsolidateMetadata()\n"

VIRTUAL = f"""
import os

from pangeo_forge.recipes import ConcatDim, FilePattern, VirtualRecipe

ARCHIVE = os.environ["ARCHIVE"]
{FOUR.replace("range(3)", "range(int(os.environ.get('FILES', '3')))")}
json, parquet, icechunk = (VirtualRecipe(pattern, format=form) for form in ("kerchunk-json", "kerchunk-parquet", "icechunk"))
"""

GROWN = """
import os

from pangeo_forge.recipes import ConcatDim, FilePattern, ZarrRecipe

files = FilePattern(lambda time: f"{os.environ['ARCHIVE']}/four_{time}.nc", ConcatDim("time", range(2)))
recipe = ZarrRecipe(files)
"""

#: As its author changes it once there is another file.
APPENDING = GROWN.replace("range(2)", "(2,)").replace("ZarrRecipe(files)", 'ZarrRecipe(files, append_dim="time")')

MODULES = {"classic.py": CLASSIC, "lifted.py": LIFTED, "virtual.py": VIRTUAL, "grown.py": GROWN}

META = """\
title: Warmth of many kinds
provenance:
  license: CC-BY-4.0
recipes:
  - {id: classic, object: "classic:recipe"}
  - {id: lifted, object: "lifted:recipe"}
  - {id: json, object: "virtual:json"}
  - {id: parquet, object: "virtual:parquet"}
  - {id: icechunk, object: "virtual:icechunk"}
  - {id: grown, object: "grown:recipe"}
"""

#: By the recipe's id: its module, the media type of what it makes, and what the dataset's name ends with.
KINDS = {
    "classic": ("classic.py", "application/vnd.zarr; version=3", ".zarr"),
    "lifted": ("lifted.py", "application/vnd.zarr; version=3", ".zarr"),
    "json": ("virtual.py", "application/vnd.zarr+kerchunk", ".json"),
    "parquet": ("virtual.py", "application/vnd.zarr+kerchunk", ".parquet"),
    "icechunk": ("virtual.py", "application/vnd.zarr+icechunk", ".icechunk"),
}


@dataclass(frozen=True)
class User:
    """Somebody who bakes."""

    folder: Path

    @property
    def feedstock(self) -> Path:
        return self.folder / "kinds"

    @property
    def target(self) -> Path:
        return self.folder / "home" / "bakery"

    @property
    def catalog(self) -> Path:
        return self.target / "catalog"

    def write(self, modules: dict[str, str]) -> str:
        """Write the feedstock, and give the commit."""
        new = not self.feedstock.exists()
        self.feedstock.mkdir(exist_ok=True)
        for name, text in {**modules, "meta.yaml": META}.items():
            (self.feedstock / name).write_text(text)
        if new:
            self._git("init", "-q")
            self._git("remote", "add", "origin", "git@github.com:someone/kinds-feedstock.git")
        self._git("add", ".")
        self._git("-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-qm", "Warmth")
        return self._git("rev-parse", "HEAD").strip()

    def run(self, recipe_id: str, *options: str, **environ: str) -> None:
        """Run a recipe, which is to say nothing of a catalogue."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PANGEO_FORGE_")}
        command = [sys.executable, "-m", "pangeo_forge", "recipe", "run", str(self.feedstock), recipe_id, "--no-lint", *options]
        known = {"PANGEO_FORGE_HOME": str(self.folder / "home"), "ARCHIVE": str(self.folder / "archive"), "PANGEO_FORGE_WORKERS": "1"}
        ended = subprocess.run(command, env=inherited | known | environ, capture_output=True, text=True)
        assert (ended.returncode, "the catalogue" in ended.stderr) == (0, False), ended.stderr

    def read_collection(self, dataset: str) -> dict[str, Any]:
        return json.loads((self.catalog / dataset / "collection.json").read_text())

    def read_items(self, dataset: str) -> list[dict[str, Any]]:
        """Read the Items that a Collection leads to, the newest last."""
        links = find_links(self.read_collection(dataset), "item")
        return [json.loads((self.catalog / dataset / href).read_text()) for href in links]

    def find_faults(self) -> list[tuple[str, Any]]:
        return [(name, verdict.faults) for name, verdict in validate_catalog(self.target) if verdict.faults]

    def _git(self, *arguments: str) -> str:
        return subprocess.run(["git", *arguments], cwd=self.feedstock, check=True, capture_output=True, text=True).stdout


def find_links(record: dict[str, Any], rel: str) -> list[str]:
    return [link["href"] for link in record["links"] if link["rel"] == rel]


def open_as_shown(item: dict[str, Any]) -> xr.Dataset:
    """Open a dataset by the snippet of its Item."""
    return execute(write_snippets(item["assets"]["data"])[0].code, {})


def expect(files: int = 3) -> xr.DataArray:
    return xr.concat([make(4 * number, 4).tas for number in range(files)], "time")


@pytest.fixture(scope="module")
def baked(tmp_path_factory: pytest.TempPathFactory) -> tuple[User, str]:
    """A user who has run a recipe of each kind, and the commit of the feedstock. To be read only."""
    user = User(tmp_path_factory.mktemp("kinds"))
    write_archive(user.folder / "archive")
    commit = user.write(MODULES)
    for recipe_id in KINDS:
        user.run(recipe_id)
    return user, commit


def test_runs_of_all_kinds_are_in_one_valid_catalogue(baked: tuple[User, str]) -> None:
    user, _ = baked
    root = json.loads((user.catalog / "catalog.json").read_text())
    assert find_links(root, "child") == [f"./kinds.{recipe_id}/collection.json" for recipe_id in sorted(KINDS)]
    assert user.find_faults() == []


@pytest.mark.parametrize("recipe_id", KINDS)
def test_an_item_leads_to_its_dataset_which_opens_as_is_shown(baked: tuple[User, str], recipe_id: str) -> None:
    user, _ = baked
    (item,) = user.read_items(f"kinds.{recipe_id}")
    _, media, suffix = KINDS[recipe_id]
    asset = item["assets"]["data"]
    assert (asset["href"], asset["type"]) == (str(user.target / "kinds" / f"{recipe_id}{suffix}"), media)
    assert find_links(item, "store") == [asset["href"]]
    xr.testing.assert_allclose(open_as_shown(item).tas.variable, expect().variable)


@pytest.mark.parametrize("recipe_id", KINDS)
def test_an_item_tells_where_and_when_its_data_are(baked: tuple[User, str], recipe_id: str) -> None:
    user, _ = baked
    (item,) = user.read_items(f"kinds.{recipe_id}")
    properties = item["properties"]
    assert item["bbox"] == [-180.0, -90.0, 180.0, 90.0]
    assert (properties["start_datetime"], properties["end_datetime"]) == ("2000-01-01T00:00:00Z", "2000-01-12T00:00:00Z")
    assert properties["cube:variables"]["tas"]["shape"] == [12, 5, 6]


@pytest.mark.parametrize("recipe_id", KINDS)
def test_an_item_names_feedstock_recipe_and_software_as_they_were(baked: tuple[User, str], recipe_id: str) -> None:
    user, commit = baked
    (item,) = user.read_items(f"kinds.{recipe_id}")
    properties = item["properties"]
    assert (properties["pangeo_forge:feedstock"], properties["pangeo_forge:recipe"]) == ("kinds", recipe_id)
    assert (user.folder / "home" / "runs" / properties["pangeo_forge:run"]).is_dir()
    assert (properties["processing:version"], properties["license"]) == (commit, "CC-BY-4.0")
    assert properties["processing:software"]["xarray"] == xr.__version__
    pages = "https://github.com/someone/kinds-feedstock"
    assert find_links(item, "via") == [f"{pages}/tree/{commit}"]
    assert find_links(item, "processing-expression") == [f"{pages}/blob/{commit}/{KINDS[recipe_id][0]}"]


def test_what_is_appended_is_a_new_version_of_the_same_dataset(tmp_path: Path) -> None:
    user = User(tmp_path)
    write_archive(user.folder / "archive")
    first = user.write(MODULES)
    user.run("grown")
    was, (older,) = user.read_collection("kinds.grown"), user.read_items("kinds.grown")
    second = user.write({**MODULES, "grown.py": APPENDING})
    user.run("grown")
    collection, items = user.read_collection("kinds.grown"), user.read_items("kinds.grown")
    assert (len(items), items[0]) == (2, older)
    newer = items[1]
    assert [item["properties"]["processing:version"] for item in items] == [first, second]
    assert [item["properties"]["end_datetime"] for item in items] == ["2000-01-08T00:00:00Z", "2000-01-12T00:00:00Z"]
    assert collection["extent"]["temporal"]["interval"] == [["2000-01-01T00:00:00Z", "2000-01-12T00:00:00Z"]]
    assert (collection["created"], collection["updated"]) == (was["created"], newer["properties"]["created"])
    assert find_links(older, "predecessor-version") == []
    assert find_links(newer, "predecessor-version") == [f"./{older['id']}.json"]
    assert [find_links(item, "latest-version") for item in items] == [["./collection.json"]] * 2
    assert find_links(collection, "latest-version") == [f"./{newer['id']}.json"]
    assert user.find_faults() == []
    xr.testing.assert_allclose(open_as_shown(newer).tas.variable, expect().variable)


def test_each_version_of_an_icechunk_repository_opens_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    user = User(tmp_path)
    write_archive(user.folder / "archive")
    user.write(MODULES)
    user.run("icechunk", FILES="2")
    user.run("icechunk", "--overwrite", FILES="3", ARCHIVE=str(write_archive(tmp_path / "elsewhere")))
    monkeypatch.setenv("PANGEO_FORGE_HOME", str(tmp_path / "home"))
    older, newer = user.read_items("kinds.icechunk")
    assert older["assets"]["data"]["href"] == newer["assets"]["data"]["href"]
    assert older["assets"]["data"]["version"] != newer["assets"]["data"]["version"]
    assert user.read_collection("kinds.icechunk")["assets"]["data"]["version"] == newer["assets"]["data"]["version"]
    reach = make_trust(open_tree(user.target)).find_reach(newer["assets"]["data"]["href"])
    for prefix in newer["assets"]["data"]["pangeo_forge:leads_to"]:
        reach.check_prefix(prefix)  # or no page would show it
    for item, files in ((older, 2), (newer, 3)):
        xr.testing.assert_allclose(open_as_shown(item).tas.variable, expect(files).variable)
