"""Measure when a bake starts its first task, with an environment and without: ``python environments.py [--rounds 9]``

Three feedstocks that differ in what they require are baked in turn: nothing, what is there already, and what must be installed. Of the
last the first bake builds the environment; measured are those after it. What is required is fetched from where uv is told to find packages.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

import numpy as np
import xarray as xr

RECIPE = """
from pangeo_forge.recipes import ZarrRecipe, pattern_from_file_sequence

recipe = ZarrRecipe(pattern_from_file_sequence([r"{folder}/a.nc", r"{folder}/b.nc"], "time"))
"""
META = 'title: Small\nrecipes:\n  - id: small\n    object: "recipe:recipe"\n'


def main() -> None:
    """Bake each feedstock a number of times, in turn, and print the medians and their ratios to the first's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--requirement", default="rioxarray")
    options = parser.parse_args()
    requirements = {"nothing": "", "what is there": "numpy>=2\nxarray\n", "what is installed": f"{options.requirement}\n"}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_archive(folder)
        sources = {what: write_feedstock(folder, what, text) for what, text in requirements.items()}
        for what, source in sources.items():
            print(f"first bake that requires {what}: first task after {bake(source, folder / 'home'):.2f} s")
        print(
            "to build and remove it again and again:", " ".join(f"{rebuild(sources['what is installed'], folder):.2f} s" for _ in range(3))
        )
        bake(sources["what is installed"], folder / "home")
        times: dict[str, list[float]] = {what: [] for what in sources}
        for _ in range(options.rounds):
            for what, source in sources.items():
                times[what].append(bake(source, folder / "home"))
    base = statistics.median(times["nothing"])
    print(f"first task after, median of {options.rounds}, with the smallest and the largest, and as ratio")
    for what, seconds in times.items():
        median = statistics.median(seconds)
        print(f"{what:20} {median:.2f} s  ({min(seconds):.2f} to {max(seconds):.2f})  {median / base:.2f}")


def write_archive(folder: Path) -> None:
    """Write two small files."""
    for number, name in enumerate("ab"):
        dataset = xr.Dataset({"sst": ("time", np.arange(3.0))}, {"time": 3 * number + np.arange(3)})
        dataset.to_netcdf(folder / f"{name}.nc")


def write_feedstock(folder: Path, name: str, requirements: str) -> Path:
    """Write a feedstock that bakes them."""
    source = folder / name.replace(" ", "-")
    source.mkdir()
    (source / "meta.yaml").write_text(META)
    (source / "recipe.py").write_text(RECIPE.format(folder=folder))
    if requirements:
        (source / "requirements.txt").write_text(requirements)
    return source


def bake(source: Path, home: Path) -> float:
    """Bake, and give the time from the command's start to that of its first task, seconds."""
    shutil.rmtree(home / "runs", ignore_errors=True)
    began = time.time()
    run("recipe", "run", "--no-lint", "--overwrite", str(source), home=home)
    (journal,) = home.glob("runs/*/journal.jsonl")
    events = map(json.loads, journal.read_text().splitlines())
    return next(event["time"] for event in events if event["event"] == "stage_started") - began


def rebuild(source: Path, folder: Path) -> float:
    """Remove the environment, and give how long it takes to build it again from what uv has fetched, seconds."""
    run("env", "prune", "--all", home=folder / "home")
    began = time.perf_counter()
    run("env", "create", str(source), home=folder / "home")
    return time.perf_counter() - began


def run(*arguments: str, home: Path) -> None:
    """Run the command, which must succeed."""
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, Path(sysconfig.get_path("scripts")) / "pangeo-forge", *arguments]
    ended = subprocess.run(command, env=environ | {"PANGEO_FORGE_HOME": str(home)}, capture_output=True, text=True)
    if ended.returncode != 0:
        raise SystemExit(ended.stderr)


if __name__ == "__main__":
    main()
