"""Datasets whose target was moved: they are found under the same names at other places, and stay what they are in the catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pangeo_forge.catalog.entering.addressing import lead_anew
from pangeo_forge.catalog.entering.naming import shorten
from pangeo_forge.catalog.sources.finding import Found
from pangeo_forge.catalog.storage.tree import Tree

#: The rows of the index of each dataset, the newest last, by its id.
Rows = Mapping[str, Sequence[Mapping[str, Any]]]


def find_moved(found: Mapping[str, Found], known: Rows, before: str | None = None) -> dict[str, str]:
    """Find the datasets that the catalogue knows at places where they are not any more, and that are found under the same names elsewhere.

    So are those of the target that the catalogue was of before, if that was copied with it: it is the copy's catalogue now.

    Parameters
    ----------
    found : mapping of str to Found
        What there is now, by its place as readers name it.
    known : mapping
        What the catalogue has.
    before : str, optional
        The other target that it was of.

    Returns
    -------
    dict of str to str
        By the ids, where they are now.
    """
    places = {str(rows[-1]["href"]) for rows in known.values()}
    new = {shorten(each.name): href for href, each in found.items() if href not in places}
    lost = [dataset_id for dataset_id, rows in known.items() if dataset_id in new and _is_lost(rows[-1], found, before)]
    return {dataset_id: new[dataset_id] for dataset_id in lost}


def follow(tree: Tree, rows: Sequence[Mapping[str, Any]], href: str) -> list[dict[str, Any]]:
    """Lead all versions of a dataset to where it is now."""
    last = len(rows) - 1
    return [
        lead_anew(tree, row, lambda way: [replace(way, href=href)], newest=number == last) if row["href"] != href else dict(row)
        for number, row in enumerate(rows)
    ]


def _is_lost(row: Mapping[str, Any], found: Mapping[str, Found], before: str | None) -> bool:
    """Whether a dataset is not there any more. Of one on another machine nobody knows: what a run has put there stays in the catalogue."""
    href = str(row["href"])
    if before is not None and href.startswith(f"{before.rstrip('/')}/"):
        return href not in found
    return href not in found and (not row["feedstock"] if "://" in href else not Path(href).exists())
