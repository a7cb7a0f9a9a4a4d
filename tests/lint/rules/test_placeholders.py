"""Texts of templates, and notes that something is to be written."""

from __future__ import annotations

import pytest

from lint.feedstocks import META, RECIPE, lint, write_good
from lint.meta_files import RECIPES, find, shown
from pangeo_forge.feedstocks.scaffold import init_feedstock
from pangeo_forge.lint.options import Options
from pangeo_forge.lint.vocabularies.placeholders import is_placeholder


@pytest.mark.parametrize(
    "text",
    [
        "TODO",
        "TODO: describe the grid",
        "todo",
        "FIXME",
        "TBD",
        "t.b.d.".replace(".", ""),
        "to be determined",
        "???",
        "xxx",
        "change me",
        "<name>",
        "{{ dataset }}",
        "Your Name",
        "Your Full Name",
        "Your Orchid ID",
        "your ORCID",
        "your-github-username",
        "your-github-user-name",
        "your_login",
        "Title for your recipe",
        "Long description for your recipe",
        "identifier-for-your-recipe",
        "LEAP Data Library Prototype",
        "https://example.com",
        "https://www.example.org/data?a=b",
        "https://data-provider.org/dataset",
    ],
)
def test_placeholders_are_known(text):
    assert is_placeholder(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Todo el mar",
        "A todo list of storms",
        "Yourself and others",
        "your data, our archive",
        "Sea surface temperature",
        "Nobody's land",
        "The LEAP data library",
        "recipe for your own data, in many words of which none is a template's",
        "https://example.com.au/data",
        "https://www.ncei.noaa.gov/products/optimum-interpolation-sst",
        "https://notexample.org",
        "Example of a dataset",
        "xx",
        "What?",
        "a < b > c",
        "Change in sea level",
    ],
)
def test_other_texts_are_not_taken_for_them(text):
    assert not is_placeholder(text)


def test_all_that_templates_fill_is_looked_at(tmp_path):
    meta = """\
title: TODO
description: >-
  TODO
recipes:
  - id: identifier-for-your-recipe
    object: "recipe:sst"
provenance:
  providers:
    - {name: TBD, description: TODO, url: "https://example.com", roles: [TODO]}
  license: TODO
  license_link: {title: TODO, url: https://example.com}
maintainers:
  - {name: Your Name, github: your-login, orcid: Your Orchid ID}
bakery: {id: TODO}
"""
    found = find(tmp_path, "PFS013", meta)
    places = [f"{one.where.line}:{one.where.column}" for one in found]
    assert places == ["1:8", "2:14", "5:9", "9:14", "9:32", "9:43", "11:25", "11:36", "13:12", "13:31", "13:50", "14:14"]
    assert shown(found[:1]) == ["1:8 hint 'TODO' waits to be replaced"]
    assert found[0].end == (1, 12)
    assert [one.help for one in found[-3:]] == ["Write the `github`.", "Write the `orcid`, or leave it out.", "Write the `id`."]


def test_another_rule_has_no_more_to_say_of_them(tmp_path):
    meta = f"title: TODO\ndescription: TODO\n{RECIPES}maintainers:\n  - {{name: Your Name, github: your-login, orcid: Your Orchid ID}}\n"
    codes = {finding.code for finding in lint(write_good(tmp_path, {"feedstock/meta.yaml": meta}))}
    assert codes == {"PFS013", "PFM031"}


def test_notes_in_comments_are_the_authors_business(tmp_path):
    assert find(tmp_path, "PFS013", META.replace("CC-BY-4.0", "CC-BY-4.0  # TODO: ask again")) == []


@pytest.mark.parametrize(
    ("address", "part"),
    [
        ('"https://<data-provider>/sst.nc"', "<data-provider>"),
        ('f"https://data-provider.org/dataset/{time}.nc"', "://data-provider.org"),
        ('f"gs://some-bucket/{time}.nc"', "://some-bucket"),
        ('f"https://data.example.org/path/to/{time}.nc"', "/path/to/"),
    ],
)
def test_addresses_in_modules_are_looked_at(tmp_path, address, part):
    recipe = RECIPE.replace('f"https://data.example.org/sst/{time}.nc"', address)
    (found,) = lint(write_good(tmp_path, {"feedstock/recipe.py": recipe}), Options(select=("PFS013",)))
    assert shown([found]) == [f"9:12 hint `{part}` in the address waits to be replaced"]
    assert found.end == (9, 12 + len(address))


def test_a_new_feedstock_is_told_what_to_replace(tmp_path):
    found = lint(init_feedstock("ocean", tmp_path) / "feedstock", Options(select=("PFS013",)))
    assert [finding.source.strip().split(" #")[0] for finding in found] == [
        'title: "Sea surface temperature (sample)"',
        '- name: "Nobody"',
        'description: "Numbers from a formula"',
        "url: https://example.org",
        '- name: "Your Name"',
        "github: your-login",
    ]
