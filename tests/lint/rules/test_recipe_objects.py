"""Whether the objects that meta.yaml names are defined, and can be recipes, seen without running anything."""

from __future__ import annotations

import time

import pytest

from lint.feedstocks import META, RECIPE, lint, write_good
from pangeo_forge.lint.findings import Level
from pangeo_forge.lint.options import Options

DICTIONARY = META.replace('id: sst\n    object: "recipe:sst"', 'dict_object: "recipe:recipes"')


def find(root, code, files):
    written = {f"feedstock/{name}": text for name, text in files.items()}
    return list(lint(write_good(root, written), Options(select=(code,))))


def in_module(root, code, text, **files):
    """Find what is wrong where the module that should define `sst` is this."""
    return find(root, code, {"recipe.py": text, **files})


def shown(findings):
    return [f"{found.where.line}:{found.where.column} {found.level} {found.message}" for found in findings]


# PFM019, PFM020, PFM021


@pytest.mark.parametrize(
    ("written", "code", "message"),
    [
        ("recipe.py", "PFM019", "`object` is 'recipe.py', but must be 'module:name'"),
        ("recipe.py:sst", "PFM019", "`object` is 'recipe.py:sst', but must be 'module:name'"),
        ("recipe:sea-surface", "PFM020", "`object` is 'recipe:sea-surface', but must be 'module:name'"),
        ("recipes:sst", "PFM021", "there is no module 'recipes': no file recipes.py beside meta.yaml"),
    ],
)
def test_an_object_that_leads_nowhere_is_marked_as_a_whole(tmp_path, written, code, message):
    (found,) = find(tmp_path, "PFM0", {"meta.yaml": META.replace("recipe:sst", written)})
    assert (found.code, shown([found]), found.end) == (code, [f"5:13 error {message}"], (5, 15 + len(written)))


# PFM022


def test_a_name_that_is_not_bound_is_an_error(tmp_path):
    (found,) = find(tmp_path, "PFM022", {"meta.yaml": META.replace('"recipe:sst"', "recipe:ssst   # misspelt")})
    assert (shown([found]), found.end) == (["5:13 error recipe.py does not define `ssst`"], (5, 24))
    assert found.help == "Did you mean 'recipe:sst'? The variables there: pattern, sst."


def test_the_name_of_2021_is_marked_where_it_is(tmp_path):
    (found,) = find(tmp_path, "PFM022", {"meta.yaml": "recipes:\n  - id: sst\n    module: recipe.py\n    name: recipe\n"})
    assert (shown([found]), found.end) == (["4:11 error recipe.py does not define `recipe`"], (4, 17))


def test_a_name_in_another_module_is_pointed_to(tmp_path):
    files = {"recipe.py": "import other\n\nocean = other.make()\n", "other.py": "def make(): ...\n\n\nsst = make()\n"}
    (found,) = find(tmp_path, "PFM022", files)
    assert found.help == "Write 'other:sst'?"


@pytest.mark.parametrize("text", ["", "import numpy as np\n", '"""Nothing."""\nTIMES = [1, 2]\nBASE = "a"\n', "def make(): ...\n"])
def test_a_module_without_variables_is_said_to_have_none(tmp_path, text):
    (found,) = in_module(tmp_path, "PFM022", text)
    assert (found.level, found.help) == (Level.ERROR, "recipe.py has no variables.")


@pytest.mark.parametrize(
    "text",
    [
        "sst = make()",
        "sst: Recipe = make()",
        "ice, sst = make(), make()",
        "[ice, *sst] = make()",
        "ice = sst = make()",
        "(sst := make())",
        "if daily:\n    sst = make()",
        "if daily:\n    pass\nelse:\n    sst = make()",
        "try:\n    sst = make()\nexcept ValueError:\n    pass",
        "try:\n    import old\nexcept ImportError:\n    sst = make()",
        "for sst in recipes():\n    pass",
        "with open(path) as sst:\n    pass",
        "while True:\n    sst = make()\n    break",
        "match kind:\n    case sst:\n        pass",
        "found = [sst := make(x) for x in xs]",
        "from somewhere import sst",
        "from somewhere import ocean as sst",
        "import sst",
        "import sst.daily",
        "def sst():\n    pass",
        "class sst:\n    pass",
        "def fill():\n    global sst\n    sst = make()\n\nfill()",
        "sst |= make()",
        "if __name__ == '__main__':\n    sst = test()\nelse:\n    sst = make()",
        "sst = make()\nif __name__ == '__main__':\n    sst = None",
    ],
)
def test_every_way_of_binding_a_name_is_known(tmp_path, text):
    assert in_module(tmp_path, "PFM022", f"{text}\n") == []


@pytest.mark.parametrize(
    "text",
    [
        "sst: Recipe",
        "def make():\n    sst = 1",
        "class Recipes:\n    sst = 1",
        "ocean.sst = make()",
        "ocean['sst'] = make()",
        "found = [sst for sst in recipes()]",
        "make(sst=1)",
        "print(sst)",
        "# sst = make()",
        "'''\nsst = make()\n'''",
        "import ocean.sst",
        "from sst import daily",
    ],
)
def test_what_only_looks_like_binding_a_name_does_not(tmp_path, text):
    (found,) = in_module(tmp_path, "PFM022", f"{text}\n")
    assert shown([found]) == ["5:13 error recipe.py does not define `sst`"]


def test_what_is_bound_for_a_script_alone_is_not_there(tmp_path):
    (found,) = in_module(tmp_path, "PFM022", "if __name__ == '__main__':\n    sst = make()\n")
    assert shown([found]) == ["5:13 error `sst` is not there when recipe.py is imported: it is bound only if the module is run as a script"]
    assert found.help == "Bind it above the `if`."


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("globals()['sst'] = make()", "what recipe.py calls (`globals`, `exec`, `setattr` or the like) may bind it"),
        ("exec(code)", "what recipe.py calls (`globals`, `exec`, `setattr` or the like) may bind it"),
        ("def __getattr__(name): ...", "what recipe.py calls (`globals`, `exec`, `setattr` or the like) may bind it"),
        ("from ocean import *", "`from ocean import *` in line 1 of recipe.py may bring it"),
        ("x = 1\nfrom .ocean.daily import *", "`from .ocean.daily import *` in line 2 of recipe.py may bring it"),
    ],
)
def test_what_cannot_be_told_is_a_hint(tmp_path, text, reason):
    (found,) = in_module(tmp_path, "PFM022", f"{text}\n")
    assert shown([found]) == [f"5:13 hint nothing in recipe.py is seen to bind `sst`; {reason}"]


@pytest.mark.parametrize(
    "other",
    ["sst = make()\n", "from third import *\n", "__all__ = ['sst']\nsst = make()\n", "__all__ = ('sst',)\nsst = make()\n"],
)
def test_star_imports_of_modules_beside_it_are_followed(tmp_path, other):
    files = {"recipe.py": "from other import *\n", "other.py": other, "third.py": "from other import *\nsst = make()\n"}
    assert find(tmp_path, "PFM022", files) == []


@pytest.mark.parametrize(
    ("other", "level"),
    [
        ("ice = make()\n", "error"),
        ("__all__ = ['ice']\nice = sst = make()\n", "error"),
        ("__all__ = names()\nsst = make()\n", "hint"),
        ("__all__ = ['ice']\n__all__ += others()\nsst = make()\n", "hint"),
        ("sst = make(\n", "hint"),
        ("from recipe import *\n", "error"),
        ("from elsewhere import *\n", "hint"),
    ],
)
def test_star_imports_bring_what_the_other_module_says(tmp_path, other, level):
    (found,) = find(tmp_path, "PFM022", {"recipe.py": "from other import *\n", "other.py": other})
    assert found.level == level


def test_a_private_name_is_brought_by_no_star_import(tmp_path):
    files = {
        "meta.yaml": META.replace("recipe:sst", "recipe:_sst"),
        "recipe.py": "from other import *\n",
        "other.py": "_sst = make()\n",
    }
    (found,) = find(tmp_path, "PFM022", files)
    assert found.level is Level.ERROR


def test_modules_of_packages_are_followed(tmp_path):
    files = {
        "meta.yaml": META.replace("recipe:sst", "ocean:sst"),
        "ocean/__init__.py": "from .daily import *\n",
        "ocean/daily.py": "from ..common import *\n",
        "common.py": "sst = make()\n",
    }
    assert find(tmp_path, "PFM022", files) == []


def test_a_module_that_is_no_python_is_not_said_to_lack_names(tmp_path):
    assert in_module(tmp_path, "PFM02", "sst = make(\n") == []


def test_very_many_objects_take_no_long_time(tmp_path):
    entries = "".join(f"  - {{id: a{number}, object: 'recipe:b{number}'}}\n" for number in range(3000))
    names = "".join(f"c{number} = d\n" for number in range(5000))
    start = time.perf_counter()
    findings = find(tmp_path, "PFM022", {"meta.yaml": f"recipes:\n{entries}", "recipe.py": names})
    assert len(findings) == 25
    assert time.perf_counter() - start < 5


# PFM023


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("sst = 'recipe'", "a text"),
        ("sst = f'{name}'", "a text"),
        ("sst = 12", "a number"),
        ("sst = None", "None"),
        ("sst = True", "a truth value"),
        ("sst = [make()]", "a list"),
        ("sst = [make(x) for x in xs]", "a list"),
        ("sst = list(recipes)", "a list"),
        ("sst = make(),", "a tuple"),
        ("sst = {make()}", "a set"),
        ("sst = (make(x) for x in xs)", "a generator"),
        ("sst = {'a': make()}", "a dictionary"),
        ("sst = {x: make(x) for x in xs}", "a dictionary"),
        ("sst = dict(a=make())", "a dictionary"),
        ("sst = lambda: make()", "a function"),
        ("def sst(): ...", "a function"),
        ("class sst(Recipe): ...", "a class"),
        ("import sst", "a module"),
        ("import xarray as sst", "a module"),
        ("from pangeo_forge_recipes.patterns import FilePattern\nsst = FilePattern(url, dim)", "a pattern of files"),
        ("from pangeo_forge.recipes import pattern_from_file_sequence as p\nsst = p(urls, 'time')", "a pattern of files"),
        ("import pangeo_forge_recipes.patterns as pp\nsst = pp.ConcatDim('time', [1])", "a dimension of a pattern"),
        ("recipe = 'a'\nsst = recipe", "a text"),
        ("if daily:\n    sst = 'a'\nelse:\n    sst = 'b'", "a text"),
        ("def make():\n    return [1]\n\nsst = make()", "a list"),
        ("(ice, sst) = make(), 12", "a number"),
    ],
)
def test_what_is_certainly_no_recipe_is_an_error(tmp_path, text, kind):
    (found,) = in_module(tmp_path, "PFM023", f"{text}\n")
    assert found.message.startswith(f"'recipe:sst' is {kind} (recipe.py, line ")
    assert (found.level, found.where.line, found.where.column, found.end) == (Level.ERROR, 5, 13, (5, 25))


def test_the_line_of_the_definition_is_named(tmp_path):
    (found,) = in_module(tmp_path, "PFM023", "import x\n\n\nsst = {'a': x.make()}\n")
    assert found.message == "'recipe:sst' is a dictionary (recipe.py, line 4), not a recipe"
    assert found.help == 'Write `dict_object: "recipe:sst"` alone, without an id: its keys are the ids.'


def test_an_object_that_is_imported_from_a_module_beside_it_is_looked_at(tmp_path):
    files = {"recipe.py": "from other import ocean as sst\n", "other.py": "\nocean = [1]\n"}
    (found,) = find(tmp_path, "PFM023", files)
    assert found.message == "'recipe:sst' is a list (other.py, line 2), not a recipe"


@pytest.mark.parametrize(
    "text",
    [
        RECIPE,
        "import apache_beam as beam\nsst = beam.Create([1]) | beam.Map(print)",
        "sst = make()",
        "from somewhere import sst",
        "from somewhere import *",
        "@ptransform_fn\ndef sst(pcoll): ...",
        "@instance\nclass sst: ...",
        "class sst(metaclass=Meta): ...",
        "if daily:\n    sst = None\nelse:\n    sst = make()",
        "sst = None\n\ndef fill():\n    global sst\n    sst = make()\n\nfill()",
        "sst = None\nsst = make()",
        "sst = []\nsst = make(sst)",
        "for sst in [1, 2]:\n    pass",
        "try:\n    sst = make()\nexcept ValueError:\n    sst = None",
        "from pangeo_forge_recipes.recipes import XarrayZarrRecipe\nsst = XarrayZarrRecipe(pattern)",
        "def list(x): ...\n\nsst = list(recipes)",
        "from mine import FilePattern\nsst = FilePattern(url)",
        "sst = recipes['a']",
        "sst = 'a' >> make()",
        "sst = ...",
        "sst = 'a' if daily else make()",
    ],
)
def test_what_may_be_a_recipe_is_left_alone(tmp_path, text):
    assert in_module(tmp_path, "PFM023", f"{text}\n") == []


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ("recipes = {'a': make(), 'b': 'text'}", "1:30", "'b' of 'recipe:recipes' is a text"),
        ("recipes = {}\nfor x in xs:\n    recipes[x] = [x]", "3:18", "what 'recipe:recipes' holds is a list"),
        ("recipes = {'a': {'b': make()}}", "1:17", "'a' of 'recipe:recipes' is a dictionary"),
        (
            "from pangeo_forge_recipes.patterns import FilePattern\nrecipes = {x: FilePattern(f, x) for x in xs}",
            "2:15",
            "what 'recipe:recipes' holds is a pattern of files",
        ),
    ],
)
def test_what_a_dictionary_holds_is_looked_at(tmp_path, text, place, what):
    (found,) = find(tmp_path, "PFM023", {"meta.yaml": DICTIONARY, "recipe.py": f"{text}\n"})
    assert shown([found]) == [f"{place} error {what}, not a recipe"]
    assert found.where.path.endswith("recipe.py")


@pytest.mark.parametrize(
    "text",
    [
        "recipes = {x: make(x) for x in xs}",
        "recipes = {x: x for x in ['a', 'b']}",
        "recipes = {}\nfor x, y in found.items():\n    recipes[x] = y",
        "recipes = {k: v for k, v in others.items()}",
        "recipes = make()",
        "def make(kind):\n    pattern = [kind]\n    return build(pattern)\n\nrecipes = {k: make(k) for k in 'ab'}",
    ],
)
def test_what_a_dictionary_may_hold_is_left_alone(tmp_path, text):
    assert find(tmp_path, "PFM023", {"meta.yaml": DICTIONARY, "recipe.py": f"{text}\n"}) == []


def test_of_what_is_not_there_nothing_more_is_said(tmp_path):
    (found,) = in_module(tmp_path, "PFM02", "if __name__ == '__main__':\n    sst = 'a text'\n")
    assert found.code == "PFM022"
