"""What pipelines write, and where to."""

from __future__ import annotations

import pytest

from lint.recipe_modules import BEAM, CLASSIC, DICTIONARY, PREPROCESS, at, entries, find
from pangeo_forge.errors import Where
from pangeo_forge.lint.findings import Level
from pangeo_forge.lint.registry import find_rule

OPEN = "beam.Create(pattern.items()) | OpenURLWithFSSpec() | OpenWithXarray()"


@pytest.mark.parametrize(
    ("before", "target", "shown"),
    [
        ("", '"output"', "'output'"),
        ("", '"gs://bucket/scratch"', "'gs://bucket/scratch'"),
        ("root = '.'\n", "root", "'.'"),
        ("", 'f"gs://{bucket}/scratch"', "`f'gs://{bucket}/scratch'`"),
        ("from pangeo_forge_recipes.storage import FSSpecTarget\n", "FSSpecTarget(fs, 's3://bucket')", "an FSSpecTarget of its own"),
        ("from pangeo_forge_recipes.storage import FSSpecTarget\n", "FSSpecTarget.from_url('x')", "an FSSpecTarget.from_url of its own"),
        ("from tempfile import TemporaryDirectory\ntd = TemporaryDirectory()\nroot = td.name\n", "root", "a temporary folder"),
        ("import tempfile\n", "tempfile.mkdtemp()", "a temporary folder"),
    ],
)
def test_a_target_of_its_own_is_a_warning(tmp_path, before, target, shown):
    (found,) = find(tmp_path, "PFR022", BEAM + before + f"sst = {OPEN} | StoreToZarr(store_name='a.zarr', target_root={target})")
    assert (found.level, found.where.line) == (Level.WARNING, 8 + before.count("\n"))
    assert found.message == f"the store is written to {shown}, not to the bakery's target"
    assert found.help == "Leave `target_root` out: the bakery says where datasets are written."


@pytest.mark.parametrize(
    ("before", "target"),
    [
        ("from pangeo_forge_recipes.config import Config\nconfig = Config()\n", "config.target_storage"),
        ("", "os.environ['TARGET']"),
        ("", "target"),
        ("", "None"),
        ("root = 'a' if LOCAL else TARGET\n", "root"),
    ],
)
def test_a_target_that_is_given_from_outside_is_not(tmp_path, before, target):
    assert find(tmp_path, "PFR022", BEAM + before + f"sst = {OPEN} | StoreToZarr(store_name='a.zarr', target_root={target})") == ()


@pytest.mark.parametrize("name", ["gs://bucket/a.zarr", "/scratch/a.zarr", "~/a.zarr", "./a.zarr"])
def test_a_name_that_is_an_address_is_a_warning(tmp_path, name):
    (found,) = find(tmp_path, "PFR022", BEAM + f"sst = {OPEN} | StoreToZarr(combine_dims=x, store_name={name!r})")
    assert found.message == f"the store's name is an address, {name!r}, but it is looked for under the bakery's target"


def test_a_store_without_a_name_is_a_warning(tmp_path):
    (found,) = find(tmp_path, "PFR022", BEAM + f"sst = {OPEN} | StoreToZarr(combine_dims=x)")
    assert found.message == "StoreToZarr is given no store_name, without which the library refuses it"
    assert at(found) == (8, 79)


@pytest.mark.parametrize("arguments", ["'a.zarr', combine_dims=x", "**options", "*arguments", "combine_dims=x, **options"])
def test_a_name_may_be_given_in_other_ways(tmp_path, arguments):
    assert find(tmp_path, "PFR022", BEAM + f"sst = {OPEN} | StoreToZarr({arguments})") == ()


def test_a_store_that_two_recipes_write_is_a_warning_at_the_second(tmp_path):
    code = BEAM + f"a = {OPEN} | StoreToZarr(store_name='x.zarr')\nb = {OPEN} | StoreToZarr(store_name='x.zarr')"
    (found,) = find(tmp_path, "PFR022", code, entries("a", "b"))
    assert found.where.line == 9
    assert found.message == "the recipe 'a' writes the store 'x.zarr' as well, so that one may overwrite the other"


def test_a_store_that_all_recipes_of_a_comprehension_write_is_a_warning(tmp_path):
    code = BEAM + f"def make(k):\n    return {OPEN} | StoreToZarr(store_name='x.zarr')\nsst = {{k: make(k) for k in 'ab'}}"
    (found,) = find(tmp_path, "PFR022", code, DICTIONARY)
    assert found.message == "each of these recipes writes the store 'x.zarr', so that they may overwrite each other"


@pytest.mark.parametrize(
    ("code", "recipes"),
    [
        (f"a = {OPEN} | StoreToZarr(store_name='a')\nb = {OPEN} | StoreToZarr(store_name='b')", entries("a", "b")),
        (f"a = {OPEN} | StoreToZarr(store_name='a')\nb = a", entries("a", "b")),
        (f"sst = {{k: {OPEN} | StoreToZarr(store_name=f'{{k}}.zarr') for k in 'ab'}}", DICTIONARY),
        (f"def make(k):\n    return {OPEN} | StoreToZarr(store_name=k)\nsst = {{k: make(k) for k in 'ab'}}", DICTIONARY),
        (f"def make(k):\n    return {OPEN} | StoreToZarr(store_name=k)\na = make('a')\nb = make('b')", entries("a", "b")),
        (f"sst = {{}}\nfor k in x:\n    sst[k] = {OPEN} | StoreToZarr(store_name=k + '.zarr')", DICTIONARY),
        (
            f"if x:\n    sst = {OPEN} | StoreToZarr(store_name='a')\nelse:\n    sst = beam.Create(1) | StoreToZarr(store_name='a')",
            entries("sst"),
        ),
        (f"sst = {{k: {OPEN} | StoreToZarr(store_name='a', target_root=roots[k]) for k in 'ab'}}", DICTIONARY),
        ("class Quiet(StoreToZarr):\n    pass\nsst = beam.Create(pattern.items()) | Quiet(store_name='a.zarr')", entries("sst")),
    ],
)
def test_stores_with_names_of_their_own_are_not_meant(tmp_path, code, recipes):
    assert find(tmp_path, "PFR022", BEAM + code, recipes) == ()


def test_one_object_under_two_ids_is_one_store(tmp_path):
    code = BEAM + f"sst = {OPEN} | StoreToZarr(store_name='a')"
    recipes = '  - id: a\n    object: "recipe:sst"\n  - id: b\n    object: "recipe:sst"\n'
    assert find(tmp_path, "PFR022", code, recipes) == ()


def test_a_pipeline_that_only_reads_is_an_error_at_its_last_step(tmp_path):
    (found,) = find(tmp_path, "PFR023", BEAM + f"sst = (\n    {OPEN}\n    | ConsolidateMetadata()\n)")
    assert (found.level, at(found)) == (Level.ERROR, (10, 7))
    assert found.message == "the pipeline of the recipe 'sst' ends with ConsolidateMetadata and writes nothing"
    assert found.help == "End it with `| StoreToZarr(…)`."


def test_references_are_written_by_a_step_of_their_own(tmp_path):
    (found,) = find(tmp_path, "PFR023", BEAM + "sst = beam.Create(pattern.items()) | OpenWithKerchunk() | CombineReferences()")
    assert found.help == "End it with `| WriteCombinedReference(…)`."


@pytest.mark.parametrize(
    "code",
    [
        f"sst = {OPEN} | StoreToZarr(store_name='a')",
        f"sst = {OPEN} | StoreToZarr(store_name='a') | beam.Map(check)",
        "sst = beam.Create(pattern.items()) | OpenWithKerchunk() | WriteCombinedReference(store_name='a')",
        f"from pangeo_forge_ndpyramid.transforms import StoreToPyramid\nsst = {OPEN} | StoreToPyramid(store_name='a')",
        f"from elsewhere import Store\nsst = {OPEN} | Store()",
        f"sst = {OPEN} | beam.Map(write)",
        f"sst = {OPEN} | beam.ParDo(Write())",
        PREPROCESS + f"sst = {OPEN} | Preprocess()",
        f"class Write(beam.PTransform):\n    def expand(self, p):\n        return p | StoreToZarr(store_name='a')\nsst = {OPEN} | Write()",
        f"class Quiet(StoreToZarr):\n    pass\nsst = {OPEN} | Quiet(store_name='a')",
        f"sst = {OPEN} | store",
        f"sst = {OPEN}\nsst = sst | finish()",
        f"if x:\n    sst = {OPEN}\nelse:\n    sst = {OPEN} | StoreToZarr(store_name='a')",
        f"sst = {OPEN}\nif x:\n    sst = sst | StoreToZarr(store_name='a')",
    ],
)
def test_what_writes_or_may_write_is_not_meant(tmp_path, code):
    assert find(tmp_path, "PFR023", BEAM + code) == ()


@pytest.mark.parametrize("rule", ["PFR022", "PFR023"])
def test_recipes_of_other_apis_always_write_to_the_target(tmp_path, rule):
    assert find(tmp_path, rule, CLASSIC + "sst = XarrayZarrRecipe(pattern)") == ()


def test_the_size_of_chunks_is_judged_when_the_recipe_has_run(tmp_path):
    rule = find_rule("PFR025")
    found = rule.found(Where("recipe.py"), variable="sst", size="1.2 GB", fault="more than 500 MB", dim="time")
    assert found.message == "the chunks of the variable 'sst' have 1.2 GB, more than 500 MB"
    assert found.help == 'Leave `target_chunks` out, or give a size: `target_chunks={"time": "100MB"}`.'
    assert find(tmp_path, "PFR025", BEAM + f"sst = {OPEN} | StoreToZarr(store_name='a')") == ()
