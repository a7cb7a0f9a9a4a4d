"""Bake one archive in several ways, in turn, and compare what that takes: ``python bake.py --help``

Each way is run as whole processes, imports and all, and its store is compared with the archive. The ways are

- ``floor``: the least work that makes the store (`floor.py`);
- ``by-hand``: xarray and Dask, as a user writes it (`by_hand.py`);
- ``ours``: ``pangeo-forge recipe run`` on `feedstock`, and ``ours-class`` and ``ours-beam`` on `classic` and `beam`, the same archive
  as recipes of the older APIs;
- ``peer``: ``pangeo-forge-runner bake`` on `beam` (Zarr 2 with Blosc lz4, and it cannot be told otherwise); its row "without start-up"
  counts from the moment at which it has imported the recipe.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import sys
import sysconfig
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import xarray as xr
from archive import STEPS, file_of, make_archive
from measure import Usage, measure

from peer import make_environment

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.append(str(ROOT / "tests"))

from servers.rclone import serve_http

CODECS = {
    "zstd": {"name": "zstd", "configuration": {"level": 0, "checksum": False}},
    "blosc-zstd": {"name": "blosc", "configuration": {"cname": "zstd", "clevel": 1, "shuffle": "shuffle", "typesize": 4, "blocksize": 0}},
    "blosc-lz4": {"name": "blosc", "configuration": {"cname": "lz4", "clevel": 5, "shuffle": "shuffle", "typesize": 4, "blocksize": 0}},
}


@dataclass(frozen=True, slots=True)
class Contestant:
    """A way to bake: the command that writes into a folder, and where in it the store is."""

    command: Callable[[Path], list[str]]
    store: str = "bench.zarr"


def contestants(work: Path) -> dict[str, Contestant]:
    """List the ways, by name."""
    python = sys.executable
    forge = str(Path(sysconfig.get_path("scripts")) / "pangeo-forge")

    def run(feedstock: Path, out: Path) -> list[str]:
        return [forge, "recipe", "run", str(feedstock), "bench", "--target", str(out / "bench.zarr")]

    return {
        "floor": Contestant(lambda out: [python, str(HERE / "floor.py"), str(out / "bench.zarr")]),
        "by-hand": Contestant(lambda out: [python, str(HERE / "by_hand.py"), str(out / "bench.zarr")]),
        "ours": Contestant(lambda out: run(HERE, out)),
        "ours-class": Contestant(lambda out: run(HERE / "classic", out)),
        "ours-beam": Contestant(lambda out: run(HERE / "beam", out)),
        "peer": Contestant(lambda out: [python, str(HERE / "peer.py"), str(work / "peer-environment"), str(out)]),
    }


def main() -> None:
    """Measure, print the table, write the figures."""
    options = parse_options()
    work: Path = options.work
    names = options.ways.split(",")
    if "peer" in names:
        make_environment(work / "peer-environment")
    archive = make_archive(work / "archive", options.files)
    rows: dict[str, list[Usage]] = {}
    with addresses(archive, options.over) as address:
        environ = make_environ(work, address, options.files, options.codec)
        for turn in range(options.warm_ups + options.rounds):
            for name in names:
                usages = bake(name, contestants(work)[name], work, environ, archive, options.files)
                if turn >= options.warm_ups:
                    for row, usage in usages.items():
                        rows.setdefault(row, []).append(usage)
                        print(f"{row}: {usage.wall_s:.2f} s, {usage.cpu_s:.2f} s CPU, {usage.peak_bytes / 1e6:.0f} MB", file=sys.stderr)
    medians = {name: median(usages) for name, usages in rows.items()}
    print(f"{options.files} files over {options.over}, codec {options.codec}, median of {options.rounds}, {os.cpu_count()} cores\n")
    print(format_table(medians))
    report = work / f"bake-{options.over}-{options.codec}-{options.files}.json"
    report.write_text(json.dumps({"options": describe(options), "runs": {n: [asdict(u) for u in us] for n, us in rows.items()}}, indent=1))
    print(f"\n{report}")


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--ways", default="floor,by-hand,ours", help="which, in this order (default: floor,by-hand,ours; peer takes minutes)"
    )
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured (default: 3)")
    parser.add_argument("--warm-ups", type=int, default=1, help="how often each is run before that (default: 1)")
    parser.add_argument("--files", type=int, default=24, help="how many files of the archive (default: 24)")
    parser.add_argument("--codec", choices=CODECS, default="zstd", help="what compresses chunks (default: zstd, Zarr's own choice)")
    parser.add_argument("--over", choices=["disk", "http"], default="disk", help="how the archive is reached (default: disk)")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "bench", help="a folder for the archive and the stores")
    return parser.parse_args()


@contextmanager
def addresses(archive: Path, over: str) -> Iterator[str]:
    """Give the archive's address, with a server behind it if that is asked for."""
    if over == "disk":
        yield str(archive)
        return
    with serve_http(archive) as served:
        yield served.url


def make_environ(work: Path, address: str, files: int, codec: str) -> dict[str, str]:
    """Tell the recipes what to bake, by variables."""
    ours = {
        "BENCH_ARCHIVE": address,
        "BENCH_FILES": str(files),
        "BENCH_CODEC": json.dumps(CODECS[codec]),
        "BENCH_STAMP": str(work / "stamp"),
        "PANGEO_FORGE_HOME": str(work / "home"),
    }
    return {**os.environ, **ours}


def bake(name: str, way: Contestant, work: Path, environ: Mapping[str, str], archive: Path, files: int) -> dict[str, Usage]:
    """Bake once, check the store, and say what it took, by row of the table."""
    out = work / "out" / name
    stamp = Path(environ["BENCH_STAMP"])
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    stamp.unlink(missing_ok=True)
    usage = measure(way.command(out), environ, log=work / f"{name}.log")
    check(out / way.store, archive, files)
    shutil.rmtree(out)
    if not stamp.exists():
        return {name: usage}
    bare = Usage(usage.ended - float(stamp.read_text()), float("nan"), usage.peak_bytes, 0, usage.ended)
    return {name: usage, f"{name}, without start-up": bare}


def check(store: Path, archive: Path, files: int) -> None:
    """Compare a store with some of the files that it was made of."""
    with xr.open_dataset(store, engine="zarr") as baked:
        assert dict(baked.sizes) == {"time": files * STEPS, "lat": 361, "lon": 720}, baked.sizes
        for index in {0, files // 2, files - 1}:
            with xr.open_dataset(file_of(archive, index), engine="h5netcdf") as made:
                xr.testing.assert_equal(baked.isel(time=slice(index * STEPS, (index + 1) * STEPS)).drop_attrs(), made.drop_attrs())


def median(usages: list[Usage]) -> Usage:
    """Take the median of each figure; of the peak of memory the largest."""
    return Usage(
        statistics.median(usage.wall_s for usage in usages),
        statistics.median(usage.cpu_s for usage in usages),
        max(usage.peak_bytes for usage in usages),
        0,
        0.0,
    )


def format_table(medians: Mapping[str, Usage]) -> str:
    """Write the figures as a table, with ratios to the first way."""
    first = next(iter(medians))
    heads = ["way", "wall", f"× {first}", "CPU", f"× {first}", "peak memory"]
    lines = [heads, ["-" * len(head) for head in heads]]
    for name, usage in medians.items():
        base = medians[first]
        cpu = ["", ""] if usage.cpu_s != usage.cpu_s else [f"{usage.cpu_s:.2f} s", f"{usage.cpu_s / base.cpu_s:.2f}"]
        lines.append([name, f"{usage.wall_s:.2f} s", f"{usage.wall_s / base.wall_s:.2f}", *cpu, f"{usage.peak_bytes / 1e6:.0f} MB"])
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    return "\n".join("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines)


def describe(options: argparse.Namespace) -> dict[str, object]:
    """Say what was measured, and where."""
    versions = {name: version(name) for name in ("pangeo-forge", "numpy", "xarray", "zarr", "numcodecs", "h5netcdf", "h5py", "fsspec")}
    chosen = {name: str(value) if isinstance(value, Path) else value for name, value in vars(options).items() if name != "work"}
    return chosen | {"python": platform.python_version(), "cores": os.cpu_count(), "versions": versions}


if __name__ == "__main__":
    main()
