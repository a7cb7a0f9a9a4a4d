"""What a repository asks for in ``pangeo-forge.toml``."""

from __future__ import annotations

import pytest

from lint.feedstocks import META, draft_of, write_good
from pangeo_forge.errors import UsageError
from pangeo_forge.lint.configuration import configure, read_codes
from pangeo_forge.lint.linter import lint_draft
from pangeo_forge.lint.options import Options

FAULTY = META.replace("title:", "title: Sea ice\ntitle:", 1)


def found(root, options=None):
    draft = draft_of(root)
    return [finding.code for finding in lint_draft(draft, configure(options or Options(), draft)).findings]


def test_ignored_rules_find_nothing(tmp_path):
    write_good(tmp_path, {"feedstock/meta.yaml": FAULTY, "pangeo-forge.toml": '[lint]\nignore = ["PFM003"]\n'})
    assert found(tmp_path) == []


def test_the_file_may_lie_in_the_feedstock(tmp_path):
    write_good(tmp_path, {"feedstock/meta.yaml": FAULTY, "feedstock/pangeo-forge.toml": '[lint]\nignore = ["PFM"]\n'})
    assert found(tmp_path) == []


def test_the_command_line_selects_anew(tmp_path):
    write_good(tmp_path, {"feedstock/meta.yaml": FAULTY, "pangeo-forge.toml": '[lint]\nselect = ["PFS"]\n'})
    assert found(tmp_path) == []
    assert found(tmp_path, Options(select=("PFM",))) == ["PFM003"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[lint", "this is not valid TOML"),
        ("lint = 1", "`lint` must be a table"),
        ("[lint]\nignor = []", "[lint] has the unknown key `ignor`"),
        ('[lint]\nignore = "PFM003"', "`ignore` must be a list of codes"),
        ('[lint]\nignore = ["PFM999"]', "no rule's code begins with 'PFM999'"),
    ],
)
def test_a_faulty_file_is_named(tmp_path, text, message):
    write_good(tmp_path, {"pangeo-forge.toml": text})
    with pytest.raises(UsageError) as caught:
        found(tmp_path)
    assert message in str(caught.value)
    assert "pangeo-forge.toml" in str(caught.value)
    assert caught.value.hint


def test_a_file_that_lies_elsewhere_is_not_read(tmp_path):
    outside = tmp_path / "outside.toml"
    outside.write_text("[lint")
    root = write_good(tmp_path / "repository")
    (root / "pangeo-forge.toml").symlink_to(outside)
    assert found(root) == []


def test_codes_are_read_as_people_write_them():
    assert read_codes(["pfm003, PFM001", "PFS"]) == ("PFM003", "PFM001", "PFS")


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        (Options(), True),
        (Options(select=("PFM",)), True),
        (Options(select=("PFS",)), False),
        (Options(ignore=("PFM",)), False),
        (Options(select=("PFM",), ignore=("PFM003",)), False),
        (Options(select=("PFM003",), ignore=("PFM",)), True),
    ],
)
def test_the_longer_code_counts(tmp_path, options, wanted):
    write_good(tmp_path, {"feedstock/meta.yaml": FAULTY})
    assert ("PFM003" in found(tmp_path, options)) is wanted
