"""Beam recipes that write references give the dataset that their authors' own tools give: both bake the same unchanged module."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import xarray as xr

from peer.gribs import write_grib
from peer.reference_recipes import DAYS, HEAD, OPEN, RECIPES, WRITE
from reading_references import bake_references, load_text, make_days

PROJECT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def archive(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    compression = {"sst": {"zlib": True, "shuffle": True, "chunksizes": (2, 3, 5)}}
    for number in range(3):
        days = make_days(number)
        ice = (days.sst > 15).astype("i1").assign_attrs(units="1").rename("ice")
        days.assign(ice=ice).to_netcdf(folder / f"days_{number}.nc")
        days.to_netcdf(folder / f"sst_{number}.nc")
        ice.to_dataset().to_netcdf(folder / f"ice_{number}.nc")
        days.to_netcdf(folder / f"compressed_{number}.nc", encoding=compression)
        days.to_netcdf(folder / f"classic_{number}.nc", format="NETCDF3_CLASSIC")
        write_grib(folder / f"day_{number}.grib2", number)
    return folder


@pytest.fixture
def bake_both(peer_python, archive, tmp_path, monkeypatch):
    """Bake a recipe by the peer and by ours, and return both datasets."""
    monkeypatch.setenv("ARCHIVE", str(archive))

    def bake(text: str) -> tuple[xr.Dataset, xr.Dataset]:
        module = tmp_path / "recipe.py"
        module.write_text(HEAD + text + "\n")
        baking = [peer_python, PROJECT / "tests" / "peer" / "bake.py", module, "recipe", tmp_path / "peer"]
        ended = subprocess.run(baking, capture_output=True, text=True)
        assert ended.returncode == 0, ended.stderr[-3000:]
        ours, results = bake_references(load_text(tmp_path, HEAD + text, monkeypatch), tmp_path)
        assert (results["check"].wrong, results["check"].values > 0) == ((), True)
        with xr.open_dataset(str(tmp_path / "peer" / "out" / "reference.json"), engine="kerchunk") as opened:
            return ours, opened.load()

    return bake


@pytest.mark.parametrize("name", list(RECIPES))
def test_a_lifted_pipeline_gives_the_peers_dataset(name, bake_both):
    ours, theirs = bake_both(RECIPES[name])
    xr.testing.assert_identical(ours, theirs)


def test_parquet_holds_what_the_peers_json_holds(bake_both, archive, tmp_path, monkeypatch):
    # Not what the peer's own Parquet holds, in which the values that JSON keeps are missing.
    _, theirs = bake_both(f"{DAYS}recipe = {OPEN} | {WRITE})")
    recipe = load_text(tmp_path, HEAD + f"{DAYS}recipe = {OPEN} | {WRITE}, output_file_name='reference.parquet')", monkeypatch)
    ours, _ = bake_references(recipe, tmp_path / "parquet")
    assert (tmp_path / "parquet" / "out.parquet" / ".zmetadata").is_file()
    xr.testing.assert_identical(ours, theirs)
