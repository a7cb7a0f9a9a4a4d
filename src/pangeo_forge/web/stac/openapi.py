"""The API described for programs, in OpenAPI 3.0."""

from __future__ import annotations

from typing import Any

MEDIA_TYPE = "application/vnd.oai.openapi+json;version=3.0"

_PARAMETERS: dict[str, tuple[str, dict[str, Any]]] = {
    "limit": ("How many, at most", {"type": "integer", "minimum": 1, "maximum": 1000, "default": 10}),
    "token": ("Where the next page begins, as its link says", {"type": "string"}),
    "bbox": ("West, south, east, north in degrees; west is greater than east across the antimeridian", {"type": "string"}),
    "datetime": ("A time or an interval of RFC 3339; .. is an open end", {"type": "string"}),
    "intersects": ("A geometry of GeoJSON", {"type": "string"}),
    "ids": ("Ids of Items, with commas between", {"type": "string"}),
    "collections": ("Ids of Collections, with commas between", {"type": "string"}),
    "filter": ("A filter in CQL2", {"type": "string"}),
    "filter-lang": ("How the filter is written", {"type": "string", "enum": ["cql2-text", "cql2-json"], "default": "cql2-text"}),
    "filter-crs": ("Of the filter's geometries", {"type": "string", "enum": ["http://www.opengis.net/def/crs/OGC/1.3/CRS84"]}),
    "sortby": ("Queryables with commas between; - before one that descends", {"type": "string"}),
    "fields": ("Fields with commas between; - before one to leave out", {"type": "string"}),
}
_PAGING = ("limit", "token")
_ITEMS = (*_PAGING, "bbox", "datetime", "filter", "filter-lang", "filter-crs", "sortby", "fields")

#: Of each path: what it is, what it may be asked with, and the media type of its answer.
_PATHS: tuple[tuple[str, str, tuple[str, ...], str], ...] = (
    ("/", "The landing page", (), "application/json"),
    ("/conformance", "What the API conforms to", (), "application/json"),
    ("/api", "This description", (), MEDIA_TYPE),
    ("/queryables", "What filters can ask for", (), "application/schema+json"),
    ("/collections", "All Collections", _PAGING, "application/json"),
    ("/collections/{collectionId}", "One Collection", (), "application/json"),
    ("/collections/{collectionId}/queryables", "What filters can ask for", (), "application/schema+json"),
    ("/collections/{collectionId}/items", "The Items of a Collection, of all versions", _ITEMS, "application/geo+json"),
    ("/collections/{collectionId}/items/{itemId}", "One Item", (), "application/geo+json"),
    ("/search", "Find Items", (*_ITEMS, "intersects", "ids", "collections"), "application/geo+json"),
)


def describe_api(title: str, address: str) -> dict[str, Any]:
    """Describe the API.

    Parameters
    ----------
    title : str
        The catalogue's.
    address : str
        Where the API is.
    """
    paths: dict[str, Any] = {path: {"get": _describe(path, summary, asked, media)} for path, summary, asked, media in _PATHS}
    body = {"description": "As the parameters of GET, in JSON", "content": {"application/json": {"schema": {"type": "object"}}}}
    paths["/search"]["post"] = {**_describe("/search", "Find Items", (), "application/geo+json"), "requestBody": body}
    return {
        "openapi": "3.0.3",
        "info": {"title": title, "version": "1.0.0"},
        "servers": [{"url": address}],
        "paths": paths,
    }


def _describe(path: str, summary: str, asked: tuple[str, ...], media: str) -> dict[str, Any]:
    places = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    parameters = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in places]
    for name in asked:
        told, schema = _PARAMETERS[name]
        parameters.append({"name": name, "in": "query", "required": False, "description": told, "schema": schema})
    failed = {"description": "What was wrong", "content": {"application/json": {"schema": {"type": "object"}}}}
    answers = {"200": {"description": summary, "content": {media: {"schema": {"type": "object"}}}}, "default": failed}
    return {"summary": summary, "parameters": parameters, "responses": answers}
