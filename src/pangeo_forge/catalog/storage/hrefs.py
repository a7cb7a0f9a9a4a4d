"""Addresses that are relative to the file that has them, made whole."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Any


def resolve(href: str, folder: str) -> str:
    """Make an address whole.

    Parameters
    ----------
    href : str
        Whole already, or relative to the folder.
    folder : str
        A path or a URL.
    """
    if "://" in href or href.startswith("/"):
        return href
    scheme, separator, path = folder.rpartition("://")
    return f"{scheme}{separator}{posixpath.normpath(f'{path}/{href}')}"


def resolve_all(record: Mapping[str, Any], folder: str) -> dict[str, Any]:
    """Make all addresses of an Item or a Collection whole: those of its assets and of its links.

    Parameters
    ----------
    record : mapping
    folder : str
        Where its file lies.
    """
    assets = {key: {**asset, "href": resolve(str(asset["href"]), folder)} for key, asset in record.get("assets", {}).items()}
    return {**record, "assets": assets, "links": [{**link, "href": resolve(str(link["href"]), folder)} for link in record["links"]]}
