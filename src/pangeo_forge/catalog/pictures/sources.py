"""The dataset of an Item, as what draws it needs it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pangeo_forge.catalog.pictures.wanted import CannotDraw, Source


def find_source(item: Mapping[str, Any], storage_options: Mapping[str, Any] | None = None) -> Source:
    """Find where the data of an Item are.

    Parameters
    ----------
    item : mapping
        A STAC Item.
    storage_options : mapping, optional
        fsspec's, where they are not as it is configured.

    Raises
    ------
    CannotDraw
        If it has no asset with data.
    """
    asset = next((each for each in item["assets"].values() if "data" in each.get("roles", ())), None)
    if asset is None:
        raise CannotDraw(f"{item['id']} has no asset with data")
    properties, bbox = item["properties"], item.get("bbox")
    return Source(
        href=str(asset["href"]),
        title=str(properties.get("title") or item["collection"]),
        version=str(properties.get("version", "")),
        consolidated=bool(asset.get("zarr:consolidated", True)),
        snapshot=asset.get("version"),
        bbox=(bbox[0], bbox[1], bbox[2], bbox[3]) if bbox and len(bbox) == 4 else None,
        storage_options=dict(storage_options or {}),
    )
