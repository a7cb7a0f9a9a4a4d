"""Mending a catalogue of which files were deleted or damaged: they are written again from the rows of its index."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pangeo_forge.catalog.entering.rows import Rows
from pangeo_forge.catalog.index.table import DamagedIndex, read_index
from pangeo_forge.catalog.stac.collections import restore_collection
from pangeo_forge.catalog.storage.tree import INDEX, Tree


def drop_damaged_index(tree: Tree) -> None:
    """Remove an index that cannot be read: what is in the target is described anew then."""
    with tree.locked():
        content = tree.read(INDEX)
        if content is None:
            return
        try:
            read_index(content, ["id"])
        except DamagedIndex:
            tree.remove([INDEX])


def mend(tree: Tree, rows: Rows) -> list[str]:
    """Write the Items and Collections again that the index has and that are gone or damaged; give their paths."""
    paths = [path for name, each in rows.items() for path in _find_paths(tree, name, each)]
    lost = tree.find_lost(paths)
    mended = [
        path for name, each in rows.items() if lost.intersection(_find_paths(tree, name, each)) for path in _mend(tree, name, each, lost)
    ]
    tree.settle(mended)
    return mended


def _find_paths(tree: Tree, name: str, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    return [tree.collection_path(name), *(tree.item_path(name, row["id"]) for row in rows)]


def _mend(tree: Tree, name: str, rows: Sequence[Mapping[str, Any]], lost: set[str]) -> list[str]:
    """Mend what is lost of one dataset, the Items first."""
    items = [json.loads(row["item"]) for row in rows]
    ids = [str(row["id"]) for row in rows]
    mended = [
        tree.write_item(item, before)
        for item, before in zip(items, [None, *ids[:-1]], strict=True)
        if tree.item_path(name, str(item["id"])) in lost
    ]
    if tree.collection_path(name) in lost:
        mended.append(tree.write_collection(restore_collection(items), ids))
    return mended
