"""Processes are started whatever the folder for temporary files is called."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

LOOK = """
import numpy as np, sys, xarray as xr

from pangeo_forge.api.cataloguing import create_catalog
from pangeo_forge.api.checking import check_catalog
from pangeo_forge.api.picturing import illustrate_catalog

lat, lon = ("lat", [0.0, 1.0], {"units": "degrees_north"}), ("lon", [0.0, 1.0], {"units": "degrees_east"})
ds = xr.Dataset({"sst": (("lat", "lon"), np.eye(2))}, {"lat": lat, "lon": lon})
ds.to_zarr(sys.argv[1] + "/sst.zarr", consolidated=False)
create_catalog(sys.argv[1])
print(*(health.state for health in check_catalog(sys.argv[1]).datasets.values()), illustrate_catalog(sys.argv[1]).drawn)
"""


@pytest.mark.slow
def test_a_long_name_of_the_folder_for_temporary_files_stops_neither_checks_nor_pictures(tmp_path: Path) -> None:
    folder = tmp_path / ("temporary" * 12)
    folder.mkdir()
    target = tmp_path / "stores"
    target.mkdir()
    environ = os.environ | {"TMPDIR": str(folder), "PANGEO_FORGE_HOME": str(tmp_path / "home")}
    ended = subprocess.run([sys.executable, "-c", LOOK, target], env=environ, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout) == (0, "healthy 1\n"), ended.stderr
    assert list(folder.iterdir()) == []


@pytest.mark.slow
def test_an_interruption_while_processes_start_is_told_once_and_by_none_of_them(tmp_path: Path) -> None:
    xr.Dataset({"sst": ("x", np.ones(3))}).to_zarr(tmp_path / "stores" / "0.zarr", consolidated=False)
    for number in range(1, 40):
        shutil.copytree(tmp_path / "stores" / "0.zarr", tmp_path / "stores" / f"{number}.zarr")
    command = [sys.executable, "-m", "pangeo_forge", "catalog", "create", str(tmp_path / "stores"), "--workers", "3"]
    with tempfile.TemporaryDirectory(dir="/tmp") as short:
        environ = os.environ | {"PANGEO_FORGE_HOME": str(tmp_path / "home"), "TMPDIR": short}
        with subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
            while process.poll() is None and not list(Path(short).glob("pymp-*/listener-*")):
                time.sleep(0.01)
            os.killpg(process.pid, signal.SIGINT)  # the server of forks is about to import what it needs
            _, said = process.communicate(timeout=120)
    assert (process.returncode, said.splitlines()[0]) == (130, "error: interrupted: readers see the catalogue as it was before")
    assert len(said.splitlines()) == 2
