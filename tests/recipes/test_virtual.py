"""References: what is opened through them equals what the files hold, and what cannot be said by references is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from pangeo_forge.engines.base import Engine
from pangeo_forge.engines.serial import SerialEngine
from pangeo_forge.plans.plan import PlanContext, Target
from pangeo_forge.recipes import VirtualRecipe, pattern_from_file_sequence
from pangeo_forge.worker.checkpoints import Checkpoints
from pangeo_forge.worker.running import run_plan

FORMATS = ("icechunk", "kerchunk-json", "kerchunk-parquet")
PACKED = {"dtype": "i2", "scale_factor": 0.01, "add_offset": 10.0, "_FillValue": -999}


def bake(recipe: VirtualRecipe, folder: Path, engine: Engine | None = None) -> tuple[xr.Dataset, dict[str, Any]]:
    """Make the references in a folder, and return the dataset, opened lazily, and the results of the stages."""
    target = Target(str(folder / f"out{recipe.product.suffix}"))
    plan = recipe.plan(PlanContext(target, Target(str(folder / "scratch"))))
    results = run_plan(plan, engine or SerialEngine(), Checkpoints(folder / "run"), lambda event: None)
    return plan.product.open(target), results


def make_files(folder: Path, count: int = 3, steps: int = 4, **encoding: Any) -> list[str]:
    """Make files that follow one another along time, whose units differ from file to file."""
    urls = []
    for number in range(count):
        random = np.random.default_rng(number)
        values = random.normal(15, 2, (steps, 6, 8)).astype("f4")
        values[0, 0, :3] = np.nan
        dataset = xr.Dataset(
            {"sst": (("time", "lat", "lon"), values, {"units": "degC"}), "mask": (("lat", "lon"), np.arange(48, dtype="i2").reshape(6, 8))},
            {
                "time": ("time", np.arange(steps), {"units": f"days since 2000-01-{1 + number * steps:02}"}),
                "lat": ("lat", np.linspace(-50, 50, 6)),
                "lon": ("lon", np.arange(8.0)),
                "station": ("lat", np.array(list("abcdef"), dtype=object)),
            },
            {"title": "made up", "number": number},
        )
        path = folder / f"{number:02}.nc"
        chunking = {"chunksizes": (1, 6, 8), "zlib": True, "shuffle": True, "_FillValue": np.float32(-9e9)}
        dataset.to_netcdf(path, engine="h5netcdf", encoding={"sst": {**chunking, **encoding}})
        urls.append(str(path))
    return urls


def combined(urls: list[str]) -> xr.Dataset:
    """Combine files as xarray does."""
    datasets = [xr.open_dataset(url).load() for url in urls]
    return xr.concat(datasets, "time", data_vars="minimal", coords="minimal", compat="equals", join="exact", combine_attrs="drop_conflicts")


@pytest.mark.parametrize("form", FORMATS)
def test_references_give_the_values_of_the_files(tmp_path: Path, form: Any) -> None:
    urls = make_files(tmp_path)
    dataset, results = bake(VirtualRecipe(pattern_from_file_sequence(urls, "time"), format=form), tmp_path)
    xr.testing.assert_identical(dataset.load(), combined(urls))
    assert not results["check"].wrong
    assert results["check"].values > 0


@pytest.mark.parametrize("form", FORMATS)
def test_packed_values_are_unpacked_as_those_of_the_files_are(tmp_path: Path, form: Any) -> None:
    urls = make_files(tmp_path, **PACKED)
    dataset, _ = bake(VirtualRecipe(pattern_from_file_sequence(urls, "time"), format=form), tmp_path)
    xr.testing.assert_identical(dataset.load(), combined(urls))
