"""Making the changes that findings bring with them."""

from __future__ import annotations

import shutil
import stat
import subprocess
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lint.feedstocks import META, codes, draft_of, place_of, write_good
from lint.test_planted import SECTION
from pangeo_forge.errors import UserError
from pangeo_forge.feedstocks.nodes import to_plain
from pangeo_forge.feedstocks.yaml import parse_yaml
from pangeo_forge.lint.documentation import document
from pangeo_forge.lint.fixing import fix, show_diff, write
from pangeo_forge.lint.linter import lint_draft
from pangeo_forge.lint.options import Options
from pangeo_forge.lint.registry import find_rules
from pangeo_forge.lint.rule import Rule

#: Faults of which `--fix` mends each, with comments and odd but valid layout around them.
FAULTY = """\
# At the top.
title:   "Sea surface temperature"   # quoted
description: >-
  Daily sea surface temperature
  on a quarter of a degree.

recipes:   # one
    -   id: sst
        object: 'recipe:sst'
provenance:
  providers:
    - {name: Met Office, description: Weather, url: "https://www.metoffice.gov.uk", roles: [archive, licensor]}   # flow
  license: "Creative Commons Attribution 4.0 International"  # in full
maintainers:
- name: Ada Lovelace   # first
  orcid: https://orcid.org/0000-0002-1825-0097
  github: '@ada'
bakery: {id: local}
"""

MENDED = (
    FAULTY.replace("[archive, licensor]", "[host, licensor]")
    .replace("Creative Commons Attribution 4.0 International", "CC-BY-4.0")
    .replace("https://orcid.org/0000-0002-1825-0097", "0000-0002-1825-0097")
    .replace("'@ada'", "'ada'")
)


def mend(root):
    fixed = fix(draft_of(root), Options())
    write(fixed.draft)
    return fixed


def snapshot(root):
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def test_what_can_be_mended_is_and_all_else_stays_as_it_was(tmp_path):
    root = write_good(tmp_path, {"feedstock/meta.yaml": FAULTY})
    mend(root)
    assert (root / "feedstock/meta.yaml").read_text() == MENDED
    assert codes(root) == []


def test_a_second_time_changes_nothing(tmp_path):
    root = write_good(tmp_path, {"feedstock/meta.yaml": FAULTY})
    mend(root)
    before = snapshot(root)
    assert mend(root).mended == ()
    assert snapshot(root) == before


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_ends_of_lines_stay(tmp_path, end):
    root = write_good(tmp_path, {"feedstock/meta.yaml": FAULTY.replace("\n", end)})
    mend(root)
    assert (root / "feedstock/meta.yaml").read_bytes().decode() == MENDED.replace("\n", end)


def test_a_byte_order_mark_stays(tmp_path):
    root = write_good(tmp_path, {"feedstock/meta.yaml": b"\xef\xbb\xbf" + FAULTY.encode()})
    mend(root)
    assert (root / "feedstock/meta.yaml").read_bytes() == b"\xef\xbb\xbf" + MENDED.encode()


def test_a_missing_end_of_the_last_line_stays_missing(tmp_path):
    root = write_good(tmp_path, {"feedstock/meta.yaml": FAULTY.rstrip("\n")})
    mend(root)
    assert (root / "feedstock/meta.yaml").read_text() == MENDED.rstrip("\n")


def test_a_file_is_renamed_and_then_mended(tmp_path):
    root = write_good(tmp_path, {"feedstock/meta.yaml": None, "feedstock/meta.yml": FAULTY})
    (root / "feedstock/meta.yaml").unlink(missing_ok=True)
    mend(root)
    assert not (root / "feedstock/meta.yml").exists()
    assert (root / "feedstock/meta.yaml").read_text() == MENDED


def test_permissions_stay(tmp_path):
    root = write_good(tmp_path, {"feedstock/meta.yaml": FAULTY})
    (root / "feedstock/meta.yaml").chmod(0o640)
    mend(root)
    assert stat.S_IMODE((root / "feedstock/meta.yaml").stat().st_mode) == 0o640


def test_the_diff_is_what_git_applies(tmp_path):
    root = write_good(tmp_path / "one", {"feedstock/meta.yaml": FAULTY.rstrip("\n")})
    other = tmp_path / "two"
    shutil.copytree(root, other)
    draft = draft_of(root)
    shown = replace(draft, place=replace(draft.place, shown="feedstock"))
    diff = show_diff(fix(shown, Options()).draft)
    mend(root)
    subprocess.run(["git", "apply", "-p1", "-"], cwd=other, input=diff.encode(), check=True)
    assert snapshot(other) == snapshot(root)


def test_working_out_what_to_change_writes_nothing(tmp_path):
    root = write_good(tmp_path, {"feedstock/meta.yaml": FAULTY})
    before = snapshot(root)
    show_diff(fix(draft_of(root), Options()).draft)
    assert snapshot(root) == before


def test_only_rules_that_are_asked_for_mend(tmp_path):
    root = write_good(tmp_path, {"feedstock/meta.yaml": FAULTY})
    write(fix(draft_of(root), Options(select=("PFM034",))).draft)
    assert (root / "feedstock/meta.yaml").read_text() == FAULTY.replace("Creative Commons Attribution 4.0 International", "CC-BY-4.0")


def test_a_finding_that_a_comment_passes_over_is_not_mended(tmp_path):
    kept = FAULTY.replace("# in full", "# noqa: PFM034")
    root = write_good(tmp_path, {"feedstock/meta.yaml": kept})
    mend(root)
    assert "Creative Commons Attribution 4.0 International" in (root / "feedstock/meta.yaml").read_text()


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    root = write_good(tmp_path, {"feedstock/meta.yaml": FAULTY})
    fixed = fix(draft_of(root), Options())
    shutil.rmtree(root / "feedstock")
    with pytest.raises(UserError, match=r"feedstock/meta\.yaml cannot be written: No such file or directory"):
        write(fixed.draft)


FIXABLE = [pytest.param(rule, id=rule.code) for rule in find_rules() if rule.fixable and document(rule).bad]
#: Those that need no server to mend.
OFFLINE = [parameter for parameter in FIXABLE if type(parameter.values[0]).check_online is Rule.check_online]
#: What is found once a line can be read.
UNCOVERED = {"PFD002": {"PFD008"}}


@pytest.mark.parametrize("rule", OFFLINE)
def test_a_rule_that_says_it_mends_does(rule, tmp_path):
    files = {place_of(path): text for path, text in document(rule).bad.items()}
    root = write_good(tmp_path, files)
    fixed = fix(draft_of(root), Options(select=(rule.code,)))
    assert [finding.code for finding in fixed.mended] != []
    assert [finding for finding in fixed.left.findings if finding.fix] == []


@pytest.mark.parametrize("rule", FIXABLE)
def test_mending_leaves_valid_yaml_and_finds_nothing_new(rule, tmp_path):
    files = {place_of(path): text for path, text in document(rule).bad.items()}
    root = write_good(tmp_path, files)
    before = {finding.code for finding in lint_draft(draft_of(root), Options()).findings}
    mend(root)
    assert {finding.code for finding in lint_draft(draft_of(root), Options()).findings} <= before | UNCOVERED.get(rule.code, set())
    meta = root / "feedstock/meta.yaml"
    if meta.exists() and "PFM001" not in before:
        assert to_plain(parse_yaml(meta.read_bytes(), "meta.yaml"))


def test_the_good_feedstock_needs_no_mending(tmp_path):
    assert fix(draft_of(write_good(tmp_path)), Options()).draft.overlay == {}


#: Faults with one right answer, each in a place of its own; mending all gives what was meant.
ONE_ANSWER = {
    "PFM012": ('recipes:\n  - id: sst\n    object: "recipe:sst"\n', 'recipes:\n  id: sst\n  object: "recipe:sst"\n'),
    "PFM033": ("        - producer\n", "        - Producer  # said of itself\n"),
    "PFM034": ("license: CC-BY-4.0", "license: 'Creative Commons Attribution 4.0 International'"),
    "PFM042": ("github: ada\n", 'github: "@ada"   # her login\n'),
    "PFM043": ('"0000-0002-1825-0097"', "https://orcid.org/0000-0002-1825-0097"),
    "PFM053": ("bakery:\n  id: local\n", "bakeries:\n  # one\n  - id: local\n"),
}


@settings(max_examples=40, deadline=None)
@given(st.sets(st.sampled_from(list(ONE_ANSWER))), st.permutations(range(6)).map(list), st.sampled_from(["\n", "\r\n"]))
def test_mending_keeps_the_meaning_of_all_else(tmp_path_factory, faults, order, end):
    meta = META
    for fault in faults:
        meta = meta.replace(*ONE_ANSWER[fault])
    sections = SECTION.findall(meta)
    written = "".join(sections[place] for place in order).replace("\n", end)
    root = write_good(tmp_path_factory.mktemp("mended"), {"feedstock/meta.yaml": written})
    assert {finding.code for finding in mend(root).mended} == faults
    after = (root / "feedstock/meta.yaml").read_bytes()
    assert to_plain(parse_yaml(after, "meta.yaml")) == to_plain(parse_yaml(META.encode(), "meta.yaml"))
    assert mend(root).mended == ()
    assert (root / "feedstock/meta.yaml").read_bytes() == after
