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
