"""Public ends: the addresses at which everybody reads what is written to a target, as a second way to each dataset."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from pangeo_forge.bakeries.targets import PublicEnd
from pangeo_forge.catalog.entry import Entry, Way
from pangeo_forge.catalog.files import as_json
from pangeo_forge.catalog.stac.assets import make_assets, make_schemes, media_type, read_way
from pangeo_forge.catalog.stac.extensions import find_extensions
from pangeo_forge.catalog.tree import Tree

#: What the asset is called.
PUBLIC = "public"

#: What fsspec must be told to read without credentials.
_ANONYMOUS: Mapping[str, dict[str, Any]] = {"s3": {"anon": True}, "gs": {"token": "anon"}, "az": {"anon": True}, "abfs": {"anon": True}}
#: Options that say where a service is, and not who asks.
_OF_PLACE = ("endpoint_url", "client_kwargs", "account_name")


def publish_entry(entry: Entry, end: PublicEnd | None) -> Entry:
    """Add to an entry the public way to its dataset, if there is one."""
    way = make_public_way(entry.ways[0], end) if end else None
    return replace(entry, ways=[entry.ways[0], way]) if way else entry


def publish_row(tree: Tree, row: Mapping[str, Any], end: PublicEnd) -> dict[str, Any]:
    """Add the public way to the newest Item of a catalogue, its Collection and its row of the index, where they have no such or another.

    Parameters
    ----------
    tree : Tree
    row : mapping
        As the index has it.
    end : PublicEnd

    Returns
    -------
    dict
        The row as it is now.
    """
    public = end.find(str(row["href"]))
    if public is None or f'"{public}"' in row["item"]:
        return dict(row)
    for path in (tree.item_path(row["collection"], row["id"]), tree.collection_path(row["collection"])):
        content = tree.read(path)
        if content is not None:
            tree.write(path, as_json(_publish(json.loads(content), end)))
    return {**row, "item": json.dumps(_publish(json.loads(row["item"]), end), allow_nan=False, ensure_ascii=False)}


def _publish(record: Mapping[str, Any], end: PublicEnd) -> dict[str, Any]:
    """Add the public way to an Item or a Collection."""
    assets = {key: asset for key, asset in record["assets"].items() if key != PUBLIC}
    first = next(iter(assets))
    way = read_way(first, assets[first])
    public = make_public_way(way, end)
    if public is None:
        return dict(record)
    rest = {key: asset for key, asset in assets.items() if key != first}
    assets = {first: assets[first], **make_assets([public]), **rest}
    schemes = make_schemes([way, public])
    was = record["assets"].get(PUBLIC, {}).get("href")
    links = [link for link in record["links"] if link["rel"] != "store" or link["href"] != was]
    changed = {**record, "assets": assets, "links": [*links, {"rel": "store", "href": public.href, "type": media_type(public)}]}
    fields = dict(record["properties"]) if "properties" in record else changed
    fields |= {"storage:schemes": schemes} if schemes else {}
    return {
        **changed,
        **({"properties": fields} if "properties" in record else {}),
        "stac_extensions": find_extensions(fields, *assets.values()),
    }


def make_public_way(way: Way, end: PublicEnd) -> Way | None:
    """Make the public way that goes with the one of whoever writes to the target; None if that does not lie there."""
    href = end.find(way.href)
    if href is None:
        return None
    protocol = urlsplit(href).scheme
    place = {name: value for name, value in way.storage_options.items() if name in _OF_PLACE}
    shared = place if protocol in _ANONYMOUS and protocol == urlsplit(way.href).scheme else {}
    return replace(way, key=PUBLIC, href=href, storage_options={**shared, **_ANONYMOUS.get(protocol, {})})
