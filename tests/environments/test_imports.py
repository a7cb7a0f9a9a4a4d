"""Which packages older recipes import without asking for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pangeo_forge.environments.imports import find_brought


def brought(folder: Path, *modules: str, **files: str) -> set[str]:
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    return set(find_brought(folder, modules or ["recipe"]))


OLD = "from pangeo_forge_recipes.patterns import FilePattern\n"


def test_what_an_older_recipe_imports_is_found(tmp_path: Path) -> None:
    assert brought(tmp_path, recipe=OLD + "import s3fs, numpy\nfrom dask.distributed import Client\n") == {"s3fs", "dask"}


def test_a_recipe_of_today_asks_for_what_it_needs(tmp_path: Path) -> None:
    assert brought(tmp_path, recipe="import s3fs\nfrom pangeo_forge.recipes import ZarrRecipe\n") == set()


def test_a_recipe_that_imports_beam_is_an_older_one(tmp_path: Path) -> None:
    assert brought(tmp_path, recipe="import apache_beam as beam\nimport gcsfs\n") == {"gcsfs"}


def test_imports_within_functions_count(tmp_path: Path) -> None:
    assert brought(tmp_path, recipe=OLD + "def f():\n    import kerchunk.hdf\n") == {"kerchunk"}


def test_modules_beside_the_recipe_are_followed(tmp_path: Path) -> None:
    assert brought(tmp_path, recipe=OLD + "import helpers\n", helpers="import requests\n") == {"requests"}


def test_modules_that_no_recipe_leads_to_are_not_looked_at(tmp_path: Path) -> None:
    assert brought(tmp_path, recipe=OLD, notebook="import scipy\n") == set()


@pytest.mark.parametrize(
    "text",
    [
        "try:\n    import s3fs\nexcept ImportError:\n    s3fs = None\n",
        "try:\n    import s3fs\nexcept (ImportError, OSError):\n    s3fs = None\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import s3fs\n",
    ],
)
def test_what_a_recipe_can_do_without_does_not_count(tmp_path: Path, text: str) -> None:
    assert brought(tmp_path, recipe=OLD + text) == set()


def test_a_module_that_is_not_valid_python_imports_nothing(tmp_path: Path) -> None:
    assert brought(tmp_path, recipe=OLD + "import s3fs\n)\n") == set()
