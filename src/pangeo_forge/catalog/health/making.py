"""The first look at a version, when it is entered in a catalogue: its snippets are executed, as they will be shown."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from pangeo_forge.catalog.entry import PUBLIC, Entry
from pangeo_forge.catalog.health.findings import Executed, Look
from pangeo_forge.catalog.health.probing import Way, look_when_made
from pangeo_forge.catalog.snippets import write_snippets
from pangeo_forge.catalog.stac.assets import make_assets
from pangeo_forge.plans.reach import Reach

#: A public end may be on any server; nobody waits longer for it.
_PATIENCE_S = 30.0


def look_at_ways(entry: Entry, options: Mapping[str, Any], reach: Reach | None = None) -> dict[str, Look]:
    """Execute the snippets of an entry in this process, where xarray is imported anyway.

    Parameters
    ----------
    entry : Entry
    options : mapping
        fsspec's, of the store, with the secrets that the entry does not tell; the public way is gone without them.
    reach : Reach, optional
        How far references are followed; by default wherever they lead.

    Returns
    -------
    dict of str to Look
        By the keys of the ways.
    """
    return look_at_assets(make_assets(entry.ways), options, reach)


def look_at_assets(assets: Mapping[str, Mapping[str, Any]], options: Mapping[str, Any], reach: Reach | None = None) -> dict[str, Look]:
    """Execute the snippets of an Item's assets, as `look_at_ways` does."""
    return {
        key: _look_in_time(Way(asset=asset, reach=reach))
        if key == PUBLIC
        else look_when_made(Way(asset=asset, options=options, reach=reach))
        for key, asset in assets.items()
        if write_snippets(asset)
    }


def _look_in_time(way: Way) -> Look:
    """Look at a way in a thread, which is left to itself if it takes too long: to be killed it would need a process."""
    seen: list[Look] = []
    thread = threading.Thread(target=lambda: seen.append(look_when_made(way)), daemon=True)
    thread.start()
    thread.join(_PATIENCE_S)
    if seen:
        return seen[0]
    fault = f"executing its snippet took longer than {_PATIENCE_S:g} s"
    return Look(findings=(way.find("open", "broken", fault, "Ask whoever keeps the server."),), executed=Executed(fault=fault))
