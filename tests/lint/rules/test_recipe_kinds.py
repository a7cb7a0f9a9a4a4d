"""Which API a recipe is written in."""

from __future__ import annotations

import pytest

from lint.recipe_modules import BEAM, CLASSIC, DICTIONARY, NATIVE, at, find
from pangeo_forge.lint.findings import Level

RULE = "PFR002"


def test_the_class_api_is_a_hint_that_says_what_it_would_be_natively(tmp_path):
    code = (
        CLASSIC + 'sst = XarrayZarrRecipe(pattern, target_chunks={"time": 12}, process_input=clean, xarray_open_kwargs={"engine": "zarr"})'
    )
    (found,) = find(tmp_path, RULE, code)
    assert (found.level, at(found), found.end) == (Level.HINT, (4, 7), (4, 23))
    assert found.message == "XarrayZarrRecipe is of the class API of 2021 to 2023: it runs through the compatibility layer"
    assert found.help == (
        "Nothing has to change; natively it would be `ZarrRecipe(pattern, target_chunks={'time': 12}, preprocess=clean, "
        "open_kwargs={'engine': 'zarr'})`, where `preprocess` is given `(ds, source)`."
    )


@pytest.mark.parametrize(
    ("call", "native"),
    [
        ("XarrayZarrRecipe(pattern)", "`ZarrRecipe(pattern)`."),
        ("XarrayZarrRecipe(file_pattern=pattern)", "`ZarrRecipe(pattern)`."),
        ("XarrayZarrRecipe(pattern, inputs_per_chunk=2)", "`ZarrRecipe(pattern)`, with `target_chunks` instead of `inputs_per_chunk`."),
        (
            'XarrayZarrRecipe(pattern, inputs_per_chunk=2, target_chunks={"time": 1}, cache_inputs=True)',
            "`ZarrRecipe(pattern, target_chunks={'time': 1})`, without `inputs_per_chunk`, `cache_inputs`.",
        ),
        (
            "XarrayZarrRecipe(pattern, process_chunk=b, process_input=a)",
            "`ZarrRecipe(pattern, preprocess=b)`, where `preprocess` is given `(ds, source)`.",
        ),
        ("XarrayZarrRecipe(pattern, **options)", "`ZarrRecipe(pattern, …)`."),
        ("XarrayZarrRecipe(FilePattern(make_url, ConcatDim('time', range(1990, 2020))))", "`ZarrRecipe(…)`."),
    ],
)
def test_parameters_are_named_as_they_are_natively(tmp_path, call, native):
    (found,) = find(tmp_path, RULE, CLASSIC + f"sst = {call}")
    assert found.help == f"Nothing has to change; natively it would be {native}"


def test_references_have_no_native_recipe_yet(tmp_path):
    (found,) = find(tmp_path, RULE, CLASSIC + "sst = HDFReferenceRecipe(pattern)")
    assert found.message.startswith("HDFReferenceRecipe is of the class API")
    assert found.help == "Leave it as it is: there is no native recipe of references yet."


def test_a_module_is_reported_once_at_its_first_recipe(tmp_path):
    code = (
        CLASSIC
        + "def make(k):\n    return XarrayZarrRecipe(pattern)\nsst = {k: make(k) for k in 'ab'}\nsst['c'] = XarrayZarrRecipe(pattern)"
    )
    (found,) = find(tmp_path, RULE, code, DICTIONARY)
    assert at(found) == (5, 12)
    assert found.message.startswith("XarrayZarrRecipe is of the class API of 2021 to 2023 (and 1 more here): ")


def test_a_class_that_derives_from_one_is_meant_as_well(tmp_path):
    (found,) = find(tmp_path, RULE, CLASSIC + "class Own(XarrayZarrRecipe):\n    host: str = ''\nsst = Own(pattern)")
    assert at(found) == (4, 11)


@pytest.mark.parametrize(
    "code",
    [
        NATIVE + "sst = ZarrRecipe(pattern)",
        BEAM + 'sst = beam.Create(pattern.items()) | StoreToZarr(store_name="a")',
        "class XarrayZarrRecipe:\n    pass\nsst = XarrayZarrRecipe()",
        "from elsewhere import XarrayZarrRecipe\nsst = XarrayZarrRecipe()",
        CLASSIC + "sst = None",
        "sst = (",
    ],
)
def test_other_apis_and_other_classes_of_that_name_are_not(tmp_path, code):
    assert find(tmp_path, RULE, code) == ()
