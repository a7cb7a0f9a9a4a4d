"""Pictures of datasets over HTTP: drawn from the data when they are asked for, a few at once, and kept."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pangeo_forge.catalog.index.search import Query
from pangeo_forge.catalog.library import Library
from pangeo_forge.catalog.pictures.album import Album, name_picture
from pangeo_forge.catalog.pictures.illustrating import KINDS, find_picture
from pangeo_forge.catalog.pictures.sources import find_source
from pangeo_forge.catalog.pictures.wanted import CannotDraw, Kind, Picture, Source, Theme, Wanted
from pangeo_forge.catalog.sources.trust import Trust
from pangeo_forge.web.notices import make_notice
from pangeo_forge.web.plots import read_wanted

#: So many pictures are drawn at once, and so many may wait.
_AT_ONCE = 2
_WAITING = 100

#: For so many seconds a picture that could not be drawn is not tried again.
_TIRED = 300.0


class Busy(CannotDraw):
    """Too many pictures are being drawn already."""


@dataclass
class Gallery:
    """The pictures of a library's datasets.

    Parameters
    ----------
    library : Library
    album : Album
        Where they are kept.
    trust : Trust
        Where datasets may lie, and how far their references are followed.
    """

    library: Library
    album: Album
    trust: Trust
    _limiter: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(_AT_ONCE))
    _failures: dict[str, tuple[float, CannotDraw]] = field(default_factory=dict)

    def make_routes(self) -> list[Route]:
        """Make the routes of the pictures."""
        return [
            Route("/datasets/{dataset}/thumbnail.png", partial(_show_kept, self, "thumbnail")),
            Route("/datasets/{dataset}/versions/{item}/thumbnail.png", partial(_show_kept, self, "thumbnail")),
            Route("/datasets/{dataset}/versions/{item}/overview.png", partial(_show_kept, self, "overview")),
            Route("/datasets/{dataset}/plot.png", partial(_show, self, "plot")),
            Route("/datasets/{dataset}/plot.json", partial(_tell, self)),
        ]

    def find_words(self, item: Mapping[str, Any], wanted: Wanted) -> str | None:
        """Say what a picture shows, if it has been drawn."""
        kept = [asset for asset in item["assets"].values() if "thumbnail" in asset.get("roles", ()) and wanted.kind == "thumbnail"]
        if kept:
            return str(kept[0].get("description", ""))
        try:
            found = self.album.find(find_source(item, self.trust), wanted)
        except CannotDraw:
            return None
        return found.shown.text if found else None

    def find_item(self, request: Request) -> dict[str, Any] | None:
        """Find the Item that a request names, or the newest of its dataset."""
        dataset, item = request.path_params["dataset"], request.path_params.get("item")
        if item is not None:
            return self.library.read_item(dataset, item)
        page = self.library.search(Query(collections=(dataset,)), limit=1)
        return page.items[0] if page.items else None

    def read_kept(self, item: Mapping[str, Any], role: str) -> bytes | None:
        """Read a picture that the catalogue itself has; None if it has none."""
        path = find_picture(item, role)
        return self.library.tree.read(path) if path else None

    async def draw(self, source: Source, wanted: Wanted) -> Picture:
        """Give a picture, drawn now or before.

        Raises
        ------
        CannotDraw
            If it cannot be drawn, or too many wait for theirs.
        """
        found = await to_thread.run_sync(self.album.find, source, wanted)
        if found is not None:
            return found
        name = name_picture(source, wanted)
        tried, failure = self._failures.get(name, (0.0, None))
        if failure is not None and time.monotonic() - tried < _TIRED:
            raise failure
        if self._limiter.statistics().tasks_waiting >= _WAITING:
            raise Busy("too many pictures are being drawn just now", hint="Try again in a minute.")
        try:
            return await to_thread.run_sync(self.album.get, source, wanted, limiter=self._limiter)
        except CannotDraw as error:
            self._failures = {**dict(list(self._failures.items())[-1000:]), name: (time.monotonic(), error)}
            raise


async def _show_kept(gallery: Gallery, role: str, request: Request) -> Response:
    """Answer with a picture that the catalogue has, or else with one that is drawn."""
    item = await to_thread.run_sync(gallery.find_item, request)
    kept = await to_thread.run_sync(gallery.read_kept, item, role) if item else None
    if kept is None:
        return await _show(gallery, KINDS[role], request)
    headers = {"ETag": f'"{hashlib.sha256(kept).hexdigest()[:40]}"', "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(kept, media_type="image/png", headers=headers)


async def _show(gallery: Gallery, kind: Kind, request: Request) -> Response:
    """Answer with a picture; where there is none, with one that says why."""
    theme: Theme = "dark" if request.query_params.get("theme") == "dark" else "light"
    item = await to_thread.run_sync(gallery.find_item, request)
    if item is None:
        return make_notice("There is no such dataset.", theme, status=404)
    try:
        source, wanted = find_source(item, gallery.trust), read_wanted(request.query_params, kind, theme)
        headers = {"ETag": f'"{name_picture(source, wanted)}"', "Cache-Control": "no-cache"}
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        picture = await gallery.draw(source, wanted)
    except CannotDraw as error:
        return make_notice(error.message, theme, small=kind == "thumbnail", status=_status(error) if kind == "plot" else 200)
    return Response(picture.png, media_type="image/png", headers=headers)


async def _tell(gallery: Gallery, request: Request) -> Response:
    """Answer with what a plot shows, in words; where there is none, with the reason."""
    item = await to_thread.run_sync(gallery.find_item, request)
    if item is None:
        return JSONResponse({"fault": "There is no such dataset."}, status_code=404)
    theme: Theme = "dark" if request.query_params.get("theme") == "dark" else "light"
    try:
        picture = await gallery.draw(find_source(item, gallery.trust), read_wanted(request.query_params, "plot", theme))
    except CannotDraw as error:
        return JSONResponse({"fault": error.message, "hint": error.hint})
    return JSONResponse({"text": picture.shown.text, **picture.shown.to_dict()})


def _status(error: CannotDraw) -> int:
    return 503 if isinstance(error, Busy) else 422
