"""Recipes of the older APIs, from the command line: listed, tested and run as they are."""

from __future__ import annotations

import json
import re

import pytest
import xarray as xr

from peer.archive import write_archive
from peer.recipes import FOUR, HEAD, OPEN, STORE

CLASSIC = """
import os

from pangeo_forge_recipes.patterns import ConcatDim, FilePattern
from pangeo_forge_recipes.recipes import XarrayZarrRecipe

ARCHIVE = os.environ["ARCHIVE"]
pattern = FilePattern(lambda time: f"{ARCHIVE}/four_{time}.nc", ConcatDim("time", range(3), nitems_per_file=4))
recipe = XarrayZarrRecipe(pattern, inputs_per_chunk=1)
recipes = {f"part-{part}": recipe for part in ("one", "two")}
"""

BEAM = f"{HEAD}{FOUR}recipe = {OPEN} | {STORE}) | ConsolidateMetadata()\ncounted = {OPEN} | beam.combiners.Count.Globally()\n"

META = """\
title: Both dialects
recipes:
  - id: classic
    object: "classic:recipe"
  - dict_object: "classic:recipes"
  - id: beam
    object: "pipelines:recipe"
  - id: counted
    object: "pipelines:counted"
"""


@pytest.fixture
def older(tmp_path, monkeypatch):
    monkeypatch.setenv("ARCHIVE", str(write_archive(tmp_path / "archive")))
    folder = tmp_path / "older"
    folder.mkdir()
    for name, text in {"meta.yaml": META, "classic.py": CLASSIC, "pipelines.py": BEAM}.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def forge_here(forge, monkeypatch):
    import os

    return lambda *arguments: forge(*arguments, ARCHIVE=os.environ["ARCHIVE"])


def test_a_listing_says_which_way_each_goes_and_why(forge_here, older):
    ended = forge_here("recipe", "list", older)
    assert ended.returncode == 0, ended.stderr
    lines = [re.sub(r" {2,}", "|", line) for line in ended.stdout.splitlines()]
    assert "classic|class API|XarrayZarrRecipe|3|about 1.9 kB" in lines
    assert "beam|Beam API|pipeline, lifted|3|about 1.9 kB" in lines
    assert "counted|Beam API|pipeline, by Beam|0|unknown" in lines
    assert "'pipelines:counted' has no plan, and is run by Apache Beam: apache_beam.combiners.Count.Globally is not among" in ended.stdout


@pytest.mark.parametrize("recipe", ["classic", "beam"])
def test_they_are_tested_and_run(forge_here, older, tmp_path, recipe):
    ended = forge_here("recipe", "test", older, recipe, "--no-lint")
    assert ended.returncode == 0, ended.stderr
    ended = forge_here("recipe", "run", older, recipe, "--target", tmp_path / "out.zarr", "--json", "--no-lint")
    assert ended.returncode == 0, ended.stderr
    with xr.open_zarr(tmp_path / "out.zarr", chunks=None) as opened:
        assert opened.sizes["time"] == 12


def test_ids_may_be_patterns(forge_here, older):
    ended = forge_here("recipe", "run", older, "part-*", "--json", "--no-lint")
    assert ended.returncode == 0, ended.stderr
    assert [outcome["recipe_id"] for outcome in json.loads(ended.stdout)] == ["part-one", "part-two"]


def test_a_pattern_that_fits_nothing_is_told(forge_here, older):
    ended = forge_here("recipe", "run", older, "cmip6-*", "--no-lint")
    assert ended.returncode == 2
    assert "none of the 5 recipes of the feedstock 'older' fits 'cmip6-*': classic, part-one, part-two, beam, counted" in ended.stderr


def test_a_module_that_never_ends_is_cut_off(forge_here, older):
    (older / "classic.py").write_text(f"{CLASSIC}\nwhile True:\n    pass\n")
    ended = forge_here("recipe", "plan", older, "classic", "--load-timeout", "1")
    assert ended.returncode == 1
    assert "module 'classic' takes longer than 1 s to be imported [PFR041]" in ended.stderr
    assert f"{older}/classic.py:1" in ended.stderr


def test_a_module_that_ends_the_program_is_told(forge_here, older):
    (older / "classic.py").write_text(f"{CLASSIC}\nimport sys\n\nprint('on the way')\nsys.exit(3)\n")
    ended = forge_here("recipe", "plan", older, "classic")
    assert ended.returncode == 1
    assert "module 'classic' fails when it is imported: SystemExit: 3 [PFR041]" in ended.stderr


@pytest.mark.parametrize(
    ("module", "text", "first"),
    [
        ("classic.py", CLASSIC.replace("inputs_per_chunk=1", "process_input=lambda ds, name: ds['no such variable']"), "in <lambda>"),
        ("pipelines.py", BEAM.replace(" | StoreToZarr", " | beam.Map(lambda item: item.no_such) | StoreToZarr", 1), "in <lambda>"),
        ("classic.py", CLASSIC + "def fail():\n    raise ValueError('mine')\n\n\nfail()\n", "in <module>"),
    ],
)
def test_a_traceback_begins_in_the_recipe(forge_here, older, module, text, first):
    (older / module).write_text(text)
    ended = forge_here("recipe", "test", older, "classic" if module == "classic.py" else "beam", "--no-lint", "--verbose")
    assert ended.returncode == 1
    traceback = ended.stderr[ended.stderr.rindex("Traceback (most recent call last):") :]
    frames = [line for line in traceback.splitlines() if line.startswith('  File "')]
    assert frames[0].startswith(f'  File "{older / module}", line ')
    assert frames[0].endswith(first)
    assert not any("/pangeo_forge/" in line for line in frames)
