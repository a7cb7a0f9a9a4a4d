"""The survey of real feedstocks tells apart what stops them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

PROJECT = Path(__file__).resolve().parents[1]

pytestmark = pytest.mark.slow

PATTERN = """
from pangeo_forge_recipes.patterns import pattern_from_file_sequence

pattern = pattern_from_file_sequence([f"{PLACE}/{n}.nc" for n in range(2)], "time", nitems_per_file=3)
"""
BEAM = """
import apache_beam as beam
from pangeo_forge_recipes.transforms import OpenURLWithFSSpec, OpenWithXarray, StoreToZarr

opened = beam.Create(pattern.items()) | OpenURLWithFSSpec() | OpenWithXarray()
stored = StoreToZarr(store_name="out.zarr", combine_dims=pattern.combine_dim_keys)
"""

MODULES = {
    "lifted": PATTERN + BEAM + "recipe = opened | stored",
    "classic": PATTERN + "from pangeo_forge_recipes.recipes import XarrayZarrRecipe\nrecipe = XarrayZarrRecipe(pattern)",
    "beam": PATTERN + BEAM + "recipe = opened | beam.GroupByKey() | stored",
    "remote": (PATTERN + BEAM + "recipe = opened | stored").replace("{PLACE}", "https://data.example.org/sst"),
    "listing": "import urllib.request\nrecipe = urllib.request.urlopen('https://archive.example.org/list').read()",
    "swallowed": (
        "import fsspec\ntry:\n    files = fsspec.filesystem('http').ls('http://quiet.example.org/')\n"
        "except Exception:\n    files = []\nrecipe = files[0]"
    ),
    "login": "import os\nrecipe = os.environ['EARTHDATA_TOKEN_OF_NOBODY']",
    "netrc": "import netrc\nuser, _, password = netrc.netrc(NETRC).authenticators('urs.example.org')",
    "missing": "import a_package_that_nobody_has\nrecipe = None",
    "drifted": "import xarray\nrecipe = xarray.what_was_there_once()",
    "drifted_name": "from xarray import what_was_there_once\nrecipe = None",
    "typo": "recipe = patern.items()",
    "nothing_there": "recipes = {}",
    "not_a_recipe": "recipe = 42",
    "unanswered": "from pangeo_forge_recipes.transforms import SomethingThatNeverWas\nrecipe = None",
    "not_python": "recipe = (",
    "endless": "while True:\n    pass",
    "leaves": "import os\nos._exit(3)",
    "dictionary": PATTERN + BEAM + "recipe = {n: opened | stored for n in range(5)}",
}

EXPECTED = {
    "lifted": (True, None),
    "classic": (True, None),
    "beam": (True, None),
    "remote": (True, None),
    "dictionary": (True, None),
    "listing": (False, "network"),
    "swallowed": (False, "network"),
    "login": (False, "credentials"),
    "netrc": (False, "credentials"),
    "missing": (False, "missing package"),
    "drifted": (False, "drift of the stack"),
    "drifted_name": (False, "drift of the stack"),
    "typo": (False, "author's fault"),
    "nothing_there": (False, "author's fault"),
    "not_a_recipe": (False, "author's fault"),
    "unanswered": (False, "our fault"),
    "not_python": (False, "not python"),
    "endless": (False, "time limit"),
    "leaves": (False, "author's fault"),
    "not_yaml": (False, "meta.yaml"),
    "no_recipes": (False, "no recipes"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a feedstock of each kind, with files for those that get so far."""
    files = tmp_path_factory.mktemp("files")
    for number in range(2):
        xr.Dataset({"sst": ("time", np.arange(3.0))}, {"time": 3 * number + np.arange(3)}).to_netcdf(files / f"{number}.nc")
    (files / "netrc").write_text("machine other.example.org login a password b\n")
    (files / "netrc").chmod(0o600)
    folder = tmp_path_factory.mktemp("feedstocks")
    metas = dict.fromkeys(MODULES, "recipes:\n  - id: one\n    object: recipe:recipe\n")
    metas |= {"dictionary": "recipes:\n  - dict_object: recipe:recipe\n", "not_yaml": "recipes: [", "no_recipes": "title: a catalogue\n"}
    for name, meta in metas.items():
        place = folder / f"{name}-feedstock" / ("feedstock" if name != "lifted" else "")
        place.mkdir(parents=True)
        (place / "meta.yaml").write_text(meta)
        text = MODULES.get(name, "").replace("{PLACE}", str(files)).replace("NETRC", repr(str(files / "netrc")))
        (place / "recipe.py").write_text(text + "\n")
    return folder


def run(folder: Path, *options: str) -> str:
    command = [sys.executable, PROJECT / "tools" / "survey.py", folder, "--jobs", "2", *options]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def found(folder) -> dict:
    # So long that a busy machine imports what an honest module asks for.
    return json.loads(run(folder, "--json", "--limit", "40"))


@pytest.fixture(scope="module")
def by_name(found) -> dict:
    return {one["feedstock"].removesuffix("-feedstock"): one for one in found["feedstocks"]}


@pytest.mark.parametrize("name", list(EXPECTED))
def test_what_stops_a_feedstock_is_told_apart(by_name, name):
    one = by_name[name]
    assert (one["loaded"], one["category"]) == EXPECTED[name], one


def test_a_recipe_whose_files_are_here_is_planned(by_name):
    assert [by_name[name]["recipes"][0]["planned"] for name in ("lifted", "classic")] == [True, True]


def test_a_recipe_whose_files_are_elsewhere_needs_the_network(by_name):
    recipe = by_name["remote"]["recipes"][0]
    assert (recipe["lifted"], recipe["planned"], recipe["category"]) == (True, False, "network")
    assert "data.example.org" in by_name["remote"]["asked"]


def test_a_pipeline_that_is_left_to_beam_says_why(by_name):
    recipe = by_name["beam"]["recipes"][0]
    assert (recipe["lifted"], recipe["category"]) == (False, "left to Beam")
    assert "GroupByKey" in recipe["reason"]


def test_the_host_that_a_module_asks_for_is_named(by_name):
    assert by_name["listing"]["asked"] == ["archive.example.org"]
    assert "archive.example.org" in by_name["listing"]["reason"]


def test_of_a_dictionary_a_few_recipes_are_planned_and_all_listed(by_name):
    recipes = by_name["dictionary"]["recipes"]
    assert [recipe["planned"] for recipe in recipes] == [True, True, True, None, None]


def test_the_summary_counts_each_reason(found):
    summary = found["summary"]
    assert (summary["feedstocks"], summary["feedstocks loaded"], summary["recipes planned"]) == (21, 5, 5)
    assert summary["feedstocks not loaded: author's fault"] == 4
    assert summary["recipes not planned: left to Beam"] == 1


def test_the_table_has_a_line_for_each_feedstock_and_the_summary(folder, tmp_path):
    few = tmp_path / "few"
    few.mkdir()
    for name in ("lifted-feedstock", "missing-feedstock"):
        (few / name).symlink_to(folder / name)
    lines = run(few).splitlines()
    assert lines[0].split() == ["FEEDSTOCK", "LOADED", "LIFTED", "PLANNED", "STOPPED", "BY", "REASON"]
    assert lines[1].split() == ["lifted-feedstock", "yes", "1/1", "1/1"]
    assert lines[2].split()[:5] == ["missing-feedstock", "no", "-", "-", "missing"]
    assert "a_package_that_nobody_has" in lines[2]
    assert "    2  feedstocks" in lines
