"""Dictionaries of recipes: whether they are any, and what their keys become."""

from __future__ import annotations

import pytest

from lint.feedstocks import META, lint, write_good
from pangeo_forge.lint.options import Options

DICTIONARY = META.replace('id: sst\n    object: "recipe:sst"', 'dict_object: "recipe:recipes"')
CODE = Options(select=("PFM024",))


def find(root, text, meta=DICTIONARY, **files):
    written = {"feedstock/meta.yaml": meta, "feedstock/recipe.py": f"{text}\n", **files}
    return list(lint(write_good(root, written), CODE))


def shown(findings):
    return [f"{found.where.line}:{found.where.column} {found.level} {found.message}" for found in findings]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("recipes = [('a', make())]", "a list"),
        ("recipes = 12", "a number"),
        ("recipes = None", "None"),
        ("def recipes():\n    return {'a': make()}", "a function"),
        ("class recipes:\n    a = make()", "a class"),
        ("import recipes", "a module"),
        ("from pangeo_forge_recipes.recipes import XarrayZarrRecipe\nrecipes = XarrayZarrRecipe(p)", "a single recipe"),
        ("from pangeo_forge.recipes import ZarrRecipe\nrecipes = ZarrRecipe(p)", "a single recipe"),
    ],
)
def test_what_is_certainly_no_dictionary_is_an_error(tmp_path, text, kind):
    (found,) = find(tmp_path, text)
    assert shown([found]) == [f"4:18 error 'recipe:recipes' is {kind}, not a dictionary of recipes"]
    assert found.end == (4, 34)


@pytest.mark.parametrize(
    "text",
    [
        "recipes = {'a': make()}",
        "recipes = dict(a=make())",
        "recipes = dict(make())",
        "recipes = make()",
        "recipes = {x: make(x) for x in xs}",
        "recipes = {**a(), **b()}",
        "recipes = {'a': 1} | make()",
        "class Recipes(dict): ...\n\nrecipes = Recipes()",
        "from collections import defaultdict\nrecipes = defaultdict(make)",
        "from other import recipes",
        "if daily:\n    recipes = []\nelse:\n    recipes = {'a': make()}",
        "recipes = []\nrecipes = dict(recipes)",
    ],
)
def test_what_may_be_a_dictionary_is_left_alone(tmp_path, text):
    assert find(tmp_path, text) == []


@pytest.mark.parametrize("text", ["recipes = {}", "recipes = dict()", "recipes = {}  # for later\nrecipe = make()"])
def test_an_empty_dictionary_is_an_error(tmp_path, text):
    (found,) = find(tmp_path, text)
    assert shown([found]) == ["1:11 error the dictionary 'recipe:recipes' is empty: it has no recipe"]


@pytest.mark.parametrize(
    "text",
    [
        "recipes = {}\nfor x in xs:\n    recipes[x] = make(x)",
        "recipes = {}\nrecipes.update(make())",
        "recipes = {}\nfill(recipes)",
        "recipes = {}\nrecipes |= make()",
        "recipes = {}\n\ndef fill():\n    recipes['a'] = make()\n\nfill()",
        "recipes = {}\nglobals()['recipes']['a'] = make()",
        "recipes = {}\nif daily:\n    recipes = make()",
        "def make():\n    found = {}\n    found['a'] = build()\n    return found\n\nrecipes = make()",
    ],
)
def test_a_dictionary_that_is_filled_is_not_empty(tmp_path, text):
    assert find(tmp_path, text) == []


@pytest.mark.parametrize(
    ("text", "finding", "end"),
    [
        (
            "recipes = {'a/b': make()}",
            "1:12 warning the key 'a/b' holds '/', which has a meaning in addresses of stores, but becomes an id",
            (1, 17),
        ),
        (
            "recipes = {'sea ice': make()}",
            "1:12 warning the key 'sea ice' holds a space, which is written otherwise in a URL, "
            "and not taken by all that name a job after it",
            (1, 21),
        ),
        ("recipes = {'': make()}", "1:12 warning the key '' is empty, but becomes an id", (1, 14)),
        ("recipes = {1: make()}", "1:12 warning the key '1' is no text, but becomes an id", (1, 13)),
        ("recipes = {None: make()}", "1:12 warning the key 'None' is no text, but becomes an id", (1, 16)),
        (
            "recipes = {x: make(x) for x in xs}\nrecipes['a:b'] = make()",
            "2:9 warning the key 'a:b' holds ':', which has a meaning in addresses of stores, but becomes an id",
            (2, 14),
        ),
        (
            "recipes = {f'ocean/{a}/{b}': make() for a in xs for b in ys}",
            "1:12 warning the key f'ocean/{a}/{b}' holds '/', which has a meaning in addresses of stores, but becomes an id",
            (1, 28),
        ),
        (
            "recipes = {}\nfor x in xs:\n    recipes[f'a b {x}'] = make()",
            "3:13 warning the key f'a b {x}' holds a space, which is written otherwise in a URL, "
            "and not taken by all that name a job after it",
            (3, 23),
        ),
        (
            "recipes = dict(SST=make())",
            "1:16 hint the key 'SST' has capital letters, which some disks take for small ones, and names of jobs cannot have",
            (1, 19),
        ),
        (
            f"recipes = {{'{'a' * 70}': make()}}",
            f"1:12 warning the key '{'a' * 59}…' is longer than the 63 characters that the name of a job may have",
            (1, 84),
        ),
        (
            "recipes = {'a': make(1), 'b': make(2), 'a': make(3)}",
            "1:40 warning the key 'a' stands twice in the dictionary, so that the first value is lost",
            (1, 43),
        ),
    ],
)
def test_keys_are_judged_as_ids_are(tmp_path, text, finding, end):
    (found,) = find(tmp_path, text)
    assert (shown([found]), found.end) == ([finding], end)
    assert found.where.path.endswith("recipe.py")


@pytest.mark.parametrize(
    "text",
    [
        "recipes = {'sst': make(), 'ice': make()}",
        "recipes = {x: make(x) for x in ('a/b', 'c d')}",
        "recipes = {f'ocean-{x}': make(x) for x in xs}",
        "recipes = {f'{x}': make(x) for x in xs}",
        "recipes = {name('a/b'): make()}",
        "KEY = 'a/b'\nrecipes = {KEY: make()}",
        "others = {'a/b': make()}\nrecipes = {'a': others['a/b']}",
        "recipes = {'a': make(1)}\nrecipes['a'] = make(2)",
        "first = {'a': make(1)}\nrecipes = {**first, 'a': make(2)}",
    ],
)
def test_keys_that_are_as_ids_should_be_or_not_known_are_left_alone(tmp_path, text):
    assert find(tmp_path, text) == []


def test_many_keys_with_one_fault_are_one_finding(tmp_path):
    text = "recipes = {\n    'eddy/low': make(),\n    'eddy/high': make(),\n    'jet/low': make(),\n    'Jet': make(),\n}"
    assert shown(find(tmp_path, text)) == [
        "2:5 warning the key 'eddy/low' (and 2 more) holds '/', which has a meaning in addresses of stores, but becomes an id",
        "5:5 hint the key 'Jet' has capital letters, which some disks take for small ones, and names of jobs cannot have",
    ]


def test_a_key_that_is_the_id_of_another_recipe_is_a_warning(tmp_path):
    meta = META.replace('object: "recipe:sst"', 'object: "recipe:sst"\n  - dict_object: "recipe:recipes"')
    (found,) = find(tmp_path, "sst = make()\nrecipes = {'sst': make(), 'ice': make()}", meta)
    assert shown([found]) == ["2:12 warning the key 'sst' is the id of another recipe in meta.yaml as well"]


def test_a_dictionary_of_another_module_is_followed(tmp_path):
    files = {"feedstock/other.py": "ocean = {'a/b': 1}\n"}
    (found,) = find(tmp_path, "from other import ocean as recipes", **files)
    assert found.where.path.endswith("other.py")


def test_the_place_of_a_key_is_counted_in_characters(tmp_path):
    one, other = find(tmp_path, "recipes = {'a-é-b': 1, 'a/b': make()}")
    assert (one.where.column, one.end, other.where.column, other.end) == (12, (1, 19), 24, (1, 29))
