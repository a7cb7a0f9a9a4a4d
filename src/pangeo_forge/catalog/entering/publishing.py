"""Public ends: the addresses at which everybody reads what is written to a target, as a second way to each dataset."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from pangeo_forge.bakeries.targets import PublicEnd
from pangeo_forge.catalog.entering.addressing import lead_anew
from pangeo_forge.catalog.entry import PUBLIC, Entry, Way
from pangeo_forge.catalog.storage.tree import Tree

#: What fsspec must be told to read without credentials.
_ANONYMOUS: Mapping[str, dict[str, Any]] = {"s3": {"anon": True}, "gs": {"token": "anon"}, "az": {"anon": True}, "abfs": {"anon": True}}
#: Options that say where a service is, and not who asks.
_OF_PLACE = ("endpoint_url", "client_kwargs", "account_name")


def publish_entry(entry: Entry, end: PublicEnd | None) -> Entry:
    """Add to an entry the public way to its dataset, if there is one."""
    return replace(entry, ways=_find_ways(entry.ways[0], end)) if end else entry


def publish_row(tree: Tree, row: Mapping[str, Any], end: PublicEnd | None) -> dict[str, Any]:
    """See that the newest version of a dataset in a catalogue has the public way that there is now, or none; give its row of the index."""
    public = end.find(str(row["href"])) if end else None
    if (json.dumps(public, ensure_ascii=False) if public else f'"{PUBLIC}": {{"href"') in row["item"]:
        return dict(row) if public else lead_anew(tree, row, lambda way: [way])
    return lead_anew(tree, row, lambda way: _find_ways(way, end)) if end and public else dict(row)


def _find_ways(way: Way, end: PublicEnd) -> list[Way]:
    public = make_public_way(way, end)
    return [way, public] if public else [way]


def make_public_way(way: Way, end: PublicEnd) -> Way | None:
    """Make the public way that goes with the one of whoever writes to the target; None if that does not lie there."""
    href = end.find(way.href)
    if href is None:
        return None
    protocol = urlsplit(href).scheme
    place = {name: value for name, value in way.storage_options.items() if name in _OF_PLACE}
    shared = place if protocol in _ANONYMOUS and protocol == urlsplit(way.href).scheme else {}
    return replace(way, key=PUBLIC, href=href, storage_options={**shared, **_ANONYMOUS.get(protocol, {})})
