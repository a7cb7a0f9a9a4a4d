"""Processes are started whatever the folder for temporary files is called."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

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
