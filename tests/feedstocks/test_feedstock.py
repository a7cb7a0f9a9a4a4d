"""A feedstock is found where people keep one, and what is wrong with it is told all at once."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pangeo_forge.errors import InvalidFeedstock, SourceError, UsageError
from pangeo_forge.feedstocks.feedstock import Feedstock

META = "title: Rain\nrecipes:\n  - id: rain\n    object: 'recipe:recipe'\n"
FILES = {"meta.yaml": META, "recipe.py": ""}


@contextmanager
def as_ordinary_user() -> Iterator[None]:
    """Give up the rights of root, if these tests have them."""
    root = os.geteuid() == 0
    os.seteuid(65534 if root else os.geteuid())
    try:
        yield
    finally:
        os.seteuid(0 if root else os.geteuid())


def under(folder: str) -> dict[str, str]:
    return {f"{folder}/{name}": text for name, text in FILES.items()}


# Where it lies.


@pytest.mark.parametrize(
    ("files", "source", "folder", "name"),
    [
        (FILES, "rain-feedstock", "rain-feedstock", "rain"),
        (FILES, "rain-feedstock/meta.yaml", "rain-feedstock", "rain"),
        (under("feedstock"), "rain-feedstock", "rain-feedstock/feedstock", "rain"),
        (under("feedstock"), "rain-feedstock/feedstock", "rain-feedstock/feedstock", "rain"),
        (under("feedstock"), "rain-feedstock/feedstock/meta.yaml", "rain-feedstock/feedstock", "rain"),
        (under("recipes/snow"), "rain-feedstock", "rain-feedstock/recipes/snow", "snow"),
        (under("recipes/snow"), "rain-feedstock/recipes", "rain-feedstock/recipes/snow", "snow"),
        ({**under("recipes/snow"), **under("recipes/hail")}, "rain-feedstock/recipes/hail", "rain-feedstock/recipes/hail", "hail"),
    ],
)
def test_a_feedstock_is_found_in_its_folder(files, source, folder, name, write, tmp_path, checkouts):
    write("rain-feedstock", files)
    feedstock = Feedstock.load(tmp_path / source, checkouts=checkouts)
    assert (feedstock.folder, feedstock.name) == (tmp_path / folder, name)
    assert feedstock.source == str(tmp_path / source)
    assert (feedstock.commit, feedstock.dirty) == (None, False)
    assert feedstock.meta.title == "Rain"
    assert not checkouts.exists()


@pytest.mark.parametrize(
    ("folder", "name"), [("rain_feedstock", "rain"), ("rain", "rain"), ("-feedstock", "-feedstock"), ("a-feedstock-b", "a-feedstock-b")]
)
def test_a_feedstock_is_named_as_its_folder_without_the_ending(folder, name, write, checkouts):
    assert Feedstock.load(write(folder, FILES), checkouts=checkouts).name == name


def test_the_current_folder_will_do_and_messages_are_relative_to_it(write, checkouts, monkeypatch):
    monkeypatch.chdir(write("rain", {"meta.yaml": "recipes: x"}))
    with pytest.raises(InvalidFeedstock) as caught:
        Feedstock.load(".", checkouts=checkouts)
    assert str(caught.value) == "meta.yaml:1:10: `recipes` must be a list, not the text 'x'"


def test_requirements_are_found_beside_the_description(write, checkouts):
    folder = write("rain", {**FILES, "requirements.txt": "pandas\n"})
    assert Feedstock.load(folder, checkouts=checkouts).requirements == folder / "requirements.txt"
    (folder / "requirements.txt").unlink()
    assert Feedstock.load(folder, checkouts=checkouts).requirements is None


def test_the_commit_is_told_and_whether_the_folder_differs_from_it(repository, git, checkouts):
    commit = git(repository, "rev-parse", "HEAD")
    assert (lambda f: (f.commit, f.dirty))(Feedstock.load(repository, checkouts=checkouts)) == (commit, False)
    (repository / "feedstock" / "recipe.py").write_text("recipe = 2\n")
    assert (lambda f: (f.commit, f.dirty))(Feedstock.load(repository, checkouts=checkouts)) == (commit, True)


# In a repository.


@pytest.mark.parametrize("address", ["file://{}", "file://{}@main", "file://{}#feedstock", "git+file://{}@v1#feedstock"])
def test_a_feedstock_is_found_in_a_repository(address, repository, git, checkouts):
    source = address.format(repository)
    feedstock = Feedstock.load(source, checkouts=checkouts)
    assert feedstock.folder.is_relative_to(checkouts)
    assert (feedstock.folder.name, feedstock.name) == ("feedstock", "rain")
    assert feedstock.source == source.removeprefix("git+")
    assert (feedstock.commit, feedstock.dirty) == (git(repository, "rev-parse", "HEAD"), False)


def test_files_that_look_like_a_repository_are_not_taken_for_one(write, git, tmp_path, checkouts):
    folder = write("rain", FILES)
    git(folder, "init", "--quiet", "--bare", ".")
    git(folder, "--work-tree=.", "add", ".")
    git(folder, "--work-tree=.", "commit", "--quiet", "--message", "Rain")
    ran = tmp_path / "ran"
    git(folder, "config", "core.bare", "false")
    git(folder, "config", "core.worktree", ".")
    git(folder, "config", "filter.run.clean", f"touch {ran}; cat")
    write("rain", {".gitattributes": "* filter=run\n", "recipe.py": "changed"})
    feedstock = Feedstock.load(folder, checkouts=checkouts)
    assert (feedstock.commit, feedstock.dirty) == (None, False)
    assert not ran.exists()


def test_a_bare_repository_will_do(repository, git, checkouts, tmp_path):
    git(tmp_path, "clone", "--quiet", "--bare", str(repository), "snow-feedstock.git")
    feedstock = Feedstock.load(tmp_path / "snow-feedstock.git", checkouts=checkouts)
    assert (feedstock.name, feedstock.source) == ("snow", f"{tmp_path}/snow-feedstock.git")
    assert Feedstock.load(f"{tmp_path}/snow-feedstock.git@v1#feedstock", checkouts=checkouts).folder == feedstock.folder


def commit_all(git, folder: Path) -> str:
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=All")
    return f"file://{folder}"


def test_one_of_several_in_a_repository_is_chosen_by_its_folder(write, git, checkouts):
    url = commit_all(git, write("staged", {**under("recipes/hail"), **under("recipes/snow")}))
    assert Feedstock.load(f"{url}#recipes/snow", checkouts=checkouts).name == "snow"
    with pytest.raises(UsageError) as caught:
        Feedstock.load(f"{url}@main", checkouts=checkouts)
    assert str(caught.value) == f"{url}@main holds 2 feedstocks, of which one must be chosen: hail, snow"
    assert caught.value.hint == f"Name one of them, such as {url}@main#recipes/hail."


def test_problems_in_a_repository_are_placed_from_its_top(write, git, checkouts):
    url = commit_all(git, write("staged", {"recipes/hail/meta.yaml": "recipes: x"}))
    with pytest.raises(InvalidFeedstock) as caught:
        Feedstock.load(url, checkouts=checkouts)
    assert str(caught.value) == "recipes/hail/meta.yaml:1:10: `recipes` must be a list, not the text 'x'"


def test_a_folder_that_a_repository_has_not_is_refused(write, git, checkouts):
    url = commit_all(git, write("staged", {**under("recipes/hail"), "docs/x": "", ".github/x": ""}))
    with pytest.raises(UsageError) as caught:
        Feedstock.load(f"{url}@main#recipe/hail", checkouts=checkouts)
    assert str(caught.value) == f"the repository {url}@main has no folder 'recipe/hail'"
    assert caught.value.hint == "At its top I see the folders docs, recipes."


@pytest.mark.parametrize(
    ("link", "target", "folder"),
    [
        ("out", "/etc", "#out"),
        ("out", "../../..", "#out"),
        ("feedstock", "/etc", ""),
        ("meta.yaml", "/etc/passwd", ""),
        ("meta.yaml", "meta.yaml", ""),
    ],
)
def test_a_link_out_of_a_repository_is_not_followed(link, target, folder, write, git, checkouts):
    repository = write("rain", {"README.md": ""})
    (repository / link).symlink_to(target)
    url = commit_all(git, repository)
    with pytest.raises((SourceError, InvalidFeedstock)) as caught:
        Feedstock.load(f"{url}{folder}", checkouts=checkouts)
    expected = {
        "out": (f"'out' of {url} is a link that leads out of the repository", "Put the files themselves into the repository."),
        "feedstock": (
            f"{url}: there is no meta.yaml; I see: README.md, feedstock/",
            "Give a folder with a meta.yaml in it, in its feedstock/ or in its recipes/<name>/. `pangeo-forge recipe init` makes one.",
        ),
        "meta.yaml": (f"'meta.yaml' of {url} is a link that leads out of the repository", "Put the files themselves into the repository."),
    }
    if target == "meta.yaml":
        expected["meta.yaml"] = (
            "meta.yaml:1:1: the file cannot be read: Too many levels of symbolic links",
            "Look at its name and permissions.",
        )
    assert (str(caught.value), caught.value.hint) == expected[link]


# What is not there.


def test_a_folder_without_a_description_says_what_is_there(write, checkouts):
    folder = write("rain", {"recipe.py": "", "data/x": "", ".hidden": ""})
    with pytest.raises(InvalidFeedstock) as caught:
        Feedstock.load(folder, checkouts=checkouts)
    assert str(caught.value) == f"{folder}: there is no meta.yaml; I see: data/, recipe.py"
    assert caught.value.hint == (
        "Give a folder with a meta.yaml in it, in its feedstock/ or in its recipes/<name>/. `pangeo-forge recipe init` makes one."
    )


def test_an_empty_folder_says_that_it_is(write, checkouts, tmp_path):
    (tmp_path / "rain").mkdir()
    with pytest.raises(InvalidFeedstock) as caught:
        Feedstock.load(tmp_path / "rain", checkouts=checkouts)
    assert str(caught.value) == f"{tmp_path}/rain: there is no meta.yaml; I see: nothing"


@pytest.mark.parametrize(
    ("path", "source"),
    [("meta.yml", ""), ("feedstock/meta.yml", ""), ("recipes/a/metadata.yaml", ""), ("meta.yml", "meta.yml"), ("Meta.yaml", "")],
)
def test_a_description_by_another_name_should_be_renamed(path, source, write, checkouts):
    folder = write("rain", {path: META})
    with pytest.raises(InvalidFeedstock) as caught:
        Feedstock.load(folder / source, checkouts=checkouts)
    assert str(caught.value) == f"{folder}/{path}:1:1: the file is named {Path(path).name}, but must be named meta.yaml"
    assert caught.value.hint == "Rename it to meta.yaml."


def test_another_file_is_no_feedstock(write, checkouts):
    folder = write("rain", FILES)
    with pytest.raises(UsageError) as caught:
        Feedstock.load(folder / "recipe.py", checkouts=checkouts)
    assert str(caught.value) == f"{folder}/recipe.py is a file, but a feedstock is a folder with a meta.yaml"
    assert caught.value.hint == f"Give the folder: {folder}."


def test_of_several_feedstocks_one_must_be_chosen(write, checkouts):
    folder = write("staged", {f"recipes/r{n:02d}/meta.yaml": META for n in range(12)})
    with pytest.raises(UsageError) as caught:
        Feedstock.load(folder, checkouts=checkouts)
    names = ", ".join(f"r{n:02d}" for n in range(10))
    assert str(caught.value) == f"{folder} holds 12 feedstocks, of which one must be chosen: {names} and 2 more"
    assert caught.value.hint == f"Name one of them, such as {folder}/recipes/r00."


def test_a_folder_that_this_user_may_not_read_is_refused(checkouts):
    folder = Path(tempfile.mkdtemp())  # pytest's own folders are closed to others
    try:
        folder.chmod(0o755)
        (folder / "feedstock").mkdir(mode=0o000)
        with as_ordinary_user(), pytest.raises(UsageError) as caught:
            Feedstock.load(folder, checkouts=checkouts)
    finally:
        shutil.rmtree(folder)
    assert str(caught.value) == f"{folder}/feedstock cannot be read: Permission denied"
    assert caught.value.hint == "Look at its permissions."


# What it names.


def test_modules_in_sub_folders_and_packages_are_found(write, checkouts):
    meta = "recipes:\n- {id: a, object: 'one.two:r'}\n- {id: b, object: 'pack:r'}\n- {dict_object: 'recipe:r'}\n"
    folder = write("rain", {"meta.yaml": meta, "one/two.py": "", "pack/__init__.py": "", "recipe.py": ""})
    assert len(Feedstock.load(folder, checkouts=checkouts).meta.recipes) == 3


def test_a_module_that_is_not_there_is_a_problem_with_a_suggestion(write, checkouts, monkeypatch):
    meta = "recipes:\n  - id: a\n    object: pyarmid:monthly\n  - dict_object: 'far.away:r'\n"
    monkeypatch.chdir(write("rain", {"meta.yaml": meta, "pyramid.py": "", "sub/other.py": "", "not-a-module.py": ""}))
    with pytest.raises(InvalidFeedstock) as caught:
        Feedstock.load(".", checkouts=checkouts)
    assert [(str(problem), problem.hint) for problem in caught.value.problems] == [
        (
            "meta.yaml:3:13: there is no module 'pyarmid': no file pyarmid.py beside meta.yaml",
            "Did you mean 'pyramid:monthly'? The modules here: pyramid, sub.other.",
        ),
        (
            "meta.yaml:4:18: there is no module 'far.away': no file far/away.py beside meta.yaml",
            "The modules here: pyramid, sub.other.",
        ),
    ]


def test_that_there_is_no_module_at_all_is_told_once(write, checkouts, monkeypatch):
    meta = "recipes:\n- {id: a, object: 'one:r'}\n- {id: b, object: 'two.three:r'}\n- {id: c, object: 'one:s'}\n"
    monkeypatch.chdir(write("rain", {"meta.yaml": meta}))
    with pytest.raises(InvalidFeedstock) as caught:
        Feedstock.load(".", checkouts=checkouts)
    assert str(caught.value) == "meta.yaml:2:19: there is no module beside meta.yaml, but its recipes are objects of one.py, two/three.py"
    assert caught.value.code == "PFS014"


def test_a_module_with_a_name_that_cannot_be_imported_is_named(write, checkouts, monkeypatch):
    monkeypatch.chdir(write("rain", {"meta.yaml": "recipes: [{id: a, object: 'my_recipe:r'}]\n", "my-recipe.py": ""}))
    with pytest.raises(InvalidFeedstock) as caught:
        Feedstock.load(".", checkouts=checkouts)
    assert caught.value.hint == "my-recipe.py cannot be imported by that name: rename it, with letters, digits and underscores alone."


def test_links_to_other_folders_are_not_searched_for_modules(write, checkouts, monkeypatch):
    folder = write("rain", {"meta.yaml": "recipes: [{id: a, object: 'one:r'}]\n", "other.py": ""})
    outside = write("outside", {"private.py": ""})
    (folder / "link").symlink_to(outside)
    monkeypatch.chdir(folder)
    with pytest.raises(InvalidFeedstock) as caught:
        Feedstock.load(".", checkouts=checkouts)
    assert caught.value.hint == "The modules here: other."


def test_problems_of_the_description_and_of_the_modules_are_told_together(write, checkouts, monkeypatch):
    monkeypatch.chdir(write("rain", {"meta.yaml": "title: [x]\nrecipes:\n- {id: a, object: 'b:c'}\nmaintainers: x\n"}))
    with pytest.raises(InvalidFeedstock) as caught:
        Feedstock.load(".", checkouts=checkouts)
    assert [str(problem) for problem in caught.value.problems] == [
        "meta.yaml:1:8: `title` must be a text, not a list",
        "meta.yaml:3:19: there is no module beside meta.yaml, but its recipes are objects of b.py",
        "meta.yaml:4:14: `maintainers` must be a list of mappings, not the text 'x'",
    ]
    assert str(caught.value) == "meta.yaml:1:8: `title` must be a text, not a list (and 2 more)"


def test_entries_with_an_id_only_need_a_catalogue_where_there_is_code(write, checkouts, monkeypatch):
    folder = write("rain", {"meta.yaml": "recipes:\n- id: a\n", "recipe.py": ""})
    monkeypatch.chdir(folder)
    with pytest.raises(InvalidFeedstock) as caught:
        Feedstock.load(".", checkouts=checkouts)
    assert [(str(problem), problem.hint) for problem in caught.value.problems] == [
        ("meta.yaml:2:7: the recipe 'a' has no object", 'Write `object: "module:name"` under its id.')
    ]
    (folder / "catalog.yaml").touch()
    assert [entry.id for entry in Feedstock.load(".", checkouts=checkouts).meta.catalogued] == ["a"]


def test_a_catalogue_alone_needs_no_code(write, checkouts):
    assert Feedstock.load(write("rain", {"meta.yaml": "recipes:\n- id: a\n"}), checkouts=checkouts).meta.recipes == ()


def test_a_folder_named_as_the_description_is_refused(write, checkouts):
    folder = write("rain", {"meta.yaml/x": ""})
    with pytest.raises(InvalidFeedstock) as caught:
        Feedstock.load(folder, checkouts=checkouts)
    assert str(caught.value) == f"{folder}/meta.yaml:1:1: this is a folder, but should be a file"


def test_every_real_folder_is_read_or_refused(shared, checkouts):
    folders = sorted(path for path in (shared / "meta-corpus").iterdir() if path.is_dir())
    assert len(folders) == 107
    found = {"read": 0, "refused": 0}
    for folder in folders:
        try:
            Feedstock.load(folder, checkouts=checkouts)
            found["read"] += 1
        except InvalidFeedstock as error:
            found["refused"] += 1
            assert all(problem.where and problem.where.line and problem.where.column and problem.hint for problem in error.problems)
    # The modules are not among the material, so that what names one is refused for that.
    assert found == {"read": 7, "refused": 100}
