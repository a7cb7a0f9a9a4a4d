"""A Collection for each dataset, which says what its newest version holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pangeo_forge.catalog.entry import Entry
from pangeo_forge.catalog.stac.assets import make_assets
from pangeo_forge.catalog.stac.extensions import STAC_VERSION, find_extensions
from pangeo_forge.catalog.stac.items import describe
from pangeo_forge.catalog.stac.links import make_links

#: STAC's Collections have a bounding box even where their data are nowhere.
GLOBE = [-180.0, -90.0, 180.0, 90.0]


#: What the properties of an Item have besides the fields of a Collection begins with this.
_OF_ITEMS = ("datetime", "start_datetime", "end_datetime", "processing:")
_OF_RUNS = tuple(f"pangeo_forge:{name}" for name in ("run", "feedstock", "recipe", "source", "commit"))


def restore_collection(items: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Make the Collection of a dataset of its Items, the newest last, as `make_collection` makes it of their entries."""
    newest, oldest = items[-1], items[0]["properties"]
    properties = newest["properties"]
    told = {name: value for name, value in properties.items() if not name.startswith(_OF_ITEMS) and name not in _OF_RUNS}
    fields = told | {"created": oldest["created"], "updated": properties["created"]}
    fields.setdefault("license", "other")
    assets = {key: asset for key, asset in newest["assets"].items() if "data" in asset.get("roles", ())}
    when = properties["datetime"] if properties["datetime"] != properties["created"] else None
    interval = [properties.get("start_datetime") or when or properties["created"], properties.get("end_datetime") or when]
    return {
        "type": "Collection",
        "stac_version": STAC_VERSION,
        "stac_extensions": find_extensions(fields, *assets.values()),
        "id": newest["collection"],
        **fields,
        "extent": {"spatial": {"bbox": [newest.get("bbox") or GLOBE]}, "temporal": {"interval": [interval]}},
        "links": newest["links"],
        "assets": assets,
    }


def make_collection(entries: Sequence[Entry]) -> dict[str, Any]:
    """Make the Collection of a dataset, without the links that lead through a catalogue.

    Parameters
    ----------
    entries : sequence of Entry
        All versions, the newest last.
    """
    newest, oldest = entries[-1], entries[0]
    fields = describe(newest) | {"created": oldest.created, "updated": newest.created}
    fields.setdefault("license", "other")
    assets = make_assets(newest.ways)
    return {
        "type": "Collection",
        "stac_version": STAC_VERSION,
        "stac_extensions": find_extensions(fields, *assets.values()),
        "id": newest.id,
        **fields,
        "extent": {
            "spatial": {"bbox": [newest.description.bbox or GLOBE]},
            "temporal": {"interval": [[newest.description.start or oldest.created, newest.description.end]]},
        },
        "links": make_links(newest),
        "assets": assets,
    }
