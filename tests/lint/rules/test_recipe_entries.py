"""What stands under ``recipes``, and what does not."""

from __future__ import annotations

import pytest

from lint.feedstocks import META, draft_of, lint, write_good
from pangeo_forge.feedstocks.reading import parse_meta
from pangeo_forge.lint.findings import Level
from pangeo_forge.lint.fixing import fix
from pangeo_forge.lint.options import Options

CATALOG = "stores:\n  - id: sst\n    url: gs://bucket/sst.zarr\n"
ENTRY = '  - id: sst\n    object: "recipe:sst"\n'
ONLY_TITLE = META.replace(f"recipes:\n{ENTRY}", "")
NO_MODULE = {"feedstock/recipe.py": None}
WITH_CATALOG = {"feedstock/catalog.yaml": CATALOG}


def find(root, meta, code, files=None):
    return list(lint(write_good(root, {"feedstock/meta.yaml": meta, **(files or {})}), Options(select=(code,))))


def shown(findings):
    return [f"{found.where.line}:{found.where.column} {found.level} {found.message}" for found in findings]


# PFM010


def test_a_module_without_recipes_is_an_error(tmp_path):
    (found,) = find(tmp_path, ONLY_TITLE, "PFM010")
    assert shown([found]) == ["1:1 error no `recipes` are named here, so that nothing of recipe.py is used"]
    assert found.help == 'Write `recipes:`, and under it `- id: my-dataset`, and under that `object: "recipe:name"`.'


def test_a_module_beside_a_catalogue_is_a_hint(tmp_path):
    (found,) = find(tmp_path, ONLY_TITLE, "PFM010", WITH_CATALOG)
    assert found.level is Level.HINT


def test_nothing_to_bake_is_a_warning(tmp_path):
    (found,) = find(tmp_path, ONLY_TITLE, "PFM010", {**NO_MODULE, "feedstock/setup.py": "", "feedstock/test_recipe.py": ""})
    assert shown([found]) == ["1:1 warning there are no `recipes`, and no catalog.yaml that names datasets: there is nothing to bake"]


def test_a_catalogue_needs_no_recipes(tmp_path):
    assert find(tmp_path, ONLY_TITLE, "PFM01", {**NO_MODULE, **WITH_CATALOG}) == []


def test_a_misspelt_key_is_found_where_it_is(tmp_path):
    (found,) = find(tmp_path, META.replace("recipes:", "recipies:"), "PFM010")
    assert (shown([found]), found.end) == (["3:1 error there is no `recipes`, but the unknown key `recipies`"], (3, 9))


@pytest.mark.parametrize("meta", ["", "- a\n", "a: [\n", "dataset: a\n"])
def test_of_what_describes_no_feedstock_nothing_more_is_said(tmp_path, meta):
    assert find(tmp_path, meta, "PFM01") == []


# PFM011


@pytest.mark.parametrize("value", ["", " []", " ~", " null", "   # later"])
def test_empty_recipes_beside_a_module_are_an_error(tmp_path, value):
    (found,) = find(tmp_path, META.replace(f"recipes:\n{ENTRY}", f"recipes:{value}\n"), "PFM01")
    assert (found.code, shown([found]), found.end) == ("PFM011", ["3:1 error nothing stands under `recipes`"], (3, 8))


def test_empty_recipes_without_a_module_are_a_warning(tmp_path):
    (found,) = find(tmp_path, "recipes:\n", "PFM011", NO_MODULE)
    assert found.level is Level.WARNING


def test_empty_recipes_beside_a_catalogue_are_left_alone(tmp_path):
    assert find(tmp_path, "title: a\nrecipes:\n", "PFM01", WITH_CATALOG) == []


# PFM012


@pytest.mark.parametrize(
    ("written", "mended"),
    [
        ("recipes:\n  dict_object: recipe:recipes\ntitle: a\n", "recipes:\n  - dict_object: recipe:recipes\ntitle: a\n"),
        (
            "recipes:   # one\n\n    # the first\n    id: sst   # its id\n    # why\n    object: 'recipe:sst'\n",
            "recipes:   # one\n\n    # the first\n    - id: sst   # its id\n    # why\n      object: 'recipe:sst'\n",
        ),
        (
            "title: 'a\x85b\u2028c'\nrecipes:\n  id: sst\n  object: a:b\n",
            "title: 'a\x85b\u2028c'\nrecipes:\n  - id: sst\n    object: a:b\n",
        ),
        ("recipes: {id: sst, object: 'recipe:sst'} # one\n", "recipes: [{id: sst, object: 'recipe:sst'}] # one\n"),
        ("recipes: {id: sst, object: 'recipe:sst' , }\n", "recipes: [{id: sst, object: 'recipe:sst' , }]\n"),
    ],
)
def test_one_entry_is_made_a_list(tmp_path, written, mended):
    root = write_good(tmp_path, {"feedstock/meta.yaml": written})
    fixed = fix(draft_of(root), Options(select=("PFM012",)))
    assert fixed.draft.overlay["meta.yaml"].decode() == mended
    assert fixed.left.findings == ()
    assert parse_meta(mended.encode(), "meta.yaml")[0].to_dict() == parse_meta(written.encode(), "meta.yaml")[0].to_dict()


@pytest.mark.parametrize(
    "recipes",
    [
        "recipes: &one\n  id: sst\n  object: recipe:sst\n",
        "x-one: &one {id: sst}\nrecipes:\n  <<: *one\n  object: recipe:sst\n",
        "recipes:\n  ? id\n  : sst\n  ? object\n  : recipe:sst\n",
        "recipes:\n  id: sst\n  object: recipe:sst\n  notes: |\n    two\n    lines\n",
        "recipes: {id: sst,\n  object: recipe:sst\n}\n",
    ],
)
def test_what_is_written_in_an_odd_way_is_found_and_left_to_its_author(tmp_path, recipes):
    (found,) = find(tmp_path, recipes, "PFM012")
    assert (found.message, found.fix) == ("`recipes` is one entry, but should be a list of entries", ())


def test_the_key_is_marked(tmp_path):
    (found,) = find(tmp_path, "title: a\nrecipes:\n  dict_object: recipe:recipes\n", "PFM012")
    assert (shown([found])[0][:11], found.end) == ("2:1 warning", (2, 8))


@pytest.mark.parametrize("meta", [META, "recipes: []\n", "recipes: {}\n", "recipes: a\n", "recipes: {sst: 'recipe:sst'}\n"])
def test_lists_and_what_is_no_entry_are_no_single_entries(tmp_path, meta):
    assert find(tmp_path, meta, "PFM012") == []


# PFM013


def test_an_entry_without_object_is_an_error(tmp_path):
    (found,) = find(tmp_path, "recipes:\n  - id: sst\n", "PFM013")
    assert (shown([found]), found.end) == (["2:9 error the recipe 'sst' has no object"], (2, 12))


def test_a_dataset_that_the_catalogue_does_not_have_is_a_warning(tmp_path):
    (found,) = find(tmp_path, "recipes:\n  - id: sst\n  - id: 'ssts'\n", "PFM013", WITH_CATALOG)
    assert shown([found]) == ["3:9 warning 'ssts' has no object, and catalog.yaml has no store with that id"]
    assert (found.end, found.help) == ((3, 15), "Did you mean 'sst'?")


@pytest.mark.parametrize("catalog", [CATALOG, "stores: [\n", "title: a\n", "", "stores:\n  - url: a\n"])
def test_a_catalogue_that_cannot_be_read_has_perhaps_all(tmp_path, catalog):
    assert find(tmp_path, "recipes:\n  - id: sst\n", "PFM013", {"feedstock/catalog.yaml": catalog}) == []


# PFM014


@pytest.mark.parametrize(
    ("line", "level", "hint"),
    [
        ("license: MIT", "warning", "Write it under `provenance`, for all recipes."),
        ("provenance: {}", "warning", "Write it at the top of the file, for all recipes."),
        ("modul: recipe", "warning", "Did you mean `module`?"),
        (
            "description: Daily",
            "hint",
            "Nothing reads it; what people should know of the dataset is better told in the file's `description`.",
        ),
        ("name: SST", "hint", "Nothing reads it; what people should know of the dataset is better told in the file's `description`."),
        ("objects: a", "hint", "Nothing reads it; what people should know of the dataset is better told in the file's `description`."),
    ],
)
def test_a_key_that_nothing_reads_in_an_entry(tmp_path, line, level, hint):
    (found,) = find(tmp_path, META.replace(ENTRY, f"{ENTRY}    {line}\n"), "PFM014")
    key = line.partition(":")[0]
    assert shown([found]) == [f"6:5 {level} the key `{key}` means nothing in a recipe"]
    assert (found.end, found.help) == ((6, 5 + len(key)), hint)


@pytest.mark.parametrize(
    "recipes",
    [
        "recipes:\n  - id: sst\n    module: recipe.py\n    name: sst\n",
        "recipes:\n  - dict_object: recipe:sst\n",
        "recipes:\n  - {id: sst, object: 'recipe:sst', x-note: mine}\n",
        "recipes:\n  - a text\n",
    ],
)
def test_keys_that_mean_something_are_left_alone(tmp_path, recipes):
    assert find(tmp_path, recipes, "PFM014") == []


def test_a_misspelt_object_is_said_once(tmp_path):
    findings = find(tmp_path, "recipes:\n  - id: sst\n    objekt: 'recipe:sst'\n", "PFM01")
    assert [(found.code, found.where.line, found.where.column, found.end) for found in findings] == [("PFM013", 3, 5, (3, 11))]


# PFM015


def test_an_id_beside_a_dictionary_is_an_error(tmp_path):
    (found,) = find(tmp_path, "recipes:\n  - id: sst\n    dict_object: recipe:sst\n", "PFM015")
    assert (shown([found]), found.end) == (["2:5 error `dict_object` and `id` stand in one entry"], (2, 7))


# Real files.


def test_single_entries_of_real_files_are_made_lists_and_say_the_same(shared):
    folders = sorted(path for path in (shared / "meta-corpus").iterdir() if path.is_dir())
    options = Options(select=("PFM012",))
    mended = {}
    for folder in folders:
        written = draft_of(folder).meta.text.text.encode()
        fixed = fix(draft_of(folder), options)
        if fixed.mended:
            mended[folder.name] = fixed.draft.overlay["meta.yaml"]
            assert parse_meta(mended[folder.name], "meta.yaml")[0].to_dict() == parse_meta(written, "meta.yaml")[0].to_dict()
            assert len(mended[folder.name]) == len(written) + len("- ")
    assert len(mended) == 9
