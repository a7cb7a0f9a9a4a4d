"""A dataset is older than its feedstock if that has commits that it was not baked of."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from catalog.health.stores import enter, write_store
from pangeo_forge.api.checking import check_catalog
from pangeo_forge.catalog.entry import Provenance
from pangeo_forge.catalog.health.ageing import find_newer
from pangeo_forge.catalog.health.findings import Finding


def git(folder: Path, *arguments: str) -> str:
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"]
    return subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def commit(repository: Path, name: str) -> str:
    """Change a file, and give the commit."""
    path = repository / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(path.read_text() + "more\n" if path.exists() else "some\n")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", f"Change {name}")
    return git(repository, "rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q")
    return folder


def the_finding(source: object, commit: str | None) -> Finding:
    (finding,) = find_newer(str(source), commit)
    return finding


def test_nothing_is_found_where_it_is_the_newest(repository: Path) -> None:
    newest = commit(repository, "feedstock/meta.yaml")
    assert find_newer(str(repository / "feedstock"), newest) == []
    assert find_newer(repository.as_uri(), newest) == []


def test_a_dataset_of_no_known_feedstock_is_not_asked_about() -> None:
    assert find_newer(None, None) == []


def test_a_folder_that_has_changed_since_makes_a_dataset_outdated(repository: Path) -> None:
    old = commit(repository, "feedstock/meta.yaml")
    new = commit(repository, "feedstock/recipe.py")
    finding = the_finding(repository / "feedstock", old)
    assert (finding.weight, finding.check) == ("degraded", "feedstock")
    assert new[:7] in finding.message
    assert old[:10] in finding.message


def test_what_changes_beside_the_feedstock_does_not_matter(repository: Path) -> None:
    old = commit(repository, "feedstock/meta.yaml")
    commit(repository, "docs/index.md")
    assert find_newer(str(repository / "feedstock"), old) == []


def test_a_repository_is_asked_for_the_branch_that_was_baked(repository: Path) -> None:
    old = commit(repository, "meta.yaml")
    git(repository, "branch", "stable")
    new = commit(repository, "meta.yaml")
    bare = repository.parent / "bare.git"
    git(repository.parent, "clone", "-q", "--bare", str(repository), str(bare))
    assert new[:10] in the_finding(bare, old).message
    assert find_newer(f"{bare}@stable", old) == []
    assert find_newer(f"{bare}@{old}", old) == []


@pytest.mark.parametrize("commit_of_run", [None, "", "--upload-pack=touch x", "0123abcd-dirty"])
def test_what_cannot_be_told_is_a_note(repository: Path, commit_of_run: str | None) -> None:
    commit(repository, "meta.yaml")
    assert the_finding(repository, commit_of_run).weight == "note"


def test_a_feedstock_that_is_gone_is_a_note(tmp_path: Path) -> None:
    finding = the_finding(tmp_path / "nowhere", "0123456789")
    assert finding.weight == "note"
    assert finding.message.startswith("whether the feedstock has changed cannot be told: ")


def test_a_commit_that_the_repository_has_not_is_a_note(repository: Path) -> None:
    commit(repository, "meta.yaml")
    assert the_finding(repository, "0123456789" * 4).weight == "note"


def test_passwords_are_not_told(tmp_path: Path) -> None:
    finding = the_finding("https://me:secret@127.0.0.1:1/x.git", "0123456789")
    assert "secret" not in f"{finding}{finding.hint}"


def test_a_check_tells_of_it(tmp_path: Path, repository: Path) -> None:
    old = commit(repository, "meta.yaml")
    commit(repository, "meta.yaml")
    write_store(tmp_path / "sst.zarr", consolidated=True)
    made = Provenance(
        run="r", feedstock="f", recipe="sst", bakery="local", baked="2020-01-01T00:00:00Z", source=str(repository), commit=old
    )
    enter(tmp_path, tmp_path / "sst.zarr", provenance=made)
    health = check_catalog(tmp_path).datasets["sst"]
    assert (health.state, [finding.check for finding in health.findings]) == ("degraded", ["feedstock"])
