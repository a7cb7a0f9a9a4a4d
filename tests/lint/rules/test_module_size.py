"""Modules that are longer or deeper than any that a person writes."""

from __future__ import annotations

import pytest

from lint.feedstocks import RECIPE, lint, write_good
from pangeo_forge.lint.code.modules import MAX_CHARACTERS


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("#" * MAX_CHARACTERS, "the module is not looked at: it is longer than 100,000 characters"),
        ("x = " + "-" * 2000 + "1", "the module is not looked at: it is nested more than 150 deep"),
        ("x = " + "-" * 50_000 + "1", "the module is not looked at: "),
        ("x = 1" + " + 1" * 20_000, "the module is not looked at: "),
        ("x = sst" + ".x" * 40_000, "the module is not looked at: "),
        ("lambda:" * 10_000 + "1", "the module is not looked at: "),
    ],
)
def test_a_module_beyond_all_limits_is_a_hint(tmp_path, code, message):
    (found,) = lint(write_good(tmp_path, {"feedstock/recipe.py": f"{RECIPE}\n{code}\n"}))
    assert (found.code, found.level) == ("PFR003", "hint")
    assert found.message.startswith(message)
    assert str(found.where).endswith("recipe.py:1:1")


@pytest.mark.parametrize(
    "code",
    ["x = 1" + " + 1" * 100, "if x:\n    pass\n" + "elif x:\n    pass\n" * 60, "x = " + "[" * 60 + "]" * 60],
)
def test_what_a_person_may_write_is_looked_at(tmp_path, code):
    assert [found.code for found in lint(write_good(tmp_path, {"feedstock/recipe.py": f"x = 1\n{RECIPE}\n{code}\n"}))] == []


#: As deep as is looked at, or nearly: what opens, what is in the middle, and what closes.
DEEPEST = [
    ("-", "1", ""),
    ("f(", "1", ")"),
    ("[", "1", "]"),
    ("lambda: ", "1", ""),
    ("1 if x else ", "1", ""),
    ("{1: ", "1", "}"),
    ("(yield ", "1", ")"),
]


@pytest.mark.parametrize(("opening", "middle", "closing"), DEEPEST)
def test_the_deepest_that_is_looked_at_is_looked_at_without_fault(tmp_path, opening, middle, closing):
    for depth in (60, 90, 120, 145, 149):
        code = f"def g(f, x):\n    return {opening * depth}{middle}{closing * depth}\n"
        found = {finding.code for finding in lint(write_good(tmp_path, {"feedstock/recipe.py": f"{RECIPE}\n\n{code}"}))}
        assert found <= {"PFR003", "PFR001"}


def test_chains_and_blocks_as_deep_as_is_looked_at_are_looked_at_without_fault(tmp_path):
    chains = ["x = sst" + ".x" * 140, "x = sst" + "()" * 70, "x = 1" + " + 1" * 140, "if sst:\n    pass\n" + "elif sst:\n    pass\n" * 140]
    for code in chains:
        found = {finding.code for finding in lint(write_good(tmp_path, {"feedstock/recipe.py": f"{RECIPE}\n{code}\n"}))}
        assert found <= {"PFR003"}
