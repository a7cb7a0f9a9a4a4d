"""What a pull request changes, as git tells."""

from __future__ import annotations

import os

import pytest

from lint.feedstocks import META, write, write_good
from lint.repositories import commit, git, start
from pangeo_forge.errors import UsageError
from pangeo_forge.lint.discovery import find_drafts
from pangeo_forge.lint.files.changes import Changes, Committer, find_top


@pytest.fixture
def repository(tmp_path):
    """A feedstock on ``main``, and a branch ``pr`` that is checked out."""
    root = start(write_good(tmp_path / "rain"))
    git(root, "checkout", "--quiet", "-b", "pr")
    return root


def paths(root, ref="main"):
    return sorted(Changes.since(ref, find_top(root)).paths)


def test_files_that_differ_are_named_committed_or_not(repository):
    write(repository, {"README.md": "changed", "new/file.txt": "new"})
    commit(repository)
    write(repository, {"feedstock/recipe.py": "changed", "über uns.md": "new"})
    (repository / "LICENSE").unlink()
    assert paths(repository) == ["LICENSE", "README.md", "feedstock/recipe.py", "new/file.txt", "über uns.md"]


def test_nothing_differs_where_nothing_was_done(repository):
    assert paths(repository) == []


def test_ignored_files_do_not_count(repository):
    write(repository, {".gitignore": "*.log\n", "a.log": ""})
    assert paths(repository) == [".gitignore"]


def test_what_others_did_meanwhile_does_not_count(repository):
    write(repository, {"README.md": "changed"})
    commit(repository)
    git(repository, "checkout", "--quiet", "main")
    write(repository, {"LICENSE": "changed"})
    commit(repository)
    git(repository, "checkout", "--quiet", "pr")
    assert paths(repository) == ["README.md"]


def test_a_merge_with_the_base_counts_as_the_branch_does(repository):
    write(repository, {"README.md": "changed"})
    commit(repository)
    git(repository, "checkout", "--quiet", "main")
    write(repository, {"LICENSE": "changed"})
    commit(repository)
    git(repository, "merge", "--quiet", "--no-edit", "pr")
    assert paths(repository, "main^1") == ["README.md"]


def test_a_renamed_file_is_gone_and_new(repository):
    git(repository, "mv", "README.md", "READ.md")
    assert paths(repository) == ["READ.md", "README.md"]


@pytest.mark.parametrize("ref", ["main", "HEAD", "v1", "refs/heads/main"])
def test_a_base_has_any_name_that_git_knows(ref, repository):
    git(repository, "tag", "v1", "main")
    assert paths(repository, ref) == []


def test_settings_of_the_developer_do_not_matter(repository):
    write(repository, {"README.md": "changed", "feedstock/recipe.py": "changed"})
    for name, value in {"diff.external": "false", "diff.relative": "true", "core.quotePath": "true", "diff.noprefix": "true"}.items():
        git(repository, "config", name, value)
    assert paths(repository / "feedstock") == ["README.md", "feedstock/recipe.py"]


def test_a_text_is_given_as_it_was(repository):
    changes = Changes.since("main", repository)
    write(repository, {"feedstock/meta.yaml": "changed"})
    path = changes.path_of(repository / "feedstock", "meta.yaml")
    assert path == "feedstock/meta.yaml"
    assert changes.before(path) == META.strip()
    assert changes.before("feedstock/nothing.yaml") is None
    assert changes.before("feedstock") is None


def test_a_text_that_was_large_is_not_read(repository):
    write(repository, {"large.txt": "a" * 600_000})
    commit(repository)
    assert Changes.since("HEAD", repository).before("large.txt") is None


def test_whether_a_file_was_there_is_told(repository):
    write(repository, {"new.txt": "new"})
    commit(repository)
    changes = Changes.since("main", repository)
    assert changes.had_any(["nothing", "README.md"])
    assert not changes.had_any(["new.txt", "nothing"])


def test_who_made_the_commits_is_told_once_each(repository):
    commit(repository, name="Grace", email="grace@example.org")
    commit(repository, name="Ada Lovelace")
    commit(repository, name="Grace", email="grace@example.org")
    ada = Committer("Ada Lovelace", "1234+ada@users.noreply.github.com")
    grace = Committer("Grace", "grace@example.org")
    assert set(Changes.since("main", repository).committers) == {ada, grace}
    assert (ada.login, grace.login) == ("ada", None)
    assert Committer("b", "1+dependabot[bot]@users.noreply.github.com").login is None


def test_changes_are_sorted_by_the_first_part_of_their_paths(repository):
    write(repository, {"README.md": "changed", "feedstock/b.py": "", "feedstock/a.py": "", ".github/workflows/a.yaml": ""})
    assert Changes.since("main", repository).folders == {
        "": ("README.md",),
        ".github": (".github/workflows/a.yaml",),
        "feedstock": ("feedstock/a.py", "feedstock/b.py"),
    }


@pytest.mark.parametrize("ref", ["nothing", "--output=file", "", "main:README.md"])
def test_a_base_that_is_none_is_refused(ref, repository):
    with pytest.raises(UsageError) as caught:
        Changes.since(ref, repository)
    assert "fetch-depth: 0" in caught.value.hint
    assert not (repository / "file").exists()


def test_a_checkout_that_does_not_reach_back_is_told_how_to(repository, tmp_path):
    commit(repository)
    git(tmp_path, "clone", "--quiet", "--depth=1", "--branch=pr", f"file://{repository}", "clone")
    git(tmp_path / "clone", "fetch", "--quiet", "--depth=1", "origin", "main:main")
    with pytest.raises(UsageError, match="does not reach back to where it left 'main'") as caught:
        Changes.since("main", tmp_path / "clone")
    assert caught.value.hint == "Fetch the history: `git fetch --unshallow`, or `fetch-depth: 0`."


def test_outside_of_any_checkout_there_is_nothing_to_compare_with(tmp_path):
    write_good(tmp_path)
    with pytest.raises(UsageError, match="lies in no git checkout"):
        find_drafts(tmp_path, checkouts=tmp_path / "checkouts", base="main")


def test_drafts_of_one_checkout_share_what_changed(tmp_path):
    start(write(tmp_path, {"recipes/snow/meta.yaml": META, "recipes/hail/meta.yaml": META}))
    hail, snow = find_drafts(tmp_path, checkouts=tmp_path / "checkouts", base="HEAD")
    assert hail.changes is not None
    assert hail.changes is snow.changes


def test_a_hook_of_git_does_not_point_elsewhere(repository, monkeypatch, tmp_path):
    monkeypatch.setenv("GIT_DIR", os.fspath(tmp_path / "nowhere"))
    assert paths(repository) == []
