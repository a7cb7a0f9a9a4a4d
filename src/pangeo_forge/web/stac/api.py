"""The answers of the API, each a function from a request."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pangeo_forge.catalog.filters.queryables import describe_queryables
from pangeo_forge.catalog.index.search import Query
from pangeo_forge.catalog.library import Library
from pangeo_forge.catalog.stac.extensions import STAC_VERSION
from pangeo_forge.errors import UsageError
from pangeo_forge.web.stac.asking import check_body, read_asked, read_paging
from pangeo_forge.web.stac.conformance import CONFORMANCE
from pangeo_forge.web.stac.links import GEOJSON, JSON, QUERYABLES, SCHEMA, lead_on, locate_collection, locate_item, make_link, make_url
from pangeo_forge.web.stac.openapi import MEDIA_TYPE, describe_api


def make_routes(library: Library) -> list[Route]:
    """Make the routes of the API, relative to where it is mounted."""
    api = _Api(library)
    return [
        Route("/", api.landing),
        Route("/conformance", api.conformance),
        Route("/api", api.openapi),
        Route("/queryables", api.queryables),
        Route("/collections", api.collections),
        Route("/collections/{collection}", api.collection),
        Route("/collections/{collection}/queryables", api.queryables_of_collection),
        Route("/collections/{collection}/items", api.items),
        Route("/collections/{collection}/items/{item}", api.item),
        Route("/search", api.search, methods=["GET", "POST"]),
    ]


@dataclass(frozen=True, slots=True)
class _Api:
    library: Library

    def landing(self, request: Request) -> Response:
        """Say what there is."""
        links = [
            make_link("self", make_url(request, "/"), JSON),
            make_link("root", make_url(request, "/"), JSON),
            make_link("conformance", make_url(request, "/conformance"), JSON),
            make_link("data", make_url(request, "/collections"), JSON),
            make_link("service-desc", make_url(request, "/api"), MEDIA_TYPE),
            make_link(QUERYABLES, make_url(request, "/queryables"), SCHEMA),
            make_link("search", make_url(request, "/search"), GEOJSON) | {"method": "GET"},
            make_link("search", make_url(request, "/search"), GEOJSON) | {"method": "POST"},
        ]
        about = {"id": "pangeo-forge", "title": self.library.title, "description": self.library.description or self.library.title}
        return JSONResponse({"type": "Catalog", "stac_version": STAC_VERSION, **about, "conformsTo": CONFORMANCE, "links": links})

    def conformance(self, request: Request) -> Response:
        """Say what the API conforms to."""
        return JSONResponse({"conformsTo": CONFORMANCE})

    def openapi(self, request: Request) -> Response:
        """Describe the API."""
        return JSONResponse(describe_api(self.library.title, make_url(request, "/").rstrip("/")), media_type=MEDIA_TYPE)

    def queryables(self, request: Request) -> Response:
        """Describe what filters can ask for."""
        return JSONResponse(describe_queryables(str(request.url.replace(query="")), self.library.title), media_type=SCHEMA)

    def queryables_of_collection(self, request: Request) -> Response:
        """Describe what filters can ask for in a Collection, which is the same."""
        found = self.library.read_collection(request.path_params["collection"])
        if found is None:
            return _missing("collection", request)
        return JSONResponse(
            describe_queryables(str(request.url.replace(query="")), str(found.get("title", found["id"]))), media_type=SCHEMA
        )

    def collections(self, request: Request) -> Response:
        """List the Collections, a page at a time."""
        try:
            limit, offset = read_paging(request.query_params)
        except UsageError as error:
            return _refuse(error)
        page = self.library.search(Query(), limit=limit, offset=offset)
        found = [self.library.read_collection(str(item["collection"])) for item in page.items]
        links = [make_link("self", str(request.url), JSON), make_link("root", make_url(request, "/"), JSON)]
        links += lead_on(request, limit, offset, page.matched)
        listed = [locate_collection(request, each) for each in found if each is not None]
        return JSONResponse({"collections": listed, "links": links, "numberMatched": page.matched, "numberReturned": len(listed)})

    def collection(self, request: Request) -> Response:
        """Give a Collection."""
        found = self.library.read_collection(request.path_params["collection"])
        return _missing("collection", request) if found is None else JSONResponse(locate_collection(request, found))

    def items(self, request: Request) -> Response:
        """List the Items of a Collection, of all versions."""
        collection = request.path_params["collection"]
        if self.library.read_collection(collection) is None:
            return _missing("collection", request)
        asked = {name: value for name, value in request.query_params.items() if name not in ("ids", "intersects")}
        return self._answer(request, {**asked, "collections": [collection]}, all_versions=True)

    def item(self, request: Request) -> Response:
        """Give an Item."""
        collection, item = request.path_params["collection"], request.path_params["item"]
        page = self.library.search(Query(collections=(collection,), ids=(item,)), limit=1)
        return JSONResponse(locate_item(request, page.items[0]), media_type=GEOJSON) if page.items else _missing("item", request)

    async def search(self, request: Request) -> Response:
        """Find Items."""
        if request.method != "POST":
            return await run_in_threadpool(self._answer, request, dict(request.query_params), all_versions=False)
        try:
            body = check_body(json.loads(await request.body()))
        except (ValueError, RecursionError) as error:
            return _refuse(UsageError(f"the body is no JSON: {error}"))
        except UsageError as error:
            return _refuse(error)
        return await run_in_threadpool(self._answer, request, body, all_versions=False)

    def _answer(self, request: Request, asked: Mapping[str, Any], *, all_versions: bool) -> Response:
        try:
            wanted = read_asked(asked, all_versions=all_versions)
            page = self.library.search(wanted.query, limit=wanted.limit, offset=wanted.offset)
        except UsageError as error:
            return _refuse(error)
        links = [make_link("self", str(request.url), GEOJSON), make_link("root", make_url(request, "/"), JSON)]
        body = asked if request.method == "POST" else None
        answer = {
            "type": "FeatureCollection",
            "features": [wanted.fields.pick(locate_item(request, item)) for item in page.items],
            "links": links + lead_on(request, wanted.limit, wanted.offset, page.matched, body),
            "numberMatched": page.matched,
            "numberReturned": len(page.items),
        }
        return JSONResponse(answer, media_type=GEOJSON)


def _missing(what: str, request: Request) -> Response:
    name = request.path_params[what]
    return JSONResponse({"code": "NotFound", "description": f"there is no {what} {name!r}"}, status_code=404)


def _refuse(error: UsageError) -> Response:
    told = f"{error}. {error.hint}" if error.hint else str(error)
    return JSONResponse({"code": "BadRequest", "description": told}, status_code=400)
