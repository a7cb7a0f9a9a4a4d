"""Adding one version of one dataset to a catalogue, whoever else writes to it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pangeo_forge.catalog.entry import Entry
from pangeo_forge.catalog.index.table import add_row, make_row, read_index
from pangeo_forge.catalog.naming import name_dataset
from pangeo_forge.catalog.stac.collections import make_collection
from pangeo_forge.catalog.stac.items import make_item
from pangeo_forge.catalog.tree import INDEX, Tree


def add_entry(tree: Tree, entry: Entry, name: str, fingerprint: str, *, title: str, description: str, target: str | None = None) -> Entry:
    """Write the Item of an entry and its Collection, and put it into the index; what was there of the same version is replaced.

    Parameters
    ----------
    tree : Tree
        The catalogue; it is made if it is not there.
    entry : Entry
        Its id is chosen here.
    name : str
        The place that it is called after, relative to the target, with slashes.
    fingerprint : str
        Tells when the dataset has changed.
    title, description : str
        The catalogue's, where it has none yet.
    target : str, optional
        What the catalogue is of.

    Returns
    -------
    Entry
        With its id.
    """
    with tree.locked():
        tree = replace(tree, base=tree.read_base())
        content = tree.read(INDEX)
        known = read_index(content, ["collection", "id", "version", "title", "href", "latest"]) if content else []
        newest = {row["collection"]: row for row in known if row["latest"]}
        entry = replace(entry, id=name_dataset(name, entry.ways[0].href, {key: row["href"] for key, row in newest.items()}))
        older = sorted((row for row in known if row["collection"] == entry.id), key=lambda row: str(row["version"]))
        ids = [row["id"] for row in older if row["id"] != entry.item_id]
        was = json.loads(tree.read(tree.collection_path(entry.id)) or b"{}")
        tree.settle(write_dataset(tree, entry, [*ids, entry.item_id], was.get("created", entry.created) if ids else entry.created))
        titles = {key: str(row["title"]) for key, row in newest.items()} | {entry.id: entry.about.title}
        tree.write_root(*(tree.read_words() or (title, description)), sorted(titles.items()), target)
        tree.write(INDEX, add_row(content, make_row(make_item(entry), fingerprint=fingerprint)))
    return entry


def add_version(rows: Sequence[dict[str, Any]], entry: Entry, fingerprint: str) -> list[dict[str, Any]]:
    """Add the newest version of a dataset to its rows, or put it in the place of the row of the same version; the newest is last."""
    older = [{**row, "latest": False} for row in rows if row["version"] != entry.version]
    return [*sorted(older, key=lambda row: str(row["version"])), make_row(make_item(entry), latest=True, fingerprint=fingerprint)]


def find_created(rows: Sequence[Mapping[str, Any]]) -> str:
    """Say when the first version of a dataset was made, from its rows, the newest last."""
    return str(json.loads(rows[0]["item"])["properties"]["created"])


def write_dataset(tree: Tree, entry: Entry, items: Sequence[str], created: str) -> list[str]:
    """Write the newest version of a dataset, and its Collection; give their paths, which are to be settled before anything leads to them.

    Parameters
    ----------
    tree : Tree
    entry : Entry
    items : sequence of str
        The ids of the Items of all versions, the newest last.
    created : str
        When the first of them was made.
    """
    item = tree.write_item(make_item(entry), items[-2] if len(items) > 1 else None)
    return [item, tree.write_collection({**make_collection([entry]), "created": created}, items)]
