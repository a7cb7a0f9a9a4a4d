"""A fault that is planted into a feedstock without faults is found, with its own code and at its place, and nothing else is."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lint.feedstocks import codes, lint, write
from lint.planting import BASES, FAULTS, Fault, MetaFile, Module

#: The sections of meta.yaml, each a key at the start of a line and what is indented under it.
SECTION = re.compile(r"^\w.*\n(?:[ \t].*\n)*", re.MULTILINE)


def vary(files: dict[str, str], order: list[int], comments: list[int], before: str) -> dict[str, str]:
    """Write the same feedstock otherwise: sections in another order, comments and blank lines between them, a longer module."""
    sections = SECTION.findall(files[MetaFile])
    shuffled = [sections[place] for place in order]
    meta = "".join(("# a comment\n\n" if place in comments else "") + section for place, section in enumerate(shuffled))
    return {**files, MetaFile: meta, Module: f'"""Made of months."""\n{before}{files[Module].partition(chr(10))[2]}'}


VARIATIONS = {
    "order": st.permutations(range(6)).map(list),
    "comments": st.lists(st.integers(0, 5), max_size=3),
    "before": st.sampled_from(["", "\n\n# A comment: ünïcödé.\n", "\nfrom __future__ import annotations\n"]),
}


@pytest.mark.parametrize("base", list(BASES))
@settings(max_examples=25, deadline=None)
@given(**VARIATIONS)
def test_without_a_fault_nothing_is_found(base, tmp_path_factory, order, comments, before):
    files = vary(BASES[base], order, comments, before)
    assert codes(write(tmp_path_factory.mktemp("good"), files)) == []


def name_of(fault: Fault) -> str:
    return f"{fault.code} {(fault.at or fault.new).strip()[:30]!r}"


@pytest.mark.parametrize("fault", [pytest.param(fault, id=name_of(fault)) for fault in FAULTS])
@settings(max_examples=8, deadline=None)
@given(base=st.sampled_from(list(BASES)), **VARIATIONS)
def test_a_planted_fault_is_found_and_nothing_else(fault, tmp_path_factory, base, order, comments, before):
    files = vary(BASES[fault.base or base], order, comments, before)
    root = write(tmp_path_factory.mktemp("faulty"), fault.plant(files))
    found = lint(root)
    assert [finding.code for finding in found] == [fault.code], found
    (finding,) = found
    assert (finding.where.line, finding.where.column) == fault.place(files)
