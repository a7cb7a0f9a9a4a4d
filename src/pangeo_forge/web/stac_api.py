"""The STAC API 1.0, read-only: core, collections, features, item search. It claims no conformance that it does not have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pangeo_forge.catalog.index.search import Query, parse_bbox, parse_interval
from pangeo_forge.catalog.library import Library
from pangeo_forge.catalog.stac.extensions import STAC_VERSION
from pangeo_forge.errors import UsageError

CONFORMANCE = (
    "https://api.stacspec.org/v1.0.0/core",
    "https://api.stacspec.org/v1.0.0/collections",
    "https://api.stacspec.org/v1.0.0/ogcapi-features",
    "https://api.stacspec.org/v1.0.0/item-search",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
)

_GEOJSON = "application/geo+json"
_JSON = "application/json"
_BETWEEN_FILES = ("root", "parent", "item", "self")
_MOST = 1000
_USUAL = 10


def make_routes(library: Library) -> list[Route]:
    """Make the routes of the API, relative to where it is mounted."""
    api = _Api(library)
    return [
        Route("/", api.landing),
        Route("/conformance", api.conformance),
        Route("/api", api.openapi),
        Route("/collections", api.collections),
        Route("/collections/{collection}", api.collection),
        Route("/collections/{collection}/items", api.items),
        Route("/collections/{collection}/items/{item}", api.item),
        Route("/search", api.search, methods=["GET", "POST"]),
    ]


@dataclass(frozen=True, slots=True)
class _Api:
    """The answers, each a function from a request."""

    library: Library

    def landing(self, request: Request) -> Response:
        """Say what there is."""
        links = [
            _link("self", _url(request, "/"), _JSON),
            _link("root", _url(request, "/"), _JSON),
            _link("conformance", _url(request, "/conformance"), _JSON),
            _link("data", _url(request, "/collections"), _JSON),
            _link("service-desc", _url(request, "/api"), "application/vnd.oai.openapi+json;version=3.1"),
            _link("search", _url(request, "/search"), _GEOJSON) | {"method": "GET"},
            _link("search", _url(request, "/search"), _GEOJSON) | {"method": "POST"},
        ]
        about = {"id": "pangeo-forge", "title": self.library.title, "description": self.library.description or self.library.title}
        return JSONResponse({"type": "Catalog", "stac_version": STAC_VERSION, **about, "conformsTo": CONFORMANCE, "links": links})

    def conformance(self, request: Request) -> Response:
        """Say what the API conforms to."""
        return JSONResponse({"conformsTo": CONFORMANCE})

    def openapi(self, request: Request) -> Response:
        """Describe the API (OpenAPI 3.1)."""
        paths = {
            route: {"get": {"summary": summary, "responses": {"200": {"description": "as asked"}}}}
            for route, summary in (
                ("/", "The landing page"),
                ("/conformance", "What the API conforms to"),
                ("/collections", "All Collections"),
                ("/collections/{collection}", "One Collection"),
                ("/collections/{collection}/items", "The Items of a Collection"),
                ("/collections/{collection}/items/{item}", "One Item"),
                ("/search", "Find Items by bbox, datetime, ids and collections"),
            )
        }
        described = {"openapi": "3.1.0", "info": {"title": self.library.title, "version": "1.0.0"}, "paths": paths}
        return JSONResponse(described, media_type="application/vnd.oai.openapi+json;version=3.1")

    def collections(self, request: Request) -> Response:
        """List the Collections, a page at a time."""
        limit, offset = _read_paging(request.query_params)
        page = self.library.search(Query(), limit=limit, offset=offset)
        found = [self.library.read_collection(str(item["collection"])) for item in page.items]
        links = [_link("self", str(request.url), _JSON), _link("root", _url(request, "/"), _JSON)]
        links += _next(request, limit, offset, page.matched)
        listed = [self._with_links(request, each) for each in found if each is not None]
        return JSONResponse({"collections": listed, "links": links, "numberMatched": page.matched, "numberReturned": len(listed)})

    def collection(self, request: Request) -> Response:
        """Give a Collection."""
        found = self.library.read_collection(request.path_params["collection"])
        return _missing("collection", request) if found is None else JSONResponse(self._with_links(request, found))

    def items(self, request: Request) -> Response:
        """List the Items of a Collection."""
        collection = request.path_params["collection"]
        if self.library.read_collection(collection) is None:
            return _missing("collection", request)
        return self._answer(request, {**request.query_params, "collections": collection}, all_versions=True)

    def item(self, request: Request) -> Response:
        """Give an Item."""
        collection, item = request.path_params["collection"], request.path_params["item"]
        page = self.library.search(Query(collections=(collection,), ids=(item,)), limit=1)
        return JSONResponse(self._locate(request, page.items[0]), media_type=_GEOJSON) if page.items else _missing("item", request)

    async def search(self, request: Request) -> Response:
        """Find Items."""
        if request.method == "GET":
            return self._answer(request, dict(request.query_params), all_versions=False)
        try:
            body = await request.json()
        except ValueError as error:
            return _refuse(f"the body is no JSON: {error}")
        return self._answer(request, body, all_versions=False) if isinstance(body, dict) else _refuse("the body is no JSON object")

    def _answer(self, request: Request, asked: Mapping[str, Any], *, all_versions: bool) -> Response:
        try:
            query, (limit, offset) = _read_query(asked, all_versions=all_versions), _read_paging(asked)
        except UsageError as error:
            return _refuse(str(error))
        page = self.library.search(query, limit=limit, offset=offset)
        links = [_link("self", str(request.url), _GEOJSON), _link("root", _url(request, "/"), _JSON)]
        answer = {
            "type": "FeatureCollection",
            "features": [self._locate(request, item) for item in page.items],
            "links": links + _next(request, limit, offset, page.matched, asked if request.method == "POST" else None),
            "numberMatched": page.matched,
            "numberReturned": len(page.items),
        }
        return JSONResponse(answer, media_type=_GEOJSON)

    def _locate(self, request: Request, item: Mapping[str, Any]) -> dict[str, Any]:
        """Give an Item the links that lead through the API."""
        collection = _url(request, f"/collections/{item['collection']}")
        links = [
            _link("self", f"{collection}/items/{item['id']}", _GEOJSON),
            _link("root", _url(request, "/"), _JSON),
            _link("parent", collection, _JSON),
            _link("collection", collection, _JSON),
        ]
        return {**item, "links": links + list(item["links"])}

    def _with_links(self, request: Request, collection: Mapping[str, Any]) -> dict[str, Any]:
        """Give a Collection the links that lead through the API, in place of those between files."""
        place = _url(request, f"/collections/{collection['id']}")
        links = [
            _link("self", place, _JSON),
            _link("root", _url(request, "/"), _JSON),
            _link("parent", _url(request, "/"), _JSON),
            _link("items", f"{place}/items", _GEOJSON),
        ]
        return {
            **collection,
            "links": links + [link for link in collection["links"] if link["rel"] not in ("root", "parent", "item", "self")],
        }


def _read_query(asked: Mapping[str, Any], *, all_versions: bool) -> Query:
    """Read what is searched for, from a GET's texts or a POST's JSON.

    Raises
    ------
    UsageError
        If it makes no sense, or asks for what the API has not.
    """
    for name in ("intersects", "filter", "query", "sortby", "fields"):
        if asked.get(name):
            raise UsageError(f"{name!r} cannot be searched by here", hint="There are bbox, datetime, ids and collections.")
    bbox, time = asked.get("bbox"), asked.get("datetime")
    start, end = parse_interval(str(time)) if time else (None, None)
    return Query(
        words=tuple(str(asked.get("q", "")).split()),
        bbox=parse_bbox(bbox if isinstance(bbox, str) else ",".join(map(str, _flatten(bbox)))) if bbox else None,
        start=start,
        end=end,
        collections=tuple(_as_list(asked.get("collections"))),
        ids=tuple(_as_list(asked.get("ids"))),
        all_versions=all_versions,
    )


def _flatten(bbox: Any) -> list[Any]:
    """Give the four numbers of a box; heights, which six numbers have, are passed over."""
    numbers = list(bbox) if isinstance(bbox, list) else [bbox]
    return [*numbers[:2], *numbers[3:5]] if len(numbers) == 6 else numbers


def _as_list(value: Any) -> list[str]:
    if not value:
        return []
    return value.split(",") if isinstance(value, str) else [str(each) for each in value]


def _read_paging(asked: Mapping[str, Any]) -> tuple[int, int]:
    """Read how many are wanted, and from where.

    Raises
    ------
    UsageError
        If these are no numbers.
    """
    try:
        limit, offset = int(asked.get("limit") or _USUAL), int(asked.get("token") or 0)
    except (TypeError, ValueError):
        raise UsageError("limit and token are numbers") from None
    if limit < 1 or offset < 0:
        raise UsageError("limit is at least 1, and token is one that the API gave")
    return min(limit, _MOST), offset


def _next(request: Request, limit: int, offset: int, matched: int, body: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """Make the link to the next page, if there is one."""
    if offset + limit >= matched:
        return []
    token = str(offset + limit)
    if body is not None:
        return [_link("next", str(request.url), _GEOJSON) | {"method": "POST", "body": {**body, "limit": limit, "token": token}}]
    asked = {**request.query_params, "limit": limit, "token": token}
    return [_link("next", f"{request.url.replace(query='')}?{urlencode(asked)}", _GEOJSON) | {"method": "GET"}]


def _url(request: Request, path: str) -> str:
    """Give the address of a path of the API, wherever that is mounted."""
    return str(request.url.replace(path=f"{request.scope['root_path']}{path}", query=""))


def _link(rel: str, href: str, media: str) -> dict[str, Any]:
    return {"rel": rel, "href": href, "type": media}


def _missing(what: str, request: Request) -> Response:
    name = request.path_params[what]
    return JSONResponse({"code": "NotFound", "description": f"there is no {what} {name!r}"}, status_code=404)


def _refuse(why: str) -> Response:
    return JSONResponse({"code": "BadRequest", "description": why}, status_code=400)
