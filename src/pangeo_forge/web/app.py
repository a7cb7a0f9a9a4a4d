"""The server: pages for people, the STAC API for programs, over one catalogue."""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from pangeo_forge.catalog.library import Library
from pangeo_forge.web import pages
from pangeo_forge.web.stac import api as stac_api

_STATIC = Path(__file__).with_name("static")


def make_app(library: Library) -> Starlette:
    """Make the server of a catalogue; it only reads."""

    def say_missing(request: Request, error: Exception) -> Response:
        if request.url.path.startswith("/stac/"):
            return JSONResponse({"code": "NotFound", "description": f"there is no {request.url.path}"}, status_code=404)
        return pages.make_missing(library, f"There is no page {request.url.path}.")

    routes = [
        *pages.make_routes(library),
        Mount("/stac", routes=stac_api.make_routes(library)),
        Mount("/static", StaticFiles(directory=_STATIC)),
    ]
    open_to_all = Middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["GET", "POST"], allow_headers=["*"])
    return Starlette(routes=routes, middleware=[open_to_all], exception_handlers={404: say_missing})
