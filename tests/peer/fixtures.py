"""The environment in which the tools of older recipes' authors run, built once for all tests of a session."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from peer.archive import write_archive

REQUIREMENTS = Path(__file__).resolve().parents[2] / "benchmarks" / "beam" / "feedstock" / "requirements.txt"


@pytest.fixture(scope="session")
def peer_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the environment in which pangeo-forge-recipes runs; processes that share the session share it."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "peer-environment"
    python = folder / "bin" / "python"
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "whole").exists():
            uv = [sys.executable, "-m", "uv"]
            subprocess.run([*uv, "venv", "--quiet", "--clear", "--python", "3.11", folder], check=True)
            # scipy reads NetCDF 3, cfgrib GRIB.
            subprocess.run([*uv, "pip", "install", "--quiet", "--python", folder, "-r", REQUIREMENTS, "scipy", "cfgrib"], check=True)
            (folder / "whole").touch()
    return python


@pytest.fixture(scope="session")
def peer_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the files that the peer's recipes read."""
    return write_archive(tmp_path_factory.mktemp("archive"))
