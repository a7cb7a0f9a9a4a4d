"""The package is what pyproject.toml says, by pip and by conda."""

from __future__ import annotations

import ast
import importlib.metadata
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
CONDA_NAMES = {"duckdb": "python-duckdb", "matplotlib": "matplotlib-base"}

#: What a requirement is sure to bring, in the version that fits it: distributed pins dask, starlette needs anyio, jinja2 markupsafe.
BROUGHT_ALONG = {"anyio", "dask", "markupsafe", "pandas", "referencing"}

#: What runs in the environments of recipes, by the packages that are there.
ELSEWHERE = PROJECT / "src" / "pangeo_forge" / "beam" / "pangeo_forge_beam"


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


def test_every_module_that_is_imported_is_of_a_requirement(pyproject):
    project = pyproject["project"]
    declared = [*project["dependencies"], *(text for listed in project["optional-dependencies"].values() for text in listed)]
    allowed = {canonicalize_name(Requirement(text).name) for text in declared} | BROUGHT_ALONG
    distributions = importlib.metadata.packages_distributions()
    files = [file for file in (PROJECT / "src").rglob("*.py") if not file.is_relative_to(ELSEWHERE)]
    modules = {name for file in files for name in imported_by(file)} - set(sys.stdlib_module_names)
    assert {name for name in modules if not allowed & {canonicalize_name(one) for one in distributions.get(name, [name])}} == set()


def imported_by(file: Path) -> set[str]:
    """Name the top-level modules that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


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
def test_the_wheel_alone_lists_the_bakeries_and_bakes(wheel, tmp_path, forge_environ, samples):
    venv.create(tmp_path / "venv", with_pip=True)
    scripts = tmp_path / "venv" / "bin"
    install = [scripts / "python", "-m", "pip", "install", "-q", "-c", PROJECT / "constraints.txt", wheel]
    subprocess.run(install, check=True, capture_output=True, env=forge_environ)

    def run(*arguments: str) -> str:
        environ = forge_environ | {"NEMO_ARCHIVE": str(samples / "NEMO")}
        ended = subprocess.run([scripts / "pangeo-forge", *arguments], capture_output=True, text=True, env=environ, cwd=tmp_path)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    assert pangeo_forge.__version__ in run("--version")
    assert "local" in json.dumps(json.loads(run("bakeries", "list", "--json")))
    assert "is baked" in run("recipe", "run", str(PROJECT / "examples" / "nemo"))
