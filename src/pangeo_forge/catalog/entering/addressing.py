"""Changing where a catalogue says that a dataset is, and nothing else of what it says."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pangeo_forge.catalog.entry import Way
from pangeo_forge.catalog.stac.assets import make_assets, make_schemes, media_type, read_way
from pangeo_forge.catalog.stac.extensions import find_extensions
from pangeo_forge.catalog.storage.files import as_json
from pangeo_forge.catalog.storage.tree import Tree

#: Gives the ways that there are now, of the one that there was first.
Lead = Callable[[Way], Sequence[Way]]


def lead_anew(tree: Tree, row: Mapping[str, Any], lead: Lead, *, newest: bool = True) -> dict[str, Any]:
    """Write the ways to a version anew: in its Item, in its Collection, and in its row of the index.

    Parameters
    ----------
    tree : Tree
    row : mapping
        As the index has it.
    lead : callable
    newest : bool
        Whether it is the newest version, which the Collection leads to as well.

    Returns
    -------
    dict
        The row as it is now.
    """
    paths = [tree.item_path(row["collection"], row["id"]), *([tree.collection_path(row["collection"])] if newest else [])]
    for path in paths:
        content = tree.read(path)
        if content is not None:
            tree.write(path, as_json(_change(json.loads(content), lead)))
    item = _change(json.loads(row["item"]), lead)
    first = next(iter(item["assets"].values()))
    return {**row, "href": first["href"], "item": json.dumps(item, allow_nan=False, ensure_ascii=False)}


def _change(record: Mapping[str, Any], lead: Lead) -> dict[str, Any]:
    """Change the ways of an Item or a Collection: assets with data, links to stores, and what kinds of storage they need."""
    data = [key for key, asset in record["assets"].items() if "data" in asset.get("roles", ())]
    ways = lead(read_way(data[0], record["assets"][data[0]]))
    assets = {**make_assets(list(ways)), **{key: asset for key, asset in record["assets"].items() if key not in data}}
    links = [link for link in record["links"] if link["rel"] != "store"]
    links += [{"rel": "store", "href": way.href, "type": media_type(way)} for way in ways]
    fields = dict(record.get("properties", record))
    fields.pop("storage:schemes", None)
    schemes = make_schemes(list(ways))
    fields |= {"storage:schemes": schemes} if schemes else {}
    whole = {**record, "properties": fields} if "properties" in record else fields
    return {**whole, "stac_extensions": find_extensions(fields, *assets.values()), "assets": assets, "links": links}
