"""The first look at a version, when it is entered in a catalogue: its snippets are executed, as they will be shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pangeo_forge.catalog.entry import Entry
from pangeo_forge.catalog.health.findings import Look
from pangeo_forge.catalog.health.probing import Way, look_when_made
from pangeo_forge.catalog.snippets import write_snippets
from pangeo_forge.catalog.stac.assets import make_assets


def look_at_ways(entry: Entry, options: Mapping[str, Any]) -> dict[str, Look]:
    """Execute the snippets of an entry in this process, where xarray is imported anyway.

    Parameters
    ----------
    entry : Entry
    options : mapping
        fsspec's, of the store, with the secrets that the entry does not tell.

    Returns
    -------
    dict of str to Look
        By the keys of the ways.
    """
    assets = make_assets(entry.ways)
    return {key: look_when_made(Way(asset=asset, options=options)) for key, asset in assets.items() if write_snippets(asset)}
