"""What a test run cannot cut short, and what is cut short for good."""

from __future__ import annotations

import pytest

from lint.recipe_modules import BEAM, CLASSIC, DICTIONARY, NATIVE, PREPROCESS, at, entries, find
from pangeo_forge.lint.findings import Level

REST = 'OpenURLWithFSSpec() | OpenWithXarray() | StoreToZarr(store_name="a.zarr", combine_dims=pattern.combine_dim_keys)'


def messages(*args):
    return [finding.message for finding in find(*args)]


def test_a_pattern_without_items_is_an_error(tmp_path):
    (found,) = find(tmp_path, "PFR010", BEAM + f"sst = beam.Create(pattern) | {REST}")
    assert (found.level, at(found), found.end) == (Level.ERROR, (8, 19), (8, 26))
    assert found.message == "`beam.Create` is given the pattern itself, which yields indexes without URLs"
    assert found.help == "Write `beam.Create(pattern.items())`."


@pytest.mark.parametrize("given", ["['a', 'b', 'c']", "[u for u in urls]", "urls", "(u for u in urls)"])
def test_a_collection_is_a_warning(tmp_path, given):
    (found,) = find(tmp_path, "PFR010", BEAM + f"urls = ['a', 'b', 'c']\nsst = beam.Create({given}) | {REST}")
    assert (found.level, at(found)) == (Level.WARNING, (9, 19))
    assert found.message == "`beam.Create` is given a collection instead of a pattern's items: a test run cannot shorten it"


@pytest.mark.parametrize(
    "given", ["pattern.items()", "pattern.prune().items()", "list(pattern.items())", "['one', 'two']", "unknown", "f()", "files.items()"]
)
def test_items_and_what_cannot_be_told_are_no_collection(tmp_path, given):
    assert find(tmp_path, "PFR010", BEAM + f"items = pattern.items()\nsst = beam.Create({given}) | {REST}") == ()


@pytest.mark.parametrize(
    "given",
    ["list(pattern.items())", "sorted(pattern.items())", "[item for item in pattern.items() if item]", "tuple(items)", "items_list"],
)
def test_items_that_are_read_out_cannot_be_pruned(tmp_path, given):
    code = BEAM + f"items = pattern.items()\nitems_list = list(items)\nsst = beam.Create({given}) | {REST}"
    (found,) = find(tmp_path, "PFR011", code)
    assert (found.level, at(found)) == (Level.WARNING, (10, 19))
    assert found.message == "the pattern's items are read out before `beam.Create` is given them: a test run cannot shorten them"


def test_a_pipeline_without_create_is_given_nothing(tmp_path):
    (found,) = find(tmp_path, "PFR011", BEAM + f"sst = {REST}")
    assert (found.level, at(found)) == (Level.ERROR, (8, 7))
    assert found.message == "the pipeline begins with OpenURLWithFSSpec, which is given nothing: there is no `beam.Create`"
    assert find(tmp_path / "own", "PFR011", BEAM + PREPROCESS + f"sst = Preprocess() | {REST}")[0].level is Level.ERROR


def test_what_another_source_reads_cannot_be_pruned(tmp_path):
    (found,) = find(tmp_path, "PFR011", BEAM + f"from apache_beam.io import ReadFromText\nsst = ReadFromText('a') | {REST}")
    assert (found.level, found.message) == (Level.WARNING, "the pipeline begins with ReadFromText: a test run cannot shorten what it reads")


@pytest.mark.parametrize(
    "code",
    [
        f"sst = beam.Create(pattern.items()) | {REST}",
        f"from apache_beam import Create\nsst = Create(pattern.items()) | {REST}",
        f"from pangeo_forge_cmr import files_from_cmr\nfiles = files_from_cmr('x')\nsst = beam.Create(files.items()) | {REST}",
        f"from elsewhere import Source\nsst = Source() | {REST}",
        f"sst = source() | {REST}",
        f"with beam.Pipeline() as p:\n    sst = p | beam.Create(pattern.items()) | {REST}",
        f"class Source(beam.PTransform):\n    def expand(self, p): return p | beam.Create(pattern.items())\nsst = Source() | {REST}",
        f"if x:\n    sst = {REST}",
    ],
)
def test_pipelines_that_begin_as_they_should_are_not_meant(tmp_path, code):
    assert find(tmp_path, "PFR011", BEAM + code) == ()
    assert find(tmp_path, "PFR010", BEAM + code) == ()


@pytest.mark.parametrize(
    ("code", "place"),
    [
        (NATIVE + "pattern = pattern.prune()\nsst = ZarrRecipe(pattern)", (3, 11)),
        (NATIVE + "sst = ZarrRecipe(pattern.prune(nkeep=5))", (3, 18)),
        (NATIVE + "sst = ZarrRecipe(pattern).prune()", (3, 7)),
        (CLASSIC + "sst = XarrayZarrRecipe(pattern).copy_pruned()", (4, 7)),
        (CLASSIC + "whole = XarrayZarrRecipe(pattern)\nsst = whole.copy_pruned()", (5, 7)),
        (BEAM + f"sst = beam.Create(pattern.prune(2).items()) | {REST}", (8, 19)),
        (BEAM + f"pattern = pattern.prune(120)\n{PREPROCESS}\nsst = beam.Create(pattern.items()) | Preprocess() | {REST}", (8, 11)),
        (NATIVE + "def make(p):\n    p = p.prune()\n    return ZarrRecipe(p)\nsst = make(pattern)", (4, 9)),
    ],
)
def test_a_recipe_that_prunes_itself_is_a_warning_at_the_call(tmp_path, code, place):
    (found,) = find(tmp_path, "PFR012", code)
    assert (found.level, at(found)) == (Level.WARNING, place)
    assert found.message == "the recipe 'sst' prunes itself: the whole dataset is never baked"
    assert found.help == "Leave it out: `pangeo-forge recipe test` prunes, and `recipe run` does not."


def test_keys_of_which_the_first_few_are_taken_are_a_hint(tmp_path):
    code = NATIVE + "years = sorted(listing)[:3]\nsst = ZarrRecipe(pattern_from_file_sequence([url(year) for year in years], 'time'))"
    (found,) = find(tmp_path, "PFR012", code)
    assert (found.level, at(found)) == (Level.HINT, (3, 9))
    assert found.message == "the recipe 'sst' takes only the first few of its keys, `sorted(listing)[:3]`"


@pytest.mark.parametrize(
    "code",
    [
        "sst = ZarrRecipe(pattern)\npruned = sst.prune()",
        "if TESTING:\n    pattern = pattern.prune()\nsst = ZarrRecipe(pattern)",
        "sst = ZarrRecipe(pattern.prune() if TESTING else pattern)",
        "sst = ZarrRecipe(pattern)\nif __name__ == '__main__':\n    sst.prune()",
        "tree.prune()\nsst = ZarrRecipe(pattern)",
        "years = listing[:-1]\nsst = ZarrRecipe(FilePattern(f, ConcatDim('time', years)))",
        "years = listing[1:]\nsst = ZarrRecipe(FilePattern(f, ConcatDim('time', years)))",
        "sst = ZarrRecipe(FilePattern(f, ConcatDim('time', years), MergeDim('variable', names[:3])))",
        "sst = ZarrRecipe(FilePattern(f, ConcatDim('time', years[:120])))",
        "names = [name[:2] for name in listing]\nsst = ZarrRecipe(FilePattern(f, ConcatDim('time', names)))",
    ],
)
def test_what_is_pruned_elsewhere_or_under_a_condition_is_not_meant(tmp_path, code):
    assert find(tmp_path, "PFR012", NATIVE + code) == ()


def test_a_pattern_that_several_recipes_share_is_reported_for_each(tmp_path):
    code = NATIVE + "pattern = pattern.prune()\na = ZarrRecipe(pattern)\nb = ZarrRecipe(pattern)"
    assert len(messages(tmp_path, "PFR012", code, entries("a", "b"))) == 2
    many = NATIVE + "pattern = pattern.prune()\nsst = {k: ZarrRecipe(pattern) for k in 'ab'}"
    assert messages(tmp_path / "2", "PFR012", many, DICTIONARY) == [
        "the recipe 'recipe:sst' prunes itself: the whole dataset is never baked"
    ]


@pytest.mark.parametrize(
    ("dimensions", "count"),
    [
        (f"MergeDim('v', {list('abcdefghijklmnopqrstuvwxyz')}), ConcatDim('time', x)", 52),
        ("MergeDim('v', range(60)), ConcatDim('time', ['all'])", 60),
        ("MergeDim('v', range(20)), ConcatDim('time', x), ConcatDim('member', range(9))", 80),
    ],
)
def test_many_merged_inputs_are_a_hint(tmp_path, dimensions, count):
    (found,) = find(tmp_path, "PFR014", NATIVE + f"sst = ZarrRecipe(FilePattern(f, {dimensions}))")
    assert (found.level, at(found)) == (Level.HINT, (3, 18))
    assert found.message == f"a test of the recipe 'sst' reads {count} inputs: pruning keeps all keys of its merge dimensions"


@pytest.mark.parametrize(
    "dimensions",
    [
        "ConcatDim('time', range(100_000))",
        "MergeDim('v', range(25)), ConcatDim('time', x)",
        "MergeDim('v', names), ConcatDim('time', x)",
        "*dims, MergeDim('v', range(100))",
        "unknown, MergeDim('v', range(100))",
    ],
)
def test_few_inputs_or_an_unknown_number_are_not(tmp_path, dimensions):
    assert find(tmp_path, "PFR014", NATIVE + f"sst = ZarrRecipe(FilePattern(f, {dimensions}))") == ()
