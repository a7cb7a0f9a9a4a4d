"""Dictionaries of recipes: their keys are ids, and thousands of them are listed without much ado."""

from __future__ import annotations

import itertools
import sys
import textwrap
from pathlib import Path

import pytest

from pangeo_forge.errors import UsageError, UserError
from pangeo_forge.recipes.loading import load_ids, load_recipe, load_recipes
from pangeo_forge.worker.events import RecipesListed
from pangeo_forge.worker.job import Entry, Job
from pangeo_forge.worker.listing import list_recipes, name_recipes

_NUMBERS = itertools.count()

#: Each recipe's transform notes when it is looked into.
PIPELINES = """
    from pathlib import Path
    import apache_beam as beam
    from pangeo_forge_recipes.patterns import pattern_from_file_sequence
    from pangeo_forge_recipes.transforms import OpenURLWithFSSpec, OpenWithXarray, StoreToZarr


    class Noted(beam.PTransform):
        def __init__(self, name):
            self.name = name

        def expand(self, pcoll):
            with Path("{folder}/expanded").open("a") as file:
                print(self.name, file=file)
            return pcoll | beam.Map(lambda item: item)


    def make(name):
        pattern = pattern_from_file_sequence([f"{folder}/no-such-{{name}}.nc"], "time")
        store = StoreToZarr(store_name=name, combine_dims=pattern.combine_dim_keys)
        return beam.Create(pattern.items()) | OpenURLWithFSSpec() | OpenWithXarray() | Noted(name) | store


    recipes = {{f"cmip6-{{number:05d}}": make(f"{{number:05d}}") for number in range({count})}}
"""


@pytest.fixture
def write_module(tmp_path, monkeypatch):
    """Write a module, and give the reference of an object of it."""
    monkeypatch.setattr(sys, "path", list(sys.path))

    def write(text: str, name: str = "recipes") -> str:
        module = f"dictionaries_{next(_NUMBERS)}"
        (tmp_path / f"{module}.py").write_text(textwrap.dedent(text))
        return f"{module}:{name}"

    return write


def read_expanded(folder: Path) -> list[str]:
    path = folder / "expanded"
    return path.read_text().split() if path.exists() else []


NATIVE = """
    from pangeo_forge.recipes import ZarrRecipe, pattern_from_file_sequence

    recipe = ZarrRecipe(pattern_from_file_sequence(["a.nc"], "time"))
    recipes = {keys}
"""


@pytest.mark.parametrize(
    ("keys", "ids"),
    [
        ('{"a b": recipe, "a/b": recipe, "ä[1]*": recipe}', ["a b", "a/b", "ä[1]*"]),
        ("{2000: recipe, 2001: recipe}", ["2000", "2001"]),
        ('__import__("numpy").arange(2) is None or {n: recipe for n in __import__("numpy").arange(2)}', ["0", "1"]),
    ],
    ids=["text", "numbers", "numbers of numpy"],
)
def test_text_and_whole_numbers_are_ids(write_module, tmp_path, keys, ids):
    entries = [(None, write_module(NATIVE.format(keys=keys)))]
    assert [recipe_id for recipe_id, _ in load_recipes(tmp_path, entries)] == ids
    assert load_recipe(tmp_path, entries, ids[-1])[0] == ids[-1]


@pytest.mark.parametrize("key", ["('sst', 1)", "1.5", "None", "True", "''", "'  '", "'a\\nb'", "b'sst'"])
def test_other_keys_are_refused_since_nobody_could_name_them(write_module, tmp_path, key):
    entries = [(None, write_module(NATIVE.format(keys=f"{{{key}: recipe}}")))]
    with pytest.raises(UserError, match="is no id of a recipe"):
        list(load_recipes(tmp_path, entries))


def test_keys_that_make_one_id_are_refused(write_module, tmp_path):
    entries = [(None, write_module(NATIVE.format(keys='{1: recipe, "1": recipe}')))]
    with pytest.raises(UserError, match=r"two keys of the dictionary 'dictionaries_.*:recipes' make one id, '1'"):
        list(load_recipes(tmp_path, entries))


def test_of_a_dictionary_only_the_recipe_that_is_named_is_read(write_module, tmp_path):
    entries = [(None, write_module(PIPELINES.format(folder=tmp_path, count=1000)))]
    assert load_recipe(tmp_path, entries, "cmip6-00700")[0] == "cmip6-00700"
    assert read_expanded(tmp_path) == ["00700"]


def test_recipes_are_named_without_being_read(write_module, tmp_path):
    entries = [Entry(None, write_module(PIPELINES.format(folder=tmp_path, count=1000)))]
    named = name_recipes(Job(kind="ids", folder=str(tmp_path), entries=entries), lambda event: None)
    assert [recipe["id"] for recipe in named["recipes"]] == [f"cmip6-{number:05d}" for number in range(1000)]
    assert read_expanded(tmp_path) == []


def test_what_is_not_a_recipe_hinders_none_of_the_others(write_module, tmp_path):
    entries = [(None, write_module(NATIVE.format(keys='{"good": recipe, "bad": 5}')))]
    assert load_recipe(tmp_path, entries, "good")[0] == "good"
    with pytest.raises(UserError, match=r"\['bad'\].* is a int, not a recipe"):
        load_recipe(tmp_path, entries, "bad")


def test_an_id_that_there_is_not_names_the_nearest_and_not_thousands(write_module, tmp_path):
    entries = [(None, write_module(PIPELINES.format(folder=tmp_path, count=1000)))]
    with pytest.raises(UsageError) as caught:
        load_recipe(tmp_path, entries, "cmp6-00050")
    assert caught.value.hint == "Did you mean 'cmip6-00050'?"
    with pytest.raises(UsageError) as caught:
        load_recipe(tmp_path, entries, "?")
    assert str(caught.value.hint).endswith("cmip6-00011, … (1,000 in all).")
    with pytest.raises(UsageError, match="the feedstock has several recipes, and none is named"):
        load_recipe(tmp_path, entries, None)


def test_a_long_list_says_how_far_it_is_and_opens_inputs_of_its_first_recipes_only(write_module, tmp_path, monkeypatch):
    monkeypatch.setattr("pangeo_forge.worker.listing._TOLD_EVERY_S", 0.0)
    entries = [Entry(None, write_module(PIPELINES.format(folder=tmp_path, count=1000)))]
    events = []
    listed = list_recipes(Job(kind="list", folder=str(tmp_path), entries=entries), events.append)["recipes"]
    assert (len(listed), {recipe["inputs"] for recipe in listed}) == (1000, {1})
    assert [event.count for event in events if isinstance(event, RecipesListed)] == list(range(1, 1001))
    assert sum(recipe["problem"] is not None for recipe in listed) == 20


def test_ids_of_named_recipes_need_no_module(tmp_path):
    assert list(load_ids(tmp_path, [("sst", "no_such_module:recipe")])) == ["sst"]
