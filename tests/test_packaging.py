"""The package is what pyproject.toml says, by pip and by conda."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path
from typing import Any

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from rattler_build import Stage0Recipe

import pangeo_forge

PROJECT = Path(__file__).resolve().parents[1]

#: Names that conda-forge spells otherwise than PyPI.
CONDA_NAMES: dict[str, str] = {}


@pytest.fixture(scope="module")
def pyproject() -> dict[str, Any]:
    return tomllib.loads((PROJECT / "pyproject.toml").read_text())


@pytest.fixture(scope="module")
def conda() -> dict[str, Any]:
    """The conda recipe as rattler-build itself reads and renders it."""
    rendered = Stage0Recipe.from_file(PROJECT / "conda" / "recipe.yaml").render()
    assert len(rendered) == 1
    return rendered[0].recipe.to_dict()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], cwd=PROJECT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


def as_pairs(requirements: list[str]) -> dict[str, str]:
    """Split requirements into name and bounds, of either's spelling."""
    parsed = [Requirement(text) for text in requirements]
    return {CONDA_NAMES.get(one.name, canonicalize_name(one.name)): str(one.specifier) for one in parsed}


def all_requirements(pyproject: dict[str, Any]) -> list[str]:
    """List what the package, its extras and its developers require."""
    project = pyproject["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values(), *pyproject["dependency-groups"].values()]
    listed = [text for group in groups for text in group if isinstance(text, str)]
    return [text for text in listed if Requirement(text).name != project["name"]]


def test_the_conda_package_requires_what_the_package_requires(pyproject, conda):
    wanted = as_pairs([f"python{pyproject['project']['requires-python']}", *pyproject["project"]["dependencies"]])
    assert as_pairs(conda["requirements"]["run"]) == wanted


def test_the_conda_package_bounds_the_extras_as_the_package_does(pyproject, conda):
    extras = {name: listed for name, listed in pyproject["project"]["optional-dependencies"].items() if name != "all"}
    assert as_pairs(conda["requirements"]["run_constraints"]) == as_pairs([text for listed in extras.values() for text in listed])


def test_the_conda_package_is_built_with_what_builds_the_package(pyproject, conda):
    assert as_pairs(pyproject["build-system"]["requires"]).items() <= as_pairs(conda["requirements"]["host"]).items()


def test_the_conda_package_has_the_same_command_and_version(pyproject, conda):
    commands = [f"{name} = {target}" for name, target in pyproject["project"]["scripts"].items()]
    assert conda["build"]["python"]["entry_points"] == commands
    assert conda["package"] == {"name": pyproject["project"]["name"], "version": pangeo_forge.__version__}


def test_every_requirement_has_a_lower_bound(pyproject):
    assert [text for text in all_requirements(pyproject) if not str(Requirement(text).specifier).startswith(">=")] == []


def test_the_extra_all_has_every_other_extra(pyproject):
    extras = pyproject["project"]["optional-dependencies"]
    (everything,) = (Requirement(text) for text in extras["all"])
    assert everything.extras == set(extras) - {"all"}


def test_every_requirement_is_pinned_once_for_a_python_within_its_bounds(pyproject):
    pins = [Requirement(line) for line in (PROJECT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    wanted = [Requirement(text) for text in all_requirements(pyproject)]
    for python in ("3.11", "3.12", "3.13", "3.14"):
        environment = default_environment() | {"python_version": python, "python_full_version": f"{python}.0"}
        pinned = {canonicalize_name(pin.name): pin for pin in pins if pin.marker is None or pin.marker.evaluate(environment)}
        for requirement in wanted:
            (pin,) = pinned[canonicalize_name(requirement.name)].specifier
            assert requirement.specifier.contains(pin.version), f"{requirement} on Python {python}"


def test_constraints_hold_no_address_and_no_hash():
    lines = (PROJECT / "constraints.txt").read_text().splitlines()
    assert [line for line in lines if re.search(r"://|--|sha256| @ |/", line)] == []


def test_the_wheel_has_the_package_and_its_data_and_nothing_else(wheel):
    ours = PROJECT / "src" / "pangeo_forge"
    listed = subprocess.run(["git", "ls-files", "."], cwd=ours, check=True, capture_output=True, text=True).stdout.split("\n")
    expected = {f"pangeo_forge/{name}" for name in listed if name}
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert packed >= expected
    assert "pangeo_forge/py.typed" in packed
    assert [name for name in packed if not name.startswith("pangeo_forge/")] == []


@pytest.mark.slow
def test_the_wheel_alone_gives_a_command_that_lists_the_bakeries(wheel, tmp_path, forge_environ):
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / "bin" / "python"
    constraints = PROJECT / "constraints.txt"
    subprocess.run([python, "-m", "pip", "install", "-q", "-c", constraints, wheel], check=True, capture_output=True, env=forge_environ)

    def run(*arguments: str) -> str:
        command = [tmp_path / "venv" / "bin" / "pangeo-forge", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, env=forge_environ, cwd=tmp_path).stdout

    assert pangeo_forge.__version__ in run("--version")
    assert "local" in json.dumps(json.loads(run("bakeries", "list", "--json")))
