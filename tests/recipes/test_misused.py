"""A module that calls wrongly what it imports: its author is told the line, and nobody else is blamed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pangeo_forge.errors import UsageError, UserError, Where
from pangeo_forge.recipes.loading import load_recipe

NATIVE = """
from pangeo_forge.recipes import ConcatDim, FilePattern, ZarrRecipe

pattern = FilePattern(lambda time: f"{time}.nc", ConcatDim("time", [1, 2]))
recipe = ZarrRecipe(pattern, encoding={"sst": {"dtyp": "f4"}})
"""

OLDER = """
from pangeo_forge_recipes.patterns import ConcatDim, FilePattern
from pangeo_forge_recipes.recipes import {recipe}

pattern = FilePattern(lambda time, x: f"{{time}}{{x}}.nc", ConcatDim("time", [1, 2]), ConcatDim("x", [1, 2]))
recipe = {recipe}(pattern)
"""


@pytest.mark.parametrize(
    ("module", "line", "message"),
    [
        (NATIVE, 5, "the encoding of 'sst' gives 'dtyp', which is not known"),
        (OLDER.format(recipe="XarrayZarrRecipe"), 6, "a recipe of the class API has one concat dimension"),
        (OLDER.format(recipe="HDFReferenceRecipe"), 6, "HDFReferenceRecipe has at most one concat dimension"),
    ],
    ids=["native", "class API", "references"],
)
def test_the_line_that_is_wrong_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, line: int, message: str) -> None:
    monkeypatch.delitem(sys.modules, "recipe", raising=False)
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "recipe.py").write_text(module)
    with pytest.raises(UserError) as raised:
        load_recipe(tmp_path, [("sst", "recipe:recipe")], "sst")
    assert raised.value.message.startswith(message)
    assert raised.value.where == Where(str(tmp_path / "recipe.py"), line)
    assert not isinstance(raised.value, UsageError), "the command was used rightly"
