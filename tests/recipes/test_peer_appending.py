"""Beam recipes that append give the dataset that their authors' own tools give: both append by the same unchanged modules."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import xarray as xr

from baking import bake
from pangeo_forge.recipes.loading import load_recipe
from peer.archive import write_archive
from peer.recipes import HEAD, OPEN, STORE

PROJECT = Path(__file__).resolve().parents[2]
REQUIREMENTS = PROJECT / "benchmarks" / "beam" / "feedstock" / "requirements.txt"

pytestmark = pytest.mark.slow

#: The peer looks for the store when a module is loaded, so that its root stands in it; it writes whole chunks only.
APPEND = f"{STORE}, append_dim='time', target_root=os.environ.get('ROOT', ''))"

#: What is baked first, and what is then appended.
SHAPES = {
    "a step in each file": (
        f'pattern = FilePattern(lambda time: f"{{ARCHIVE}}/one_{{time}}.nc", ConcatDim("time", range(3)))\nrecipe = {OPEN} | {STORE})',
        f'pattern = FilePattern(lambda time: f"{{ARCHIVE}}/one_{{time}}.nc", ConcatDim("time", range(3, 6)))\nrecipe = {OPEN} | {APPEND}',
    ),
    "several steps in a file": (
        'pattern = pattern_from_file_sequence([f"{ARCHIVE}/four_0.nc"], "time")\n'
        f"recipe = {OPEN} | {STORE}, target_chunks={{'time': 2}})",
        'pattern = pattern_from_file_sequence([f"{ARCHIVE}/four_1.nc", f"{ARCHIVE}/four_2.nc"], "time")\n'
        f"recipe = {OPEN} | {APPEND[:-1]}, target_chunks={{'time': 2}})",
    ),
    "files of several variables": (
        'pattern = FilePattern(lambda time, variable: f"{ARCHIVE}/{variable}_{time}.nc", '
        f'ConcatDim("time", range(1)), MergeDim("variable", ["tas", "pr"]))\nrecipe = {OPEN} | {STORE})',
        'pattern = FilePattern(lambda time, variable: f"{ARCHIVE}/{variable}_{time}.nc", '
        f'ConcatDim("time", range(1, 3)), MergeDim("variable", ["tas", "pr"]))\nrecipe = {OPEN} | {APPEND}',
    ),
}


@pytest.fixture(scope="session")
def peer_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the environment in which pangeo-forge-recipes runs."""
    folder = tmp_path_factory.mktemp("peer") / "environment"
    uv = [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "venv", "--quiet", "--python", "3.11", folder], check=True)
    subprocess.run([*uv, "pip", "install", "--quiet", "--python", folder, "-r", REQUIREMENTS], check=True)
    return folder / "bin" / "python"


@pytest.mark.parametrize("shape", list(SHAPES))
def test_a_lifted_pipeline_appends_what_the_peer_appends(shape, peer_python, tmp_path, monkeypatch):
    monkeypatch.setenv("ARCHIVE", str(write_archive(tmp_path / "archive")))
    monkeypatch.setattr(sys, "path", list(sys.path))
    for step, text in zip(("first", "then"), SHAPES[shape], strict=True):
        module = tmp_path / step / "recipe.py"
        module.parent.mkdir()
        module.write_text(f"{HEAD}{text}\n")
        monkeypatch.setenv("ROOT", str(tmp_path / "peer"))
        baking = [peer_python, PROJECT / "tests" / "peer" / "bake.py", module, "recipe", tmp_path / "peer"]
        ended = subprocess.run(baking, capture_output=True, text=True)
        assert ended.returncode == 0, ended.stderr[-3000:]
        monkeypatch.delitem(sys.modules, "recipe", raising=False)
        _, recipe = load_recipe(module.parent, [("recipe", "recipe:recipe")], "recipe")
        ours, _, _ = bake(recipe, tmp_path / "ours", checkpoints=step)
    with xr.open_zarr(tmp_path / "peer" / "out.zarr", chunks=None, consolidated=False) as opened:
        theirs = opened.load()
    xr.testing.assert_identical(ours, theirs)
    chunks = {name: variable.encoding.get("chunks") for name, variable in theirs.variables.items() if name not in theirs.indexes}
    assert {name: ours[name].encoding.get("chunks") for name in chunks} == chunks
