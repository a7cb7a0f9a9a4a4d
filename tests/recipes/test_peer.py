"""Beam recipes give the dataset that their authors' own tools give: both bake the same unchanged module."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import xarray as xr

from baking import bake
from pangeo_forge.recipes.loading import load_recipe
from peer.recipes import HEAD, RECIPES

PROJECT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", list(RECIPES))
def test_a_lifted_pipeline_gives_the_peers_dataset(name, peer_python, peer_archive, tmp_path, monkeypatch):
    monkeypatch.setenv("ARCHIVE", str(peer_archive))
    module = tmp_path / "feedstock" / "recipe.py"
    module.parent.mkdir()
    module.write_text(HEAD + RECIPES[name] + "\n")
    baking = [peer_python, PROJECT / "tests" / "peer" / "bake.py", module, "recipe", tmp_path / "peer"]
    ended = subprocess.run(baking, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr[-3000:]
    monkeypatch.delitem(sys.modules, "recipe", raising=False)
    monkeypatch.setattr(sys, "path", list(sys.path))
    _, recipe = load_recipe(module.parent, [("recipe", "recipe:recipe")], "recipe")
    ours, _, _ = bake(recipe, tmp_path / "ours")
    with xr.open_zarr(tmp_path / "peer" / "out.zarr", chunks=None, consolidated=False) as opened:
        theirs = opened.load()
    xr.testing.assert_identical(ours, theirs)
    chunks = {name: variable.encoding.get("chunks") for name, variable in theirs.variables.items() if name not in theirs.indexes}
    assert {name: ours[name].encoding.get("chunks") for name in chunks} == chunks
