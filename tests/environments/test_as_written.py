"""The environment that a recipe's author wrote down, for what only real Beam can run."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from environments.packing import pack, write_project
from pangeo_forge.environments.preparing import prepare_as_written
from pangeo_forge.environments.store import Environment, Store
from pangeo_forge.errors import UserError


@pytest.fixture(scope="module")
def old_packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with small packages that are called as the real ones are."""
    folder = tmp_path_factory.mktemp("old")
    for name, version, requires in (
        ("apache-beam", "2.50.0", []),
        ("apache-beam", "2.60.0", []),
        ("pangeo-forge-recipes", "0.10.4", ["apache-beam", "zarr<3"]),
        ("zarr", "2.16.1", []),
        ("zarr", "3.1.0", []),
        ("setuptools", "80.0", []),
        ("setuptools", "90.0", []),
    ):
        pack(folder / "wheels", write_project(folder, name, version, requires))
    return folder / "wheels"


@pytest.fixture
def get(tmp_path: Path, old_packages: Path, store: Store, uv_environ: dict[str, str]) -> Callable[..., Environment]:
    def prepare(*requirements: str) -> Environment:
        folder = tmp_path / "feedstock"
        folder.mkdir(exist_ok=True)
        (folder / "requirements.txt").write_text("\n".join(["--no-index", f"--find-links {old_packages}", *requirements, ""]))
        return prepare_as_written(folder, ["recipe"], store=store, environ=uv_environ)

    return prepare


def test_pins_are_held_and_all_that_is_asked_for_is_installed(get: Callable[..., Environment]) -> None:
    environment = get("apache-beam==2.50.0", "pangeo-forge-recipes", "zarr==2.16.1")
    assert environment.kind == "as-written"
    assert environment.packages == {
        "apache-beam": "2.50.0",
        "pangeo-forge-recipes": "0.10.4",
        "zarr": "2.16.1",
        "setuptools": "80.0",
    }


def test_what_beam_recipes_cannot_do_without_is_added(get: Callable[..., Environment]) -> None:
    assert get().packages.keys() == {"apache-beam", "pangeo-forge-recipes", "zarr", "setuptools"}


def test_nothing_of_pangeo_forge_is_in_it(get: Callable[..., Environment]) -> None:
    python = get("pangeo-forge-recipes").python
    assert subprocess.run([python, "-P", "-c", "import pangeo_forge"], capture_output=True).returncode == 1
    assert subprocess.run([python, "-P", "-c", "import zarr; assert zarr.__version__ == '2.16.1'"], capture_output=True).returncode == 0


def test_the_second_time_it_is_there(get: Callable[..., Environment]) -> None:
    assert get("zarr<3") == get("zarr<3")


def test_the_python_that_runs_need_not_be_on_the_path(
    get: Callable[..., Environment], uv_environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(uv_environ, "PATH", str(tmp_path))
    assert get("zarr").python.exists()


def test_requirements_that_exclude_each_other_are_told_with_their_line(get: Callable[..., Environment], store: Store) -> None:
    with pytest.raises(UserError, match=r"requirements.txt:\d: the recipe's requirements cannot be met: .*zarr") as caught:
        get("pangeo-forge-recipes", "zarr>=3")
    assert {problem.where.line for problem in caught.value.problems if problem.where} == {3, 4}
    assert store.load_all() == []
