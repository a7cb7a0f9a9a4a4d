"""The server: pages for people, the STAC API for programs, over one catalogue."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Mount

from pangeo_forge.web import stac_api
from pangeo_forge.web.library import Library


def make_app(library: Library) -> Starlette:
    """Make the server of a catalogue; it only reads."""
    open_to_all = Middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["GET", "POST"], allow_headers=["*"])
    return Starlette(routes=[Mount("/stac", routes=stac_api.make_routes(library))], middleware=[open_to_all])
