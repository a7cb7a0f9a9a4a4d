"""Every shape of meta.yaml becomes one model, or an error that says all that is wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pangeo_forge.errors import InvalidFeedstock
from pangeo_forge.feedstocks.meta import Bakery, Dialect, LicenseLink, Maintainer, Meta, Provider, RecipeEntry
from pangeo_forge.feedstocks.reading import load_meta, parse_meta

FULL = """\
title: "NOAA OISST"
description: >
  Analysis-ready
  fields
pangeo_forge_version: "0.9.2"
pangeo_notebook_version: "2021.12.02"
recipes:
  - id: oisst
    object: "recipe:recipe"
  - dict_object: "sub.many:recipes"
provenance:
  providers:
    - name: NOAA
      description: National Oceanographic & Atmospheric Administration
      roles:
        - producer
        - licensor
      url: https://www.ncei.noaa.gov
  license: proprietary
  license_link:
    title: Terms
    url: https://example.org/terms
maintainers:
  - name: Ada
    orcid: 0000-0002-1825-0097
    github: ada
    email: ada@example.org
bakery:
  id: devseed.bakery
  target: bucket
  resources:
    memory: 4096
    cpu: 0.5
contact:
  - 12
"""


def read(text: str) -> Meta:
    meta, problems = parse_meta(text.encode(), "meta.yaml")
    assert problems == []
    return meta


def problems_of(text: str) -> list[tuple[str, str | None]]:
    _, problems = parse_meta(text.encode(), "meta.yaml")
    return [(str(problem), problem.hint) for problem in problems]


def test_the_fullest_file_is_read_whole():
    meta = read(FULL)
    assert meta.to_dict() == {
        "title": "NOAA OISST",
        "description": "Analysis-ready fields",
        "recipes": (
            {"id": "oisst", "object": "recipe:recipe", "is_dict": False},
            {"id": None, "object": "sub.many:recipes", "is_dict": True},
        ),
        "catalogued": (),
        "providers": (
            {
                "name": "NOAA",
                "description": "National Oceanographic & Atmospheric Administration",
                "roles": ("producer", "licensor"),
                "url": "https://www.ncei.noaa.gov",
            },
        ),
        "license": "proprietary",
        "license_link": {"title": "Terms", "url": "https://example.org/terms"},
        "maintainers": ({"name": "Ada", "orcid": "0000-0002-1825-0097", "github": "ada", "email": "ada@example.org"},),
        "bakeries": ({"id": "devseed.bakery", "target": "bucket", "resources": {"memory": 4096, "cpu": 0.5}},),
        "recipes_version": "0.9.2",
        "spec_version": None,
        "feedstock_id": None,
        "version": None,
        "dialect": "service",
        "extra": {"contact": [12]},
    }


def test_the_model_cannot_be_changed():
    with pytest.raises(AttributeError, match="cannot assign"):
        read(FULL).title = "other"  # type: ignore[misc]


def test_a_recipe_knows_where_its_object_is_named_and_in_which_module_it_is():
    first, second = read(FULL).recipes
    assert (str(first.where), str(second.where)) == ("meta.yaml:9:13", "meta.yaml:10:18")
    assert (first.module, second.module) == ("recipe", "sub.many")


def test_the_bakery_is_the_first_one_named():
    assert read(FULL).bakery == Bakery(id="devseed.bakery", target="bucket", resources={"memory": 4096, "cpu": 0.5})
    assert read("title: x").bakery is None


# Shapes of recipes.

ONE = [("x", "a:b", False)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("recipes:\n- {id: x, object: 'a:b'}", ONE),
        ("recipes:\n  id: x\n  object: a:b", ONE),
        ("recipes:\n- {id: x, object: a.b.c:d}", [("x", "a.b.c:d", False)]),
        ("recipes:\n- dict_object: a:b", [(None, "a:b", True)]),
        ("recipes:\n  dict_object: a:b", [(None, "a:b", True)]),
        ("recipes:\n- {id: x, module: a.py, name: b}", ONE),
        ("recipes:\n- {id: x, module: a, name: b}", ONE),
        ("recipes:\n- {id: x, object: a:b, name: What it is, description: more}", ONE),
        ("recipes:\n- {id: x, object: a:b, dict_object: }", ONE),
        ("recipes:\n- &one {id: x, object: a:b}\n- {<<: *one, id: y}", [*ONE, ("y", "a:b", False)]),
        ("recipes:\n- &one {id: x, object: a:b}\n- {<<: [*one], id: y}", [*ONE, ("y", "a:b", False)]),
        ("recipes:\n- {id: 2020, object: a:b}\n- {id: on, object: a:b}", [("2020", "a:b", False), ("on", "a:b", False)]),
        ("title: x\nrecipes:", []),
        ("title: x\nrecipes: []", []),
        ("title: x", []),
    ],
)
def test_recipes_are_read_in_every_shape(text, expected):
    assert [(entry.id, entry.object, entry.is_dict) for entry in read(text).recipes] == expected


def test_entries_with_an_id_only_are_a_catalogue():
    meta = read("recipes:\n- id: one\n- id: two\n")
    assert [(entry.id, str(entry.where)) for entry in meta.catalogued] == [("one", "meta.yaml:2:7"), ("two", "meta.yaml:3:7")]
    assert meta.recipes == ()


@pytest.mark.parametrize("text", ["Big data.1_x", "été", "a@b", "x" * 200])
def test_an_id_may_be_any_name_that_a_store_takes(text):
    assert read(f"recipes:\n- id: {text}\n  object: a:b").recipes[0].id == text


# Dialects.


@pytest.mark.parametrize(
    ("keys", "dialect"),
    [
        ("title: x", Dialect.PLAIN),
        ("pangeo_forge_version: '0.9'", Dialect.SERVICE),
        ("pangeo_notebook_version: '2021.12.02'", Dialect.SERVICE),
        ("bakery: {id: b}", Dialect.SERVICE),
        ("bakeries: [{id: b}]", Dialect.ADR),
        ("pangeo_forge_version: '0.9'\nversion: '1.0'", Dialect.ADR),
        ("pangeo_forge_metadata_spec_version: 1", Dialect.ADR),
    ],
)
def test_the_dialect_is_detected(keys, dialect):
    assert read(f"{keys}\nrecipes: [{{id: x, object: a:b}}]").dialect == dialect


def test_a_file_without_a_recipe_to_bake_is_a_catalogue():
    assert read("title: x\nbakery: {id: b}").dialect == Dialect.CATALOGUE
    assert read("recipes: [{id: x}]").dialect == Dialect.CATALOGUE


def test_the_spellings_of_the_first_decision_are_read():
    meta = read(
        "id: oisst\nversion: 1.10\npangeo_forge_recipe_version: 0.10\npangeo_forge_metadata_spec_version: 1\n"
        "bakeries:\n  - id: one\n    resources: {memory: 10 GB}\n  - id: two\n"
        "provenance: {license: proprietary, url: 'https://example.org/terms'}\n"
    )
    assert (meta.feedstock_id, meta.version, meta.recipes_version, meta.spec_version) == ("oisst", "1.10", "0.10", "1")
    assert meta.bakeries == (Bakery(id="one", resources={"memory": "10 GB"}), Bakery(id="two"))
    assert meta.license_link == LicenseLink(url="https://example.org/terms")


# Leniency.


def test_one_mapping_or_text_does_for_a_list_of_it():
    meta = read("maintainers: {github: ada}\nprovenance: {providers: {name: NOAA, roles: host}}")
    assert meta.maintainers == (Maintainer(github="ada"),)
    assert meta.providers == (Provider(name="NOAA", roles=("host",)),)


def test_what_is_left_empty_counts_as_not_written():
    assert read("title:\ndescription: ''\nmaintainers:\n-\nbakery: {id: }\nprovenance:\nrecipes: ~") == Meta(dialect=Dialect.CATALOGUE)


def test_unknown_keys_are_kept():
    meta = read("title: x\nwhen: 2020-01-01\nmore: {a: [1, 2.5, yes, true, null, '3'], b: {[x]: y}}\n")
    assert meta.extra == {"when": "2020-01-01", "more": {"a": [1, 2.5, "yes", True, None, "3"], "b": {"['x']": "y"}}}


# What is wrong.

EXAMPLE = 'Write `- id: my-dataset`, and under it `object: "module:name"`.'
TOP = "Write `title: …` and `recipes:` at the start of lines of their own."


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("# only a comment\n", "the file is empty"),
        ("~", "the file is empty"),
        ("ad\na", "the file must hold a mapping, not the text 'ad a'"),
        ("- a", "the file must hold a mapping, not a list"),
        ("{}", "this does not describe a feedstock: its keys are nothing"),
        ("package: {name: x}\nbuild: 1", "this does not describe a feedstock: its keys are package, build"),
    ],
)
def test_what_is_no_description_of_a_feedstock_is_refused(text, message):
    with pytest.raises(InvalidFeedstock) as caught:
        parse_meta(text.encode(), "meta.yaml")
    assert [(str(problem), problem.hint) for problem in caught.value.problems] == [(f"meta.yaml:1:1: {message}", TOP)]


@pytest.mark.parametrize(
    ("recipes", "place", "message", "hint"),
    [
        ("recipe:recipe", "1:10", "`recipes` must be a list, not the text 'recipe:recipe'", EXAMPLE),
        ("['recipe:recipe']", "1:11", "each of `recipes` must be a mapping, but this is the text 'recipe:recipe'", EXAMPLE),
        ("[[a]]", "1:11", "each of `recipes` must be a mapping, but this is a list", EXAMPLE),
        ("[~]", "1:11", "each of `recipes` must be a mapping, but this is nothing", EXAMPLE),
        ("[{}]", "1:11", "this entry of `recipes` is empty", EXAMPLE),
        (
            "[{object: a:b}]",
            "1:11",
            "the recipe has no id",
            "Write `id: my-dataset`: it becomes a part of the dataset's address.",
        ),
        ("[{Id: x, object: a:b}]", "1:12", "the recipe has no id", "Did you mean `id` by `Id`?"),
        ("[{id: [x], object: a:b}]", "1:16", "an id must be a text, not a list", "Write `id: my-dataset`."),
        ("[{id: x, objet: a:b}]", "1:19", "the recipe has no object, but the unknown key `objet`", "Did you mean `object`?"),
        (
            "[{dict_objects: a:b}]",
            "1:12",
            "the recipe has no object, but the unknown key `dict_objects`",
            "Did you mean `dict_object`?",
        ),
        (
            "[{id: x, dict_object: a:b}]",
            "1:12",
            "`dict_object` and `id` stand in one entry",
            "Remove `id`: the keys of the dictionary become the ids.",
        ),
        (
            "[{object: c:d, dict_object: a:b}]",
            "1:12",
            "`dict_object` and `object` stand in one entry",
            "Make two entries of them.",
        ),
        ("[{id: x, object: [a]}]", "1:27", "`object` must be a text, not a list", 'Write `object: "module:name"`.'),
        ("[{dict_object: {a: b}}]", "1:25", "`dict_object` must be a text, not a mapping", 'Write `dict_object: "module:name"`.'),
        (
            "[{id: x, module: a.py}]",
            "1:27",
            "`module` needs a `name` beside it, both texts",
            'Write `object: "module:name"` instead.',
        ),
        (
            "[{id: x, object: a:b}, {id: y}]",
            "1:38",
            "the recipe 'y' has no object",
            'Write `object: "module:name"` under its id.',
        ),
        (
            "[{id: x, object: a:b}, {id: x, object: a:c}]",
            "1:38",
            "the id 'x' stands twice, first in line 1",
            "Give every recipe an id of its own.",
        ),
    ],
)
def test_an_entry_that_is_no_recipe_is_refused(recipes, place, message, hint):
    assert problems_of(f"recipes: {recipes}") == [(f"meta.yaml:{place}: {message}", hint)]


VARIABLE = "Name a variable of the module, of letters, digits and underscores, such as"
FILE = "Name a file that Python can import, of letters, digits and underscores, without its '.py'."


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("recipe", "Write 'recipe:NAME', where NAME is the recipe's variable in the module."),
        ("recipe.py", "Write 'recipe:NAME', where NAME is the recipe's variable in the module."),
        ("", "Write 'recipe:NAME', where NAME is the recipe's variable in the module."),
        ("recipe.py:recipe", "Write 'recipe:recipe'."),
        ("sub/recipe.py:recipe", "Write 'sub.recipe:recipe'."),
        ("recipe: recipe", "Write 'recipe:recipe'."),
        (".recipe:recipe", "Write 'recipe:recipe'."),
        ("../secret:recipe", "Write 'secret:recipe'."),
        ("recipe:", f"{VARIABLE} 'recipe:recipe'."),
        ("recipe:GLAB-VOD", f"{VARIABLE} 'recipe:GLAB_VOD'."),
        ("recipe:a.b", f"{VARIABLE} 'recipe:a_b'."),
        ("recipe:a:b", f"{VARIABLE} 'recipe:a_b'."),
        ("recipe:class", f"{VARIABLE} 'recipe:class_'."),
        ("my-recipe:recipe", FILE),
        ("import:recipe", FILE),
    ],
)
def test_an_object_that_is_not_module_and_name_is_refused(written, hint):
    expected = f"meta.yaml:3:13: `object` is {written!r}, but must be 'module:name'"
    assert problems_of(f"recipes:\n  - id: x\n    object: '{written}'\n") == [(expected, hint)]


@pytest.mark.parametrize(
    ("written", "fault", "suggestion"),
    [
        ("", "is empty", "my-dataset"),
        ("  ", "is empty", "my-dataset"),
        (" x", "begins or ends with a space", "x"),
        ("x ", "begins or ends with a space", "x"),
        ("a/b", "holds '/', which has a meaning in addresses of stores", "a-b"),
        ("a\\b", "holds '\\\\', which has a meaning in addresses of stores", "a-b"),
        ("a*", "holds '*', which has a meaning in addresses of stores", "a"),
        ("a::b", "holds ':', which has a meaning in addresses of stores", "a-b"),
        ("..", "leads out of the store's folder", "my-dataset"),
        ("a..b", "leads out of the store's folder", "a.b"),
        (".", "leads out of the store's folder", "my-dataset"),
        ("a\u202eb", "holds a character that cannot be seen", "a-b"),
        ("ä" * 101, "is longer than 200 bytes", "my-dataset"),
    ],
)
def test_an_id_that_no_store_can_hold_is_refused(written, fault, suggestion):
    shown = repr(written if len(written) <= 60 else written[:59] + "…")
    assert problems_of(f"recipes:\n  - id: '{written}'\n    object: a:b\n") == [
        (f"meta.yaml:2:9: the id {shown} {fault}", f"Write `id: {suggestion}`, say.")
    ]


def test_control_characters_that_were_escaped_into_an_id_are_refused():
    assert problems_of('recipes:\n  - id: "a\\nb"\n    object: a:b\n') == [
        ("meta.yaml:2:9: the id 'a\\nb' holds a character that cannot be seen", "Write `id: a-b`, say.")
    ]


@pytest.mark.parametrize(
    ("text", "place", "message", "hint"),
    [
        ("recipe: [{id: x}]", "1:1", "there is no `recipes`, but the unknown key `recipe`", "Did you mean `recipes`?"),
        ("title: [x]", "1:8", "`title` must be a text, not a list", "Write `title: …` on one line."),
        ("description: {a: b}", "1:14", "`description` must be a text, not a mapping", "Write `description: …` on one line."),
        (
            "provenance: NOAA",
            "1:13",
            "`provenance` must be a mapping, not the text 'NOAA'",
            "Write `provenance:`, and under it, indented, one `key: value` a line.",
        ),
        (
            "maintainers: ada",
            "1:14",
            "`maintainers` must be a list of mappings, not the text 'ada'",
            "Write `- github: my-login` under `maintainers:`.",
        ),
        (
            "maintainers: [ada]",
            "1:15",
            "each item of `maintainers` must be a mapping, but this is the text 'ada'",
            "Write `- github: my-login`.",
        ),
        (
            "provenance: {providers: [{roles: [{a: b}]}]}",
            "1:35",
            "each item of `roles` must be a text, but this is a mapping",
            "Write `roles: [one, two]`.",
        ),
        (
            "bakery: {target: x}",
            "1:9",
            "`bakery` has no id",
            "Write `id: my-bakery` under it; `pangeo-forge bakeries list` shows which there are.",
        ),
        (
            "title: x\ntitle: y",
            "2:1",
            "the key 'title' stands twice in one mapping, first in line 1",
            "Remove one of the two, or make a list of their values.",
        ),
        (
            "title: x\n{{ a }}: b",
            "2:1",
            "a key must be a text, but this is a mapping",
            "Put quotes around a text that begins with '{' or '['.",
        ),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(text, place, message, hint):
    assert problems_of(text) == [(f"meta.yaml:{place}: {message}", hint)]


MANY = """\
title: [x]
recipes:
  - id: a/b
    object: recipe
  - id: c
    objet: recipe:c
maintainers: ada
"""


def test_all_problems_are_reported_at_once_in_the_order_of_the_file(tmp_path):
    (tmp_path / "meta.yaml").write_text(MANY)
    with pytest.raises(InvalidFeedstock) as caught:
        load_meta(tmp_path / "meta.yaml", "meta.yaml")
    assert [str(problem) for problem in caught.value.problems] == [
        "meta.yaml:1:8: `title` must be a text, not a list",
        "meta.yaml:3:9: the id 'a/b' holds '/', which has a meaning in addresses of stores",
        "meta.yaml:4:13: `object` is 'recipe', but must be 'module:name'",
        "meta.yaml:6:5: the recipe has no object, but the unknown key `objet`",
        "meta.yaml:7:14: `maintainers` must be a list of mappings, not the text 'ada'",
    ]
    assert str(caught.value) == "meta.yaml:1:8: `title` must be a text, not a list (and 4 more)"
    assert caught.value.hint == "Write `title: …` on one line."


# Files.


def test_a_file_is_read_and_named_in_problems_as_given(tmp_path):
    path = tmp_path / "meta.yaml"
    path.write_text("recipes: [{id: x, object: 'a:b'}]")
    assert load_meta(path).recipes == (RecipeEntry(id="x", object="a:b", where=load_meta(path).recipes[0].where),)
    assert load_meta(path).recipes[0].where.path == str(path)


def test_a_folder_in_place_of_the_file_is_refused(tmp_path):
    with pytest.raises(InvalidFeedstock) as caught:
        load_meta(tmp_path, "meta.yaml")
    assert str(caught.value) == "meta.yaml:1:1: this is a folder, but should be a file"
    assert caught.value.hint == "Rename it, and write a file meta.yaml."


def test_a_pipe_in_place_of_the_file_is_refused_without_waiting_for_it(tmp_path):
    os.mkfifo(tmp_path / "meta.yaml")
    with pytest.raises(InvalidFeedstock) as caught:
        load_meta(tmp_path / "meta.yaml", "meta.yaml")
    assert str(caught.value) == "meta.yaml:1:1: this is a pipe or device, but should be a file"


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InvalidFeedstock) as caught:
        load_meta(tmp_path / "meta.yaml", "meta.yaml")
    assert str(caught.value) == "meta.yaml:1:1: the file cannot be read: No such file or directory"
    assert caught.value.hint == "Look at its name and permissions."


def test_a_file_larger_than_any_real_one_is_not_read_whole(tmp_path):
    path = tmp_path / "meta.yaml"
    with path.open("wb") as file:
        file.truncate(50 * 10**9)  # a hole; reading it all would not fit into memory
    with pytest.raises(InvalidFeedstock) as caught:
        load_meta(path, "meta.yaml")
    assert str(caught.value) == "meta.yaml:1:1: the file is larger than 500 kB, which no meta.yaml needs"


# Anything at all.


def reads_or_refuses(data: bytes) -> None:
    try:
        meta, problems = parse_meta(data, "meta.yaml")
    except InvalidFeedstock as error:
        problems = list(error.problems)
        assert problems
    else:
        assert json.dumps(meta.to_dict())
    for problem in problems:
        assert problem.hint
        assert problem.where
        assert (problem.where.line or 0) >= 1
        assert (problem.where.column or 0) >= 1


@given(st.binary())
def test_any_bytes_are_read_or_refused(data):
    reads_or_refuses(data)


@given(st.text(alphabet=st.sampled_from("ab:-[]{}*&!|>'\"%@`#?, \n\t\\.01~<=é")))
def test_any_text_like_yaml_is_read_or_refused(text):
    reads_or_refuses(b"title: x\n" + text.encode())


RECIPE_KEYS = ["recipes", "id", "object", "dict_object", "module", "name", "recipe", "objet", "<<"]
OTHER_KEYS = [
    "title",
    "provenance",
    "providers",
    "roles",
    "license",
    "license_link",
    "url",
    "maintainers",
    "bakery",
    "bakeries",
    "resources",
]
KEYS = st.sampled_from(RECIPE_KEYS + OTHER_KEYS)
VALUES = st.recursive(
    st.sampled_from(["a:b", "x", "", "~", "'a/b'", "2020", "..", "recipe.py"]) | st.text("abc:'", max_size=4).map(lambda text: f'"{text}"'),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.lists(st.tuples(KEYS, inner), max_size=4).map(lambda pairs: "{" + ", ".join(f"{key}: {value}" for key, value in pairs) + "}")
    ),
    max_leaves=12,
)


@given(st.lists(st.tuples(KEYS, VALUES), min_size=1))
def test_any_values_under_the_known_keys_are_read_or_refused(pairs):
    reads_or_refuses("\n".join(f"{key}: {value}" for key, value in pairs).encode())


def test_every_real_file_is_read_or_refused_with_places(shared):
    files = sorted(shared.glob("meta-corpus/*/meta.y*ml"))
    assert len(files) == 107
    refused = {}
    for path in files:
        try:
            load_meta(path)
        except InvalidFeedstock as error:
            refused[path.parent.name] = [problem.message for problem in error.problems]
            assert all(problem.where and problem.where.line and problem.where.column and problem.hint for problem in error.problems)
    assert refused == {
        "jbusecke+metaflux_feedstock__metaflux_feedstock__f3da4b38": ["the id 'metaflux-monthly-pyramid' stands twice, first in line 9"],
        "leap-stc+CanopyHeights-GLAD__CanopyHeights-GLAD__97348d3a": ["`object` is 'recipe:CanopyHeights-GLAD', but must be 'module:name'"],
        "leap-stc+SRTMGL1_DEM__SRTMGL1_DEM__8f641b7f": ["`object` is 'recipe:SRTMGL1-DEM', but must be 'module:name'"],
        "leap-stc+VOD-GLAB__VOD-GLAB__5f3fbf76": ["`object` is 'recipe:GLAB-VOD', but must be 'module:name'"],
        "leap-stc+data-management__feedstock~modis-cosp__2eb22048": ["the file is empty"],
        "pangeo-forge+pangeo-smithy__pangeo-smithy__b7bb0c52": [
            "this does not describe a feedstock: its keys are dataset, source, combine, output, about"
        ],
        "pangeo-forge+staged-recipes__ciarans-example__6df67671": ["the file must hold a mapping, not the text 'ad a'"],
        "pangeo-forge+staged-recipes__oisst__6f309b02": [
            "this is not valid YAML: this line fits nothing above it: the indentation is wrong"
        ],
    }


def test_the_real_files_are_of_every_dialect(shared):
    found: dict[str, int] = {}
    for path in shared.glob("meta-corpus/*/meta.y*ml"):
        try:
            dialect = load_meta(path).dialect.value
        except InvalidFeedstock:
            dialect = "refused"
        found[dialect] = found.get(dialect, 0) + 1
    assert found == {"service": 70, "plain": 20, "catalogue": 7, "adr": 2, "refused": 8}


def test_reading_imports_nothing_heavy():
    code = "import sys, pangeo_forge.feedstocks.scaffold; print(sorted({'numpy', 'xarray', 'zarr', 'dask', 'netCDF4'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
