"""Whether a pull request changes what belongs together, and says so."""

from __future__ import annotations

import os

import pytest

from lint.feedstocks import META, RECIPE, write, write_good
from lint.repositories import commit, git, start
from pangeo_forge.api.linting import find_all, fix_all, lint_all, lint_recipes
from pangeo_forge.lint.options import Options

HISTORY = ["PFS004", "PFS007", "PFM045", "PFM061"]
MINE = {"name": "Ada Lovelace", "email": "1234+ada@users.noreply.github.com"}
OTHER = {"name": "Grace", "email": "5678+grace-h@users.noreply.github.com"}


@pytest.fixture
def check(monkeypatch, tmp_path):
    """Lint a repository against ``main``: code, path relative to its top, line, column and message of each finding."""
    monkeypatch.setenv("PANGEO_FORGE_HOME", str(tmp_path / "home"))

    def run(root, base="main"):
        found = [finding for linted in lint_recipes(root, select=HISTORY, base=base) for finding in linted.findings]
        return [(one.code, os.path.relpath(one.where.path, root), one.where.line, one.where.column, one.message) for one in found]

    return run


def branch(root):
    """Put what lies in a folder on ``main``, and begin a branch."""
    start(root)
    git(root, "checkout", "--quiet", "-b", "pr")
    return root


@pytest.fixture
def staged(tmp_path):
    drafts = {f"recipes/{name}/{file}": text for name in ("fog", "hail") for file, text in (("meta.yaml", META), ("recipe.py", RECIPE))}
    return branch(write(tmp_path / "staged-recipes", {**drafts, "README.md": "Drafts\n"}))


@pytest.fixture
def feedstock(tmp_path):
    return branch(write_good(tmp_path / "rain", {".github/workflows/bake.yaml": "on: push\n"}))


# PFS004.


def test_changes_beside_drafts_are_told_once(staged, check):
    write(staged, {"recipes/fog/recipe.py": "x = 1\n", "recipes/hail/recipe.py": "x = 1\n", "README.md": "New\n", "a/b.txt": ""})
    assert check(staged) == [
        ("PFS004", "README.md", None, None, "the pull request changes drafts in recipes/, and beside them README.md, a/b.txt")
    ]


def test_of_many_drafts_each_is_linted_in_another_process_and_it_is_told_once_all_the_same(staged, check):
    write(staged, {f"recipes/draft-{number}/meta.yaml": META for number in range(60)})
    write(staged, {"README.md": "New\n"})
    assert [code for code, *_ in check(staged)] == ["PFS004"]


def test_mending_tells_it_once_as_well(staged, check):
    write(staged, {"recipes/fog/recipe.py": "x = 1\n", "README.md": "New\n"})
    fixed = list(fix_all(find_all([staged], base="main"), Options(select=("PFS004",), base="main")))
    assert [len(one.left.findings) for one in fixed] == [1, 0]


def test_what_two_repositories_have_in_common_is_told_of_both(tmp_path, monkeypatch):
    roots = [start(write_good(tmp_path / name / "rain", {"feedstock/meta.yaml": "[\n"})) for name in ("one", "two")]
    monkeypatch.setenv("PANGEO_FORGE_HOME", str(tmp_path / "home"))
    linted = list(lint_all(find_all([f"file://{root}" for root in roots]), Options(select=("PFM001",))))
    assert [len(one.findings) for one in linted] == [1, 1]


def test_a_pull_request_about_drafts_alone_is_as_it_should_be(staged, check):
    write(staged, {"recipes/fog/recipe.py": "x = 1\n", "recipes/snow/meta.yaml": META})
    assert check(staged) == []


def test_a_pull_request_about_the_repository_alone_is_as_well(staged, check):
    write(staged, {"README.md": "New\n", ".github/workflows/a.yaml": "on: push\n"})
    assert check(staged) == []


def test_without_a_base_nothing_is_compared(staged, check):
    write(staged, {"recipes/fog/recipe.py": "x = 1\n", "README.md": "New\n"})
    assert check(staged, base=None) == []


def test_drafts_in_a_folder_of_a_larger_repository_are_not_the_whole_of_it(tmp_path, check):
    root = branch(write(tmp_path, {"tools/recipes/fog/meta.yaml": META, "README.md": ""}))
    write(root, {"tools/recipes/fog/meta.yaml": f"{META}\n", "README.md": "New\n"})
    assert check(root / "tools") == []


# PFS007.


def test_workflows_and_the_feedstock_change_apart(feedstock, check):
    write(feedstock, {"feedstock/recipe.py": f"{RECIPE}\n", ".github/workflows/bake.yaml": "on: pull_request\n"})
    message = "the pull request changes .github/workflows/bake.yaml, and the feedstock as well"
    assert check(feedstock) == [("PFS007", ".github/workflows/bake.yaml", None, None, message)]


@pytest.mark.parametrize(
    "files",
    [
        {"feedstock/recipe.py": RECIPE + "\n", "README.md": "New\n", "LICENSE": "New\n"},
        {".github/workflows/bake.yaml": "on: pull_request\n", "README.md": "New\n"},
        {"feedstock/recipe.py": RECIPE + "\n", ".github/CODEOWNERS": "* @ada\n", "output/catalog.json": "{}"},
    ],
)
def test_other_files_may_change_with_either(files, feedstock, check):
    write(feedstock, files)
    assert check(feedstock) == []


def test_who_begins_a_feedstock_brings_both(tmp_path, check):
    root = branch(write(tmp_path / "rain", {"README.md": ""}))
    write_good(root, {".github/workflows/bake.yaml": "on: push\n"})
    assert check(root) == []


# PFM045.


def test_who_adds_a_feedstock_should_look_after_it(staged, check):
    write(staged, {"recipes/snow/meta.yaml": META, "recipes/snow/recipe.py": RECIPE})
    commit(staged, **OTHER)
    message = "grace-h adds this feedstock, but is none of its maintainers"
    assert check(staged) == [("PFM045", "recipes/snow/meta.yaml", META.splitlines().index("maintainers:") + 1, 1, message)]


@pytest.mark.parametrize(
    "people",
    [
        [MINE],
        [{"name": "ada lovelace", "email": "ada@example.org"}],
        [{"name": "Countess", "email": "ADA@users.noreply.github.com"}],
        [OTHER, MINE],
        [{"name": "Grace", "email": "grace@example.org"}],  # whose name on GitHub nobody knows
        [OTHER, {"name": "Somebody", "email": "somebody@example.org"}],
        [{"name": "dependabot[bot]", "email": "1+dependabot[bot]@users.noreply.github.com"}],
    ],
)
def test_maintainers_and_who_is_not_known_are_not_told_of(people, staged, check):
    write(staged, {"recipes/snow/meta.yaml": META, "recipes/snow/recipe.py": RECIPE})
    for person in people:
        commit(staged, **person)
    assert check(staged) == []


def test_who_changes_a_feedstock_that_was_there_need_not_look_after_it(staged, check):
    write(staged, {"recipes/fog/meta.yaml": META.replace("Daily", "Monthly")})
    commit(staged, **OTHER)
    assert check(staged) == []


def test_a_feedstock_that_is_renamed_was_there(staged, check):
    git(staged, "mv", "recipes/fog/meta.yaml", "recipes/fog/meta.yml")
    commit(staged, **OTHER)
    assert check(staged) == []


# PFM061.

VERSIONED = f'version: "1.2"\n{META}'


@pytest.fixture
def versioned(tmp_path):
    return branch(write_good(tmp_path / "rain", {"feedstock/meta.yaml": VERSIONED}))


def test_a_recipe_that_changes_has_another_version(versioned, check):
    write(versioned, {"feedstock/recipe.py": RECIPE.replace("31", "62")})
    assert check(versioned) == [("PFM061", "feedstock/meta.yaml", 1, 10, "recipe.py changed, but the version is still 1.2")]


def test_another_version_is_enough(versioned, check):
    write(versioned, {"feedstock/recipe.py": RECIPE.replace("31", "62"), "feedstock/meta.yaml": VERSIONED.replace("1.2", "1.3")})
    assert check(versioned) == []


@pytest.mark.parametrize(
    "files",
    [
        {"feedstock/recipe.py": RECIPE.replace("sst =", "\n\n# A comment.\nsst =")},
        {"feedstock/meta.yaml": VERSIONED.replace("Daily", "Monthly")},
        {"feedstock/requirements.txt": "pangeo-forge==0.1.1\n"},
        {"feedstock/notes.py": "x = 1\n"},
        {"feedstock/recipe.py": "(\n"},
    ],
)
def test_what_does_not_change_the_recipe_needs_no_other_version(files, versioned, check):
    write(versioned, files)
    assert check(versioned) == []


def test_feedstocks_without_a_version_need_none(feedstock, check):
    write(feedstock, {"feedstock/recipe.py": RECIPE.replace("31", "62")})
    assert check(feedstock) == []


@pytest.mark.parametrize("before", ["[\n", "- a\n", META, f"version: [1]\n{META}"])
def test_a_version_that_was_none_before_is_new(before, tmp_path, check):
    root = branch(write_good(tmp_path / "rain", {"feedstock/meta.yaml": before}))
    write(root, {"feedstock/recipe.py": RECIPE.replace("31", "62"), "feedstock/meta.yaml": VERSIONED})
    assert check(root) == []
