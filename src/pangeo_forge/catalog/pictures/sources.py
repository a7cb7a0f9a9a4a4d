"""The dataset of an Item, as what draws it needs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pangeo_forge.catalog.health.checking import find_options
from pangeo_forge.catalog.pictures.wanted import CannotDraw, Source
from pangeo_forge.catalog.sources.trust import Trust
from pangeo_forge.plans.reach import ReferenceRefused


def _nothing(href: str) -> Mapping[str, Any]:
    return {}


def find_source(item: Mapping[str, Any], trust: Trust, find: Callable[[str], Mapping[str, Any]] = _nothing) -> Source:
    """Find where the data of an Item are.

    Parameters
    ----------
    item : mapping
        A STAC Item.
    trust : Trust
        Where datasets may lie, and how far their references are followed.
    find : callable
        Gives fsspec's options for the URL of a store, where they are not as it is configured or as the Item says.

    Raises
    ------
    CannotDraw
        If it has no asset with data, or that is not to be opened.
    """
    asset = next((each for each in item["assets"].values() if "data" in each.get("roles", ())), None)
    if asset is None:
        raise CannotDraw(f"{item['id']} has no asset with data")
    try:
        reach = trust.find_reach(str(asset["href"]))
    except ReferenceRefused as error:
        raise CannotDraw(error.message, hint=error.hint) from None
    properties, bbox = item["properties"], item.get("bbox")
    return Source(
        href=str(asset["href"]),
        title=str(properties.get("title") or item["collection"]),
        version=str(properties.get("version", "")),
        consolidated=bool(asset.get("zarr:consolidated", True)),
        snapshot=asset.get("version"),
        bbox=(bbox[0], bbox[1], bbox[2], bbox[3]) if bbox and len(bbox) == 4 else None,
        storage_options=find_options(asset, find(str(asset["href"]))),
        reach=reach,
    )
