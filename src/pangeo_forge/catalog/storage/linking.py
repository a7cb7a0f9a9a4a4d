"""The links that lead through a catalogue, from file to file: relative, or whole where it is read at a known URL."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

#: What the files are that links of a kind lead to; all others are JSON.
_MEDIA = {"item": "application/geo+json", "predecessor-version": "application/geo+json", "items": "application/vnd.apache.parquet"}
#: The kinds of these links.
THROUGH = ("self", "root", "parent", "collection", "child", "item", "items", "latest-version", "predecessor-version")


def link(here: str, paths: Iterable[tuple[str, str]], base: str | None) -> list[dict[str, Any]]:
    """Make links from one file of a catalogue to others.

    Parameters
    ----------
    here : str
        The file's path, relative to the catalogue's root.
    paths : iterable of (str, str)
        The kind of each link, and the path that it leads to.
    base : str, optional
        The URL of the root: the links are whole then, with one that says where the file itself is.
    """
    whole = [("self", here)] if base else []
    return [_make_link(rel, path, here, base) for rel, path in [*whole, *paths]]


def relink(links: Sequence[Mapping[str, Any]], here: str, before: str | None, base: str | None) -> list[dict[str, Any]]:
    """Make the links of a file anew; those that lead out of the catalogue stay as they are.

    Parameters
    ----------
    links : sequence of mapping
    here : str
        The file's path, relative to the catalogue's root.
    before, base : str, optional
        The URL of the root as it was, and as it is now; of none, links were or are relative.
    """
    whole = link(here, [], base)
    return [*whole, *(_relink(each, here, before, base) for each in links if each["rel"] != "self")]


def find_ends(links: Iterable[Mapping[str, Any]], here: str, base: str | None) -> list[tuple[str, str]]:
    """Find where the links of a file lead within its catalogue: each address, and the path relative to the root that it means."""
    hrefs = [str(each.get("href")) for each in links if each.get("rel") in THROUGH]
    paths = [(href, _find_path(href, here, base)) for href in hrefs if _is_within(href, base)]
    return [(href, path) for href, path in paths if not path.startswith("../")]


def _is_within(href: str, base: str | None) -> bool:
    return href.startswith(f"{base}/") if base and "://" in href else "://" not in href and not href.startswith("/")


def find_base(root: Mapping[str, Any]) -> str | None:
    """Find the URL of a catalogue's root in that root; None if its links are relative."""
    hrefs = (str(each["href"]) for each in root.get("links", ()) if each["rel"] == "self")
    return next((href.rpartition("/")[0] for href in hrefs), None)


def _relink(each: Mapping[str, Any], here: str, before: str | None, base: str | None) -> dict[str, Any]:
    if each["rel"] not in THROUGH:
        return dict(each)
    return {**each, "href": _lead(_find_path(str(each["href"]), here, before, base), here, base)}


def _make_link(rel: str, path: str, here: str, base: str | None) -> dict[str, Any]:
    media = _MEDIA.get(rel) or ("application/geo+json" if rel in ("self", "latest-version") and _is_item(path) else "application/json")
    return {"rel": rel, "href": _lead(path, here, base), "type": media, **({"title": "All Items"} if rel == "items" else {})}


def _is_item(path: str) -> bool:
    return "/" in path and posixpath.basename(path) != "collection.json"


def _lead(path: str, here: str, base: str | None) -> str:
    if base:
        return f"{base}/{path}"
    relative = posixpath.relpath(path, posixpath.dirname(here) or ".")
    return relative if relative.startswith("../") else f"./{relative}"


def _find_path(href: str, here: str, *bases: str | None) -> str:
    base = next((base for base in bases if base and href.startswith(f"{base}/")), None)
    return href.removeprefix(f"{base}/") if base else posixpath.normpath(posixpath.join(posixpath.dirname(here), href))
