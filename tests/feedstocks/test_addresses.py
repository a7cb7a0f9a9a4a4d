"""A source is a path that is there, or a git URL with a ref and a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from pangeo_forge.errors import UsageError
from pangeo_forge.feedstocks.addresses import Repository, parse_address

FORMS = "Give the path of a folder with a meta.yaml, or a git URL such as https://github.com/owner/name@branch#recipes/my-dataset."
REF = "Write a branch, a tag or a commit after the '@', or nothing."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://github.com/o/r", Repository("https://github.com/o/r")),
        ("https://github.com/o/r.git", Repository("https://github.com/o/r.git")),
        ("git+https://github.com/o/r@v1", Repository("https://github.com/o/r", "v1")),
        ("https://github.com/o/r@feature/x#recipes/a", Repository("https://github.com/o/r", "feature/x", "recipes/a")),
        ("https://github.com/o/r#recipes/a/", Repository("https://github.com/o/r", None, "recipes/a")),
        ("https://github.com/o/r@refs/pull/7/head", Repository("https://github.com/o/r", "refs/pull/7/head")),
        ("https://user:word@host/o/r@main", Repository("https://user:word@host/o/r", "main")),
        ("https://us@er:wo@rd@host/o/r", Repository("https://us@er:wo@rd@host/o/r")),
        ("ssh://git@host:2222/o/r@main", Repository("ssh://git@host:2222/o/r", "main")),
        ("git@github.com:o/r", Repository("git@github.com:o/r")),
        ("git@github.com:o/r.git@main#a/b", Repository("git@github.com:o/r.git", "main", "a/b")),
        ("file:///srv/o/r.git@main", Repository("file:///srv/o/r.git", "main")),
    ],
)
def test_a_git_url_is_taken_apart(text, expected):
    assert parse_address(text) == expected


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://github.com/o/gpcp-feedstock.git", "gpcp-feedstock"),
        ("https://github.com/o/gpcp/", "gpcp"),
        ("git@github.com:gpcp.git", "gpcp"),
        ("/srv/gpcp/.git", "gpcp"),
        ("https://host/o/r?token=x", "r"),
    ],
)
def test_a_repository_is_named_as_the_end_of_its_url(url, name):
    assert Repository(url).name == name


def test_a_repository_is_shown_without_its_credentials():
    repository = parse_address("https://user:word@host/o/r?key=x@main#a")
    assert isinstance(repository, Repository)
    assert repository.at("b/c") == "https://host/o/r?…@main#b/c"


def test_a_path_that_is_there_is_a_path_whatever_it_looks_like(tmp_path):
    for name in ("a@b#c", "https:", "x.git"):
        (tmp_path / name).mkdir()
        assert parse_address(str(tmp_path / name)) == tmp_path / name


def test_a_path_may_begin_with_the_home_folder():
    assert parse_address("~") == Path.home()


def test_a_bare_repository_is_taken_for_one_with_a_ref_and_a_folder(tmp_path, git):
    git(tmp_path, "init", "--quiet", "--bare", "r.git")
    assert parse_address(f"{tmp_path}/r.git") == Repository(f"{tmp_path}/r.git")
    assert parse_address(f"{tmp_path}/r.git@v1#a/b") == Repository(f"{tmp_path}/r.git", "v1", "a/b")


def test_a_file_url_may_hold_an_at_sign(tmp_path):
    (tmp_path / "a@b").mkdir()
    assert parse_address(f"file://{tmp_path}/a@b#c") == Repository(f"file://{tmp_path}/a@b", None, "c")


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("", "the source is empty", FORMS),
        ("  ", "the source is empty", FORMS),
        ("a\x00b", "the source holds a character that cannot be seen", FORMS),
        ("no/such/folder", "there is no folder or file 'no/such/folder', and it is no git URL", FORMS),
        (
            "owner/name@main",
            "there is no folder or file 'owner/name@main', and it is no git URL",
            "For the repository of that name on GitHub write https://github.com/owner/name@main.",
        ),
        ("/no/such.git", "there is no folder or file '/no/such.git', and it is no git URL", FORMS),
        ("~nobody-here/x", "there is no folder or file '~nobody-here/x', and it is no git URL", FORMS),
        ("x" * 5000, f"there is no folder or file '{'x' * 5000}', and it is no git URL", FORMS),
        ("me:secret@host:o/r", "there is no folder or file '…@host:o/r', and it is no git URL", FORMS),
        ("--upload-pack=x", "the source '--upload-pack=x' begins with '-'", "Write './--upload-pack=x' if it is a folder."),
        ("ext::sh -c x", "the source names the transport 'ext', which may run a program", FORMS),
        ("fd::17", "the source names the transport 'fd', which may run a program", FORMS),
        ("s3://bucket/x", "the source has the scheme 's3', not one of https, http, ssh, git, file", FORMS),
        ("https://[x", "the source is not a valid URL", FORMS),
        ("ssh://-oProxyCommand=x/r", "the host of the source begins with '-'", FORMS),
        ("ssh://me@-oProxyCommand=x/r", "the host of the source begins with '-'", FORMS),
        ("https://h/o/r@", "there is nothing after the '@' of the source", REF),
        ("https://h/o/r@--option", "'--option' cannot be a branch, tag or commit", REF),
        ("https://h/o/r@a:b", "'a:b' cannot be a branch, tag or commit", REF),
        ("https://h/o/r@+a", "'+a' cannot be a branch, tag or commit", REF),
        ("https://h/o/r@a..b", "'a..b' cannot be a branch, tag or commit", REF),
        ("https://h/o/r@a b", "'a b' cannot be a branch, tag or commit", REF),
        (
            "https://h/o/r#../x",
            "'../x' is not a folder of the repository",
            "Write its path from the top of the repository, without '..'.",
        ),
        (
            "https://h/o/r#/etc",
            "'/etc' is not a folder of the repository",
            "Write its path from the top of the repository, without '..'.",
        ),
        (
            "https://github.com/o/r/tree/main/recipes/a",
            "https://github.com/o/r/tree/main/recipes/a is a page about a repository, not a repository",
            "Write https://github.com/o/r@main#recipes/a.",
        ),
        (
            "https://me:word@github.com/o/r/blob/main/feedstock/meta.yaml",
            "https://github.com/o/r/blob/main/feedstock/meta.yaml is a page about a repository, not a repository",
            "Write https://github.com/o/r@main#feedstock.",
        ),
        (
            "https://github.com/o/r/pull/12",
            "https://github.com/o/r/pull/12 is a page about a repository, not a repository",
            "Write https://github.com/o/r@refs/pull/12/head for the files of that pull request.",
        ),
    ],
)
def test_what_is_neither_is_refused(text, message, hint):
    with pytest.raises(UsageError) as caught:
        parse_address(text)
    assert (str(caught.value), caught.value.hint) == (message, hint)
