"""Packages, feedstocks that require them, and a uv that reaches no network."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from environments.packing import pack, write_project
from pangeo_forge.environments.preparing import prepare
from pangeo_forge.environments.store import Prepared, Store


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of packages: to be read only."""
    folder = tmp_path_factory.mktemp("packages")
    for name, version, requires in (
        ("tiny", "1.0", []),
        ("tiny", "2.0", []),
        ("leads", "1.0", ["tiny<2"]),
        ("adapts", "1.0", []),
        ("adapts", "2.0", ["packaging<1"]),
        ("stubborn", "1.0", ["packaging<1"]),
        ("plugin", "1.0", ["pangeo-forge-recipes==0.10.3", "apache-beam>=2", "pangeo-forge-runner"]),
    ):
        pack(folder / "wheels", write_project(folder, name, version, requires))
    return folder / "wheels"


@pytest.fixture
def uv_environ(tmp_path: Path) -> dict[str, str]:
    """Environment variables with which uv takes nothing of this user's and fetches nothing."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("UV_", "PIP_"))}
    return inherited | {"UV_OFFLINE": "1", "UV_CACHE_DIR": str(tmp_path / "uv-cache")}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "environments")


@pytest.fixture
def feedstock(tmp_path: Path, wheels: Path) -> Callable[..., Path]:
    """Write a feedstock that finds packages in `wheels`: ``feedstock("tiny", "leads==1.0", recipe="import tiny")``."""

    def write(*requirements: str, recipe: str = "", name: str = "feedstock") -> Path:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        (folder / "requirements.txt").write_text("\n".join([f"--find-links {wheels}", *requirements, ""]))
        (folder / "recipe.py").write_text(recipe)
        return folder

    return write


@pytest.fixture
def get(store: Store, uv_environ: dict[str, str]) -> Callable[[Path], Prepared]:
    """Prepare what a feedstock requires."""
    return lambda folder: prepare(folder, ["recipe"], store=store, environ=uv_environ)
