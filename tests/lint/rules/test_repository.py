"""What the repository of a feedstock should have beside it."""

from __future__ import annotations

import pytest

from lint.feedstocks import META, draft_of, lint, write, write_good
from lint.repositories import start
from pangeo_forge.lint.fixing import fix
from pangeo_forge.lint.fixing import write as write_fixed
from pangeo_forge.lint.options import Options

PFS012 = Options(select=("PFS012",))
BARE = {"README.md": None, "LICENSE": None, "CODEOWNERS": None}


def found(root):
    return [(finding.where.path, finding.message) for finding in lint(root, PFS012)]


def test_readme_licence_and_owners_are_missed(tmp_path):
    root = start(write_good(tmp_path / "rain", BARE))
    assert found(root) == [
        (root.as_posix(), "the repository has no README: it tells visitors what the dataset is"),
        (root.as_posix(), "the repository has no LICENSE: without one nobody may use the recipe's code"),
        (root.as_posix(), "the repository has no CODEOWNERS: by it GitHub asks the maintainers for reviews"),
    ]


def test_what_is_missed_can_be_written(tmp_path):
    root = start(write_good(tmp_path / "rain-feedstock", BARE))
    fixed = fix(draft_of(root), PFS012)
    assert [finding.code for finding in fixed.mended] == ["PFS012"] * 3
    assert fixed.left.findings == ()
    write_fixed(fixed.draft)
    assert (root / "CODEOWNERS").read_text() == "* @ada\n"
    assert (root / "LICENSE").read_text().lstrip().startswith("Apache License")
    assert (root / "README.md").read_text().startswith("# Sea surface temperature\n")
    assert found(root) == []


def test_owners_are_written_where_the_other_files_for_github_are(tmp_path):
    root = start(write_good(tmp_path, {"CODEOWNERS": None, ".github/dependabot.yml": "version: 2\n"}))
    write_fixed(fix(draft_of(root), PFS012).draft)
    assert (root / ".github" / "CODEOWNERS").read_text() == "* @ada\n"


@pytest.mark.parametrize(
    "files",
    [
        {"README.rst": "", "LICENSE.md": "", ".github/CODEOWNERS": ""},
        {"docs/readme.md": "", "COPYING": "", "docs/CODEOWNERS": ""},
        {".github/README.md": "", "LICENSES/MIT.txt": "", "CODEOWNERS": ""},
    ],
)
def test_files_are_looked_for_wherever_people_put_them(files, tmp_path):
    assert found(start(write_good(tmp_path, {**BARE, **files}))) == []


def test_owners_are_not_missed_where_nobody_is_known_on_github(tmp_path):
    root = start(write_good(tmp_path, {"feedstock/meta.yaml": META.replace("    github: ada\n", ""), "CODEOWNERS": None}))
    assert found(root) == []


def test_a_readme_cannot_be_written_about_what_cannot_be_read(tmp_path):
    root = start(write_good(tmp_path, {"feedstock/meta.yaml": "[", "README.md": None}))
    (finding,) = lint(root, PFS012)
    assert (finding.help, finding.fix) == ("Write one.", ())


def test_a_folder_that_is_no_repository_lacks_nothing(tmp_path):
    assert found(write_good(tmp_path, BARE)) == []


def test_a_feedstock_within_a_larger_repository_lacks_nothing(tmp_path):
    root = start(write_good(tmp_path, {"feedstock/meta.yaml": None, "feedstock/recipe.py": None}))
    write(root, {"recipes/rain/feedstock/meta.yaml": META})
    assert found(root) == []


def test_a_link_out_in_place_of_the_files_for_github_is_not_followed(tmp_path):
    outside = write(tmp_path / "outside", {"CODEOWNERS": "* @other\n"})
    root = write_good(tmp_path / "rain", BARE)
    (root / ".github").symlink_to(outside)
    start(root)
    assert len(found(root)) == 3
    write_fixed(fix(draft_of(root), PFS012).draft)
    assert (outside / "CODEOWNERS").read_text() == "* @other\n"
    assert (root / "CODEOWNERS").read_text() == "* @ada\n"
