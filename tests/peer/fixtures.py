"""The environment in which the tools of older recipes' authors run, built once for all tests of a session."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pangeo_forge.environments.preparing import prepare_as_written
from pangeo_forge.environments.store import Store
from peer.archive import write_archive

#: The newest versions with which pangeo-forge-recipes bakes; scipy reads NetCDF 3, cfgrib GRIB.
REQUIREMENTS = (Path(__file__).resolve().parents[2] / "benchmarks/beam/feedstock/requirements.txt").read_text() + "scipy\ncfgrib\neccodes\n"


@pytest.fixture(scope="session")
def peer_environments(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of environments that all processes of a session share, for ``PANGEO_FORGE_ENVIRONMENTS``."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "peer-environments"


@pytest.fixture(scope="session")
def peer_python(peer_environments: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the environment in which pangeo-forge-recipes runs, if no other process of the session has."""
    folder = tmp_path_factory.mktemp("peer")
    (folder / "requirements.txt").write_text(REQUIREMENTS)
    return prepare_as_written(folder, (), store=Store(peer_environments)).python


@pytest.fixture(scope="session")
def peer_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the files that the peer's recipes read."""
    return write_archive(tmp_path_factory.mktemp("archive"))
