"""Paths as a server that holds the repository names them."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote


def relative(path: str) -> str:
    """Name a path relative to the current folder, which is the repository's root on such servers, where it lies in it."""
    place = Path(path)
    here = Path.cwd()
    shown = place.relative_to(here) if place.is_absolute() and place.is_relative_to(here) else place
    return shown.as_posix()


def as_uri(path: str) -> str:
    """Write a path as a URI reference, relative where it can be."""
    shown = relative(path)
    return Path(shown).as_uri() if Path(shown).is_absolute() else quote(shown)
