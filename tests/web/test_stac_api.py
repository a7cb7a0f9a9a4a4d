"""The STAC API as a foreign client sees it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import pystac_client
import pytest

from pangeo_forge.catalog.validating import SchemaLibrary

pytestmark = pytest.mark.server


@pytest.fixture
def client(site: str) -> pystac_client.Client:
    return pystac_client.Client.open(f"{site}/stac")


def ask(url: str, **headers: str) -> tuple[int, Any, Any]:
    """Get a page: its status, headers, and JSON."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
            return answer.status, answer.headers, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, json.load(error)


def get(url: str) -> Any:
    status, _, found = ask(url)
    assert status == 200, found
    return found


def find(client: pystac_client.Client, **asked: Any) -> set[str]:
    return {item.collection_id for item in client.search(**asked).items()}


def test_a_foreign_client_finds_all_collections(client: pystac_client.Client) -> None:
    assert client.title == "Three datasets"
    assert {collection.id for collection in client.get_collections()} == {"atlantic", "pacific", "europe"}


def test_a_foreign_client_opens_an_item_by_its_collection(client: pystac_client.Client) -> None:
    (item,) = client.get_collection("atlantic").get_items()
    assert item.assets["data"].href.endswith("/atlantic.zarr")


def test_a_box_finds_what_overlaps_it(client: pystac_client.Client) -> None:
    assert find(client, bbox=[0, 0, 20, 20]) == {"europe"}


def test_a_box_across_the_antimeridian_finds_what_lies_there(client: pystac_client.Client) -> None:
    assert find(client, bbox=[170, 0, -170, 20]) == {"pacific"}


@pytest.mark.parametrize(("asked", "found"), [("1990", {"atlantic"}), ("1995/..", {"pacific", "europe"}), ("../1989", set())])
def test_an_interval_finds_what_overlaps_it(client: pystac_client.Client, asked: str, found: set[str]) -> None:
    assert find(client, datetime=asked) == found


def test_collections_and_ids_are_found(client: pystac_client.Client) -> None:
    (item,) = client.search(collections=["europe"]).items()
    assert find(client, ids=[item.id]) == {"europe"}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_pages_follow_one_another_until_all_are_read(client: pystac_client.Client, method: str) -> None:
    search = client.search(limit=1, method=method)
    assert search.matched() == 3
    assert len({item.id for item in search.items()}) == 3


def test_what_the_api_gives_is_valid(site: str) -> None:
    library = SchemaLibrary()
    landing = get(f"{site}/stac/")
    records = [landing, *get(f"{site}/stac/collections")["collections"], *get(f"{site}/stac/search")["features"]]
    assert [library.check(record).faults for record in records] == [()] * 7


def test_every_link_of_the_landing_page_leads_somewhere(site: str) -> None:
    for link in get(f"{site}/stac/")["links"]:
        get(link["href"])


@pytest.mark.parametrize("path", ["/nope", "/nope/items", "/europe/items/nope", "/%2e%2e"])
def test_what_is_not_there_is_said_so(site: str, path: str) -> None:
    status, _, found = ask(f"{site}/stac/collections{path}")
    assert status == 404
    assert found["code"] == "NotFound"


@pytest.mark.parametrize("query", ["bbox=1,2,3", "bbox=a,b,c,d", "datetime=no", "limit=x", "intersects=%7B%7D", "datetime=2020/2010"])
def test_what_makes_no_sense_is_refused_with_a_reason(site: str, query: str) -> None:
    status, _, found = ask(f"{site}/stac/search?{query}")
    assert status == 400
    assert found["description"]


def test_pages_of_other_origins_may_ask(site: str) -> None:
    _, headers, _ = ask(f"{site}/stac/search", Origin="https://example.org")
    assert headers["Access-Control-Allow-Origin"] == "*"
