"""Runs in the catalogue: every full run ends there, in its feedstock's words, and one that cannot be is a good run all the same."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import xarray as xr

from pangeo_forge.api.cataloguing import Search, open_tree, search_catalog, validate_catalog
from pangeo_forge.catalog.health.record import read_health

Forge = Callable[..., subprocess.CompletedProcess[str]]

META = """
title: "Two years of warmth"
description: "Made up"
keywords: [sea, warm]
recipes:
  - id: sst
    object: "recipe:recipe"
provenance:
  providers:
    - {name: "An institute", roles: [producer, licensor], url: "https://example.org"}
  license: "CC-BY-4.0"
  license_link: {title: "Terms", url: "https://example.org/terms"}
"""

RECIPE = """
from pangeo_forge.recipes import ConcatDim, FilePattern, ZarrRecipe

recipe = ZarrRecipe(FilePattern(lambda time: f"{folder}/{{time}}.nc", ConcatDim("time", (2000, 2001))))
"""


def write_feedstock(folder: Path, name: str = "warmth") -> Path:
    """Write a feedstock with the two small files that it reads."""
    feedstock = folder / name
    feedstock.mkdir(parents=True)
    for year in (2000, 2001):
        time = np.array([f"{year}-01-01", f"{year}-07-01"], "M8[ns]")
        place = {"lat": ("lat", [0.0, 10.0], {"units": "degrees_north"}), "lon": ("lon", [20.0, 30.0], {"units": "degrees_east"})}
        values = (("time", "lat", "lon"), np.full((2, 2, 2), float(year)))
        xr.Dataset({"sst": values}, {"time": time, **place}, {"title": "In the files", "institution": "A ship"}).to_netcdf(
            feedstock / f"{year}.nc"
        )
    (feedstock / "meta.yaml").write_text(META)
    (feedstock / "recipe.py").write_text(RECIPE.format(folder=feedstock))
    return feedstock


@pytest.fixture(scope="module")
def baked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a user who has run and then tested a recipe. To be read only."""
    folder = tmp_path_factory.mktemp("baked")
    feedstock = write_feedstock(folder)
    for arguments in (
        ("init", "-q"),
        ("add", "."),
        ("-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-qm", "Two years"),
        ("remote", "add", "origin", "git@github.com:someone/warmth-feedstock.git"),
    ):
        subprocess.run(["git", *arguments], cwd=feedstock, check=True)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PANGEO_FORGE_")}
    for verb in ("run", "test"):
        command = [sys.executable, "-m", "pangeo_forge", "recipe", verb, str(feedstock)]
        ended = subprocess.run(command, env=environ | {"PANGEO_FORGE_HOME": str(folder / "home")}, capture_output=True, text=True)
        assert (ended.returncode, "catalog" in ended.stderr) == (0, False), ended.stderr
    return folder / "home"


def find_folder(home: Path) -> Path:
    return home / "bakery" / "catalog" / "warmth.sst"


def read_collection(home: Path) -> dict:
    return json.loads((find_folder(home) / "collection.json").read_text())


def read_items(home: Path) -> list[dict]:
    """Read the Items that the Collection leads to, the newest last."""
    links = [link for link in read_collection(home)["links"] if link["rel"] == "item"]
    return [json.loads((home / "bakery" / "catalog" / "warmth.sst" / link["href"]).read_text()) for link in links]


def test_a_full_run_ends_in_the_catalogue_and_a_test_does_not(baked: Path) -> None:
    assert {item["collection"] for item in search_catalog(baked / "bakery", Search(all_versions=True)).items} == {"warmth.sst"}
    assert all(verdict.faults == () for _, verdict in validate_catalog(baked / "bakery"))


def test_it_is_valid_against_all_extensions_that_it_names(baked: Path, shared: Path) -> None:
    for _, verdict in validate_catalog(baked / "bakery", schemas=shared / "stac-schemas"):
        assert (verdict.faults, verdict.unchecked) == ((), ())


def test_it_is_told_of_in_the_words_of_its_feedstock(baked: Path) -> None:
    collection = read_collection(baked)
    assert (collection["title"], collection["description"], collection["keywords"]) == ("Two years of warmth", "Made up", ["sea", "warm"])
    assert collection["license"] == "CC-BY-4.0"
    assert [link["href"] for link in collection["links"] if link["rel"] == "license"] == ["https://example.org/terms"]
    assert [(each["name"], each["roles"]) for each in collection["providers"]] == [
        ("An institute", ["producer", "licensor"]),
        ("local", ["processor", "host"]),
    ]


def test_it_says_where_and_when_the_data_are(baked: Path) -> None:
    (item,) = read_items(baked)
    assert item["bbox"] == [15.0, -5.0, 35.0, 15.0]
    assert (item["properties"]["start_datetime"], item["properties"]["end_datetime"]) == ("2000-01-01T00:00:00Z", "2001-07-01T00:00:00Z")
    assert item["assets"]["data"]["href"] == str(baked / "bakery" / "warmth" / "sst.zarr")


def test_it_names_the_run_and_what_that_ran_with(baked: Path) -> None:
    (item,) = read_items(baked)
    properties = item["properties"]
    assert (baked / "runs" / properties["pangeo_forge:run"]).is_dir()
    assert (properties["pangeo_forge:feedstock"], properties["pangeo_forge:recipe"]) == ("warmth", "sst")
    assert properties["processing:software"]["xarray"] == xr.__version__
    assert "pytest" not in properties["processing:software"]


def test_links_lead_to_the_feedstock_the_recipe_and_all_packages(baked: Path) -> None:
    (item,) = read_items(baked)
    commit = item["properties"]["processing:version"]
    links = {link["rel"]: link["href"] for link in item["links"]}
    assert links["via"] == f"https://github.com/someone/warmth-feedstock/tree/{commit}"
    assert links["processing-expression"] == f"https://github.com/someone/warmth-feedstock/blob/{commit}/recipe.py"
    assert f"xarray=={xr.__version__}\n" in (find_folder(baked) / links["processing-software"]).read_text()


def test_it_lists_the_inputs(baked: Path) -> None:
    (item,) = read_items(baked)
    asset = item["assets"]["inputs"]
    content = (find_folder(baked) / asset["href"]).read_bytes()
    assert asset["file:checksum"] == f"1220{hashlib.sha256(content).hexdigest()}"
    assert asset["file:size"] == len(content)
    rows = pq.read_table(find_folder(baked) / asset["href"]).to_pylist()
    assert [(Path(row["url"]).name, row["keys"]) for row in rows] == [("2000.nc", '{"time": "2000"}'), ("2001.nc", '{"time": "2001"}')]
    assert [row["size"] for row in rows] == [Path(row["url"]).stat().st_size for row in rows]


def test_its_snippet_has_been_executed(baked: Path) -> None:
    health = read_health(open_tree(baked / "bakery"))["warmth.sst"]
    assert (health.item, health.state, health.checked) == (read_items(baked)[-1]["id"], "unknown", None)
    assert health.snippets["data"].worked >= read_items(baked)[-1]["properties"]["created"]
    assert health.chunks["data"] == ("sst/c/0/0/0",)


def test_making_the_catalogue_of_the_whole_target_leaves_it_as_it_is(baked: Path, forge: Forge) -> None:
    before = read_items(baked), read_collection(baked)
    ended = forge("catalog", "create", "local", PANGEO_FORGE_HOME=str(baked))
    assert ended.stdout == "0 described, 1 unchanged, 0 gone\n"
    assert (read_items(baked), read_collection(baked)) == before


def test_a_test_is_not_entered_in_a_catalogue(baked: Path, forge: Forge) -> None:
    tested = json.loads(forge("runs", "list", "--json", PANGEO_FORGE_HOME=str(baked)).stdout)[0]
    ended = forge("recipe", "catalog", tested["id"], PANGEO_FORGE_HOME=str(baked))
    assert ended.returncode == 2
    assert "it is a test" in ended.stderr


def test_corrected_words_are_entered_by_hand(baked: Path, forge: Forge, tmp_path: Path) -> None:
    feedstock = baked.parent / "warmth"
    corrected = tmp_path / "shown"
    was = (feedstock / "meta.yaml").read_text()
    (feedstock / "meta.yaml").write_text(was.replace("Made up", "Corrected"))
    try:
        ended = forge("recipe", "catalog", feedstock, "sst", "--output", corrected, "--json", PANGEO_FORGE_HOME=str(baked))
    finally:
        (feedstock / "meta.yaml").write_text(was)
    done = json.loads(ended.stdout)
    assert done["collection"] == "warmth.sst"
    assert json.loads(Path(done["href"]).read_text())["properties"]["description"] == "Corrected"


def test_baking_again_makes_another_item_of_the_same_collection(forge: Forge, forge_home: Path, tmp_path: Path) -> None:
    feedstock = write_feedstock(tmp_path)
    assert forge("recipe", "run", feedstock).returncode == 0
    first = read_collection(forge_home)
    assert forge("recipe", "run", feedstock, "--overwrite").returncode == 0
    collection, (older, newer) = read_collection(forge_home), read_items(forge_home)
    assert collection["created"] == first["created"]
    assert collection["updated"] == newer["properties"]["created"] > older["properties"]["created"]
    assert [link["href"] for link in newer["links"] if link["rel"] == "predecessor-version"] == [f"./{older['id']}.json"]
    assert [link["href"] for link in collection["links"] if link["rel"] == "latest-version"] == [f"./{newer['id']}.json"]
    ended = forge("recipe", "catalog", older["properties"]["pangeo_forge:run"])
    assert (ended.returncode, newer["properties"]["pangeo_forge:run"] in ended.stderr) == (2, True)


def test_a_dataset_at_a_place_of_its_own_stays_in_the_catalogue(forge: Forge, forge_home: Path, tmp_path: Path) -> None:
    feedstock = write_feedstock(tmp_path)
    assert forge("recipe", "run", feedstock, "--target", tmp_path / "elsewhere.zarr").returncode == 0
    assert forge("catalog", "create", "local").stdout == "0 described, 0 unchanged, 0 gone\n"
    assert [item["assets"]["data"]["href"] for item in read_items(forge_home)] == [str(tmp_path / "elsewhere.zarr")]


def test_a_run_that_is_not_to_be_catalogued_is_not(forge: Forge, forge_home: Path, tmp_path: Path) -> None:
    assert forge("recipe", "run", write_feedstock(tmp_path), "--no-catalog").returncode == 0
    assert not (forge_home / "bakery" / "catalog").exists()


def test_a_run_that_cannot_be_catalogued_succeeds_and_is_entered_later(forge: Forge, forge_home: Path, tmp_path: Path) -> None:
    feedstock, in_the_way = write_feedstock(tmp_path), forge_home / "bakery" / "catalog"
    in_the_way.parent.mkdir(parents=True)
    in_the_way.write_text("this is no folder")
    ended = forge("recipe", "run", feedstock)
    assert ended.returncode == 0
    run = json.loads(forge("runs", "list", "--json").stdout)[0]
    assert run["state"] == "succeeded"
    assert "note: the dataset is not in the catalogue" in ended.stderr
    assert f"`pangeo-forge recipe catalog {run['id']}` tries again" in ended.stderr
    in_the_way.unlink()
    shutil.rmtree(forge_home / "runs" / run["id"] / "checkpoints")  # of no use any more
    assert forge("recipe", "catalog", run["id"]).returncode == 0
    assert len(read_items(forge_home)) == 1


ADD = """
import sys
from dataclasses import replace
from pathlib import Path
from fsspec.implementations.local import LocalFileSystem
from pangeo_forge.catalog.entering.adding import add_entry
from pangeo_forge.catalog.entering.handing import read_finding
from pangeo_forge.catalog.storage.tree import Tree

finding = read_finding(Path(sys.argv[1]))
for number in range(6):
    name = f"{sys.argv[3]}/{number}"
    entry = replace(finding.entry, ways=[replace(finding.entry.ways[0], href=f"/data/{name}.zarr")])
    add_entry(Tree(LocalFileSystem(), sys.argv[2]), entry, name, "", title="T", description="D")
"""


def test_runs_that_end_at_once_lose_none(baked: Path, tmp_path: Path) -> None:
    (run,) = (path.parent for path in baked.glob("runs/*/description.json"))
    processes = [subprocess.Popen([sys.executable, "-c", ADD, run, tmp_path / "catalog", letter]) for letter in "abcd"]
    assert [process.wait() for process in processes] == [0, 0, 0, 0]
    found = {item["collection"] for item in search_catalog(tmp_path / "catalog", Search(), limit=100).items}
    assert found == {f"{letter}.{number}" for letter in "abcd" for number in range(6)}
    links = json.loads((tmp_path / "catalog" / "catalog.json").read_text())["links"]
    assert sum(link["rel"] == "child" for link in links) == 24
