"""What datasets are called in a catalogue: after their places, and always the same."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping

from pangeo_forge.bakeries.targets import as_name

#: Files are called after datasets, with some 40 characters more; most file systems take 255.
_LONGEST = 160
_SUFFIXES = (".zarr", ".icechunk", ".json", ".parq", ".parquet")


def name_dataset(name: str, href: str, taken: Mapping[str, str]) -> str:
    """Give the id of one dataset.

    Parameters
    ----------
    name : str
        Its place relative to the target, with slashes.
    href : str
        Its place as readers name it.
    taken : mapping
        The places of the datasets that the catalogue has, by their ids. One that it has keeps its id.
    """
    known = next((dataset_id for dataset_id, place in taken.items() if place == href), None)
    wanted = shorten(name)
    return known or (_tell_apart(name) if wanted in taken else wanted)


def name_all(places: Iterable[tuple[str, str]], taken: Mapping[str, str]) -> dict[str, str]:
    """Give the ids of some datasets, by their places as readers name them; two that would share one are told apart by a hash.

    Parameters
    ----------
    places : iterable of (str, str)
        The name and the href of each, as for `name_dataset`.
    taken : mapping
        As for `name_dataset`.
    """
    places = list(places)
    known = {href: dataset_id for dataset_id, href in taken.items()}
    new = [(name, href) for name, href in places if href not in known]
    wanted = Counter(shorten(name) for name, _ in new)
    named = {href: _tell_apart(name) if wanted[shorten(name)] > 1 or shorten(name) in taken else shorten(name) for name, href in new}
    return {href: known.get(href) or named[href] for _, href in places}


def shorten(name: str) -> str:
    """Give the id that a dataset has as long as no other wants the same."""
    stem = next((name.removesuffix(suffix) for suffix in _SUFFIXES if name.endswith(suffix)), name)
    return _cut(as_name(stem.replace("/", ".")))


def _tell_apart(name: str) -> str:
    """Make a name with a hash in it, as a slash is not safe."""
    return _cut(as_name(f"{name}/"))


def _cut(name: str) -> str:
    """Cut a name to a length that files and folders may have, with a hash of all of it."""
    return name if len(name) <= _LONGEST else f"{name[:_LONGEST]}~{hashlib.sha256(name.encode()).hexdigest()[:6]}"
