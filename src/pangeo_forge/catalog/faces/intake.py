"""A catalogue as Intake reads it: YAML of version 1, which Intake 2 and the older ones open with intake-xarray."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import Any

from ruamel.yaml import YAML

from pangeo_forge.catalog.faces.face import Face, find_data, known_options
from pangeo_forge.catalog.stac.assets import find_indexing

#: What Intake's templates begin with (https://intake.readthedocs.io/en/latest/catalog.html#templating): a URL with it would be run as code.
_TEMPLATES = ("{{", "{%", "{#")


def make_intake(title: str, description: str, items: Iterable[Mapping[str, Any]]) -> Face:
    """Make the YAML of some Items, each the newest of its dataset."""
    sources, left_out = {}, []
    for item in items:
        source = _make_source(item)
        if isinstance(source, str):
            left_out.append((str(item["collection"]), source))
        else:
            sources[str(item["collection"])] = source
    catalog = {"metadata": {"version": 1, "title": title, "description": description}, "sources": sources}
    text = io.StringIO()
    writer = YAML(pure=True)
    writer.width = 1_000_000  # no line is broken, so that each path and text can be found and compared
    writer.dump(catalog, text)
    return Face(text.getvalue().encode(), len(sources), tuple(left_out))


def _make_source(item: Mapping[str, Any]) -> dict[str, Any] | str:
    """Make the entry of a dataset, or say why there can be none."""
    asset = find_data(item)
    if asset is None:
        return "it has no asset with data"
    media, href = str(asset.get("type", "")), str(asset["href"])
    if any(mark in href for mark in _TEMPLATES):
        return f"its URL has what Intake would take for a template: {href}"
    if media.endswith("+icechunk"):
        return "intake-xarray cannot open Icechunk"
    properties = item["properties"]
    return {
        "description": str(properties.get("title") or item["collection"]),
        "driver": "zarr",
        "args": _refer(href, asset) if media.endswith("+kerchunk") else _open(href, asset),
        "metadata": _tell(properties),
    }


def _open(href: str, asset: Mapping[str, Any]) -> dict[str, Any]:
    options = known_options(asset)
    arguments: dict[str, Any] = {"urlpath": href, "consolidated": bool(asset.get("zarr:consolidated", True)), **find_indexing(asset)}
    return arguments | ({"storage_options": options} if options else {})


def _refer(href: str, asset: Mapping[str, Any]) -> dict[str, Any]:
    """Open references as a file system of fsspec."""
    return {
        "urlpath": "reference://",
        "consolidated": False,
        **find_indexing(asset),
        "storage_options": {"fo": href, **known_options(asset)},
    }


def _tell(properties: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: properties.get(name) for name in ("description", "keywords", "license", "version", "created")}
    variables = [name for name, each in properties.get("cube:variables", {}).items() if each.get("variable_type") == "data"]
    return {name: value for name, value in {**told, "variables": variables}.items() if value}
