"""The rows of a catalogue's index, by dataset: those of each in the order in which its versions were made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pangeo_forge.catalog.entering.place import Place
from pangeo_forge.catalog.index.table import make_index, read_index
from pangeo_forge.catalog.sources.finding import Found
from pangeo_forge.catalog.storage.tree import INDEX, Tree

#: By the dataset's id, the newest version last.
Rows = dict[str, list[dict[str, Any]]]


def read_rows(tree: Tree) -> Rows:
    """Read the rows of the index that is there."""
    content = tree.read(INDEX)
    rows: Rows = {}
    for row in read_index(content) if content else []:
        rows.setdefault(row["collection"], []).append(row)
    return {dataset_id: sorted(each, key=lambda row: str(row["version"])) for dataset_id, each in rows.items()}


def write_rows(tree: Tree, rows: Mapping[str, Sequence[Mapping[str, Any]]], title: str, description: str, target: str) -> None:
    """Write the root and then the index, which is what the next making compares with: one that was killed between them is finished."""
    ordered = sorted(rows.items())
    tree.write_root(title, description, ((dataset_id, each[-1]["title"]) for dataset_id, each in ordered), target)
    tree.write(INDEX, make_index(row for _, each in ordered for row in each))


def add_newer(rows: Rows, others: Rows) -> Rows:
    """Put the rows of datasets of which others know a newer version in the place of those of the index."""
    return {**rows, **{name: more for name, more in others.items() if name not in rows or rows[name][-1]["version"] < more[-1]["version"]}}


def is_elsewhere(row: Mapping[str, Any], place: Place) -> bool:
    """Whether a run made a dataset at a place of its own, which a walk through the target does not come by."""
    return bool(row["feedstock"]) and not str(row["href"]).startswith(f"{place.url}/") and row["href"] != place.url


def is_known(rows: Sequence[Mapping[str, Any]] | None, found: Found) -> bool:
    """Whether the newest version of a dataset is the one that was found."""
    return bool(rows) and rows is not None and rows[-1]["fingerprint"] == found.fingerprint
