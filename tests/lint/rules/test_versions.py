"""Versions in meta.yaml that nothing reads, that are none, or that disagree with requirements.txt."""

from __future__ import annotations

import pytest

from lint.feedstocks import META, lint, write_good
from lint.meta_files import RECIPES, find, find_staged, shown
from pangeo_forge.lint.options import Options

# PFM050.


def test_the_version_of_an_image_is_read_by_nothing(tmp_path):
    (found,) = find(tmp_path, "PFM050", f'{RECIPES}pangeo_notebook_version: "2021.07.17"\n')
    assert shown([found]) == ["4:1 hint nothing reads `pangeo_notebook_version` since 2022"]
    assert found.end == (4, 24)


def test_without_it_nothing_is_said(tmp_path):
    assert find(tmp_path, "PFM050", META) == []


# PFM051.


def compare(root, version: str, requirements: str | None, key: str = "pangeo_forge_version"):
    files = {"feedstock/meta.yaml": f"{key}: {version}\n{RECIPES}", "feedstock/requirements.txt": requirements}
    return list(lint(write_good(root, files), Options(select=("PFM051",))))


def test_another_version_than_is_required_is_told(tmp_path):
    (found,) = compare(tmp_path, "'0.9.0'", "pangeo-forge-recipes==0.10.3\n")
    assert shown([found]) == ["1:23 warning `pangeo_forge_version` is '0.9.0', but requirements.txt asks for pangeo-forge-recipes==0.10.3"]
    assert (found.end, found.help) == ((1, 30), "Write the version that the recipes were written for in both places.")


@pytest.mark.parametrize(
    ("version", "requirements"),
    [
        ("0.9.0", "pangeo_forge_recipes>=0.10\n"),
        ("0.9", "pangeo-forge-recipes==0.10.3\n"),
        ("0.10.4", "pangeo-forge-recipes[test] ~= 0.9.0\n"),
        ("0.9.4", "pangeo-forge-recipes<0.9\n"),
    ],
)
def test_versions_that_exclude_each_other_are_told(tmp_path, version, requirements):
    assert len(compare(tmp_path, f"'{version}'", requirements)) == 1


@pytest.mark.parametrize(
    ("version", "requirements"),
    [
        ("0.10.3", "pangeo-forge-recipes==0.10.3\n"),
        ("0.10", "pangeo-forge-recipes==0.10.3\n"),
        ("v0.10.3", "pangeo-forge-recipes==0.10.3\n"),
        ("0.9", "pangeo-forge-recipes>=0.9.2,<0.10\n"),
        ("0.9.4", "pangeo-forge-recipes\n"),
        ("0.9.4", "pangeo-forge-recipes==0.9.*\n"),
        ("0.9.4", "git+https://github.com/pangeo-forge/pangeo-forge-recipes@main\n"),
        ("0.9.4", "xarray==2024.5.0\n"),
        ("0.9.4", None),
    ],
)
def test_versions_that_may_agree_are_not_told(tmp_path, version, requirements):
    assert compare(tmp_path, f"'{version}'", requirements) == []


@pytest.mark.parametrize("version", ["@prefect-retry", "main", "latest", ">=0.9", "0.9.x", "TODO", "1." * 100])
def test_what_is_no_version_is_told(tmp_path, version):
    (found,) = compare(tmp_path, f"'{version}'", None)
    assert found.message.endswith("which is no version")
    assert (found.where.line, found.where.column) == (1, 23)


@pytest.mark.parametrize("key", ["pangeo_forge_recipes_version", "pangeo_forge_recipe_version"])
def test_the_other_spellings_are_read_as_well(tmp_path, key):
    (found,) = compare(tmp_path, "main", None, key)
    assert found.message == f"`{key}` is 'main', which is no version"


@pytest.mark.parametrize("version", ["", "''", "[0.9]", "0.10", "2022.10.1"])
def test_versions_and_nothing_are_not_told(tmp_path, version):
    assert compare(tmp_path, version, None) == []


# PFM060.


def test_the_version_of_a_feedstock_is_two_numbers(tmp_path):
    found = find(tmp_path, "PFM060", f'version: "1.0.2"\n{RECIPES}')
    assert shown(found) == ["1:10 hint `version` is '1.0.2', but the version of a feedstock is two numbers, MAJOR.MINOR"]
    assert find(tmp_path, "PFM060", f"version: 1.0\n{RECIPES}") == []


def test_the_id_of_a_feedstock_is_the_name_of_its_folder(tmp_path):
    found = find_staged(tmp_path, "PFM060", f"id: oisst\n{RECIPES}")
    assert shown(found) == ["1:5 hint `id` is 'oisst', but the folder is named 'sst'"]
    for name in ("sst", "sst-feedstock"):
        assert find_staged(tmp_path, "PFM060", f"id: {name}\n{RECIPES}") == []


def test_a_checkout_may_have_any_name(tmp_path):
    assert find(tmp_path, "PFM060", f"id: oisst\n{RECIPES}") == []
