"""Imports that requirements.txt does not name: PFR034."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from lint.feedstocks import lint, write_good
from lint.recipe_modules import at
from pangeo_forge.lint.code.distributions import BROUGHT
from pangeo_forge.lint.findings import Finding

PROJECT = Path(__file__).resolve().parents[3]


def find(root: Path, code: str, requirements: str | None = "pangeo-forge==0.1.0\n", **files: str) -> list[Finding]:
    others = {f"feedstock/{name}.py": text for name, text in files.items()}
    written = write_good(root, {"feedstock/recipe.py": f"{code}\nsst = 1\n", "feedstock/requirements.txt": requirements, **others})
    return [found for found in lint(written) if found.code == "PFR034"]


@pytest.mark.parametrize(
    ("statement", "module", "package"),
    [
        ("import s3fs", "s3fs", "s3fs"),
        ("from bs4 import BeautifulSoup", "bs4", "beautifulsoup4"),
        ("from cmr import GranuleQuery", "cmr", "python-cmr"),
        ("import sklearn.cluster", "sklearn", "scikit-learn"),
        ("from google.cloud import bigquery", "google.cloud.bigquery", "google-cloud-bigquery"),
        ("from dask.distributed import Client", "dask.distributed", "distributed"),
        ("from pangeo_forge_esgf.parsing import parse_instance_ids", "pangeo_forge_esgf", "pangeo-forge-esgf"),
    ],
)
def test_a_package_that_is_not_named_is_a_warning(tmp_path, statement, module, package):
    bound = statement.split()[-1].partition(".")[0]
    (found,) = find(tmp_path, f"{statement}\nx = {bound}")
    assert found.message == f"`{module}` is imported, but requirements.txt names nothing that it comes with"
    assert (found.level, found.help, at(found)) == ("warning", f"Add `{package}` to requirements.txt.", (1, 1))
    assert found.end == (1, len(statement) + 1)


def test_an_import_in_a_function_counts(tmp_path):
    (found,) = find(tmp_path, "def f(ds):\n    import pooch\n    return pooch\n")
    assert at(found) == (2, 5)


def test_an_unknown_package_is_guessed_as_a_guess(tmp_path):
    (found,) = find(tmp_path, "import some_thing\nx = some_thing")
    assert found.help == "Add what it is installed by, perhaps `some-thing`."


def test_what_nothing_uses_is_better_deleted(tmp_path):
    (found,) = find(tmp_path, "import matplotlib.pyplot as plt")
    assert found.help == "Nothing uses it: delete the import."


@pytest.mark.parametrize("requirements", [None, "-r other.txt\n", "git+https://github.com/ada/engine@1.0\n", "xarray = 2024\n"])
def test_it_is_a_hint_where_the_file_does_not_tell_all(tmp_path, requirements):
    (found,) = find(tmp_path, "import pooch\nx = pooch", requirements)
    assert found.level == "hint"
    assert ("there is no requirements.txt" in found.message) == (requirements is None)


@pytest.mark.parametrize(
    ("code", "requirements"),
    [
        ("import numpy, pandas, xarray, zarr, fsspec, netCDF4, cftime, h5py, aiohttp, yaml, requests, dask", ""),
        ("import apache_beam\nfrom pangeo_forge_recipes.patterns import FilePattern\nfrom pangeo_forge.recipes import ZarrRecipe", ""),
        ("import os, json, netrc, tomllib\nfrom collections.abc import Iterable", ""),
        ("import s3fs", "S3FS >= 2023\n"),
        ("from bs4 import BeautifulSoup", "beautifulsoup4\n"),
        ("import ruamel.yaml", ""),
        ("import pangeo_forge_esgf", "git+https://github.com/jbusecke/pangeo-forge-esgf.git@new-request-scheme\n"),
        ("import leap_data_management_utils", "leap-data-management-utils[pangeo-forge] @ git+https://github.com/leap-stc/x.git@y\n"),
        ("from google.cloud import bigquery", "apache-beam[gcp]\n"),
        ("from google.protobuf import message", ""),
        ("from distributed import Client", "dask[distributed]\n"),
        ("import rasterio", "rioxarray\n"),
        ("try:\n    import pooch\nexcept ImportError:\n    pooch = None", ""),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import pooch", ""),
        ("if __name__ == '__main__':\n    import pooch", ""),
        ("# /// script\n# dependencies = ['pooch']\n# ///\nimport pooch", ""),
        ("from . import pooch", ""),
    ],
)
def test_what_is_there_is_none(tmp_path, code, requirements):
    assert find(tmp_path, code, requirements or "pangeo-forge==0.1.0\n") == []


def test_modules_of_the_feedstock_and_its_repository_are_there(tmp_path):
    (tmp_path / "shared_code").mkdir()
    assert (
        find(tmp_path, "import helpers\nfrom parts.one import x\nimport shared_code", helpers="x = 1\n", **{"parts/one": "x = 1\n"}) == []
    )


def test_a_package_is_told_once(tmp_path):
    assert len(find(tmp_path, "import pooch\nfrom pooch import retrieve\nimport helpers", helpers="import pooch\n")) == 1


def test_what_pangeo_forge_itself_needs_is_known_to_be_there():
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    assert {canonicalize_name(Requirement(line).name) for line in project["dependencies"]} <= BROUGHT
