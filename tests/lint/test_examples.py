"""Every rule's documentation is true: its bad example has the fault, and its good one does not."""

from __future__ import annotations

import re

import pytest

from lint.feedstocks import codes, place_of, write_good
from pangeo_forge.lint.documentation import document
from pangeo_forge.lint.registry import find_rules
from pangeo_forge.lint.rule import Need

RULES = [pytest.param(rule, id=rule.code) for rule in find_rules()]
WITH_EXAMPLES = [pytest.param(rule, id=rule.code) for rule in find_rules() if document(rule).bad]


def test_a_feedstock_without_faults_gives_no_findings(tmp_path):
    assert codes(write_good(tmp_path)) == []


@pytest.mark.parametrize("rule", WITH_EXAMPLES)
def test_the_bad_example_has_the_fault(rule, tmp_path):
    files = {place_of(path): text for path, text in document(rule).bad.items()}
    assert rule.code in codes(write_good(tmp_path, files))


@pytest.mark.parametrize("rule", WITH_EXAMPLES)
def test_the_good_example_does_not(rule, tmp_path):
    files = {place_of(path): text for path, text in document(rule).good.items()}
    assert rule.code not in codes(write_good(tmp_path, files))


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_is_documented(rule):
    documentation = document(rule)
    assert documentation.summary.endswith(".")
    assert re.fullmatch(r"PF[A-Z][0-9]{3}", rule.code)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.name)
    if rule.needs is Need.NOTHING and documentation.bad:
        assert documentation.good
