"""The links of the API, in place of those between files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import Request

from pangeo_forge.catalog.storage.linking import THROUGH
from pangeo_forge.web.attachments import lead_to_files
from pangeo_forge.web.plots import make_plot_choice

GEOJSON = "application/geo+json"
JSON = "application/json"
SCHEMA = "application/schema+json"
QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"


def make_url(request: Request, path: str) -> str:
    """Give the address of a path of the API, wherever that is mounted."""
    return str(request.url.replace(path=f"{request.scope['root_path']}{path}", query=""))


def make_link(rel: str, href: str, media: str) -> dict[str, Any]:
    """Make a link."""
    return {"rel": rel, "href": href, "type": media}


def locate_item(request: Request, item: Mapping[str, Any]) -> dict[str, Any]:
    """Give an Item the links that lead through the API."""
    collection = make_url(request, f"/collections/{item['collection']}")
    links = [
        make_link("self", f"{collection}/items/{item['id']}", GEOJSON),
        make_link("root", make_url(request, "/"), JSON),
        make_link("parent", collection, JSON),
        make_link("collection", collection, JSON),
    ]
    assets = {**item["assets"], **_lead_to_pictures(request, str(item["collection"]), str(item["id"]), item["properties"])}
    return lead_to_files({**item, "assets": assets, "links": links + _leading_out(item)}, str(request.base_url).rstrip("/"))


def locate_collection(request: Request, collection: Mapping[str, Any]) -> dict[str, Any]:
    """Give a Collection the links that lead through the API."""
    place = make_url(request, f"/collections/{collection['id']}")
    links = [
        make_link("self", place, JSON),
        make_link("root", make_url(request, "/"), JSON),
        make_link("parent", make_url(request, "/"), JSON),
        make_link("items", f"{place}/items", GEOJSON),
        make_link(QUERYABLES, f"{place}/queryables", SCHEMA),
    ]
    assets = dict(collection["assets"])
    for link in collection["links"]:
        if link["rel"] == "latest-version":
            newest = link["href"].rpartition("/")[2].removesuffix(".json")
            links.append(make_link("latest-version", f"{place}/items/{newest}", GEOJSON))
            assets |= _lead_to_pictures(request, str(collection["id"]), newest, collection)
    return lead_to_files({**collection, "assets": assets, "links": links + _leading_out(collection)}, str(request.base_url).rstrip("/"))


def _lead_to_pictures(request: Request, collection: str, item: str, properties: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Give the assets of the pictures that the server has or draws when they are asked for; nothing where nothing can be drawn."""
    if make_plot_choice(properties, {}) is None:
        return {}
    place = f"{request.base_url}datasets/{quote(collection)}/versions/{quote(item)}"
    return {
        role: {"href": f"{place}/{role}.png", "type": "image/png", "title": role.capitalize(), "roles": [role]}
        for role in ("thumbnail", "overview")
    }


def _leading_out(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [link for link in record["links"] if link["rel"] not in THROUGH]


def lead_on(request: Request, limit: int, offset: int, matched: int, body: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """Make the link to the next page, if there is one; a POST's brings what is asked for with it."""
    if offset + limit >= matched:
        return []
    media = JSON if request.url.path.endswith("/collections") else GEOJSON
    token = str(offset + limit)
    if body is not None:
        return [make_link("next", str(request.url), media) | {"method": "POST", "body": {**body, "limit": limit, "token": token}}]
    asked = {**request.query_params, "limit": limit, "token": token}
    return [make_link("next", f"{request.url.replace(query='')}?{urlencode(asked)}", media) | {"method": "GET"}]
