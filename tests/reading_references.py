"""What the tests of references share: made-up files, recipe modules that are loaded as a feedstock's are, and bakes of them."""

from __future__ import annotations

import itertools
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from pangeo_forge.engines.base import Engine
from pangeo_forge.engines.serial import SerialEngine
from pangeo_forge.plans.plan import PlanContext, Target
from pangeo_forge.recipes.loading import load_recipe
from pangeo_forge.worker.checkpoints import Checkpoints
from pangeo_forge.worker.running import run_plan

_NUMBERS = itertools.count()


def load_text(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Load the object `recipe` of a module of this text."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    name = f"references_{next(_NUMBERS)}"
    (folder / f"{name}.py").write_text(textwrap.dedent(text))
    return load_recipe(folder, [("recipe", f"{name}:recipe")], "recipe")[1]


def bake_references(recipe: Any, folder: Path, engine: Engine | None = None, **options: Any) -> tuple[xr.Dataset, dict[str, Any]]:
    """Bake references into a folder, and return the dataset, opened as the run says and loaded, with the stages' results."""
    plan = recipe.plan(PlanContext(Target(str(folder / "references")), Target(str(folder / "intermediate.zarr"))))
    target = Target(str(folder / f"out{plan.product.suffix}"))
    plan = recipe.plan(PlanContext(target, Target(str(folder / "intermediate.zarr")), **options))
    results = run_plan(plan, engine or SerialEngine(), Checkpoints(folder / "run"), lambda event: None)
    with plan.product.open(target) as dataset:
        assert all(variable.chunks is None for variable in dataset.variables.values())
        return dataset.load(), results


def write_files(folder: Path, count: int, make: Callable[[int], xr.Dataset], **options: Any) -> list[str]:
    """Write numbered files, and give their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [str(folder / f"file_{number}.nc") for number in range(count)]
    for number, path in enumerate(paths):
        make(number).to_netcdf(path, **options)
    return paths


def make_days(number: int, steps: int = 4, since: str = "2000-01-01") -> xr.Dataset:
    """Make days of a field, counted from one day in all files."""
    rng = np.random.default_rng(number)
    time = xr.Variable("time", np.arange(number * steps, (number + 1) * steps), {"units": f"days since {since}", "calendar": "standard"})
    return xr.Dataset(
        {"sst": (("time", "lat", "lon"), rng.normal(15, 4, (steps, 3, 5)).astype("f4"), {"units": "degC"})},
        {"time": time, "lat": [-30.0, 0.0, 30.0], "lon": np.arange(5.0)},
        {"title": "made up"},
    )
