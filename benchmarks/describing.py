"""Measure what it takes to describe datasets: ``python describing.py [--stores 10000] [--length 200000000]``

``an Item`` is a dataset of 200 variables and a million chunks, from its store to the JSON of its Item, in a process that has imported
xarray already; what was read is counted at the file system. The other rows are whole commands, ``pangeo-forge catalog create``: of a track
of as many times and places as ``--length`` says, and of one of ten; and of many small stores, with one process and with two, and again
after ten of them were written anew.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sysconfig
import time
from collections import Counter
from pathlib import Path
from typing import ClassVar

import fsspec
import numpy as np
import xarray as xr
import zarr
from fsspec.implementations.local import LocalFileSystem
from measure import Usage, measure

WORK = Path(__file__).resolve().parent.parent / "build" / "bench" / "describing"
VARIABLES, STEPS = 200, 5_000


class CountedFileSystem(LocalFileSystem):
    """This machine's files, with a count of what is asked of them."""

    protocol = "counted"
    counts: ClassVar[Counter[str]] = Counter()

    def cat_file(self, path, *args, **kwargs):
        """Read a file, or a part of one."""
        self.counts["chunks read" if "/c/" in path else "metadata read"] += 1
        return super().cat_file(path, *args, **kwargs)

    def ls(self, path, *args, **kwargs):
        """List a folder."""
        self.counts["folders listed"] += 1
        return super().ls(path, *args, **kwargs)


def main() -> None:
    """Measure, and print a line for each part."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stores", type=int, default=10_000, help="how many small stores are catalogued")
    parser.add_argument("--length", type=int, default=200_000_000, help="how long a track is")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    shutil.rmtree(WORK, ignore_errors=True)
    describe_one(arguments.rounds)
    catalogue_track(10)
    catalogue_track(arguments.length)
    catalogue_many(arguments.stores, arguments.rounds)


def describe_one(rounds: int) -> None:
    """Describe one large dataset, again and again; the first time is what a user waits for."""
    write_large(WORK / "large.zarr")
    fsspec.register_implementation("counted", CountedFileSystem, clobber=True)
    seconds = []
    for _ in range(rounds):
        CountedFileSystem.counts.clear()
        began = time.perf_counter()
        size = make_item(f"counted://{WORK}", "large.zarr")
        seconds.append(time.perf_counter() - began)
    counts = ", ".join(f"{count} {what}" for what, count in sorted(CountedFileSystem.counts.items()))
    print(f"an Item of {VARIABLES} variables and {VARIABLES * STEPS:,} chunks: {seconds[0]:.2f} s the first time, with imports; ", end="")
    print(f"then {statistics.median(seconds[1:] or seconds):.2f} s; {size / 1e3:.0f} kB; {counts}")


def make_item(url: str, name: str) -> int:
    """Go from a store to the JSON of its Item, and give its size."""
    from pangeo_forge.catalog.sources.finding import Walk
    from pangeo_forge.catalog.sources.reading import read_entry
    from pangeo_forge.catalog.stac.items import make_item

    filesystem, root = fsspec.url_to_fs(f"{url}/{name}")
    found = Walk(filesystem, root).find()
    assert found is not None
    return len(json.dumps(make_item(read_entry(found, "large", f"{url}/{name}", {}))))


def write_large(store: Path) -> None:
    """Write the metadata and coordinates of a dataset; its chunks hold nothing but fill values, and are not there."""
    lat, lon = np.linspace(-89, 89, 90), np.linspace(1, 359, 180)
    coords = {
        "time": ("time", np.arange(STEPS), {"units": "days since 2000-01-01", "standard_name": "time"}),
        "lat": ("lat", lat, {"units": "degrees_north", "standard_name": "latitude"}),
        "lon": ("lon", lon, {"units": "degrees_east", "standard_name": "longitude"}),
    }
    xr.Dataset(coords=coords, attrs={"title": "Large"}).to_zarr(store, consolidated=False)
    group = zarr.open_group(store, mode="r+")
    for number in range(VARIABLES):
        group.create_array(
            f"v{number:03}",
            shape=(STEPS, lat.size, lon.size),
            chunks=(1, lat.size, lon.size),
            dtype="f4",
            dimension_names=["time", "lat", "lon"],
            attributes={"units": "K", "long_name": f"Variable {number}"},
        )
    zarr.consolidate_metadata(store)


def catalogue_track(length: int) -> None:
    """Catalogue a dataset whose coordinates have a value for each of its places."""
    write_track(WORK / f"track-{length}" / "track.zarr", length)
    usage = create(WORK / f"track-{length}", 1)
    print(f"a track of {length:,} places: {usage.wall_s:.2f} s, {usage.cpu_s:.2f} s CPU, {usage.peak_bytes / 1e6:.0f} MB")


def write_track(store: Path, length: int) -> None:
    """Write times in a calendar that has objects for them, and longitudes and latitudes, in chunks of eight megabytes."""
    group = zarr.open_group(store, mode="w")
    chunk = min(length, 1_000_000)
    told = {
        "time": {"units": "seconds since 2000-01-01", "calendar": "noleap", "standard_name": "time"},
        "lon": {"units": "degrees_east", "standard_name": "longitude"},
        "lat": {"units": "degrees_north", "standard_name": "latitude"},
    }
    for name, attributes in told.items():
        array = group.create_array(name, shape=length, chunks=chunk, dtype="f8", dimension_names=["time"], attributes=attributes)
        for start in range(0, length, chunk):
            steps = np.arange(start, min(start + chunk, length))
            array[start : start + steps.size] = steps if name == "time" else steps / length * 40


def catalogue_many(stores: int, rounds: int) -> None:
    """Catalogue many small stores by one process and by two, in turn, and again when a few have changed."""
    target = WORK / "many"
    write_small(target / "00000.zarr", 0)
    for number in range(1, stores):
        shutil.copytree(target / "00000.zarr", target / f"{number:05}.zarr")
    usages: dict[str, list[Usage]] = {}
    for turn in range(rounds):
        for workers in (1, 2):
            usages.setdefault(f"{stores:,} stores, {workers} processes", []).append(
                create(target, workers, "--output", WORK / f"catalog-{workers}")
            )
        for number in range(10):
            write_small(target / f"{number:05}.zarr", turn + 1)
        usages.setdefault("again, ten of them changed", []).append(create(target, 2, "--output", WORK / "catalog-2"))
        for workers in (1, 2) if turn + 1 < rounds else ():
            shutil.rmtree(WORK / f"catalog-{workers}")
    walls = {name: statistics.median(usage.wall_s for usage in each) for name, each in usages.items()}
    for name, each in usages.items():
        cpu, peak = statistics.median(usage.cpu_s for usage in each), max(usage.peak_bytes for usage in each)
        print(f"{name}: {walls[name]:.2f} s, {cpu:.2f} s CPU, {peak / 1e6:.0f} MB")
    one, two, again = walls.values()
    print(f"two processes are {one / two:.2f} times as fast as one; the second time is {two / again:.1f} times as fast as the first")


def create(target: Path, workers: int, *arguments: str | Path) -> Usage:
    """Run the command."""
    forge = str(Path(sysconfig.get_path("scripts")) / "pangeo-forge")
    environ = {**os.environ, "PANGEO_FORGE_HOME": str(WORK / "home")}
    command = [forge, "catalog", "create", str(target), "--workers", str(workers), *map(str, arguments)]
    return measure(command, environ, log=WORK / "create.log")


def write_small(store: Path, seed: int) -> None:
    """Write a small dataset in place of the one that is there."""
    values = np.random.default_rng(seed).random((4, 8, 16), "f4")
    coords = {
        "time": ("time", np.arange(4), {"units": "days since 2000-01-01", "standard_name": "time"}),
        "lat": ("lat", np.linspace(-70, 70, 8), {"units": "degrees_north", "standard_name": "latitude"}),
        "lon": ("lon", np.linspace(0, 337.5, 16), {"units": "degrees_east", "standard_name": "longitude"}),
    }
    ds = xr.Dataset({"sst": (("time", "lat", "lon"), values, {"units": "K", "standard_name": "sea_surface_temperature"})}, coords)
    ds.assign_attrs(title=f"Small, number {seed}").to_zarr(store, mode="w", consolidated=True)


if __name__ == "__main__":
    main()
