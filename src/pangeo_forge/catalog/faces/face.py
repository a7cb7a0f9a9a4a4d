"""What a face is: a file that is made of a catalogue's Items, and what it could not tell of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Face:
    """A catalogue in another form.

    Parameters
    ----------
    content : bytes
        The file.
    datasets : int
        How many it tells of.
    left_out : tuple of (str, str)
        The ids of those that the form cannot tell of, and why.
    """

    content: bytes
    datasets: int
    left_out: tuple[tuple[str, str], ...] = ()


def find_data(item: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Give the asset of an Item that others read its dataset by: the public one, or else the first."""
    data = {key: asset for key, asset in item["assets"].items() if "data" in asset.get("roles", ())}
    return data.get("public") or next(iter(data.values()), None)


def known_options(asset: Mapping[str, Any]) -> dict[str, Any]:
    """Give what an asset says of its file system; a value that a reader must bring is left out."""
    return _without_names(asset.get("xarray:storage_options") or {})


def _without_names(options: Mapping[str, Any]) -> dict[str, Any]:
    known = {name: _without_names(value) if isinstance(value, Mapping) else value for name, value in options.items() if value != "…"}
    return {name: value for name, value in known.items() if value != {}}
