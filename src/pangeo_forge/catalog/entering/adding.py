"""Adding one version of one dataset to a catalogue, whoever else writes to it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pangeo_forge.bakeries.targets import PublicEnd
from pangeo_forge.catalog.entering.naming import name_dataset
from pangeo_forge.catalog.entering.pending import Pending, drop_pending, keep_pending, list_pending, read_pending
from pangeo_forge.catalog.entering.publishing import publish_entry
from pangeo_forge.catalog.entry import Entry
from pangeo_forge.catalog.health.findings import Look
from pangeo_forge.catalog.health.record import enter_looks
from pangeo_forge.catalog.index.table import add_row, make_row, read_index
from pangeo_forge.catalog.stac.collections import make_collection
from pangeo_forge.catalog.stac.items import make_item
from pangeo_forge.catalog.storage.tree import INDEX, Tree


@dataclass(frozen=True, slots=True)
class _Root:
    """What a catalogue is called and told of, where it has no words of its own, and the target that it is of."""

    title: str
    description: str
    target: str | None


def add_entry(
    tree: Tree,
    entry: Entry,
    name: str,
    fingerprint: str,
    *,
    title: str,
    description: str,
    target: str | None = None,
    looks: Mapping[str, Look] | None = None,
) -> Entry:
    """Write the Item of an entry and its Collection, and put it into the index; what was there of the same version is replaced.

    What others were to enter and were killed over is entered as well.

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
    looks : mapping of str to Look, optional
        What became of the snippets of its ways.

    Returns
    -------
    Entry
        With its id.
    """
    own = keep_pending(tree, Pending(entry=entry, name=name, fingerprint=fingerprint, looks=looks or {}))
    done = _enter_all(tree, _Root(title, description, target), own)
    entered = done.get(own)
    if isinstance(entered, Exception):
        drop_pending(tree, own)
        raise entered
    return entered or _name(Pending(entry=entry, name=name, fingerprint=fingerprint), _read_known(tree))  # another process has entered it


def finish_pending(tree: Tree, *, title: str, description: str, target: str | None = None) -> list[tuple[str, str]]:
    """Enter what others were to enter and were killed over; give what cannot be, and why."""
    done = _enter_all(tree, _Root(title, description, target))
    return [
        (f"{tree.root}/{path}", f"cannot be entered: {type(error).__name__}: {error}; it is tried again until the file is removed")
        for path, error in done.items()
        if isinstance(error, Exception)
    ]


def _enter_all(tree: Tree, root: _Root, own: str | None = None) -> dict[str, Entry | Exception]:
    """Enter all that is written down; one that cannot be stops no other."""
    done: dict[str, Entry | Exception] = {}
    looks: dict[str, Mapping[str, Look]] = {}
    with tree.locked():
        tree = replace(tree, base=tree.read_base(), public_url=tree.read_public_url())
        for path in list_pending(tree):
            try:
                pending = read_pending(tree, path)
                if pending is None:
                    continue
                known = _read_known(tree)
                entry = _name(pending, known)
                if path != own and _is_outdated(entry, known):
                    drop_pending(tree, path)  # there has come a newer one since
                else:
                    _enter(tree, entry, known, pending.fingerprint, root)
                    done[path], looks[path] = entry, pending.looks
            except Exception as error:  # whatever it is, it is told to whom it concerns
                done[path] = error
    for path, entered in done.items():
        if isinstance(entered, Entry):
            enter_looks(tree, entered.id, entered.item_id, looks[path])
            drop_pending(tree, path)
    return done


def _read_known(tree: Tree) -> list[dict[str, Any]]:
    """Read of each Item in the index what tells it from others."""
    content = tree.read(INDEX)
    return read_index(content, ["collection", "id", "version", "title", "href", "latest"]) if content else []


def _name(pending: Pending, known: Sequence[Mapping[str, Any]]) -> Entry:
    taken = {row["collection"]: row["href"] for row in known if row["latest"]}
    return replace(pending.entry, id=name_dataset(pending.name, pending.entry.ways[0].href, taken))


def _is_outdated(entry: Entry, known: Sequence[Mapping[str, Any]]) -> bool:
    return any(row["collection"] == entry.id and str(row["version"]) > entry.version for row in known)


def _enter(tree: Tree, entry: Entry, known: Sequence[Mapping[str, Any]], fingerprint: str, root: _Root) -> None:
    """Enter the newest version of a dataset."""
    target = tree.read_target() or root.target
    if tree.public_url and target and len(entry.ways) == 1:  # whoever made it was not told of the public end
        entry = publish_entry(entry, PublicEnd(target, tree.public_url))
    older = sorted((row for row in known if row["collection"] == entry.id), key=lambda row: str(row["version"]))
    ids = [row["id"] for row in older if row["id"] != entry.item_id]
    was = tree.read_record(tree.collection_path(entry.id)) or {}
    tree.settle(write_dataset(tree, entry, [*ids, entry.item_id], was.get("created", entry.created) if ids else entry.created))
    titles = {row["collection"]: str(row["title"]) for row in known if row["latest"]} | {entry.id: entry.about.title}
    tree.write_root(*(tree.read_words() or (root.title, root.description)), sorted(titles.items()), root.target)
    tree.write(INDEX, add_row(tree.read(INDEX), make_row(make_item(entry), fingerprint=fingerprint)))


def add_version(rows: Sequence[dict[str, Any]], item: Mapping[str, Any], fingerprint: str) -> list[dict[str, Any]]:
    """Add the newest version of a dataset to its rows, or put it in the place of the row of the same version; the newest is last."""
    older = [{**row, "latest": False} for row in rows if row["version"] != item["properties"]["version"]]
    return [*sorted(older, key=lambda row: str(row["version"])), make_row(item, latest=True, fingerprint=fingerprint)]


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
