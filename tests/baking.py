"""Bake a recipe within the test's process, as the worker does in its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import xarray as xr

from pangeo_forge.engines.base import Engine
from pangeo_forge.engines.serial import SerialEngine
from pangeo_forge.plans.plan import Plan, PlanContext, Recipe, Target
from pangeo_forge.worker.checkpoints import Checkpoints
from pangeo_forge.worker.events import Event
from pangeo_forge.worker.running import run_plan


def make_plan(recipe: Recipe, folder: Path, **options: Any) -> Plan:
    """Plan a bake into ``out.zarr`` in a folder."""
    return recipe.plan(PlanContext(Target(str(folder / "out.zarr")), Target(str(folder / "intermediate.zarr")), **options))


def bake(
    recipe: Recipe, folder: Path, engine: Engine | None = None, checkpoints: str = "run", **options: Any
) -> tuple[xr.Dataset, list[Event], dict[str, Any]]:
    """Bake into ``out.zarr`` in a folder, and return the dataset, loaded, with the events and the stages' results."""
    events: list[Event] = []
    results = run_plan(make_plan(recipe, folder, **options), engine or SerialEngine(), Checkpoints(folder / checkpoints), events.append)
    with xr.open_zarr(folder / "out.zarr", chunks=None) as dataset:
        return dataset.load(), events, results
