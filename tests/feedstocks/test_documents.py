"""The JSON schema of meta.yaml and the reader agree on what may be written."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from pangeo_forge.errors import InvalidFeedstock
from pangeo_forge.feedstocks import entries, reading
from pangeo_forge.feedstocks.documents import (
    BakeryDocument,
    DatasetDocument,
    DictObjectDocument,
    MetaDocument,
    ModuleDocument,
    ObjectDocument,
    ProvenanceDocument,
    keys_of,
    meta_schema,
)
from pangeo_forge.feedstocks.nodes import to_plain
from pangeo_forge.feedstocks.reading import parse_meta
from pangeo_forge.feedstocks.yaml import parse_yaml

SCHEMA = meta_schema()
VALIDATOR = Draft202012Validator(SCHEMA)

RIGHT: list[dict[str, Any]] = [
    {"title": "Sea ice"},
    {"title": None, "recipes": None},
    {"title": 2020, "pangeo_forge_version": 0.9},
    {"recipes": []},
    {"recipes": [{"id": "sst", "object": "recipe:recipe"}]},
    {"recipes": [{"id": 2020, "object": "folder.recipe:größe"}]},
    {"recipes": [{"id": "sst-1.0_a b", "object": "recipe:recipe", "name": "ours"}, {"dict_object": "recipe:recipes"}]},
    {"recipes": {"id": "sst", "object": "recipe:recipe"}},
    {"recipes": {"dict_object": "recipe:recipes"}},
    {"recipes": [{"id": "sst", "module": "recipe.py", "name": "recipe"}]},
    {"recipes": [{"id": "sst"}, {"id": "ice"}]},
    {"recipes": {"id": "sst"}},
    {"provenance": {"providers": [{"name": "NOAA", "roles": ["producer", "archive"]}], "license": "CC0-1.0", "url": "https://x.org"}},
    {"provenance": {"providers": {"name": "NOAA", "roles": "host"}, "license_link": {"title": "Terms", "url": "https://x.org"}}},
    {"maintainers": {"github": "ada"}},
    {"maintainers": [{"github": "ada", "orcid": "0000-0002-1825-0097", "name": "Ada", "email": "ada@example.org"}, None]},
    {"bakery": {"id": "local", "target": "bucket", "resources": {"memory": "10 GB", "cpu": 1024, "disk": 1}}},
    {"bakeries": [{"id": "local"}], "id": "sst-feedstock", "version": "1.0", "pangeo_forge_recipes_version": "0.9.2"},
    {"title": "Sea ice", "citation": [{"doi": "10.1000/182"}]},
]

WRONG: list[Any] = [
    {},
    ["title"],
    "title",
    {"title": ["Sea ice"]},
    {"recipes": "recipe:recipe"},
    {"recipes": ["recipe:recipe"]},
    {"recipes": [{}]},
    {"recipes": [{"object": "recipe:recipe"}]},
    {"recipes": [{"id": "sst", "object": "recipe.py"}]},
    {"recipes": [{"id": "sst", "object": "recipe.py:recipe"}]},
    {"recipes": [{"id": "sst", "object": "recipe:sea-ice"}]},
    {"recipes": [{"id": "sst", "object": "a/recipe:recipe"}]},
    {"recipes": [{"id": "sst", "object": 5}]},
    {"recipes": [{"id": "sst", "object": ["recipe:recipe"]}]},
    {"recipes": [{"id": "sst", "module": "recipe"}]},
    {"recipes": [{"id": "sst", "dict_object": "recipe:recipes"}]},
    {"recipes": [{"object": "recipe:recipe", "dict_object": "recipe:recipes"}]},
    {"recipes": [{"id": "sst", "object": "recipe:recipe"}, {"id": "ice"}]},
    {"recipes": [{"id": "a/b", "object": "recipe:recipe"}]},
    {"recipes": [{"id": "a..b", "object": "recipe:recipe"}]},
    {"recipes": [{"id": " a", "object": "recipe:recipe"}]},
    {"recipes": [{"id": "", "object": "recipe:recipe"}]},
    {"recipes": [{"id": "a" * 201, "object": "recipe:recipe"}]},
    {"provenance": "NOAA"},
    {"provenance": {"providers": ["NOAA"]}},
    {"provenance": {"providers": [{"roles": [["host"]]}]}},
    {"provenance": {"license_link": "https://x.org"}},
    {"maintainers": "ada"},
    {"maintainers": ["ada"]},
    {"maintainers": [{"github": ["ada"]}]},
    {"bakery": "local"},
    {"bakery": {"target": "bucket"}},
    {"bakery": {"id": "local", "resources": "much"}},
]


def is_read(document: Any) -> bool:
    """Whether the reader has nothing to say against a document."""
    try:
        return not parse_meta(json.dumps(document, ensure_ascii=False).encode(), "meta.yaml")[1]
    except InvalidFeedstock:
        return False


def test_it_is_a_schema_of_the_newest_draft():
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_every_mapping_and_every_key_is_explained():
    mappings = [SCHEMA, *SCHEMA["$defs"].values()]
    explained = [*mappings, *(value for mapping in mappings for value in mapping["properties"].values())]
    assert [value for value in explained if not value.get("description", "").endswith(".")] == []
    assert [mapping for mapping in mappings if not mapping["title"] or mapping["title"].endswith("Document")] == []


def test_its_own_examples_are_as_it_says():
    assert SCHEMA["examples"]
    for example in SCHEMA["examples"]:
        assert is_read(example)
        VALIDATOR.validate(example)


def test_every_example_of_a_key_is_as_its_key_wants_it():
    for mapping in [SCHEMA, *SCHEMA["$defs"].values()]:
        for key, value in mapping["properties"].items():
            for example in value.get("examples", []):
                assert VALIDATOR.evolve(schema={**value, "$defs": SCHEMA["$defs"]}).is_valid(example), (key, example)


def test_the_roles_of_stac_are_suggested_but_others_may_be_written():
    listed, one, _ = SCHEMA["$defs"]["ProviderDocument"]["properties"]["roles"]["anyOf"]
    assert one["enum"] == listed["items"]["anyOf"][0]["enum"] == ["producer", "licensor", "processor", "host"]
    assert VALIDATOR.is_valid({"provenance": {"providers": [{"roles": ["archive"]}]}})


@pytest.mark.parametrize("document", RIGHT, ids=json.dumps)
def test_what_may_be_written_is_read_and_fits_the_schema(document):
    assert is_read(document)
    VALIDATOR.validate(document)


@pytest.mark.parametrize("document", WRONG, ids=json.dumps)
def test_what_may_not_be_written_is_refused_by_both(document):
    assert not is_read(document)
    assert not VALIDATOR.is_valid(document)


# Documents of right and wrong values under the keys that there are.

TEXTS = st.sampled_from(["x", "a b", "recipe:recipe", "recipe.py", "a/b", "", "..", 7, 0.5])
IDS = st.integers(0, 999).map(str) | st.sampled_from(["a/b", "", "..", " a", "é"])
OBJECTS = st.sampled_from(["recipe:recipe", "a.b:c", "recipe.py", "recipe.py:x", "a:", ":a", "a-b:c", "a:b-c", "a:é", 5])


def mappings(**values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=values) | st.fixed_dictionaries(values)


def one_or_many(value: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return value | st.lists(value, max_size=3) | st.none() | st.just("x")


ENTRIES = (
    mappings(id=IDS, object=OBJECTS)
    | mappings(dict_object=OBJECTS)
    | mappings(id=IDS, module=st.sampled_from(["recipe.py", "recipe", "a/b"]), name=st.sampled_from(["recipe", "a-b"]))
    | mappings(id=IDS, object=OBJECTS, dict_object=OBJECTS)
    | mappings(id=IDS)
)
PEOPLE = mappings(**dict.fromkeys(["name", "orcid", "github", "email"], TEXTS | st.none()))
PROVIDERS = mappings(name=TEXTS, description=TEXTS, url=TEXTS, roles=one_or_many(TEXTS | st.lists(TEXTS, max_size=1)))
BAKERIES = st.fixed_dictionaries({"id": TEXTS.filter(bool)}, optional={"target": TEXTS, "resources": st.just({"cpu": 1}) | TEXTS})
DOCUMENTS = st.fixed_dictionaries(
    {"title": TEXTS | st.lists(TEXTS, max_size=1)},
    optional={
        "recipes": one_or_many(ENTRIES),
        "maintainers": one_or_many(PEOPLE),
        "provenance": mappings(providers=one_or_many(PROVIDERS), license=TEXTS, license_link=mappings(title=TEXTS, url=TEXTS) | TEXTS),
        "bakery": one_or_many(BAKERIES),
        "bakeries": one_or_many(BAKERIES),
        "version": TEXTS,
    },
)


def stands_twice(document: dict[str, Any]) -> bool:
    """Whether two recipes have one id, which no schema can tell."""
    recipes = document.get("recipes")
    ids = [entry.get("id") for entry in recipes if isinstance(entry, dict) and "id" in entry] if isinstance(recipes, list) else []
    return len(ids) != len(set(ids))


@given(DOCUMENTS.filter(lambda document: not stands_twice(document)))
def test_the_schema_and_the_reader_refuse_the_same(document):
    assert VALIDATOR.is_valid(document) == is_read(document)


# Real files.


def test_every_real_file_that_is_read_fits_the_schema_and_what_is_refused_for_its_shape_does_not(shared):
    found: dict[tuple[bool, bool], list[str]] = {}
    for path in sorted(shared.glob("meta-corpus/*/meta.y*ml")):
        try:
            document = to_plain(parse_yaml(path.read_bytes(), path.name))
        except InvalidFeedstock:
            continue
        found.setdefault((is_read(document), VALIDATOR.is_valid(document)), []).append(path.parent.name.rpartition("__")[2])
    assert {outcome: len(names) for outcome, names in found.items()} == {(True, True): 99, (False, True): 2, (False, False): 5}
    # Two recipes with one id, and another tool's file: no schema can tell.
    assert found[False, True] == ["f3da4b38", "b7bb0c52"]


# The keys.


def test_the_reader_knows_the_keys_of_the_schema():
    assert keys_of(MetaDocument) == frozenset(SCHEMA["properties"]) == reading.KEYS
    assert keys_of(ObjectDocument, DictObjectDocument, ModuleDocument, DatasetDocument) == entries.KEYS


def test_no_key_of_the_schema_is_unknown_to_the_reader_and_all_others_are():
    meta, problems = parse_meta("\n".join(f"{key}:" for key in [*SCHEMA["properties"], "citation"]).encode(), "meta.yaml")
    assert (meta.extra, problems) == ({"citation": None}, [])


#: Other mappings, and a text that nothing reads.
NOT_KEPT = {"recipes", "provenance", "maintainers", "bakery", "bakeries", "pangeo_notebook_version"}


@pytest.mark.parametrize("key", sorted(keys_of(MetaDocument) - NOT_KEPT))
def test_what_stands_under_a_key_is_read(key):
    assert "unmistakable" in str(parse_meta(f"{key}: unmistakable".encode(), "meta.yaml")[0].to_dict())


NESTED = [
    *(f"provenance: {{providers: [{{{key}: unmistakable}}]}}" for key in SCHEMA["$defs"]["ProviderDocument"]["properties"]),
    *(f"provenance: {{license_link: {{{key}: unmistakable}}}}" for key in SCHEMA["$defs"]["LicenseLinkDocument"]["properties"]),
    *(f"provenance: {{{key}: unmistakable}}" for key in sorted(keys_of(ProvenanceDocument) - {"providers", "license_link"})),
    *(f"maintainers: [{{{key}: unmistakable}}]" for key in SCHEMA["$defs"]["MaintainerDocument"]["properties"]),
    *(f"bakery: {{id: x, {key}: unmistakable}}" for key in sorted(keys_of(BakeryDocument) - {"id", "resources"})),
    *(f"bakery: {{id: x, resources: {{{key}: unmistakable}}}}" for key in SCHEMA["$defs"]["ResourcesDocument"]["properties"]),
]


@pytest.mark.parametrize("text", NESTED)
def test_what_stands_under_a_key_of_a_mapping_within_is_read(text):
    assert "unmistakable" in str(parse_meta(text.encode(), "meta.yaml")[0].to_dict())
