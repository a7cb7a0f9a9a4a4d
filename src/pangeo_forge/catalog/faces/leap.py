"""LEAP's catalogue (https://catalog.leap.columbia.edu): a JSON list of feedstocks, each with its stores.

Its form is that of https://github.com/leap-stc/leap-data-management-utils, `docs/catalog.md`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pangeo_forge.catalog.faces.face import Face, find_data, known_options
from pangeo_forge.catalog.stac.assets import find_indexing

#: What tells where a feedstock's meta.yaml is; it has the name of the program that shows the catalogue.
META = "ncviewjs:meta_yaml_url"

_LINKS = (("via", "Feedstock"), ("cite-as", "DOI"))


def make_leap(title: str, description: str, items: Iterable[Mapping[str, Any]]) -> Face:
    """Make the JSON of some Items, each the newest of its dataset; those of one feedstock stand together.

    Parameters
    ----------
    title, description : str
        The catalogue's, which this form has no place for.
    items : iterable of mapping
    """
    groups: dict[str, list[Mapping[str, Any]]] = {}
    left_out = []
    for item in items:
        fault = _find_fault(item)
        if fault:
            left_out.append((str(item["collection"]), fault))
        else:
            feedstock = item["properties"].get("pangeo_forge:feedstock")
            groups.setdefault(f"feedstock {feedstock}" if feedstock else f"dataset {item['collection']}", []).append(item)
    listed = [_make_feedstock(group) for group in groups.values()]
    return Face(json.dumps(listed, indent=2, ensure_ascii=False).encode(), sum(map(len, groups.values())), tuple(left_out))


def _find_fault(item: Mapping[str, Any]) -> str | None:
    asset = find_data(item)
    if asset is None:
        return "it has no asset with data"
    return "LEAP's catalogue knows no Icechunk" if str(asset.get("type", "")).endswith("+icechunk") else None


def _make_feedstock(items: list[Mapping[str, Any]]) -> dict[str, Any]:
    properties = items[0]["properties"]
    links = {link["rel"]: link for link in items[0]["links"]}
    licence = links.get("license")
    return {
        "title": _title(properties),
        "description": str(properties.get("description", "")),
        "maintainers": [],
        "provenance": {
            "providers": [_make_provider(each) for each in properties.get("providers", [])],
            "license": str(properties.get("license", "other")),
            "license_link": {"title": licence.get("title") or "Licence", "url": licence["href"]} if licence else None,
        },
        "thumbnail": _find_thumbnail(items),
        "tags": sorted({str(word) for item in items for word in item["properties"].get("keywords", [])}) or None,
        "links": [{"label": label, "url": links[rel]["href"]} for rel, label in (("via", "Feedstock"), ("cite-as", "DOI")) if rel in links]
        or None,
        "stores": [_make_store(item) for item in items],
        META: None,
    }


def _title(properties: Mapping[str, Any]) -> str:
    """Give the feedstock's title; a dataset's has the recipe's id behind it where the feedstock has several."""
    return str(properties.get("title", "")).removesuffix(f": {properties.get('pangeo_forge:recipe')}")


def _make_provider(provider: Mapping[str, Any]) -> dict[str, Any]:
    return {name: provider.get(name) for name in ("name", "description", "roles", "url")}


def _find_thumbnail(items: Iterable[Mapping[str, Any]]) -> str | None:
    pictures = [str(asset["href"]) for item in items for asset in item["assets"].values() if "thumbnail" in asset.get("roles", ())]
    return next((href for href in pictures if href.startswith(("https://", "http://"))), None)


def _make_store(item: Mapping[str, Any]) -> dict[str, Any]:
    asset = find_data(item) or {}
    href, properties = str(asset["href"]), item["properties"]
    is_kerchunk = str(asset.get("type", "")).endswith("+kerchunk")
    return {
        "id": str(item["collection"]),
        "name": str(properties.get("title") or item["collection"]),
        "url": href,
        "rechunking": None,
        "public": True if href.startswith(("https://", "http://")) or known_options(asset).get("anon") else None,
        "geospatial": bool(item.get("bbox")),
        "xarray_open_kwargs": {"engine": "kerchunk" if is_kerchunk else "zarr", **find_indexing(asset)},
        "last_updated": properties.get("created"),
    }
