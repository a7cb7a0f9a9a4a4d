"""Every conformance class that the STAC API names is asked for, as its specification says that it answers."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlencode, urlsplit

import jsonschema
import pystac_client
import pytest

from pangeo_forge.web.stac.conformance import CONFORMANCE

pytestmark = pytest.mark.server

BOX = {"type": "Polygon", "coordinates": [[[0, 0], [20, 0], [20, 20], [0, 20], [0, 0]]]}


def ask(site: str, path: str, body: Any = None, **asked: Any) -> tuple[int, str, Any]:
    """Ask the API: gives the status, the media type and the JSON."""
    url = f"{site}/stac{path}?{urlencode(asked)}" if asked else f"{site}/stac{path}"
    content = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data=content, headers={"Content-Type": "application/json"})) as answer:
            return answer.status, answer.headers["Content-Type"], json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["Content-Type"], json.load(error)


def get(site: str, path: str, body: Any = None, **asked: Any) -> Any:
    status, _, found = ask(site, path, body, **asked)
    assert status == 200, found
    return found


def find(site: str, body: Any = None, **asked: Any) -> list[str]:
    return [item["collection"] for item in get(site, "/search", body, **asked)["features"]]


def filtered(site: str, written: str) -> list[str]:
    return sorted(find(site, filter=written))


def follow(record: Any, rel: str) -> list[str]:
    return [link["href"] for link in record["links"] if link["rel"] == rel]


def path_of(url: str) -> str:
    return urlsplit(url).path.removeprefix("/stac")


def check_core(site: str) -> None:
    landing = get(site, "/")
    assert {"self", "root", "service-desc"} <= {link["rel"] for link in landing["links"]}
    assert tuple(landing["conformsTo"]) == CONFORMANCE


def check_collections(site: str) -> None:
    (listed,) = follow(get(site, "/"), "data")
    pages = [get(site, path_of(listed), limit=2)]
    while more := follow(pages[-1], "next"):
        pages.append(get(site, f"{path_of(more[0])}?{urlsplit(more[0]).query}"))
    assert [len(page["collections"]) for page in pages] == [2, 1]
    for collection in (each for page in pages for each in page["collections"]):
        assert get(site, path_of(follow(collection, "self")[0]))["id"] == collection["id"]
        assert get(site, path_of(follow(collection, "latest-version")[0]))["collection"] == collection["id"]


def check_features(site: str) -> None:
    found = get(site, "/collections/europe/items", limit=1)
    (item,) = found["features"]
    assert get(site, path_of(follow(item, "self")[0])) == {**item}
    assert get(site, path_of(follow(item, "parent")[0]))["id"] == "europe"
    assert get(site, "/collections/europe/items", bbox="-40,0,-20,20")["features"] == []
    assert get(site, "/collections/europe/items", datetime="1990-01-01T00:00:00Z/1991-01-01T00:00:00Z")["numberMatched"] == 0
    assert get(site, "/collections/europe/items", collections="atlantic")["features"] == [item]


def check_geojson(site: str) -> None:
    status, media, found = ask(site, "/collections/europe/items")
    assert (status, media) == (200, "application/geo+json")
    assert found["type"] == "FeatureCollection"
    assert found["numberReturned"] == found["numberMatched"] == 1


def check_ogc_core(site: str) -> None:
    assert get(site, "/conformance")["conformsTo"] == list(CONFORMANCE)
    assert ask(site, "/collections/europe/items", limit=0)[0] == 400
    assert ask(site, "/collections/europe/items", bbox="x")[0] == 400


def check_openapi(site: str) -> None:
    (place,) = follow(get(site, "/"), "service-desc")
    status, media, described = ask(site, path_of(place))
    assert (status, media) == (200, "application/vnd.oai.openapi+json;version=3.0")
    assert described["openapi"].startswith("3.0.")
    known = {"collectionId": "europe", "itemId": get(site, "/collections/europe/items")["features"][0]["id"]}
    for path, methods in described["paths"].items():
        assert ask(site, path.format(**known))[:2] == (200, next(iter(methods["get"]["responses"]["200"]["content"])))


def check_item_search(site: str) -> None:
    assert find(site, bbox="0,0,20,20") == find(site, {"bbox": [0, 0, 20, 20]}) == ["europe"]
    assert find(site, bbox="0,0,-100,20,20,100") == find(site, {"bbox": [0, 0, -100, 20, 20, 100]}) == ["europe"]
    assert find(site, intersects=json.dumps(BOX)) == find(site, {"intersects": BOX}) == ["europe"]
    assert find(site, datetime="1990-03-01T00:00:00Z") == ["atlantic"]
    assert find(site, {"datetime": "../1995-01-01T00:00:00+01:00"}) == find(site, datetime="/1995-01-01t00:00:00.5z") == ["atlantic"]
    assert find(site, {"datetime": "2005-01-01T00:00:00Z/.."}) == ["europe"]
    assert sorted(find(site, {"collections": ["atlantic", "pacific", "nope"]})) == ["atlantic", "pacific"]
    (item,) = get(site, "/search", collections="pacific")["features"]
    assert find(site, ids=item["id"]) == find(site, {"ids": [item["id"]]}) == ["pacific"]
    assert find(site, ids=item["id"], bbox="0,0,20,20") == []


def check_sorting(site: str) -> None:
    assert find(site, sortby="properties.start_datetime") == ["atlantic", "pacific", "europe"]
    assert find(site, sortby="-start_datetime") == ["europe", "pacific", "atlantic"]
    assert find(site, {"sortby": [{"field": "license", "direction": "asc"}, {"field": "id", "direction": "desc"}]}) == [
        "pacific",
        "europe",
        "atlantic",
    ]


def check_fields(site: str) -> None:
    def shape(body: Any = None, **asked: Any) -> set[str]:
        return set(get(site, "/search", body, collections="europe", **asked)["features"][0])

    usual = {"type", "stac_version", "id", "collection", "geometry", "bbox", "links", "assets", "properties"}
    assert shape(fields="id,+geometry") == {"id", "geometry"}
    assert "geometry" not in shape(fields="-geometry")
    assert "stac_extensions" in shape(fields="-geometry")
    assert shape(fields="") == shape({"fields": {}}) == shape({"fields": {"include": None, "exclude": []}}) == usual
    assert shape({"fields": {"include": [], "exclude": ["assets"]}}) == usual - {"assets"}
    assert shape({"fields": {"include": [], "exclude": ["properties"]}}) == usual - {"properties"}
    (item,) = get(site, "/search", collections="europe", fields="properties.title,-properties,-properties.title,nope.x")["features"]
    assert item == {"properties": {"title": "Europe <script>alert(1)</script>"}}


def check_sorting_of_features(site: str) -> None:
    assert get(site, "/collections/europe/items", sortby="-created")["numberReturned"] == 1


def check_fields_of_features(site: str) -> None:
    assert set(get(site, "/collections/europe/items", fields="id")["features"][0]) == {"id"}


def check_filter(site: str) -> None:
    assert find(site, filter="title = 'The Atlantic'", **{"filter-crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}) == ["atlantic"]
    client = pystac_client.Client.open(f"{site}/stac")
    asked = {"op": "=", "args": [{"property": "title"}, "The Atlantic"]}
    assert [item.collection_id for item in client.search(filter=asked).items()] == ["atlantic"]
    assert [item.collection_id for item in client.search(filter="title = 'The Atlantic'", method="GET").items()] == ["atlantic"]


def check_filter_of_features(site: str) -> None:
    assert get(site, "/collections/europe/items", filter="title LIKE 'Europe%'")["numberMatched"] == 1
    assert get(site, "/collections/europe/items", filter="title = 'The Atlantic'")["numberMatched"] == 0


def check_queryables(site: str) -> None:
    for path in ("/", "/collections/europe"):
        (place,) = follow(get(site, path), "http://www.opengis.net/def/rel/ogc/1.0/queryables")
        status, media, schema = ask(site, path_of(place))
        assert (status, media, schema["$id"]) == (200, "application/schema+json", place)
        jsonschema.Draft202012Validator.check_schema(schema)
        for name in schema["properties"]:
            filtered(site, f'"{name}" IS NULL')


def check_text(site: str) -> None:
    assert find(site, filter="title = 'The Atlantic'", **{"filter-lang": "cql2-text"}) == ["atlantic"]
    assert find(site, {"filter": "title = 'The Atlantic'", "filter-lang": "cql2-text"}) == ["atlantic"]


def check_json(site: str) -> None:
    asked = {"op": "like", "args": [{"property": "title"}, "%Atlantic"]}
    assert find(site, {"filter": asked, "filter-lang": "cql2-json"}) == find(site, {"filter": asked}) == ["atlantic"]
    assert find(site, filter=json.dumps(asked), **{"filter-lang": "cql2-json"}) == ["atlantic"]


def check_basic(site: str) -> None:
    assert filtered(site, "NOT (title = 'The Atlantic' OR datetime < TIMESTAMP('2005-01-01T00:00:00Z')) AND true") == ["europe"]
    assert filtered(site, "title IS NOT NULL AND pangeo_forge:bytes >= 1 AND created > DATE('2000-01-01')") == [
        "atlantic",
        "europe",
        "pacific",
    ]


def check_advanced(site: str) -> None:
    assert filtered(site, "title LIKE 'The %' AND id NOT IN ('x') AND pangeo_forge:bytes BETWEEN 1 AND 1000") == ["atlantic", "pacific"]


def check_cases(site: str) -> None:
    assert filtered(site, "CASEI(title) = casei('THE ATLANTIC')") == ["atlantic"]


def check_accents(site: str) -> None:
    assert filtered(site, "ACCENTI(title) = accenti('Thé Atlantïc')") == ["atlantic"]


def check_places(site: str) -> None:
    assert filtered(site, "S_INTERSECTS(geometry, POINT(10.5 10.5))") == ["europe"]
    assert filtered(site, "S_INTERSECTS(geometry, BBOX(170, 0, -170, 20))") == ["pacific"]


def check_more_places(site: str) -> None:
    assert filtered(site, "S_INTERSECTS(geometry, LINESTRING(10 10, -30 10))") == ["atlantic", "europe"]
    assert filtered(site, "S_INTERSECTS(geometry, MULTIPOLYGON(((0 0, 20 0, 20 20, 0 0)), ((30 0, 40 0, 40 20, 30 0))))") == ["europe"]


def check_spatial(site: str) -> None:
    assert filtered(site, "S_WITHIN(geometry, POLYGON((0 0, 20 0, 20 20, 0 20, 0 0)))") == ["europe"]
    assert filtered(site, "S_CONTAINS(geometry, POINT(10.5 10.5)) AND NOT S_DISJOINT(geometry, POINT(10.5 10.5))") == ["europe"]
    assert filtered(site, "S_CROSSES(geometry, LINESTRING(0 10, 10.5 10)) OR S_TOUCHES(geometry, POINT(0 0))") == ["europe"]
    assert filtered(site, "S_OVERLAPS(geometry, POLYGON((0 0, 10 0, 10 20, 0 20, 0 0))) AND NOT S_EQUALS(geometry, POINT(0 0))") == [
        "europe"
    ]


def check_temporal(site: str) -> None:
    assert filtered(site, "T_DURING(datetime, INTERVAL('1999-01-01', '2001-01-01'))") == ["pacific"]
    assert filtered(site, "T_AFTER(datetime, DATE('2005-01-01')) OR T_BEFORE(datetime, TIMESTAMP('1991-01-01T00:00:00Z'))") == [
        "atlantic",
        "europe",
    ]


def check_arrays(site: str) -> None:
    assert filtered(site, "A_CONTAINS(variables, ('sst')) AND A_OVERLAPS(variables, ('sst', 'x')) AND title LIKE 'Eu%'") == ["europe"]
    assert filtered(site, "A_EQUALS(variables, ('sst')) AND A_CONTAINEDBY(variables, ('sst', 'x')) AND title LIKE 'Eu%'") == ["europe"]


def check_properties_with_each_other(site: str) -> None:
    assert filtered(site, "start_datetime < end_datetime AND id <> title AND 'The Atlantic' = title") == ["atlantic"]


def check_arithmetic(site: str) -> None:
    assert filtered(site, "(pangeo_forge:bytes + 1) * 2 - 2 = pangeo_forge:bytes / 0.5 AND title LIKE 'Eu%'") == ["europe"]


STAC, OGC = "https://api.stacspec.org/v1.0.0/", "http://www.opengis.net/spec/"
CHECKS = {
    f"{STAC}core": check_core,
    f"{STAC}collections": check_collections,
    f"{STAC}ogcapi-features": check_features,
    f"{STAC}ogcapi-features#fields": check_fields_of_features,
    f"{STAC}ogcapi-features#sort": check_sorting_of_features,
    f"{STAC}item-search": check_item_search,
    f"{STAC}item-search#fields": check_fields,
    f"{STAC}item-search#filter": check_filter,
    f"{STAC}item-search#sort": check_sorting,
    f"{OGC}ogcapi-features-1/1.0/conf/core": check_ogc_core,
    f"{OGC}ogcapi-features-1/1.0/conf/geojson": check_geojson,
    f"{OGC}ogcapi-features-1/1.0/conf/oas30": check_openapi,
    f"{OGC}ogcapi-features-3/1.0/conf/queryables": check_queryables,
    f"{OGC}ogcapi-features-3/1.0/conf/filter": check_filter,
    f"{OGC}ogcapi-features-3/1.0/conf/features-filter": check_filter_of_features,
    f"{OGC}cql2/1.0/conf/cql2-text": check_text,
    f"{OGC}cql2/1.0/conf/cql2-json": check_json,
    f"{OGC}cql2/1.0/conf/basic-cql2": check_basic,
    f"{OGC}cql2/1.0/conf/advanced-comparison-operators": check_advanced,
    f"{OGC}cql2/1.0/conf/case-insensitive-comparison": check_cases,
    f"{OGC}cql2/1.0/conf/accent-insensitive-comparison": check_accents,
    f"{OGC}cql2/1.0/conf/basic-spatial-functions": check_places,
    f"{OGC}cql2/1.0/conf/basic-spatial-functions-plus": check_more_places,
    f"{OGC}cql2/1.0/conf/spatial-functions": check_spatial,
    f"{OGC}cql2/1.0/conf/temporal-functions": check_temporal,
    f"{OGC}cql2/1.0/conf/array-functions": check_arrays,
    f"{OGC}cql2/1.0/conf/property-property": check_properties_with_each_other,
    f"{OGC}cql2/1.0/conf/arithmetic": check_arithmetic,
}


@pytest.mark.parametrize("conformance", CONFORMANCE)
def test_the_api_does_what_it_says_it_conforms_to(site: str, conformance: str) -> None:
    CHECKS[conformance](site)


def test_the_api_says_everything_that_it_conforms_to() -> None:
    assert set(CONFORMANCE) == set(CHECKS)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"filter": "title ="}, "ends too early"),
        ({"filter": "title > 5"}, "in title > 5"),
        ({"filter": "{", "filter-lang": "cql2-json"}, "no JSON"),
        ({"filter": "true", "filter-lang": "sql"}, "'filter-lang' is"),
        ({"filter": "true", "filter-crs": "EPSG:4326"}, "'filter-crs' is"),
        ({"bbox": "0,0,5,1,1,1"}, "ends lower than it begins"),
        ({"bbox": "0,0,x,1,1,1"}, "the heights"),
        ({"bbox": "0,0,1,1,1"}, "has 5 numbers"),
        ({"bbox": "nan,0,1,1"}, "not on the globe"),
        ({"bbox": "0,0,1,1", "intersects": "{}"}, "both given"),
        ({"intersects": "{"}, "'intersects' is no JSON"),
        ({"intersects": '{"type": "Point"}'}, "none of GeoJSON"),
        ({"datetime": "1990"}, "no time of RFC 3339"),
        ({"datetime": "1990-01-01T00:00:00"}, "with the zone"),
        ({"datetime": "1990-13-01T00:00:00Z"}, "no time of RFC 3339"),
        ({"datetime": "../.."}, "neither a time nor an interval"),
        ({"datetime": ".."}, "neither a time nor an interval"),
        ({"datetime": "1990-01-01T00:00:00Z/../.."}, "neither a time nor an interval"),
        ({"datetime": "1991-01-01T00:00:00Z/1990-01-01T00:00:00Z"}, "ends before it begins"),
        ({"limit": "1.5"}, "'limit' and 'token' are numbers"),
        ({"token": "-1"}, "one that the API gave"),
        ({"token": "9" * 30}, "one that the API gave"),
        ({"sortby": "nope"}, "'nope' cannot be sorted by"),
        ({"sortby": "geometry"}, "'geometry' cannot be sorted by"),
        ({"query": "{}"}, "Use 'filter'"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_name(site: str, asked: dict[str, str], why: str) -> None:
    status, media, found = ask(site, "/search", **asked)
    assert (status, media, found["code"]) == (400, "application/json", "BadRequest")
    assert why in found["description"]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"{", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"\xff", "no JSON"),
        ([], "no JSON object"),
        ({"bbox": "0,0,1,1"}, "'bbox' is a list"),
        ({"bbox": [0, 0, 1]}, "has 3 numbers"),
        ({"bbox": [0, 0, None, 1]}, "not four numbers"),
        ({"collections": {}}, "'collections' is a list"),
        ({"ids": [1]}, "'ids' is a list of texts"),
        ({"intersects": "POINT(0 0)"}, "'intersects' is an object"),
        ({"datetime": 1990}, "'datetime' is a text"),
        ({"limit": "many"}, "'limit' is a number"),
        ({"filter": [1]}, "'filter' is an object"),
        ({"sortby": "-created"}, "'sortby' is a list"),
        ({"fields": None}, "'fields' is a list of names"),
        ({"fields": {"include": [1]}}, "'fields' is a list of names"),
    ],
)
def test_a_body_that_makes_no_sense_is_refused_with_a_reason(site: str, body: Any, why: str) -> None:
    status, media, found = ask(site, "/search", body)
    assert (status, media) == (400, "application/json")
    assert why in found["description"]


def test_what_is_null_was_not_asked_for(site: str) -> None:
    assert len(find(site, {"bbox": None, "datetime": None, "filter": None, "limit": None})) == 3


def test_no_page_has_more_than_a_thousand_items(site: str) -> None:
    found = get(site, "/search", limit=1_000_000)
    assert found["numberReturned"] == 3


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_pages_of_what_is_filtered_and_sorted_follow_one_another(site: str, method: str) -> None:
    client = pystac_client.Client.open(f"{site}/stac")
    search = client.search(filter="title LIKE 'The%'", filter_lang="cql2-text", sortby="-start_datetime", limit=1, method=method)
    assert search.matched() == 2
    assert [item.collection_id for item in search.items()] == ["pacific", "atlantic"]
