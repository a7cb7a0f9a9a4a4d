"""The recipes that modules build, of every shape that people write them in."""

from __future__ import annotations

import ast

import pytest

from lint.recipe_modules import BEAM, CLASSIC, DICTIONARY, NATIVE, PREPROCESS, draft_with, entries
from pangeo_forge.lint.code.pipelines import RecipeKind

CHAIN = "beam.Create(pattern.items()) | OpenURLWithFSSpec() | OpenWithXarray()"
STORE = 'StoreToZarr(store_name="sst.zarr", combine_dims=pattern.combine_dim_keys)'


def recipes_of(tmp_path, code, recipes=None, **others):
    draft = draft_with(tmp_path, code, **({"recipes": recipes} if recipes else {}), **others)
    return draft.recipes


def steps_of(tmp_path, code, **others):
    (recipe,) = recipes_of(tmp_path, code, **others)
    return [step.short_name or "?" for step in recipe.steps]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (CLASSIC + 'sst = XarrayZarrRecipe(pattern, target_chunks={"time": 1})', RecipeKind.CLASSIC),
        (CLASSIC + "sst = HDFReferenceRecipe(file_pattern=pattern)", RecipeKind.CLASSIC),
        ("from pangeo_forge_recipes.recipes.xarray_zarr import XarrayZarrRecipe as R\nsst = R(p)", RecipeKind.CLASSIC),
        ("from pangeo_forge_recipes import recipes\nsst = recipes.XarrayZarrRecipe(p)", RecipeKind.CLASSIC),
        ("from pangeo_forge.recipe import NetCDFtoZarrSequentialRecipe\nsst = NetCDFtoZarrSequentialRecipe()", RecipeKind.CLASSIC),
        (CLASSIC + "class Own(XarrayZarrRecipe):\n    host: str = ''\nsst = Own(pattern)", RecipeKind.CLASSIC),
        (CLASSIC + "def make(p):\n    recipe = XarrayZarrRecipe(p)\n    return recipe\nsst = make(pattern)", RecipeKind.CLASSIC),
        (BEAM + f"sst = {CHAIN} | {STORE}", RecipeKind.BEAM),
        (BEAM + "sst = beam.Create(pattern.items())", RecipeKind.BEAM),
        ("from apache_beam import Create, Map\nsst = Create(p.items()) | Map(print)", RecipeKind.BEAM),
        (NATIVE + 'sst = ZarrRecipe(pattern, target_chunks={"time": 12})', RecipeKind.NATIVE),
        (NATIVE + "sst = [ZarrRecipe(pattern)]", RecipeKind.UNKNOWN),
        ("def sst():\n    return 1", RecipeKind.UNKNOWN),
        ("sst = {'a': 1} | {'b': 2}", RecipeKind.UNKNOWN),
        ("import pangeo_forge\nclass P(pangeo_forge.AbstractPipeline):\n    pass\nsst = P().flow", RecipeKind.UNKNOWN),
        ("from pangeo_forge_recipes.transforms import *\nsst = StoreToZarr()", RecipeKind.UNKNOWN),
        ("class XarrayZarrRecipe:\n    pass\nsst = XarrayZarrRecipe()", RecipeKind.UNKNOWN),
    ],
)
def test_the_api_is_told_from_what_makes_the_recipe(tmp_path, code, kind):
    (recipe,) = recipes_of(tmp_path, code)
    assert recipe.kind is kind


@pytest.mark.parametrize(
    "code",
    [
        f"sst = (\n    {CHAIN}\n    | {STORE}\n)",
        f"opened = {CHAIN}\nsst = opened | {STORE}",
        f"sst = {CHAIN}\nsst = sst | {STORE}",
        f"sst = {CHAIN}\nsst |= {STORE}",
        f'sst = "Create" >> beam.Create(pattern.items()) | f"Open" >> OpenURLWithFSSpec() | OpenWithXarray() | {STORE}',
        f"open = OpenURLWithFSSpec()\nopen_all = open | OpenWithXarray()\nsst = beam.Create(pattern.items()) | open_all | {STORE}",
        f"def make(store):\n    return {CHAIN} | store\nsst = make({STORE})",
        f"def opened():\n    return OpenURLWithFSSpec() | OpenWithXarray()\nsst = beam.Create(pattern.items()) | opened() | {STORE}",
        f'sst = {CHAIN} | {STORE}.with_resource_hints(min_ram="4GB")',
        f"if True:\n    pass\nelse:\n    sst = 1\nsst = {CHAIN} | {STORE}",
        f"sst, other = {CHAIN} | {STORE}, 1",
        f"Create = beam.Create\nsst = Create(pattern.items()) | OpenURLWithFSSpec() | OpenWithXarray() | {STORE}",
    ],
)
def test_a_chain_is_taken_apart_however_it_is_put_together(tmp_path, code):
    assert steps_of(tmp_path, BEAM + code) == ["Create", "OpenURLWithFSSpec", "OpenWithXarray", "StoreToZarr"]


def test_an_own_transform_is_what_it_consists_of(tmp_path):
    code = BEAM + PREPROCESS + f"sst = {CHAIN} | Preprocess() | {STORE}"
    assert steps_of(tmp_path, code) == ["Create", "OpenURLWithFSSpec", "OpenWithXarray", "Map", "StoreToZarr"]


def test_the_write_step_may_be_within_an_own_transform(tmp_path):
    body = f"        opened = pcoll | OpenWithXarray()\n        return opened | {STORE}\n"
    own = f"class Write(beam.PTransform):\n    def expand(self, pcoll):\n{body}"
    assert steps_of(tmp_path, BEAM + own + "sst = beam.Create(pattern.items()) | Write()") == ["Create", "OpenWithXarray", "StoreToZarr"]


def test_own_transforms_may_consist_of_own_transforms(tmp_path):
    own = (
        PREPROCESS
        + "class Open(beam.PTransform):\n    def expand(self, p):\n        return p | OpenURLWithFSSpec() | 'x' >> Preprocess()\n"
    )
    assert steps_of(tmp_path, BEAM + own + f"sst = beam.Create(pattern.items()) | Open() | {STORE}") == [
        "Create",
        "OpenURLWithFSSpec",
        "Map",
        "StoreToZarr",
    ]


def test_a_function_may_be_made_a_transform(tmp_path):
    own = "@beam.ptransform_fn\ndef Consolidate(pcoll, path=None):\n    return pcoll | beam.Map(print)\n"
    assert steps_of(tmp_path, BEAM + own + "sst = beam.Create(pattern.items()) | Consolidate()") == ["Create", "Map"]


def test_a_subclass_of_a_librarys_transform_is_taken_for_that_one(tmp_path):
    own = "class Quiet(StoreToZarr):\n    def expand(self, pcoll):\n        return pcoll | StoreToZarr(store_name=self.store_name)\n"
    (recipe,) = recipes_of(tmp_path, BEAM + own + 'sst = beam.Create(pattern.items()) | Quiet(store_name="a")')
    assert [step.name for step in recipe.steps] == ["apache_beam.Create", "pangeo_forge_recipes.transforms.StoreToZarr"]


@pytest.mark.parametrize(
    "own",
    [
        "from elsewhere import Own",
        "Own = make_transform()",
        "class Own(Unknown):\n    def expand(self, pcoll):\n        return pcoll",
        "class Own(beam.PTransform):\n    pass",
        "class Own(beam.PTransform):\n    def expand(self, p):\n        if p:\n            return p\n        return p | OpenWithXarray()",
        "class Own(beam.PTransform):\n    def expand(self, pcoll):\n        return Own() | pcoll",
        "def Own():\n    return [1]",
    ],
)
def test_a_transform_that_cannot_be_followed_is_left_open(tmp_path, own):
    steps = recipes_of(tmp_path, BEAM + own + "\nsst = beam.Create(pattern.items()) | Own()")[0].steps
    assert [step.package for step in steps] in (["apache_beam", ""], ["apache_beam", "elsewhere"])


def test_what_hangs_on_a_condition_is_not_certain(tmp_path):
    one, other = recipes_of(tmp_path, CLASSIC + "if x:\n    sst = XarrayZarrRecipe(pattern)\nelse:\n    sst = HDFReferenceRecipe(pattern)")
    assert (one.kind, other.kind) == (RecipeKind.CLASSIC, RecipeKind.CLASSIC)
    assert not one.is_certain
    assert not other.is_certain


def test_a_step_that_hangs_on_a_condition_is_left_open(tmp_path):
    code = f"store = {STORE}\nif x:\n    store = ConsolidateMetadata()\nsst = {CHAIN} | store"
    assert steps_of(tmp_path, BEAM + code)[-1] == "?"


@pytest.mark.parametrize(
    ("code", "pattern"),
    [
        (CLASSIC + "sst = XarrayZarrRecipe(pattern)", "pattern"),
        (CLASSIC + "sst = XarrayZarrRecipe(target_chunks={}, file_pattern=FilePattern(f))", "FilePattern(f)"),
        (CLASSIC + "sst = XarrayZarrRecipe(*pattern)", None),
        (NATIVE + "sst = ZarrRecipe(pattern=pattern)", "pattern"),
        (BEAM + f"sst = {CHAIN}", "pattern"),
        (BEAM + f"items = pattern.items()\nsst = beam.Create(items) | {STORE}", "pattern"),
        (BEAM + f"sst = beam.Create(list(pattern.items())) | {STORE}", None),
        (BEAM + f"sst = beam.Create(pattern) | {STORE}", None),
        (BEAM + f"sst = {STORE}", None),
    ],
)
def test_the_pattern_is_found(tmp_path, code, pattern):
    (recipe,) = recipes_of(tmp_path, code)
    assert (ast.unparse(recipe.pattern.node) if recipe.pattern else None) == pattern


@pytest.mark.parametrize("call", ["copy_pruned()", "copy_pruned(nkeep=3)", "prune()"])
def test_a_recipe_that_is_pruned_is_still_that_recipe(tmp_path, call):
    (recipe,) = recipes_of(tmp_path, CLASSIC + f"whole = XarrayZarrRecipe(pattern)\nsst = whole.{call}")
    assert recipe.kind is RecipeKind.CLASSIC
    assert [ast.unparse(prune.node) for prune in recipe.prunes] == [f"whole.{call}"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("sst = {'a': XarrayZarrRecipe(pattern), 'b': XarrayZarrRecipe(pattern)}", [("a", False), ("b", False)]),
        ("sst = {k: XarrayZarrRecipe(pattern) for k in 'abc'}", [(None, True)]),
        ("def make(k):\n    return XarrayZarrRecipe(pattern)\nsst = {k: make(k) for k in 'abc'}", [(None, True)]),
        ("def make():\n    return {'a': XarrayZarrRecipe(pattern)}\nsst = make()", [("a", False)]),
        (
            "def make():\n    found = {}\n    for k in x:\n        found[k] = XarrayZarrRecipe(pattern)\n    return found\nsst = make()",
            [(None, True)],
        ),
        ("sst = {}\nfor k in x:\n    sst[k] = XarrayZarrRecipe(pattern)", [(None, True)]),
        ("sst = dict()\nsst['a'] = XarrayZarrRecipe(pattern)", [("a", False)]),
        ("sst = dict(a=XarrayZarrRecipe(pattern))", [("a", False)]),
        ("sst = {}\nsst.update({'a': XarrayZarrRecipe(pattern)})", [("a", False)]),
        ("sst = {}\nfor k in x:\n    sst.update({k: XarrayZarrRecipe(pattern)})", [(None, True)]),
        ("one = {'a': XarrayZarrRecipe(pattern)}\nsst = {**one, 'b': XarrayZarrRecipe(pattern)}", [("a", False), ("b", False)]),
        ("one = {'a': XarrayZarrRecipe(pattern)}\nsst = one | {'b': XarrayZarrRecipe(pattern)}", [("a", False), ("b", False)]),
        ("sst = {'a': XarrayZarrRecipe(pattern)}\nsst |= {'b': XarrayZarrRecipe(pattern)}", [("a", False), ("b", False)]),
        ("sst = make_recipes()", []),
        ("sst = [XarrayZarrRecipe(pattern)]", []),
    ],
)
def test_the_values_of_a_dictionary_are_recipes(tmp_path, code, expected):
    found = recipes_of(tmp_path, CLASSIC + code, DICTIONARY)
    assert sorted(((recipe.key, recipe.is_many) for recipe in found), key=str) == expected
    assert {recipe.kind for recipe in found} <= {RecipeKind.CLASSIC}


def test_what_is_put_into_a_dictionary_under_a_condition_is_not_certain(tmp_path):
    code = CLASSIC + "sst = {}\nfor k in x:\n    if k:\n        sst[k] = XarrayZarrRecipe(pattern)\n"
    (recipe,) = recipes_of(tmp_path, code, DICTIONARY)
    assert not recipe.is_certain


def test_a_loop_that_rebinds_the_pattern_is_followed_within_its_round(tmp_path):
    code = (
        BEAM
        + f"sst = {{}}\nfor k, urls in x.items():\n    pattern = pattern_from_file_sequence(urls, 'time')\n    sst[k] = {CHAIN} | {STORE}\n"
    )
    draft = draft_with(tmp_path, code, DICTIONARY)
    (recipe,) = draft.recipes
    found = draft.follower.follow_one(recipe.pattern)
    assert ast.unparse(found.node) == "pattern_from_file_sequence(urls, 'time')"


def test_recipes_may_be_made_in_a_module_beside_it(tmp_path):
    common = NATIVE + "def make(p):\n    return ZarrRecipe(p)\n"
    (recipe,) = recipes_of(tmp_path, "from common import make, pattern\nsst = make(pattern)", common=common)
    assert recipe.kind is RecipeKind.NATIVE
    assert recipe.value.where.path.endswith("common.py")


def test_each_entry_has_its_recipe(tmp_path):
    code = NATIVE + "a = ZarrRecipe(pattern)\nb = a\n"
    assert [recipe.title for recipe in recipes_of(tmp_path, code, entries("a", "b"))] == ["a", "b"]
    (unnamed,) = recipes_of(tmp_path / "2", NATIVE + "sst = {k: ZarrRecipe(pattern) for k in x}", DICTIONARY)
    assert unnamed.title == "recipe:sst"


@pytest.mark.parametrize("code", ["", "sst = (", "other = 1", "sst: int"])
def test_a_module_without_the_object_has_no_recipe(tmp_path, code):
    assert recipes_of(tmp_path, code) == ()


def test_dictionaries_that_hold_themselves_come_to_an_end(tmp_path):
    code = "sst = {}\nsst |= sst\nsst.update(sst)\nsst['a'] = sst\nsst.update({**sst})\n" + "sst.update(sst)\n" * 2000
    recipes_of(tmp_path, code, DICTIONARY)
