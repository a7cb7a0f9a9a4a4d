"""What pangeo-forge itself writes is as it should be: the linter has nothing to say but what waits to be replaced."""

from __future__ import annotations

from pathlib import Path

import pytest

from lint.feedstocks import draft_of, write_good
from lint.feedstocks import lint as lint_with
from lint.repositories import start
from pangeo_forge.feedstocks.scaffold import create_feedstock, init_feedstock
from pangeo_forge.lint.drafts import Layout
from pangeo_forge.lint.findings import Finding
from pangeo_forge.lint.options import Options

#: What waits to be replaced by the author is found by PFS013, as it should be; and nothing else.
NO_PLACEHOLDERS = Options(ignore=("PFS013",))


def lint(root: Path) -> tuple[Finding, ...]:
    return lint_with(root, NO_PLACEHOLDERS)


def test_a_new_feedstock_has_no_faults(tmp_path):
    assert lint(init_feedstock("rain", tmp_path)) == ()


@pytest.mark.parametrize("name", ["rain-2020", "rain-feedstock", "2020", "no"])
def test_whatever_it_is_named(name, tmp_path):
    assert lint(init_feedstock(name, tmp_path)) == ()


def test_a_new_draft_among_others_has_no_faults(tmp_path):
    init_feedstock("rain", tmp_path / "recipes")
    assert lint(tmp_path) == ()


def test_the_repository_of_a_finished_feedstock_has_no_faults(tmp_path):
    folder = create_feedstock(write_good(tmp_path / "sst"), tmp_path / "sst-feedstock", checkouts=tmp_path / "checkouts")
    assert draft_of(folder).layout is Layout.FEEDSTOCK
    assert draft_of(folder).tracked
    assert lint(folder) == ()


def test_the_repository_of_a_new_feedstock_has_no_faults(tmp_path):
    folder = create_feedstock(init_feedstock("rain", tmp_path), tmp_path / "rain-feedstock", checkouts=tmp_path / "checkouts")
    assert lint(folder) == ()


def test_a_new_feedstock_in_a_repository_lacks_what_create_feedstock_writes(tmp_path):
    folder = start(init_feedstock("rain", tmp_path))
    assert [finding.code for finding in lint(folder)] == ["PFS012", "PFS012"]
