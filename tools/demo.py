"""The main job on real input: a feedstock and an archive behind a real HTTP server become a Zarr store. Run it with ``make demo``.

Everything it makes is in the folder ``demo``, which is removed first.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import iris_sample_data

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "tests"))

from servers.rclone import serve_http

FEEDSTOCK = "examples/nemo"


def main() -> None:
    """Serve the archive, bake it, show what came out."""
    shutil.rmtree(ROOT / "demo", ignore_errors=True)
    archive = Path(iris_sample_data.path) / "NEMO"
    with serve_http(archive) as served:
        environ = {"NEMO_ARCHIVE": served.url, "PANGEO_FORGE_HOME": "demo"}
        say(f"# A server has three months of an ocean model's output: {', '.join(sorted(file.name for file in archive.iterdir()))}")
        for name, value in environ.items():
            say(f"$ export {name}={value}")
        os.environ.update(environ)
        forge("recipe", "list", FEEDSTOCK)
        forge("recipe", "plan", FEEDSTOCK)
        forge("recipe", "test", FEEDSTOCK)
        forge("recipe", "run", FEEDSTOCK)
        open_dataset(newest_target())
        forge("runs", "list")


def forge(*arguments: str) -> None:
    """Show a command as one would type it, and run it."""
    say(f"\n$ {shlex.join(['pangeo-forge', *arguments])}")
    ended = subprocess.run([command(), *arguments], cwd=ROOT)
    if ended.returncode:
        sys.exit(ended.returncode)


def newest_target() -> str:
    """Ask where the dataset of the latest run is."""
    listed = subprocess.run([command(), "runs", "list", "--json"], cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True)
    return max(json.loads(listed.stdout), key=lambda run: run["started"])["target"]


def open_dataset(target: str) -> None:
    """Open the dataset as any user would, in a Python of its own, and print it."""
    code = f'import xarray as xr; ds = xr.open_zarr("{target}"); print(ds); print(ds.tos.mean(("y", "x")).compute())'
    say(f"\n$ python -c {shlex.quote(code)}")
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def command() -> str:
    """Find the command of the environment that this runs in."""
    return str(Path(sysconfig.get_path("scripts")) / "pangeo-forge")


def say(line: str) -> None:
    """Print at once, so that the order is kept with what the commands print."""
    print(line, flush=True)


if __name__ == "__main__":
    main()
