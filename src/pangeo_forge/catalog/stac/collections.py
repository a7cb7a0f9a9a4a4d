"""A Collection for each dataset, which says what its newest version holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pangeo_forge.catalog.entry import Entry
from pangeo_forge.catalog.stac.assets import make_assets
from pangeo_forge.catalog.stac.extensions import STAC_VERSION, find_extensions
from pangeo_forge.catalog.stac.items import describe
from pangeo_forge.catalog.stac.links import make_links

#: STAC's Collections have a bounding box even where their data are nowhere.
GLOBE = [-180.0, -90.0, 180.0, 90.0]


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
