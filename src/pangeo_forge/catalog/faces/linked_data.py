"""A dataset as schema.org describes it (https://schema.org/Dataset), which search engines for datasets read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pangeo_forge.catalog.faces.face import Face

CONTEXT = "https://schema.org/"


def describe_dataset(item: Mapping[str, Any], address: str | None = None) -> dict[str, Any]:
    """Describe a dataset by an Item of it.

    Parameters
    ----------
    item : mapping
    address : str, optional
        The URL of the dataset's page, if it has one.
    """
    properties = item["properties"]
    start, end = (properties.get(f"{which}_datetime") or properties.get("datetime") for which in ("start", "end"))
    links = {link["rel"]: link["href"] for link in item["links"]}
    described = {
        "@context": CONTEXT,
        "@type": "Dataset",
        "@id": address,
        "url": address,
        "name": properties.get("title"),
        "description": properties.get("description"),
        "keywords": properties.get("keywords"),
        "license": links.get("license") or properties.get("license"),
        "version": properties.get("version"),
        "dateCreated": properties.get("created"),
        "temporalCoverage": f"{start}/{end}",
        "spatialCoverage": _place(item.get("bbox")),
        "creator": [{"@type": "Organization", "name": each["name"]} for each in properties.get("providers", [])],
        "variableMeasured": [
            {"@type": "PropertyValue", "name": name, "description": each.get("description"), "unitText": each.get("unit")}
            for name, each in properties.get("cube:variables", {}).items()
            if each.get("variable_type") == "data"
        ],
        "distribution": [
            {"@type": "DataDownload", "contentUrl": asset["href"], "encodingFormat": asset.get("type")} for asset in item["assets"].values()
        ],
    }
    return {name: value for name, value in described.items() if value}


def _place(bbox: Any) -> dict[str, Any] | None:
    if not bbox:
        return None
    west, south, east, north = bbox
    return {"@type": "Place", "geo": {"@type": "GeoShape", "box": f"{south} {west} {north} {east}"}}


def make_linked_data(title: str, description: str, items: Iterable[Mapping[str, Any]]) -> Face:
    """Describe a whole catalogue (https://schema.org/DataCatalog) by the newest Items of its datasets."""
    datasets = [{key: value for key, value in describe_dataset(item).items() if key != "@context"} for item in items]
    described = {"@context": CONTEXT, "@type": "DataCatalog", "name": title, "description": description, "dataset": datasets}
    return Face(json.dumps(described, indent=2, ensure_ascii=False, allow_nan=False).encode(), len(datasets))
