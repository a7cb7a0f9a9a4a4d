"""``requirements.txt`` is read as pip reads it, and every part of it has its place."""

from __future__ import annotations

import pytest

from pangeo_forge.lint.files.requirements import Requirements
from pangeo_forge.lint.files.texts import Text


def parse(text: str) -> Requirements:
    return Requirements.parse(Text.decode(text.encode(), "requirements.txt", "requirements.txt"))


def names(text: str) -> list[str | None]:
    requirements = parse(text)
    assert requirements.faults == ()
    return [package.name for package in requirements.packages]


def at(text: str, start: tuple[int, int], end: tuple[int, int]) -> str:
    lines = text.splitlines()
    assert start[0] == end[0]
    return lines[start[0] - 1][start[1] - 1 : end[1] - 1]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("xarray", "xarray"),
        ("pyopenssl >= 23.2.0", "pyopenssl"),
        ("apache-beam[gcp,interactive]>=2.58", "apache-beam"),
        ("numcodecs<0.16 #a comment", "numcodecs"),
        ("tomli ; python_version < '3.11'", "tomli"),
        ("Pangeo_Forge.Recipes==0.10.8", "pangeo-forge-recipes"),
        ("pangeo-forge-recipes @ git+https://github.com/a/recipes@main", "pangeo-forge-recipes"),
        ("git+https://github.com/a/datatree@main#egg=xarray-datatree", "xarray-datatree"),
        ("git+https://github.com/a/ndpyramid", "ndpyramid"),
        ("git+ssh://git@github.com/a/ndpyramid.git", "ndpyramid"),
        ("-e git+https://github.com/a/b.git#subdirectory=c&egg=my_c", "my-c"),
        ("https://example.org/my_pkg-1.0-py3-none-any.whl", "my-pkg"),
        ("numpy==1.2 --hash=sha256:aa --hash=sha256:bb", "numpy"),
        ("numpy (>=1.2)", "numpy"),
    ],
)
def test_a_package_is_known_by_its_name(line, name):
    assert names(line) == [name]


@pytest.mark.parametrize("line", [".", "./package", "../package[extra]", "git+https://github.com/"])
def test_what_only_the_package_itself_can_tell_has_no_name(line):
    assert names(line) == [None]


def test_options_are_no_packages():
    requirements = parse("-r more.txt\n-cconstraints.txt\n--extra-index-url=https://example.org/simple\n--pre\nxarray\n")
    assert [package.name for package in requirements.packages] == ["xarray"]
    assert requirements.options == ("-r", "-c", "--extra-index-url", "--pre")
    assert requirements.has_constraints
    assert not requirements.is_whole
    assert requirements.faults == ()


def test_comments_and_empty_lines_are_passed_over():
    assert names("# requirements\n\n   \n  # xarray\nzarr\n#git+https://github.com/a/b@main\n") == ["zarr"]


def test_a_hash_without_a_blank_in_front_is_no_comment():
    assert names("git+https://github.com/a/b#egg=c") == ["c"]


def test_a_file_with_a_mark_and_carriage_returns_is_read_as_any_other():
    requirements = parse("\ufeffxarray\r\nzarr==2.0\r\n")
    assert [(package.name, package.start, package.end) for package in requirements.packages] == [
        ("xarray", (1, 1), (1, 7)),
        ("zarr", (2, 1), (2, 10)),
    ]


def test_places_in_continued_lines_are_those_of_the_file():
    requirements = parse("numpy==1.2 \\\n    --hash=sha256:aa\nzarr \\\n  ==2.0  # why\nb=1\n")
    assert [(package.name, package.start, package.end) for package in requirements.packages] == [
        ("numpy", (1, 1), (1, 11)),
        ("zarr", (3, 1), (4, 8)),
    ]
    assert requirements.faults[0].problem.where.line == 5


@pytest.mark.parametrize(
    ("line", "ref", "written"),
    [
        ("git+https://github.com/a/b@main", "main", "@main"),
        ("  git+https://github.com/a/b.git@feature/x#egg=c  # why", "feature/x", "@feature/x"),
        ("c @ git+https://github.com/a/b@v1 ; python_version > '3'", "v1", "@v1"),
        ("git+https://user:password@github.com/a/b", None, ""),
        ("git+https://user:password@github.com/a/b@main", "main", "@main"),
    ],
)
def test_the_ref_of_a_repository_has_its_place(line, ref, written):
    (package,) = parse(line).packages
    repository = package.repository
    assert repository.ref == ref
    assert at(line, repository.start, repository.end) == written
    assert repository.shown in ("https://github.com/a/b", "https://github.com/a/b.git")


def test_a_commit_may_be_put_where_there_is_no_ref():
    line = "git+https://github.com/a/b#egg=c"
    (package,) = parse(line).packages
    assert package.repository.start == package.repository.end == (1, len("git+https://github.com/a/b") + 1)


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ("xarray=2024.05.0", "pip cannot read 'xarray=2024.05.0': one '=' is how conda writes it", "Write `xarray==2024.05.0`."),
        ("b=1.2=py39_0", "pip cannot read 'b=1.2=py39_0': one '=' is how conda writes it", "Write `b==1.2`."),
        ("zarr 2.0", "pip cannot read 'zarr 2.0': '==' is missing", "Write `zarr==2.0`."),
        ("xarray, zarr", "pip cannot read 'xarray, zarr': several packages stand in one line", "Write one requirement a line."),
        ("pip install xarray", "this is a command, but pip wants the packages alone", "Write only the packages, one a line."),
        ("- xarray", "the line begins with '-', as the items of a list do in YAML", "Leave out the '-'."),
        ("<<<<<<< HEAD", "a merge was left unfinished here", "Keep one of the two sides, and remove the marks."),
        ("=======", "a merge was left unfinished here", "Keep one of the two sides, and remove the marks."),
        ("--upgrade", "pip knows no option '--upgrade'", "Write one requirement a line, or an option such as `-r`."),
        ("-r", "nothing stands behind -r", "Write what it is for, or remove the line."),
        ("xarray -U", "pip knows no option '-U' behind a requirement", "Remove it, or write one requirement a line."),
        ("python>=3.9", "`python` is no package that pip could install", "Remove the line: Python is there before pip is."),
        (
            "git+https://github.com/a/b@",
            "nothing stands behind the '@' of the repository",
            "Write a branch, a tag or a commit, or remove the '@'.",
        ),
        ("a==main", "pip cannot read 'a==main'", "Write `name==1.2.3`, `name @ https://…`, or an option such as `-r`."),
        ("a" + "(" * 2000, "the line is longer than any requirement", "Write one requirement a line."),
        ("a ; " + "(" * 500 + "python_version>'3'", "the line is longer than any requirement", "Write one requirement a line."),
    ],
)
def test_what_pip_refuses_is_a_fault(line, message, hint):
    (fault,) = parse(f"numpy\n  {line}\n").faults
    assert (fault.problem.message, fault.problem.hint) == (message, hint)
    assert str(fault.problem.where) == "requirements.txt:2:3"
    assert fault.end == (2, len(line) + 3)
    assert fault.problem.code == "PFD002"


def test_a_login_is_not_shown_in_a_fault():
    (fault,) = parse("a = https://user:password@example.org/x\n").faults
    assert "password" not in fault.problem.message


def test_a_file_without_end_is_refused_at_once():
    (fault,) = parse("numpy\n" * 80_000).faults
    assert fault.problem.message == "the file has more than 10,000 lines"
