"""The server: pages for people, the STAC API for programs, over one catalogue."""

from __future__ import annotations

from pathlib import Path
from tempfile import mkdtemp

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from pangeo_forge.api.trusting import make_trust
from pangeo_forge.catalog.library import Library
from pangeo_forge.catalog.pictures.album import Album
from pangeo_forge.catalog.pictures.apart import draw_apart
from pangeo_forge.catalog.sources.trust import Trust
from pangeo_forge.web import attachments, pages
from pangeo_forge.web.gallery import Gallery
from pangeo_forge.web.stac import api as stac_api

_STATIC = Path(__file__).with_name("static")


def make_app(library: Library, pictures: Path | None = None, trust: Trust | None = None) -> Starlette:
    """Make the server of a catalogue; it only reads.

    Parameters
    ----------
    library : Library
        The catalogue.
    pictures : Path, optional
        The folder that pictures of datasets are kept in; by default one that goes with the server.
    trust : Trust, optional
        Where datasets may lie, and how far their references are followed; by default in the target of the catalogue.
    """
    album = Album(pictures or Path(mkdtemp(prefix="pangeo-forge-pictures-")), draw_apart)
    gallery = Gallery(library, album, trust or make_trust(library.tree))

    def say_missing(request: Request, error: Exception) -> Response:
        if request.url.path.startswith("/stac/"):
            return JSONResponse({"code": "NotFound", "description": f"there is no {request.url.path}"}, status_code=404)
        return pages.make_missing(library, f"There is no page {request.url.path}.")

    routes = [
        *pages.make_routes(library, gallery),
        *gallery.make_routes(),
        *attachments.make_routes(library),
        Mount("/stac", routes=stac_api.make_routes(library)),
        Mount("/static", StaticFiles(directory=_STATIC)),
    ]
    open_to_all = Middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["GET", "POST"], allow_headers=["*"])
    return Starlette(routes=routes, middleware=[open_to_all], exception_handlers={404: say_missing})
