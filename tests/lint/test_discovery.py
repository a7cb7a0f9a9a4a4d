"""From what a person names to the feedstocks to be linted, wherever they lie and whatever links there are."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lint.feedstocks import META, RECIPE, codes, write, write_good
from lint.repositories import git, start
from pangeo_forge.errors import UsageError
from pangeo_forge.lint.discovery import find_drafts
from pangeo_forge.lint.drafts import Draft, Layout
from pangeo_forge.lint.linter import lint_draft
from pangeo_forge.lint.options import Options

FILES = {"meta.yaml": META, "recipe.py": RECIPE}


def under(*folders: str) -> dict[str, str]:
    return {f"{folder}/{name}": text for folder in folders for name, text in FILES.items()}


def find(source: Path | str, tmp_path: Path) -> list[Draft]:
    return find_drafts(source, checkouts=tmp_path / "checkouts")


def structure(draft: Draft) -> list[tuple[str, str]]:
    return [(found.code, found.where.path) for found in lint_draft(draft, Options(select=("PFS",))).findings]


@pytest.mark.parametrize(
    ("files", "source", "folder", "layout", "root", "name"),
    [
        (under("feedstock"), ".", "feedstock", Layout.FEEDSTOCK, ".", "rain"),
        (under("feedstock"), "feedstock", "feedstock", Layout.FEEDSTOCK, ".", "rain"),
        (under("feedstock"), "feedstock/recipe.py", "feedstock", Layout.FEEDSTOCK, ".", "rain"),
        (under("recipes/snow"), ".", "recipes/snow", Layout.STAGED, ".", "snow"),
        (under("recipes/snow"), "recipes", "recipes/snow", Layout.STAGED, ".", "snow"),
        (under("recipes/snow"), "recipes/snow/meta.yaml", "recipes/snow", Layout.STAGED, ".", "snow"),
        (under("recipes/snow/feedstock"), ".", "recipes/snow/feedstock", Layout.FEEDSTOCK, "recipes/snow", "snow"),
        (FILES, ".", ".", Layout.LOOSE, ".", "rain"),
        ({**FILES, "deep/down/here.py": ""}, "deep/down/here.py", ".", Layout.LOOSE, ".", "rain"),
        (under("hail-feedstock"), ".", "hail-feedstock", Layout.LOOSE, "hail-feedstock", "hail"),
        (under("hail-feedstock/feedstock"), ".", "hail-feedstock/feedstock", Layout.FEEDSTOCK, "hail-feedstock", "hail"),
        ({"feedstock/recipe.py": RECIPE}, ".", "feedstock", Layout.FEEDSTOCK, ".", "rain"),
        ({"recipe.py": RECIPE}, ".", ".", Layout.LOOSE, ".", "rain"),
        ({"feedstock/meta.yml": META}, ".", "feedstock", Layout.FEEDSTOCK, ".", "rain"),
        ({"META.yaml": META}, "META.yaml", ".", Layout.LOOSE, ".", "rain"),
    ],
)
def test_a_feedstock_is_found_with_the_repository_that_it_lies_in(files, source, folder, layout, root, name, tmp_path):
    repository = write(tmp_path / "rain-feedstock", files)
    (draft,) = find(repository / source, tmp_path)
    assert draft.folder == (repository / folder).resolve()
    assert (draft.layout, draft.root, draft.name) == (layout, (repository / root).resolve(), name)
    assert not draft.is_outside


def test_all_folders_in_recipes_are_feedstocks_or_should_be(tmp_path):
    write(tmp_path, {**under("recipes/snow", "recipes/hail"), "recipes/fog/recipe.py": RECIPE, "recipes/.cache/x": "", "docs/a.md": ""})
    drafts = find(tmp_path, tmp_path)
    assert [draft.name for draft in drafts] == ["fog", "hail", "snow"]
    assert structure(drafts[0]) == [("PFS001", (tmp_path / "recipes/fog").as_posix())]


def test_of_the_folders_in_any_other_those_are_that_have_a_description(tmp_path):
    write(tmp_path, {**under("snow", "hail-feedstock/feedstock"), "docs/a.md": "", "fog/meta.yml": META})
    assert [draft.name for draft in find(tmp_path, tmp_path)] == ["fog", "hail", "snow"]


@pytest.mark.parametrize("source", [".", "deep/down", "deep/down/here.py"])
def test_files_are_named_as_from_where_the_person_is(source, tmp_path, monkeypatch):
    monkeypatch.chdir(write(tmp_path, {**FILES, "deep/down/here.py": ""}))
    (draft,) = find(source, tmp_path)
    assert draft.show("meta.yaml") == "meta.yaml"
    assert draft.folder == tmp_path.resolve()


def test_files_beside_a_feedstock_are_named_without_detours(tmp_path, monkeypatch):
    monkeypatch.chdir(write_good(tmp_path / "rain").parent)
    (draft,) = find("rain", tmp_path)
    assert draft.show(draft.from_root(".github/workflows/a.yaml")) == "rain/.github/workflows/a.yaml"
    monkeypatch.chdir(tmp_path / "rain" / "feedstock")
    (draft,) = find(".", tmp_path)
    assert draft.show(draft.from_root("README.md")) == "../README.md"


# Repositories.


@pytest.fixture
def bare(tmp_path: Path) -> str:
    """The URL of a bare repository ``snow-feedstock.git`` with a feedstock, a draft, and a folder that holds neither."""
    files = {**under("feedstock", "recipes/hail"), "docs/deep/a.md": "a"}
    clone = start(write(tmp_path / "work", files))
    git(tmp_path, "clone", "--quiet", "--bare", str(clone), "snow-feedstock.git")
    return f"file://{tmp_path}/snow-feedstock.git"


def test_a_repository_is_fetched_and_its_files_named_from_its_top(bare, tmp_path):
    (draft,) = find(bare, tmp_path)
    assert (draft.name, draft.layout, draft.show("meta.yaml")) == ("snow", Layout.FEEDSTOCK, "feedstock/meta.yaml")
    assert draft.root.is_relative_to(tmp_path / "checkouts")


def test_a_folder_of_a_repository_can_be_named(bare, tmp_path):
    (draft,) = find(f"{bare}#recipes/hail", tmp_path)
    assert (draft.name, draft.layout, draft.show("meta.yaml")) == ("hail", Layout.STAGED, "recipes/hail/meta.yaml")


def test_nothing_above_the_named_folder_of_a_repository_is_looked_at(bare, tmp_path):
    write(tmp_path / "checkouts", FILES)
    (draft,) = find(f"{bare}#docs/deep", tmp_path)
    assert structure(draft) == [("PFS001", "docs/deep")]


def test_a_folder_that_a_repository_does_not_have_is_refused(bare, tmp_path):
    with pytest.raises(UsageError, match=r"has no folder 'nowhere'"):
        find(f"{bare}#nowhere", tmp_path)


def test_what_is_no_feedstock_at_all_is_refused(tmp_path):
    with pytest.raises(UsageError, match="'-' is no feedstock"):
        find("-", tmp_path)
    with pytest.raises(UsageError):
        find(tmp_path / "nowhere", tmp_path)


# Links.


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder of somebody else: a feedstock that has faults, and another in it."""
    return write(tmp_path / "outside", {"meta.yaml": "[", "recipe.py": "(", **under("snow")})


def test_a_feedstock_that_is_a_link_out_of_its_repository_is_not_read(tmp_path, outside):
    root = write(tmp_path / "repository", {})
    root.mkdir()
    (root / "feedstock").symlink_to(outside)
    assert codes(root, Options()) == ["PFS010"]


@pytest.mark.parametrize(
    ("link", "target"),
    [("recipes/fog", "."), ("recipes/fog", "snow"), ("fog", "snow"), ("recipes/fog/feedstock", "snow"), ("fog/feedstock", "snow")],
)
def test_a_folder_that_is_a_link_out_of_what_was_named_is_not_read(link, target, tmp_path, outside):
    root = write(tmp_path / "repository", under(f"{link.partition('/')[0]}/hail" if "recipes" in link else "hail"))
    (root / link).parent.mkdir(parents=True, exist_ok=True)
    (root / link).symlink_to(outside / target)
    drafts = {draft.show("").removeprefix(f"{root.as_posix()}/"): draft for draft in find(root, tmp_path)}
    assert [path for path, draft in drafts.items() if draft.is_outside] == [link]
    assert structure(drafts[link]) == [("PFS010", (root / link).as_posix())]
    assert len(drafts) == 2


def test_a_folder_in_a_folder_that_is_a_link_out_is_not_read(tmp_path, outside):
    root = write(tmp_path / "repository", under("recipes/hail"))
    write(outside / "feedstock", FILES)
    (root / "recipes" / "fog").symlink_to(outside)
    fog, _ = find(root, tmp_path)
    assert fog.is_outside
    assert [found.code for found in lint_draft(fog, Options()).findings] == ["PFS010"]


def test_a_link_out_in_place_of_recipes_is_not_even_listed(tmp_path):
    root = tmp_path / "repository"
    root.mkdir()
    (root / "recipes").symlink_to(write(tmp_path / "others", under("snow")))
    (draft,) = find(root, tmp_path)
    assert draft.folder == root.resolve()
    assert [code for code, _ in structure(draft)] == ["PFS001", "PFS010"]


def test_a_person_may_name_a_link(tmp_path):
    write_good(tmp_path / "rain")
    (tmp_path / "link").symlink_to("rain")
    (draft,) = find(tmp_path / "link", tmp_path)
    assert draft.folder == (tmp_path / "rain" / "feedstock").resolve()
    assert structure(draft) == []


def test_links_within_a_repository_are_followed(tmp_path):
    root = write_good(tmp_path / "rain", {"feedstock/recipe.py": None, "code/recipe.py": RECIPE})
    (root / "feedstock" / "recipe.py").symlink_to("../code/recipe.py")
    assert [code for code in codes(root) if code[:3] == "PFS"] == []


# What this user may not read.


@contextmanager
def as_ordinary_user() -> Iterator[None]:
    """Give up the rights of root, if these tests have them."""
    root = os.geteuid() == 0
    os.seteuid(65534 if root else os.geteuid())
    try:
        yield
    finally:
        os.seteuid(0 if root else os.geteuid())


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that an ordinary user can reach."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_a_folder_that_this_user_may_not_read_is_refused(public):
    write(public, under("recipes/snow"))
    (public / "recipes" / "snow").chmod(0o000)
    with as_ordinary_user(), pytest.raises(UsageError, match=r"recipes/snow.* cannot be read: Permission denied"):
        find_drafts(public, checkouts=public / "checkouts")


def test_files_that_this_user_may_not_read_are_passed_over_or_told(public):
    files = {"feedstock/closed/a.txt": "", ".github/workflows/a.yaml": "", "feedstock/requirements.txt": ""}
    write_good(public, files)
    for path in ("feedstock/closed", ".github/workflows", "feedstock/requirements.txt"):
        (public / path).chmod(0o000)
    with as_ordinary_user():
        (draft,) = find_drafts(public, checkouts=public / "checkouts")
        assert [found.message for found in lint_draft(draft, Options(select=("PFS", "PFG", "PFD002"))).findings] == [
            "the file cannot be read: Permission denied"
        ]
