"""The pages: a list that is searched, a page for each dataset. They are whole without JavaScript."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from pangeo_forge.catalog.faces.linked_data import describe_dataset
from pangeo_forge.catalog.health.record import find_current
from pangeo_forge.catalog.index.search import Query, parse_bbox, parse_interval
from pangeo_forge.catalog.library import Library
from pangeo_forge.catalog.pictures.wanted import CannotDraw, Wanted
from pangeo_forge.catalog.views import make_card, make_sheet
from pangeo_forge.errors import UsageError
from pangeo_forge.web.attachments import find_page
from pangeo_forge.web.gallery import Gallery
from pangeo_forge.web.plots import PlotChoice, make_plot_choice, read_wanted
from pangeo_forge.web.reprs import Reprs

_PER_PAGE = 20

#: Scripts, styles and pictures come from here alone; xarray's own HTML brings its style with it.
_POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: https:; base-uri 'none'; form-action 'self'"


def make_routes(library: Library, gallery: Gallery) -> list[Route]:
    """Make the routes of the pages."""
    pages = _Pages(library, Reprs(library, gallery.trust), gallery)
    return [
        Route("/", pages.listing, name="listing"),
        Route("/datasets/{dataset}", pages.dataset, name="dataset"),
        Route("/datasets/{dataset}/repr", pages.repr, name="repr"),
    ]


@dataclass(frozen=True, slots=True)
class _Pages:
    """The pages, each a function from a request."""

    library: Library
    reprs: Reprs
    gallery: Gallery

    def listing(self, request: Request) -> Response:
        """Show what is found."""
        asked = {name: request.query_params.get(name, "").strip() for name in ("q", "bbox", "from", "to", "variable")}
        number, fault = _read_number(request.query_params.get("page", "1")), None
        try:
            query = _read_query(asked)
        except UsageError as error:
            query, fault = Query(), f"{error.message}. {error.hint or ''}"
        page = self.library.search(query, limit=_PER_PAGE, offset=(number - 1) * _PER_PAGE)
        last = max(1, -(-page.matched // _PER_PAGE))
        known = self.library.read_health()
        return _render(
            "listing.html",
            library=self.library,
            asked=asked,
            fault=fault,
            cards=[make_card(item, find_current(known, item)) for item in page.items],
            thumbnails={item["collection"]: self._describe_thumbnail(item) for item in page.items},
            matched=page.matched,
            number=number,
            last=last,
            before=_other_page(asked, number - 1) if number > 1 else None,
            after=_other_page(asked, number + 1) if number < last else None,
        )

    def dataset(self, request: Request) -> Response:
        """Show a dataset."""
        name = request.path_params["dataset"]
        page = self.library.search(Query(collections=(name,)), limit=1)
        if not page.items:
            return make_missing(self.library, f"There is no dataset {name}.")
        versions = self.library.search(Query(collections=(name,), all_versions=True), limit=1).matched
        (item,) = page.items
        address = str(request.url.replace(query=""))
        linked = _write_linked_data(describe_dataset(item, address))
        plot = make_plot_choice(item["properties"], request.query_params)
        sheet = make_sheet(item, versions, find_current(self.library.read_health(), item))
        return _render(
            "dataset.html",
            library=self.library,
            sheet=sheet,
            facts=[replace(fact, url=find_page(fact.url or "") or fact.url) for fact in sheet.facts],
            linked=linked,
            item_id=item["id"],
            plot=plot,
            plot_text=self._describe_plot(item, request, plot),
        )

    def _describe_thumbnail(self, item: Mapping[str, Any]) -> str | None:
        """Say what a dataset's thumbnail shows, as far as is known before it is drawn; None if it has nothing to draw."""
        plot = make_plot_choice(item["properties"], {})
        if plot is None:
            return None
        return self.gallery.find_words(item, Wanted("thumbnail")) or plot.text

    def _describe_plot(self, item: Mapping[str, Any], request: Request, plot: PlotChoice | None) -> str:
        try:
            found = self.gallery.find_words(item, read_wanted(request.query_params, "plot", "light"))
        except CannotDraw as error:
            return error.message
        return found or (plot.text if plot else "")

    def repr(self, request: Request) -> Response:
        """Show xarray's own summary of a dataset, for a frame of its page."""
        page = self.library.search(Query(collections=(request.path_params["dataset"],)), limit=1)
        if not page.items:
            return make_missing(self.library, "There is no such dataset.")
        return _render("repr.html", shown=self.reprs.show(page.items[0]))


def make_missing(library: Library, why: str) -> Response:
    """Make the page that says that there is no such page."""
    return _render("missing.html", status=404, library=library, why=why)


@lru_cache(maxsize=1)
def _templates() -> Environment:
    return Environment(loader=PackageLoader("pangeo_forge.web"), autoescape=True, undefined=StrictUndefined, trim_blocks=True)


def _render(template: str, status: int = 200, **values: Any) -> Response:
    headers = {"Content-Security-Policy": _POLICY, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}
    return HTMLResponse(_templates().get_template(template).render(**values), status_code=status, headers=headers)


def _write_linked_data(described: Mapping[str, Any]) -> Markup:
    """Write JSON-LD so that it is safe within a page."""
    text = json.dumps(described, ensure_ascii=False)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704  (nothing is left to end it)


def _read_query(asked: dict[str, str]) -> Query:
    interval = f"{asked['from'] or '..'}/{asked['to'] or '..'}"
    start, end = parse_interval(interval) if interval != "../.." else (None, None)
    return Query(
        words=tuple(asked["q"].split()),
        bbox=parse_bbox(asked["bbox"]) if asked["bbox"] else None,
        start=start,
        end=end,
        variables=(asked["variable"],) if asked["variable"] else (),
    )


def _read_number(text: str) -> int:
    return max(1, int(text)) if text.isdecimal() and len(text) < 9 else 1


def _other_page(asked: dict[str, str], number: int) -> str:
    return f"?{urlencode({**{name: value for name, value in asked.items() if value}, 'page': number})}"
