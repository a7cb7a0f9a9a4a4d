"""Make references within the test's process, and the files that they lead to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from pangeo_forge.engines.base import Engine
from pangeo_forge.engines.serial import SerialEngine
from pangeo_forge.plans.plan import PlanContext, Target
from pangeo_forge.recipes import VirtualRecipe
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


def list_references(target: Target) -> set[str]:
    """Name the variables of kerchunk's references, as JSON, all of whose chunks lie in the inputs."""
    refs = json.loads(Path(target.url).read_text())["refs"]
    chunks = {key: value for key, value in refs.items() if "/." not in key and not key.startswith(".")}
    return {key.partition("/")[0] for key in chunks} - {key.partition("/")[0] for key, value in chunks.items() if isinstance(value, str)}


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
