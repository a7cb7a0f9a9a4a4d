"""Measure the linter: ``python lint.py [--feedstocks 1000] [--rounds 5]``

``many`` lints that many made-up feedstocks of the three dialects, each with a recipe module of the length that real ones have;
``floor`` reads the same files, parses the YAML with the same library and the modules with Python's parser, and does nothing else, in
one process. Both are whole processes. ``one`` is a single feedstock, as an editor or a hook would lint it. The hostile files are each
linted alone.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import sysconfig
from pathlib import Path

from measure import Usage, measure

HERE = Path(__file__).resolve().parent
WORK = HERE.parent / "build" / "bench" / "lint"
FORGE = str(Path(sysconfig.get_path("scripts")) / "pangeo-forge")

META = """\
title: Sea surface temperature, part {number}
description: >-
  Daily sea surface temperature on a quarter of a degree, analysed from satellites, ships and buoys, and made into one dataset.
pangeo_forge_version: "0.9.4"
recipes:
  - id: sst-{number}
    object: "recipe:recipe"
  - id: sst-{number}-anomaly
    object: "recipe:anomaly"
provenance:
  providers:
    - name: Institute {number}
      description: An institute that measures the temperature of the sea
      roles:
        - producer
        - licensor
      url: https://www.example.org/{number}
  license: CC-BY-4.0
maintainers:
  - name: Ada Lovelace
    orcid: "0000-0002-1825-0097"
    github: ada
bakery:
  id: local
"""

HEAD = '''\
"""Daily sea surface temperature, part {number}, a file a day."""

import datetime

import pandas as pd
import xarray as xr

'''

BODY = '''

YEARS = range(1981, 2023)
VARIABLES = ["sst", "anom", "err", "ice"]
BASE = "https://www.example.org/data/{number}"


def make_dates(first, last):
    """List the days from the first to the last, without leap days."""
    days = []
    day = first
    while day <= last:
        if (day.month, day.day) != (2, 29):
            days.append(day)
        day = day + datetime.timedelta(days=1)
    return days


dates = make_dates(datetime.date(1981, 9, 1), datetime.date(2022, 12, 31))
times = pd.to_datetime([str(day) for day in dates])


def make_url(time):
    """Write the address of one day's file."""
    month = f"{{time.year}}{{time.month:02d}}"
    return f"{{BASE}}/{{month}}/oisst-avhrr-v02r01.{{month}}{{time.day:02d}}.nc"


def shape(ds):
    """Give the dataset the names and units that the others have."""
    renamed = ds.rename({{"lat": "latitude", "lon": "longitude"}})
    for name in VARIABLES:
        if name in renamed:
            renamed[name].attrs["history"] = f"from {{BASE}}"
    if "zlev" in renamed.dims:
        renamed = renamed.isel(zlev=0, drop=True)
    renamed = renamed.assign_coords(longitude=(renamed.longitude + 180) % 360 - 180)
    return xr.decode_cf(renamed.sortby("longitude"))


def check(store):
    """Open what was written."""
    opened = xr.open_dataset(store, engine="zarr", chunks={{}})
    assert opened.title != ""
    assert set(VARIABLES) & set(opened.data_vars)
    return store

'''

TAILS = {
    "class": (
        "from pangeo_forge_recipes.patterns import ConcatDim, FilePattern\nfrom pangeo_forge_recipes.recipes import XarrayZarrRecipe\n",
        """
pattern = FilePattern(make_url, ConcatDim("time", times, nitems_per_file=1))
recipe = XarrayZarrRecipe(pattern, inputs_per_chunk=20, process_input=lambda ds, name: shape(ds), cache_inputs=True)
anomaly = XarrayZarrRecipe(pattern, inputs_per_chunk=20, target_chunks={"time": 20})
""",
        "pangeo-forge-recipes==0.9.4\npandas==1.5.3\nxarray==2023.1.0\naiohttp==3.8.4\n",
    ),
    "beam": (
        "import apache_beam as beam\n"
        "from pangeo_forge_recipes.patterns import ConcatDim, FilePattern\n"
        "from pangeo_forge_recipes.transforms import OpenURLWithFSSpec, OpenWithXarray, StoreToZarr\n",
        """
pattern = FilePattern(make_url, ConcatDim("time", times, nitems_per_file=1))


class Shape(beam.PTransform):
    def expand(self, pcoll):
        return pcoll | beam.MapTuple(lambda key, ds: (key, shape(ds)))


def bake(name, chunks):
    return (
        beam.Create(pattern.items())
        | OpenURLWithFSSpec(max_concurrency=10)
        | OpenWithXarray(file_type=pattern.file_type)
        | Shape()
        | StoreToZarr(store_name=name, combine_dims=pattern.combine_dim_keys, target_chunks=chunks)
        | beam.Map(check)
    )


recipe = bake("sst.zarr", {"time": 20})
anomaly = bake("anomaly.zarr", {"time": 40})
""",
        "pangeo-forge-recipes==0.10.8\napache-beam==2.60.0\npandas==2.2.3\nxarray==2024.10.0\naiohttp==3.10.0\n",
    ),
    "native": (
        "from pangeo_forge.recipes import ConcatDim, FilePattern, ZarrRecipe\n",
        """
pattern = FilePattern(make_url, ConcatDim("time", times))
recipe = ZarrRecipe(pattern, preprocess=shape, target_chunks={"time": 20})
anomaly = ZarrRecipe(pattern, preprocess=shape, target_chunks={"time": 40})
""",
        "pangeo-forge==0.1.0\npandas==2.2.3\nxarray==2026.4.0\naiohttp==3.13.0\n",
    ),
}

#: What takes longest of what strangers may send.
HOSTILE = {
    "100 MB of YAML": ("meta.yaml", "- a\n" * 25_000_000),
    "500 kB of keys": ("meta.yaml", "".join(f"k{number}: 1\n" for number in range(45_000))),
    "15,000 recipes": ("meta.yaml", "recipes:\n" + '- {id: a, object: "recipe:x"}\n' * 15_000),
    "deep YAML": ("meta.yaml", "[" * 400_000),
    "49,000 names": ("recipe.py", "a\n" * 49_000),
    "24,000 transforms": ("recipe.py", "recipe = a" + " | a" * 24_000),
    "400 kB of requirements": ("requirements.txt", "numpy==1\n" * 45_000),
}

FLOOR = """
import ast, sys
from pathlib import Path
from ruamel.yaml import YAML

for folder in sorted(Path(sys.argv[1]).iterdir()):
    YAML(typ="safe", pure=True).load((folder / "meta.yaml").read_bytes())
    ast.parse((folder / "recipe.py").read_bytes())
    (folder / "requirements.txt").read_bytes()
"""


def write_feedstocks(root: Path, count: int) -> Path:
    """Write feedstocks, of the dialects in turn, into ``recipes/``."""
    for number in range(count):
        imports, tail, requirements = list(TAILS.values())[number % len(TAILS)]
        folder = root / "recipes" / f"sst-{number}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "meta.yaml").write_text(META.format(number=number))
        (folder / "recipe.py").write_text(HEAD.format(number=number) + imports + BODY.format(number=number) + tail)
        (folder / "requirements.txt").write_text(requirements)
    return root


def main() -> None:
    """Measure, in turn, and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feedstocks", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    wanted = parser.parse_args()
    many = write_feedstocks(WORK / f"many-{wanted.feedstocks}", wanted.feedstocks)
    one = write_feedstocks(WORK / "one", 1)
    commands = {
        "many": [FORGE, "recipe", "lint", str(many), "--statistics"],
        "floor": [sys.executable, "-c", FLOOR, str(many / "recipes")],
        "one": [FORGE, "recipe", "lint", str(one / "recipes" / "sst-0")],
    }
    usages: dict[str, list[Usage]] = {name: [] for name in commands}
    for _ in range(wanted.rounds):
        for name, command in commands.items():
            usages[name].append(measure(command, dict(os.environ), log=WORK / f"{name}.log"))
    print(f"medians of {wanted.rounds} rounds, {wanted.feedstocks} feedstocks")
    for name, measured in usages.items():
        print(describe(name, measured))
    ratio = median_cpu(usages["many"]) / median_cpu(usages["floor"])
    print(f"CPU seconds of many / floor: {ratio:.2f}")
    for name, (file, text) in HOSTILE.items():
        folder = write_feedstocks(WORK / "hostile", 1) / "recipes" / "sst-0"
        (folder / file).write_text(text)
        command = [FORGE, "recipe", "lint", str(folder), "--statistics"]
        print(describe(name, [measure(command, dict(os.environ), log=WORK / "hostile.log", codes=(0, 1))]))


def median_cpu(usages: list[Usage]) -> float:
    """Give the median of the CPU seconds."""
    return statistics.median(usage.cpu_s for usage in usages)


def describe(name: str, usages: list[Usage]) -> str:
    """Write the medians in a line."""
    wall = statistics.median(usage.wall_s for usage in usages)
    peak = max(usage.peak_bytes for usage in usages)
    return f"{name:24} {wall:6.2f} s  {median_cpu(usages):6.2f} s CPU  {peak / 1e6:5.0f} MB"


if __name__ == "__main__":
    main()
