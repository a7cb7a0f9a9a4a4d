"""What a ``requirements.txt`` says."""

from __future__ import annotations

from pathlib import Path

import pytest

from pangeo_forge.environments.wanted import Requirements, read_requirements
from pangeo_forge.errors import UserError


def read(folder: Path, text: str) -> Requirements:
    (folder / "requirements.txt").write_text(text)
    return read_requirements(folder)


def test_without_a_file_nothing_is_wanted(tmp_path: Path) -> None:
    assert not read_requirements(tmp_path)


def test_comments_and_empty_lines_say_nothing(tmp_path: Path) -> None:
    found = read(tmp_path, "# a comment\n\nrequests  # another\n   # one more\n")
    assert [one.text for one in found.wanted] == ["requests"]


def test_each_requirement_knows_its_line(tmp_path: Path) -> None:
    found = read(tmp_path, "# a comment\nrequests\n\nscipy>=1\n")
    assert [(one.name, str(one.where)) for one in found.wanted] == [
        ("requests", f"{tmp_path}/requirements.txt:2"),
        ("scipy", f"{tmp_path}/requirements.txt:4"),
    ]


def test_a_continued_line_is_one_requirement_at_its_first_line(tmp_path: Path) -> None:
    (one,) = read(tmp_path, "\nscipy \\\n  >=1, \\\n  <2\n").wanted
    assert (one.text.replace(" ", ""), one.where and one.where.line) == ("scipy>=1,<2", 2)


def test_an_included_file_is_read_where_it_stands(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "base.txt").write_text("scipy\n-r other.txt\n")
    (tmp_path / "more" / "other.txt").write_text("tqdm\n")
    found = read(tmp_path, "-r more/base.txt\nrequests\n")
    assert [(one.name, Path(one.where.path).name) for one in found.wanted if one.where] == [
        ("scipy", "base.txt"),
        ("tqdm", "other.txt"),
        ("requests", "requirements.txt"),
    ]


def test_a_file_that_includes_itself_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"requirements.txt:1: requirements.txt includes itself"):
        read(tmp_path, "-r requirements.txt\n")


def test_a_file_that_is_included_and_not_there_is_told_with_the_line_that_asks_for_it(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"requirements.txt:2: .*none.txt cannot be read: No such file"):
        read(tmp_path, "requests\n-r none.txt\n")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("git+https://example.org/owner/My_Package.git@main", "my-package"),
        ("git+https://example.org/owner/repo@v1#egg=other", "other"),
        ("git+https://example.org/owner/s3fs@topic/branch", "s3fs"),
        ("git+ssh://git@example.org/owner/repo.git", "repo"),
        ("git+https://example.org/owner/repo/", "repo"),
        ("thing @ git+https://example.org/owner/repo@v1", "thing"),
        ("https://example.org/files/thing-1.0-py3-none-any.whl", "thing"),
        ("https://example.org/files/thing-1.0.tar.gz", "thing"),
        ("https://example.org/files/download", None),
        ("Thing[more]>=1 ; python_version > '3'", "thing"),
    ],
)
def test_the_package_of_a_requirement_is_known_where_it_can_be(tmp_path: Path, text: str, name: str | None) -> None:
    (one,) = read(tmp_path, text).wanted
    assert one.name == name


def test_a_path_is_relative_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "package").mkdir()
    found = read(tmp_path, "./package\n-e package\n")
    assert [one.text for one in found.wanted] == [str(tmp_path / "package")] * 2


def test_a_path_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"requirements.txt:1: there is no .*/package"):
        read(tmp_path, "./package\n")


def test_what_says_where_packages_are_is_kept_with_absolute_paths(tmp_path: Path) -> None:
    found = read(tmp_path, "--find-links wheels\n-i https://example.org/simple\n--no-index\n--require-hashes\n")
    assert found.options == (f"--find-links {tmp_path}/wheels", "-i https://example.org/simple", "--no-index")


def test_an_option_that_is_not_known_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"requirements.txt:1: .*'--what'"):
        read(tmp_path, "--what ever\n")


def test_a_line_that_is_no_requirement_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"requirements.txt:2: 'numpy = 1' is no requirement"):
        read(tmp_path, "requests\nnumpy = 1\n")


def test_hashes_are_passed_over_and_that_is_said(tmp_path: Path) -> None:
    found = read(tmp_path, "requests==2.0 \\\n  --hash=sha256:00\n")
    assert [one.text for one in found.wanted] == ["requests==2.0"]
    assert found.remarks == (f"{tmp_path}/requirements.txt:1: hashes of files are not compared",)


def test_a_password_in_an_address_is_not_shown(tmp_path: Path) -> None:
    (one,) = read(tmp_path, "git+https://me:secret@example.org/owner/repo").wanted
    assert "secret" in one.text
    assert "secret" not in one.shown


def test_a_variable_of_the_environment_is_not_put_in(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"requirements.txt:1: environment variables"):
        read(tmp_path, "git+https://${TOKEN}@example.org/owner/repo")
