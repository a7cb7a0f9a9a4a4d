"""Filters in CQL2 over an index."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pangeo_forge.api.cataloguing import Search, search_catalog
from pangeo_forge.catalog.filters.queryables import QUERYABLES
from pangeo_forge.catalog.filters.reading import read_filter
from pangeo_forge.catalog.filters.translating import translate
from pangeo_forge.catalog.index.search import Index, Query, load_index, open_index
from pangeo_forge.catalog.index.table import make_index, make_row
from pangeo_forge.errors import UsageError


def make_item(name: str, *, start: str, end: str, west: float, **properties: Any) -> dict[str, Any]:
    """An Item of a box of ten degrees on the equator."""
    corners = [[west, 0], [west + 10, 0], [west + 10, 10], [west, 10], [west, 0]]
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": f"{name}-1",
        "collection": name,
        "bbox": [west, 0, west + 10, 10],
        "geometry": {"type": "Polygon", "coordinates": [corners]},
        "links": [],
        "assets": {"data": {"href": f"/{name}.zarr", "type": "application/vnd.zarr; version=3"}},
        "properties": {"datetime": None, "start_datetime": start, "end_datetime": end, "created": "2026-01-01T00:00:00Z", **properties},
    }


WINDS = make_item(
    "winds",
    start="1990-01-01T00:00:00Z",
    end="1999-12-31T00:00:00Z",
    west=0,
    title="Winds of the Océan",
    license="MIT",
    keywords=["wind", "ocean"],
    **{"pangeo_forge:bytes": 1000, "pangeo_forge:standard_names": ["eastward_wind"], "processing:facility": "local"},
)
WAVES = make_item(
    "waves",
    start="2000-01-01T00:00:00Z",
    end="2009-12-31T00:00:00Z",
    west=20,
    title="Waves",
    license="CC-BY-4.0",
    keywords=["ocean"],
    **{"pangeo_forge:bytes": 50, "a/b~c": 7, 'say "it\'s"': True, "tags": ["x", "y"], "pangeo_forge:commit": "wave"},
)
RAIN = make_item(
    "rain", start="2010-01-01T00:00:00Z", end="2019-12-31T00:00:00Z", west=40, title="50% rain_fall", tested="2020-06-01T00:00:00Z"
)


@pytest.fixture(scope="module", params=["looked into", "loaded"])
def index(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    path = tmp_path_factory.mktemp("index") / "index.parquet"
    path.write_bytes(make_index([make_row(item) for item in (WINDS, WAVES, RAIN)]))
    opened = open_index(str(path)) if request.param == "looked into" else load_index(str(path))
    yield opened
    opened.close()


def find(index: Index, written: str) -> set[str]:
    return {item["collection"] for item in index.search(Query(filter=translate(read_filter(written)))).items}


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("license = 'MIT'", {"winds"}),
        ("license <> 'MIT'", {"waves"}),
        ("NOT license = 'MIT'", {"waves"}),
        ("license IS NULL", {"rain"}),
        ("license IS NOT NULL AND collection = 'waves'", {"waves"}),
        ("license = 'MIT' OR title = 'Waves'", {"winds", "waves"}),
        ('"pangeo_forge:bytes" >= 50', {"winds", "waves"}),
        ("pangeo_forge:bytes < 51", {"waves"}),
        ("pangeo_forge:bytes BETWEEN 40 AND 60", {"waves"}),
        ("license IN ('MIT', 'ISC')", {"winds"}),
        ("title LIKE 'W%s'", {"waves"}),
        ("title LIKE 'Wave_'", {"waves"}),
        (r"title LIKE '50\% rain\_%'", {"rain"}),
        (r"title LIKE '50\_%'", set()),
        ("CASEI(title) LIKE casei('WINDS%')", {"winds"}),
        ("ACCENTI(title) = accenti('Winds of the Ocean')", {"winds"}),
        ("casei(accenti(title)) LIKE '%ocean'", {"winds"}),
        ("pangeo_forge:bytes * 2 + 1 = 101", {"waves"}),
        ("pangeo_forge:bytes DIV 30 = 1 AND pangeo_forge:bytes % 30 = 20", {"waves"}),
        ("pangeo_forge:bytes ^ 2 > 2500", {"winds"}),
        ("pangeo_forge:bytes > -1", {"winds", "waves"}),
        ("id = 'rain-1'", {"rain"}),
        ("true", {"winds", "waves", "rain"}),
        ("NOT false AND collection = 'rain'", {"rain"}),
    ],
)
def test_values_are_compared(index: Index, written: str, found: set[str]) -> None:
    assert find(index, written) == found


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("processing:facility = 'local'", {"winds"}),
        ("properties.processing:facility LIKE 'lo%'", {"winds"}),
        ('"a/b~c" = 7', {"waves"}),
        ("\"a/b~c\" = '7'", set()),
        ('"say ""it\'s""" = true', {"waves"}),
        ('"say ""it\'s"""', {"waves"}),
        ("A_CONTAINS(tags, ('x'))", {"waves"}),
        ("tested > TIMESTAMP('2020-01-01T00:00:00Z')", {"rain"}),
        ("nothing = 1", set()),
        ("nothing IS NULL AND type = 'Feature'", {"winds", "waves", "rain"}),
        ("pangeo_forge:commit = 'wave'", {"waves"}),
        ('pangeo_forge:commit = "pangeo_forge:commit"', {"waves"}),
    ],
)
def test_properties_without_a_column_are_looked_up_in_the_items(index: Index, written: str, found: set[str]) -> None:
    assert find(index, written) == found


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("datetime >= TIMESTAMP('2000-01-01T00:00:00Z')", {"waves", "rain"}),
        ("datetime >= '2000-01-01T00:00:00+01:00'", {"waves", "rain"}),
        ("end_datetime < DATE('2005-01-01')", {"winds"}),
        ("T_INTERSECTS(datetime, INTERVAL('1995-01-01','2001-01-01'))", {"winds", "waves"}),
        ("T_INTERSECTS(datetime, INTERVAL('2005-01-01T00:00:00Z','..'))", {"waves", "rain"}),
        ("T_INTERSECTS(datetime, DATE('1999-12-31'))", {"winds"}),
        ("T_AFTER(datetime, DATE('2009-12-31'))", {"rain"}),
        ("T_BEFORE(datetime, TIMESTAMP('2000-01-01T00:00:00Z'))", {"winds"}),
        ("T_DISJOINT(datetime, INTERVAL('..','2005-01-01'))", {"rain"}),
        ("T_DURING(datetime, INTERVAL('1980-01-01','2009-12-31'))", {"winds", "waves"}),
        ("T_CONTAINS(datetime, INTERVAL('1991-01-01','1992-01-01'))", {"winds"}),
        ("T_EQUALS(datetime, INTERVAL('1990-01-01T00:00:00Z','1999-12-31T00:00:00Z'))", {"winds"}),
        ("T_STARTS(datetime, INTERVAL('1990-01-01T00:00:00Z','2030-01-01T00:00:00Z'))", {"winds"}),
        ("T_STARTEDBY(datetime, INTERVAL('1990-01-01T00:00:00Z','1991-01-01T00:00:00Z'))", {"winds"}),
        ("T_FINISHES(datetime, INTERVAL('1980-01-01T00:00:00Z','1999-12-31T00:00:00Z'))", {"winds"}),
        ("T_FINISHEDBY(datetime, INTERVAL('1995-01-01T00:00:00Z','1999-12-31T00:00:00Z'))", {"winds"}),
        ("T_OVERLAPS(datetime, INTERVAL('1995-01-01','2005-01-01'))", {"winds"}),
        ("T_OVERLAPPEDBY(datetime, INTERVAL('1995-01-01','2005-01-01'))", {"waves"}),
        ("T_MEETS(datetime, INTERVAL('1999-12-31T00:00:00Z','2005-01-01T00:00:00Z'))", {"winds"}),
        ("T_METBY(datetime, INTERVAL('1980-01-01T00:00:00Z','1990-01-01T00:00:00Z'))", {"winds"}),
        ("T_AFTER(tested, end_datetime)", {"rain"}),
    ],
)
def test_times_are_compared(index: Index, written: str, found: set[str]) -> None:
    assert find(index, written) == found


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("A_CONTAINS(keywords, ('ocean'))", {"winds", "waves"}),
        ("A_CONTAINS(keywords, ('ocean', 'wind'))", {"winds"}),
        ("A_CONTAINEDBY(keywords, ('ocean', 'ice')) AND license IS NOT NULL", {"waves"}),
        ("A_OVERLAPS(keywords, ('wind', 'ice'))", {"winds"}),
        ("A_EQUALS(keywords, ('ocean'))", {"waves"}),
        ("A_CONTAINS(\"pangeo_forge:standard_names\", ('eastward_wind'))", {"winds"}),
    ],
)
def test_lists_are_compared(index: Index, written: str, found: set[str]) -> None:
    assert find(index, written) == found


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("S_INTERSECTS(geometry, POINT(5 5))", {"winds"}),
        ("S_INTERSECTS(geometry, BBOX(5,5,25,6))", {"winds", "waves"}),
        ("S_INTERSECTS(geometry, BBOX(45,0,-170,10))", {"rain"}),
        ("S_INTERSECTS(geometry, POLYGON((5 20,38 20,38 2,5 20)))", {"waves"}),
        ("S_INTERSECTS(POINT(5 5), geometry)", {"winds"}),
        ("S_DISJOINT(geometry, LINESTRING(0 5,25 5))", {"rain"}),
        ("S_WITHIN(geometry, POLYGON((-1 -1,11 -1,11 11,-1 11,-1 -1)))", {"winds"}),
        ("S_CONTAINS(geometry, MULTIPOINT((22 2),(23 3)))", {"waves"}),
        ("S_CONTAINS(POLYGON((-1 -1,11 -1,11 11,-1 11,-1 -1)), geometry)", {"winds"}),
        ("S_EQUALS(geometry, POLYGON((0 0,0 10,10 10,10 0,0 0)))", {"winds"}),
        ("S_TOUCHES(geometry, LINESTRING(10 0,15 0))", {"winds"}),
        ("S_OVERLAPS(geometry, POLYGON((25 -5,35 -5,35 5,25 5,25 -5)))", {"waves"}),
        ("S_CROSSES(geometry, LINESTRING(5 5,15 5))", {"winds"}),
        ("NOT S_INTERSECTS(geometry, GEOMETRYCOLLECTION(POINT(5 5),POINT(25 5)))", {"rain"}),
    ],
)
def test_places_are_compared(index: Index, written: str, found: set[str]) -> None:
    assert find(index, written) == found


def test_json_is_read_as_well(index: Index) -> None:
    asked = {"op": "and", "args": [{"op": "=", "args": [{"property": "license"}, "MIT"]}, {"op": "<", "args": [1, 2]}]}
    assert find(index, json.dumps(asked)) == {"winds"}


def test_what_is_found_is_counted_and_paged(index: Index) -> None:
    query = Query(filter=translate(read_filter("title LIKE 'W%' AND type = 'Feature'")))
    pages = [index.search(query, limit=1, offset=offset) for offset in (0, 1, 2)]
    assert [page.matched for page in pages] == [2, 2, 2]
    assert [len(page.items) for page in pages] == [1, 1, 0]


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("title = ", "ends too early, at column 9"),
        ("title = 'x' banana", "'banana' is not understood at column 13"),
        ("title =\n )", "at line 2, column 2 that was never opened"),
        ("(title = 'x'", "leaves 1 of its parentheses open"),
        ("title > 5", "a number stands where text is needed, in title > 5"),
        ("keywords > ('a')", "a list of texts is needed, in keywords > 'a'"),
        ("geometry = 1", "in geometry = 1"),
        ("title", "text stands where true or false is needed, in title"),
        ("banana(title) = 3", "'banana' is no operator"),
        ("title LIKE 5", "the pattern of like is a text"),
        ("title LIKE 'x\\'", "ends with a backslash"),
        ("datetime > TIMESTAMP('yesterday')", "'yesterday' is no time"),
        ("S_INTERSECTS(title, POINT(0 0))", "compares the property geometry"),
        ("S_INTERSECTS(geometry, geometry)", "compares the property geometry"),
        ("S_INTERSECTS(geometry, POLYGON((0 0,10 10,10 0,0 10,0 0)))", "not valid: Self-intersection"),
        ("S_INTERSECTS(geometry, BBOX(0,10,10,0))", "south after its north"),
        ("- - 5 = pangeo_forge:bytes", "two minus signs in a row"),
        ('{"op": "="}', "neither true nor false"),
        ('{"op": "=", "args": [1]}', "has 1 arguments, not two"),
        ('{"op": "isNull", "args": [1, 2]}', "has 2 arguments, not one"),
        ('{"op": "in", "args": [{"property": "id"}, []]}', "needs a list of values"),
        ('{"op": "=", "args": [{"property": "id"}, {"$ref": "#"}]}', "no value that can be compared"),
        ('{"op": "and", "args": []}', "combines nothing"),
        ("{", "no JSON"),
        ("[]", "is not understood"),
    ],
)
def test_what_makes_no_sense_is_said_with_its_place(index: Index, written: str, why: str) -> None:
    with pytest.raises(UsageError) as caught:
        find(index, written)
    assert why in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "written",
    [
        "(" * 4000,
        "(" * 1900 + "id = 'x'" + ")" * 1900,
        "f(" * 1300 + "id" + ")" * 1300,
        "NOT " * 900 + "true OR " + "x" * 500,
        "id = " + "-" * 3000 + "1",
        "+".join(["1"] * 1900) + " = 1",
        "=".join(["id"] * 1300),
        "^".join(["1"] * 1900) + " = 1",
        "id = 'x' AND " * 1000 + "true",
        '{"op":"not","args":[' * 100 + "true" + "]}" * 100,
        '{"op":"not","args":[' * 100_000 + "true" + "]}" * 100_000,
        json.dumps({"op": "in", "args": [{"property": "id"}, ["x"] * 100_000]}),
        json.dumps({"op": "or", "args": [{"op": "s_intersects", "args": [{"property": "geometry"}, {"bbox": [0, 0, 1, 1]}]}] * 11}),
    ],
)
def test_monsters_are_refused_and_end_nothing(index: Index, written: str) -> None:
    with pytest.raises(UsageError):
        find(index, written)


@pytest.mark.parametrize(
    "name",
    ["x'; DROP TABLE facts; --", 'x"; DROP TABLE facts; --', "{}", "{0}", "%s", "?", "$1", "item", "facts.row", "$.properties.title", "*"],
)
def test_names_of_properties_are_never_sql(index: Index, name: str) -> None:
    asked = {"op": "isNull", "args": [{"property": name}]}
    assert find(index, json.dumps(asked)) == {"winds", "waves", "rain"}
    assert find(index, json.dumps({"op": "=", "args": [{"property": name}, name]})) == set()


@pytest.mark.parametrize("text", ["'; DROP TABLE facts; --", "{}", "?", "$1", "\\", "%"])
def test_texts_are_never_sql(index: Index, text: str) -> None:
    assert find(index, json.dumps({"op": "=", "args": [{"property": "title"}, text]})) == set()
    assert len(find(index, "true")) == 3


def test_a_filter_narrows_what_else_is_searched_for(tmp_path: Path) -> None:
    (tmp_path / "catalog.json").write_text("{}")
    (tmp_path / "index.parquet").write_bytes(make_index([make_row(item) for item in (WINDS, WAVES, RAIN)]))
    page = search_catalog(tmp_path, Search(filter="keywords IS NOT NULL AND pangeo_forge:bytes > 10", words=["winds"]))
    assert [item["id"] for item in page.items] == ["winds-1"]


VALUES = st.one_of(
    st.sampled_from(
        ["x", "2020-01-01", "2020-01-01T00:00:00Z", "%", 1, 0, -2.5, 1e308, True, ["x"], {"date": "2020-01-01"}, {"bbox": [0, 0, 1, 1]}]
    ),
    st.sampled_from([*QUERYABLES, "tags", "a/b~c", "type"]).map(lambda name: {"property": name}),
    st.just({"interval": ["..", "2020-01-01"]}),
    st.just({"type": "Point", "coordinates": [5, 5]}),
)
OPERATORS = st.sampled_from(
    [
        "and",
        "or",
        "not",
        "=",
        "<>",
        "<",
        ">=",
        "between",
        "in",
        "like",
        "isNull",
        "casei",
        "accenti",
        "+",
        "-",
        "*",
        "/",
        "^",
        "%",
        "div",
        "a_contains",
        "a_containedBy",
        "a_equals",
        "a_overlaps",
        "t_after",
        "t_during",
        "t_intersects",
        "s_intersects",
        "s_within",
    ]
)
EXPRESSIONS = st.recursive(
    VALUES,
    lambda inner: st.builds(lambda op, args: {"op": op, "args": args}, OPERATORS, st.lists(inner, min_size=1, max_size=3)),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(expression=EXPRESSIONS)
def test_whatever_is_written_is_searched_for_or_refused(index: Index, expression: Any) -> None:
    try:
        found = find(index, json.dumps(expression)) if isinstance(expression, dict) else set()
    except UsageError:
        return
    assert found <= {"winds", "waves", "rain"}
