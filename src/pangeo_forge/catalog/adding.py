"""Adding one version of one dataset to a catalogue, whoever else writes to it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pangeo_forge.catalog.entry import Entry
from pangeo_forge.catalog.index.table import make_row, read_index, replace_rows
from pangeo_forge.catalog.naming import name_dataset
from pangeo_forge.catalog.stac.collections import make_collection
from pangeo_forge.catalog.stac.items import make_item
from pangeo_forge.catalog.tree import INDEX, Tree


def add_entry(tree: Tree, entry: Entry, name: str, fingerprint: str, *, title: str, description: str) -> Entry:
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

    Returns
    -------
    Entry
        With its id.
    """
    with tree.locked():
        content = tree.read(INDEX)
        newest = {row["collection"]: row for row in _read_newest(content)}
        entry = replace(entry, id=name_dataset(name, entry.ways[0].href, {key: row["href"] for key, row in newest.items()}))
        rows = add_version(read_index(content, collection=entry.id) if content else [], entry, fingerprint)
        write_dataset(tree, entry, rows)
        tree.write(INDEX, replace_rows(content, entry.id, rows))
        titles = {key: str(row["title"]) for key, row in newest.items()} | {entry.id: entry.about.title}
        tree.write_root(*(tree.read_words() or (title, description)), sorted(titles.items()))
    return entry


def _read_newest(content: bytes | None) -> list[dict[str, Any]]:
    rows = read_index(content, ["collection", "title", "href", "latest"]) if content else []
    return [row for row in rows if row["latest"]]


def add_version(rows: Sequence[dict[str, Any]], entry: Entry, fingerprint: str) -> list[dict[str, Any]]:
    """Add the newest version of a dataset to its rows, or put it in the place of the row of the same version; the newest is last."""
    older = [{**row, "latest": False} for row in rows if row["version"] != entry.version]
    return [*sorted(older, key=lambda row: str(row["version"])), make_row(make_item(entry), latest=True, fingerprint=fingerprint)]


def write_dataset(tree: Tree, entry: Entry, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the newest version of a dataset, and its Collection, which was created when the first was."""
    tree.write_item(make_item(entry), rows[-2]["id"] if len(rows) > 1 else None)
    first = json.loads(rows[0]["item"])["properties"]["created"]
    tree.write_collection({**make_collection([entry]), "created": first}, [row["id"] for row in rows])
