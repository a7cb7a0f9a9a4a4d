"""A new feedstock works as it is, and a finished one becomes a complete repository, or nothing at all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import xarray as xr

from pangeo_forge.errors import InvalidFeedstock, UsageError, UserError
from pangeo_forge.feedstocks.feedstock import Feedstock
from pangeo_forge.feedstocks.folders import new_folder
from pangeo_forge.feedstocks.scaffold import create_feedstock, init_feedstock


def files_in(folder: Path) -> list[str]:
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file() or path.is_symlink())
    return sorted(str(path) for path in paths if path.parts[0] != ".git")


# A new feedstock.


def test_a_new_feedstock_holds_its_description_recipe_and_samples(tmp_path, checkouts):
    folder = init_feedstock("rain-feedstock", tmp_path)
    assert folder == tmp_path / "rain-feedstock"
    assert files_in(folder) == [
        "README.md",
        "feedstock/meta.yaml",
        "feedstock/recipe.py",
        "feedstock/sample-data/sst_2020-01.nc",
        "feedstock/sample-data/sst_2020-02.nc",
        "feedstock/sample-data/sst_2020-03.nc",
    ]
    feedstock = Feedstock.load(folder, checkouts=checkouts)
    assert feedstock.name == "rain"
    assert [(entry.id, entry.object) for entry in feedstock.meta.recipes] == [("rain", "recipe:recipe")]
    assert oct(folder.stat().st_mode & 0o777) == oct(0o777 & ~_umask())


def _umask() -> int:
    umask = os.umask(0)
    os.umask(umask)
    return umask


def test_the_samples_follow_one_another_in_time_and_lack_no_value(tmp_path):
    folder = init_feedstock("rain", tmp_path) / "feedstock" / "sample-data"
    with xr.open_mfdataset(sorted(folder.glob("*.nc")), combine="by_coords") as ds:
        assert dict(ds.sizes) == {"time": 91, "lat": 5, "lon": 8}
        assert ds.indexes["time"].is_monotonic_increasing
        assert str(ds.time.values[-1])[:10] == "2020-03-31"
        assert not ds.SST.isnull().any()


def test_the_recipe_reads_the_samples_from_wherever_the_folder_is(tmp_path, monkeypatch):
    folder = init_feedstock("rain", tmp_path / "before")
    folder = folder.rename(tmp_path / "after")
    monkeypatch.chdir("/")
    code = "import runpy, sys; recipe = runpy.run_path(sys.argv[1])['recipe']; print(*(file.url for file in recipe.pattern))"
    done = subprocess.run([sys.executable, "-c", code, folder / "feedstock" / "recipe.py"], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(path) for path in sorted((folder / "feedstock" / "sample-data").iterdir())]


def test_a_new_feedstock_that_is_there_already_is_refused_and_left_alone(tmp_path):
    (tmp_path / "rain").mkdir()
    (tmp_path / "rain" / "mine").touch()
    with pytest.raises(UserError) as caught:
        init_feedstock("rain", tmp_path)
    assert str(caught.value) == f"the folder {tmp_path}/rain is there already, and not empty"
    assert caught.value.hint == "Choose another name, or move it away."
    assert files_in(tmp_path) == ["rain/mine"]


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        ("", "the name '' is empty", "Choose 'my-dataset', say."),
        ("a/b", "the name 'a/b' holds '/', which has a meaning in addresses of stores", "Choose 'a-b', say."),
        ("..", "the name '..' leads out of the store's folder", "Choose 'my-dataset', say."),
        ("my rain", "the name 'my rain' has more than letters, digits, '-', '_' and '.'", "Choose 'my-rain', say."),
        ("-rain", "the name '-rain' has more than letters, digits, '-', '_' and '.'", "Choose 'rain', say."),
        ("été", "the name 'été' has more than letters, digits, '-', '_' and '.'", "Choose 't', say."),
    ],
)
def test_a_name_that_cannot_be_an_id_is_refused(name, message, hint, tmp_path):
    with pytest.raises(UsageError) as caught:
        init_feedstock(name, tmp_path)
    assert (str(caught.value), caught.value.hint) == (message, hint)
    assert files_in(tmp_path) == []


# The repository of a finished one.

META = """\
title: |
  Rain of
  the world
description: How much it $rained
recipes:
  - id: daily
    object: "recipe:recipe"
  - dict_object: "sub.more:recipes"
provenance:
  license: CC-BY-4.0
maintainers:
  - name: Ada Lovelace
    github: "@ada"
  - github: https://github.com/Grace-1
  - name: Nobody
"""
FILES = {
    "meta.yaml": META,
    "recipe.py": "recipe = 1\n",
    "sub/more.py": "recipes = {}\n",
    "sub/__pycache__/more.cpython-311.pyc": "",
    ".venv/bin/python": "",
    ".DS_Store": "",
}


def test_a_repository_holds_all_that_a_feedstock_needs(write, git, tmp_path, checkouts):
    write("rain", {f"recipes/rain/{name}": text for name, text in FILES.items()})
    folder = create_feedstock(tmp_path / "rain", tmp_path / "out" / "rain-feedstock", checkouts=checkouts)
    assert folder == tmp_path / "out" / "rain-feedstock"
    expected = [
        ".github/CODEOWNERS",
        ".gitignore",
        "LICENSE",
        "README.md",
        "feedstock/meta.yaml",
        "feedstock/recipe.py",
        "feedstock/sub/more.py",
    ]
    assert files_in(folder) == expected
    assert git(folder, "ls-files").split() == expected
    assert git(folder, "status", "--porcelain") == ""
    assert (folder / ".github" / "CODEOWNERS").read_text() == "* @ada @Grace-1\n"
    assert (folder / "feedstock" / "meta.yaml").read_text() == META
    assert "Version 2.0, January 2004" in (folder / "LICENSE").read_text()
    assert [path.name for path in folder.parent.iterdir()] == ["rain-feedstock"]


def test_the_readme_says_what_the_dataset_is_and_how_to_make_it(write, tmp_path, checkouts):
    folder = create_feedstock(write("rain", FILES), tmp_path / "out", checkouts=checkouts)
    assert (
        (folder / "README.md").read_text()
        == """\
# Rain of the world

How much it $rained

This is a feedstock: the recipe in `feedstock/` turns an archive of files into a dataset that is ready for analysis, with
[pangeo-forge](https://github.com/pangeo-forge).

The recipes in it:

- `daily`
- those in the dictionary `sub.more:recipes`

## Make the dataset

    pip install pangeo-forge
    pangeo-forge recipe list .
    pangeo-forge recipe test . daily
    pangeo-forge recipe run . daily

`recipe test` bakes a small part and checks it; `recipe run` bakes all of it and prints where the dataset is.

## Open the dataset

    import xarray as xr

    ds = xr.open_zarr("the address that `recipe run` printed")

## Licence

The code of the recipe is under the Apache License 2.0 (`LICENSE`). The data are under: CC-BY-4.0.

## Maintainers

- Ada Lovelace ([@ada](https://github.com/ada))
- [@Grace-1](https://github.com/Grace-1)
- Nobody
"""
    )


def test_the_readme_says_what_is_not_known(write, tmp_path, checkouts):
    source = write("rain-feedstock", {"meta.yaml": "recipes: {dict_object: 'recipe:r'}", "recipe.py": ""})
    folder = create_feedstock(source, tmp_path / "out", author_name="Ada", author_email="ada@example.org", checkouts=checkouts)
    text = (folder / "README.md").read_text()
    assert text.startswith("# rain\n\nIt has no description yet: write one into `feedstock/meta.yaml`.\n")
    assert "pangeo-forge recipe run . ID\n" in text
    assert "The licence of the data is not stated." in text
    assert text.endswith("Nobody is named in `feedstock/meta.yaml`.\n")
    assert not (folder / ".github").exists()


def commit_of(git, folder: Path) -> str:
    return git(folder, "log", "--format=%an <%ae>, %cn <%ce>: %B")


def test_the_first_maintainer_is_the_author(write, git, tmp_path, checkouts):
    folder = create_feedstock(write("rain", FILES), tmp_path / "out", checkouts=checkouts)
    person = "Ada Lovelace <ada@users.noreply.github.com>"
    assert commit_of(git, folder) == f"{person}, {person}: Create the feedstock rain"
    assert git(folder, "branch", "--show-current") == "main"


def test_an_author_may_be_named(write, git, tmp_path, checkouts):
    folder = create_feedstock(write("rain", FILES), tmp_path / "out", author_name="Grace-1", checkouts=checkouts)
    assert commit_of(git, folder).startswith("Grace-1 <Grace-1@users.noreply.github.com>, ")


def test_nobodys_set_up_of_git_is_needed_or_heeded(write, git, tmp_path, checkouts, monkeypatch):
    (tmp_path / "hooks").mkdir()
    (tmp_path / "hooks" / "pre-commit").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "hooks" / "pre-commit").chmod(0o755)
    (tmp_path / "ignored").write_text("*.py\n")
    config = (
        f"[commit]\ngpgSign = true\n[core]\nhooksPath = {tmp_path}/hooks\nexcludesFile = {tmp_path}/ignored\n[user]\nuseConfigOnly = true\n"
    )
    (tmp_path / "gitconfig").write_text(config)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    folder = create_feedstock(write("rain", FILES), tmp_path / "out", checkouts=checkouts)
    assert "feedstock/recipe.py" in git(folder, "ls-files").split()


def test_the_commit_tells_from_which_one_the_recipe_is(repository, git, tmp_path, checkouts):
    commit = git(repository, "rev-parse", "HEAD")
    folder = create_feedstock(f"file://{repository}", tmp_path / "one", checkouts=checkouts)
    assert commit_of(git, folder).endswith(f": Create the feedstock rain\n\nFrom commit {commit}.")
    (repository / "feedstock" / "new.py").touch()
    folder = create_feedstock(repository, tmp_path / "two", checkouts=checkouts)
    assert commit_of(git, folder).endswith(f"\n\nFrom commit {commit}, with changes that were not committed.")


def test_links_within_the_feedstock_are_kept(write, tmp_path, checkouts):
    source = write("rain", FILES)
    (source / "sub" / "same.py").symlink_to("../recipe.py")
    folder = create_feedstock(source, tmp_path / "out", checkouts=checkouts)
    assert (folder / "feedstock" / "sub" / "same.py").readlink() == Path("../recipe.py")


def test_an_empty_folder_is_a_good_place(write, tmp_path, checkouts):
    (tmp_path / "out").mkdir()
    assert "README.md" in files_in(create_feedstock(write("rain", FILES), tmp_path / "out", checkouts=checkouts))


# What is refused, and leaves nothing.


def refusal(source: Path, destination: Path, checkouts: Path, **author: str) -> tuple[str, str | None]:
    before = files_in(destination.parent)
    with pytest.raises(UserError) as caught:
        create_feedstock(source, destination, checkouts=checkouts, **author)
    assert files_in(destination.parent) == before
    return str(caught.value), caught.value.hint


def test_a_destination_with_something_in_it_is_refused(write, checkouts):
    out = write("out", {"mine": ""})
    message = f"the folder {out} is there already, and not empty"
    assert refusal(write("rain", FILES), out, checkouts) == (message, "Choose another name, or move it away.")


@pytest.mark.parametrize("kind", ["file", "link"])
def test_a_destination_that_is_a_file_is_refused(kind, write, tmp_path, checkouts):
    out = tmp_path / "out"
    out.touch() if kind == "file" else out.symlink_to("nowhere")
    assert refusal(write("rain", FILES), out, checkouts) == (f"there is a file {out} already", "Choose another name.")


def test_the_current_folder_is_no_destination(write, tmp_path, checkouts, monkeypatch):
    out = tmp_path / "out"
    out.mkdir()
    monkeypatch.chdir(out)
    message = f"the folder {out} is the current one, and cannot be replaced"
    assert refusal(write("rain", FILES), Path(), checkouts) == (message, "Name a new folder in it.")


def test_a_destination_in_the_feedstock_itself_is_refused(write, checkouts):
    source = write("rain", FILES)
    message = f"the folder {source}/out would lie in the feedstock itself"
    assert refusal(source, source / "out", checkouts) == (message, "Choose a place outside of it.")


def test_a_place_that_cannot_be_written_is_refused(write, tmp_path, checkouts):
    (tmp_path / "file").touch()
    message = f"the folder {tmp_path}/file/out cannot be made: File exists ({tmp_path}/file)"
    hint = "Choose another place, or look at its permissions and at the room there."
    assert refusal(write("rain", FILES), tmp_path / "file" / "out", checkouts) == (message, hint)


@pytest.mark.parametrize("target", ["/etc/hostname", "../../secret", "/"])
def test_a_link_out_of_the_feedstock_is_refused(target, write, tmp_path, checkouts):
    source = write("rain", FILES)
    (source / "sub" / "link").symlink_to(target)
    assert refusal(source, tmp_path / "out", checkouts) == (
        "sub/link is a link that leads out of the feedstock",
        "Put the file itself in its place.",
    )


def test_a_file_that_cannot_be_copied_is_refused(write, tmp_path, checkouts):
    source = write("rain", FILES)
    os.mkfifo(source / "pipe")
    assert refusal(source, tmp_path / "out", checkouts) == ("some files of the feedstock cannot be copied", "Look at their permissions.")


def test_a_feedstock_that_cannot_be_read_is_refused(write, tmp_path, checkouts):
    with pytest.raises(InvalidFeedstock):
        create_feedstock(write("rain", {"x": ""}), tmp_path / "out", checkouts=checkouts)
    assert not (tmp_path / "out").exists()


WHO = "Name the author and an e-mail address, or a maintainer with `name:` and `github:` in meta.yaml."


@pytest.mark.parametrize(
    ("maintainers", "author", "message", "hint"),
    [
        ("", {}, "the feedstock names no maintainer who could be the author", WHO),
        ("[{name: Ada}]", {}, "there is no e-mail address of the author 'Ada'", WHO),
        ("[{name: Ada, github: ada}]", {"author_name": "Eve"}, "there is no e-mail address of the author 'Eve'", WHO),
        ("", {"author_name": "A\nB", "author_email": "a@b"}, "'A\\nB' cannot stand in a commit as its author", WHO),
        ("", {"author_name": "<>", "author_email": "a@b"}, "'<>' cannot stand in a commit as its author", WHO),
        (
            "[{name: Ada, github: your login}]",
            {},
            "Ada has the GitHub login 'your login', which cannot be one",
            "Write `github: login` in meta.yaml.",
        ),
        (
            "[{github: a/b}]",
            {"author_name": "Ada", "author_email": "a@b"},
            "a maintainer has the GitHub login 'a/b', which cannot be one",
            "Write `github: login` in meta.yaml.",
        ),
    ],
)
def test_a_feedstock_without_a_usable_author_is_refused(maintainers, author, message, hint, write, tmp_path, checkouts):
    source = write("rain", {"meta.yaml": f"title: x\nmaintainers: {maintainers}\n"})
    assert refusal(source, tmp_path / "out", checkouts, **author) == (message, hint)


def test_an_error_while_a_folder_is_filled_leaves_nothing(tmp_path):
    with pytest.raises(KeyboardInterrupt), new_folder(tmp_path / "out") as folder:
        (folder / "half").touch()
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_process_killed_at_any_time_leaves_all_or_nothing(write, tmp_path, checkouts):
    source = write("rain", {**FILES, **{f"data/{n}": "x" for n in range(300)}})
    (tmp_path / "out").mkdir()
    code = (
        "import sys, pathlib\n"
        "from pangeo_forge.feedstocks.scaffold import create_feedstock\n"
        "paths = list(map(pathlib.Path, sys.argv[1:]))\n"
        "print('ready', flush=True)\n"
        "create_feedstock(paths[0], paths[1], checkouts=paths[2])\n"
    )
    complete = 0
    for attempt in range(8):
        destination = tmp_path / "out" / str(attempt)
        command = [sys.executable, "-c", code, str(source), str(destination), str(checkouts)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(attempt * 0.04)
            process.send_signal(signal.SIGKILL)
        if destination.exists():
            complete += 1
            assert len(files_in(destination)) == 307
            assert Feedstock.load(destination, checkouts=checkouts).commit
    assert complete < 8
