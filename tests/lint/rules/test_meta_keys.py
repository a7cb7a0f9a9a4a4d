"""Keys of meta.yaml that mean nothing, and values that YAML 1.1 takes for something else than texts."""

from __future__ import annotations

import pytest

from lint.feedstocks import META, draft_of, lint, write_good
from pangeo_forge.lint.findings import Level
from pangeo_forge.lint.fixing import fix
from pangeo_forge.lint.options import Options

RECIPES = 'recipes:\n  - id: sst\n    object: "recipe:sst"\n'


def find(root, meta, code):
    return list(lint(write_good(root, {"feedstock/meta.yaml": meta}), Options(select=(code,))))


def shown(findings):
    return [f"{found.where.line}:{found.where.column} {found.level} {found.message}" for found in findings]


# PFM004


def test_a_text_that_yaml_1_1_takes_for_something_else_is_a_hint(tmp_path):
    (found,) = find(tmp_path, f"{RECIPES}pangeo_notebook_version: 2021.10  # of October\n", "PFM004")
    assert shown([found]) == ["4:26 hint `pangeo_notebook_version` is a text, but 2021.10 without quotes is the number 2021.1 in YAML 1.1"]
    assert (found.end, found.help) == ((4, 33), 'Write "2021.10".')


@pytest.mark.parametrize(
    ("meta", "place"),
    [
        ("recipes:\n  - id: no\n    object: recipe:sst\n", "2:9"),
        ("title: 2020\n" + RECIPES, "1:8"),
        ("maintainers: [{name: on, github: 1_0}]\n", "1:22"),
        ("provenance:\n  license: off\n", "2:12"),
        ("provenance: {providers: [{name: a, roles: [host, no]}]}\n", "1:50"),
        ("provenance: {license_link: {title: 1:30}}\n", "1:36"),
        ("bakery: {id: 12}\n", "1:14"),
        ("bakeries: [{id: 0x1}]\n", "1:17"),
        ("version: 1.0\n", "1:10"),
    ],
)
def test_all_values_that_are_texts_are_looked_at(tmp_path, meta, place):
    first, *_ = find(tmp_path, meta, "PFM004")
    assert f"{first.where.line}:{first.where.column}" == place


@pytest.mark.parametrize(
    "meta",
    [
        META,
        f'{RECIPES}version: "1.0"\n',
        f"{RECIPES}version: '1.0'\n",
        f"{RECIPES}version: !!str 1.0\n",
        f"{RECIPES}version: &version 1.0\n",
        f"{RECIPES}version:\n",
        f"{RECIPES}version: ~\n",
        f"{RECIPES}version: |\n  1.0\n",
        f"{RECIPES}bakery: {{id: local, resources: {{memory: 4096, cpu: 1024}}}}\n",
        f"{RECIPES}x-released: 2021-07-01\ncitation: [{{year: 2021}}]\n",
        f"{RECIPES}maintainers: [{{name: a, orcid: 0000-0002-1825-0097}}]\n",
        f"{RECIPES}pangeo_forge_version: 0.9.2\npangeo_notebook_version: 2022.06.02\n",
    ],
)
def test_texts_and_what_is_none_are_left_alone(tmp_path, meta):
    assert find(tmp_path, meta, "PFM004") == []


def test_quotes_are_put_around_it_and_all_else_stays(tmp_path):
    meta = "# a\r\nversion: 1.0   # one\r\nrecipes: [{id: on, object: 'recipe:sst'}]"
    root = write_good(tmp_path, {"feedstock/meta.yaml": meta.encode()})
    fixed = fix(draft_of(root), Options(select=("PFM004",)))
    assert fixed.draft.overlay["meta.yaml"].decode() == meta.replace("1.0", '"1.0"').replace("id: on", 'id: "on"')
    assert fixed.left.findings == ()


# PFM005


def test_a_misspelt_key_is_a_warning(tmp_path):
    (found,) = find(tmp_path, f"{RECIPES}pangeo_notebook_verion: '2021.07.17'\n", "PFM005")
    assert shown([found]) == ["4:1 warning the key `pangeo_notebook_verion` means nothing in meta.yaml"]
    assert (found.end, found.help) == ((4, 23), "Did you mean `pangeo_notebook_version`?")


def test_the_end_of_a_key_in_quotes_is_behind_them(tmp_path):
    (found,) = find(tmp_path, f'{RECIPES}"maintaners": []\n', "PFM005")
    assert (str(found.where).endswith("meta.yaml:4:1"), found.end) == (True, (4, 13))


@pytest.mark.parametrize(
    ("meta", "place", "message", "hint"),
    [
        ("license: MIT\n", "1:1", "`license` means nothing in meta.yaml", "Write it under `provenance`."),
        ("licence: MIT\n", "1:1", "`licence` means nothing in meta.yaml", "Write it as `license`, under `provenance`."),
        ("dict_object: a:b\n", "1:1", "`dict_object` means nothing in meta.yaml", "Write it in an entry of `recipes`."),
        ("github: ada\n", "1:1", "`github` means nothing in meta.yaml", "Write it in an entry of `maintainers`."),
        ("provenance:\n  maintainers: []\n", "2:3", "`maintainers` means nothing in `provenance`", "Write it at the top of the file."),
        ("provenance:\n  provider: []\n", "2:3", "`provider` means nothing in `provenance`", "Did you mean `providers`?"),
        (
            "provenance:\n  providers:\n    - role: host\n",
            "3:7",
            "`role` means nothing in a provider",
            "Did you mean `roles`?",
        ),
        (
            "provenance: {providers: [{license: MIT}]}\n",
            "1:27",
            "`license` means nothing in a provider",
            "Write it under `provenance`.",
        ),
        ("provenance: {license_link: {ulr: a}}\n", "1:29", "`ulr` means nothing in `license_link`", None),
        ("maintainers: [{orchid: a}]\n", "1:16", "`orchid` means nothing in a maintainer", "Did you mean `orcid`?"),
        ("bakery: {targets: a}\n", "1:10", "`targets` means nothing in a bakery", "Did you mean `target`?"),
        ("Title: a\n", "1:1", "`Title` means nothing in meta.yaml", "Did you mean `title`?"),
    ],
)
def test_every_mapping_is_looked_at(tmp_path, meta, place, message, hint):
    (found,) = find(tmp_path, meta + RECIPES, "PFM005")
    assert f"{found.where.line}:{found.where.column}" == place
    assert found.message == f"the key {message}"
    if hint:
        assert (found.level, found.help) == (Level.WARNING, hint)


def test_a_key_that_is_like_none_is_a_hint(tmp_path):
    (found,) = find(tmp_path, f"{RECIPES}output:\n  format: zarr\n", "PFM005")
    assert shown([found]) == ["4:1 hint the key `output` means nothing in meta.yaml"]
    assert found.help == "Nothing reads it. If it is meant for people, or for a program of yours, `x-output` says so."


def test_a_key_that_is_there_already_is_not_what_was_meant(tmp_path):
    (found,) = find(tmp_path, f"{RECIPES}title: a\ntitles: b\n", "PFM005")
    assert found.level is Level.HINT


@pytest.mark.parametrize(
    "meta",
    [
        META,
        f"{RECIPES}citation: [{{authors: a, doi: b}}]\ncontact: {{email: a}}\nacknowledgements: a\n",
        f"{RECIPES}x-mine: 1\n_more: 2\n.common: 3\n",
        f"{RECIPES}provenance: {{providers: [{{name: a, orcid: b, github: c}}]}}\n",
        f"{RECIPES}maintainers: [{{name: a, email: b, affiliation: c}}]\n",
        f"{RECIPES}bakery: {{id: a, resources: {{memory: 1, cpu: 2, disk: 3}}}}\n",
        f"{RECIPES}id: a\nversion: '1.0'\nbakeries: [{{id: a}}]\npangeo_forge_metadata_spec_version: '0.1'\n",
        "x-people: &people {name: a}\n" + RECIPES + "maintainers: [{<<: *people, github: b}]\n",
        "- a list\n",
        "dataset: a\nsource: b\n",  # no meta.yaml at all, which is said elsewhere
    ],
)
def test_known_keys_and_those_for_people_are_left_alone(tmp_path, meta):
    assert find(tmp_path, meta, "PFM005") == []


def test_a_misspelt_recipes_is_said_once(tmp_path):
    findings = lint(write_good(tmp_path, {"feedstock/meta.yaml": RECIPES.replace("recipes", "recipies")}), Options(select=("PFM0",)))
    assert [found.code for found in findings if "recipies" in found.message] == ["PFM010"]


def test_of_very_many_unknown_keys_the_first_are_named(tmp_path):
    keys = "".join(f"{'k' * 900}{number}: 1\n" for number in range(300))
    findings = find(tmp_path, RECIPES + keys, "PFM005")
    assert len(findings) == 25
    assert all(len(found.message) < 120 for found in findings)


# PFM006


def test_keys_of_the_first_format_are_one_hint(tmp_path):
    meta = f"title: a\npangeo_forge_metadata_spec_version: '0.1'\npangeo_forge_recipes_version: '0.9.2'\n{RECIPES}"
    (found,) = find(tmp_path, meta, "PFM006")
    assert shown([found]) == [
        "2:1 hint this is spelt as in the first format of 2021: `pangeo_forge_metadata_spec_version` is read by nothing; "
        "`pangeo_forge_recipes_version` is `pangeo_forge_version` today"
    ]


@pytest.mark.parametrize("meta", [META, f"{RECIPES}pangeo_forge_version: '0.9.2'\nbakery: {{id: a}}\n", "", "a"])
def test_other_kinds_of_files_are_as_good(tmp_path, meta):
    assert find(tmp_path, meta, "PFM006") == []


# Real files.


def test_nothing_is_said_of_the_keys_and_texts_of_real_files(shared):
    folders = sorted(path for path in (shared / "meta-corpus").iterdir() if path.is_dir())
    options = Options(select=("PFM004", "PFM005", "PFM006"))
    assert {folder.name: found for folder in folders if (found := lint(folder, options))} == {}
