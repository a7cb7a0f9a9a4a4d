"""What a catalogue keeps beside its Items, given out as it is: lists of inputs and of packages, and accounts of runs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pangeo_forge.catalog.library import Library
from pangeo_forge.catalog.storage.tree import ENVIRONMENTS, INPUTS, RUNS

_MEDIA = {INPUTS: "application/vnd.apache.parquet", ENVIRONMENTS: "text/plain", RUNS: "application/json"}
_NAME = re.compile(r"[A-Za-z0-9_+=~-][A-Za-z0-9._+=~-]*")
#: What stands before such a file in an Item.
_UP = "../"


def make_routes(library: Library) -> list[Route]:
    """Make the route of the files."""
    return [Route("/files/{kind}/{name}", _Attachments(library).give, name="file")]


def find_page(href: str) -> str | None:
    """Give the server's path of a file that an Item leads to; None if it is not one of these."""
    kind, _, name = href.removeprefix(_UP).partition("/")
    return f"/files/{kind}/{name}" if href.startswith(_UP) and kind in _MEDIA and _NAME.fullmatch(name) else None


def lead_to_files(record: Mapping[str, Any], base: str) -> dict[str, Any]:
    """Let the assets and links of an Item or a Collection lead to the server's files.

    Parameters
    ----------
    record : mapping
    base : str
        The server's address, without a slash at the end.
    """

    def lead(one: Mapping[str, Any]) -> dict[str, Any]:
        page = find_page(str(one["href"]))
        return {**one, "href": f"{base}{page}"} if page else dict(one)

    assets = {key: lead(asset) for key, asset in record["assets"].items()}
    return {**record, "assets": assets, "links": [lead(link) for link in record["links"]]}


@dataclass(frozen=True, slots=True)
class _Attachments:
    library: Library

    def give(self, request: Request) -> Response:
        """Give a file."""
        kind, name = request.path_params["kind"], request.path_params["name"]
        content = self.library.tree.read(f"{kind}/{name}") if kind in _MEDIA and _NAME.fullmatch(name) else None
        if content is None:
            raise HTTPException(404)
        return Response(content, media_type=_MEDIA[kind], headers={"X-Content-Type-Options": "nosniff"})
