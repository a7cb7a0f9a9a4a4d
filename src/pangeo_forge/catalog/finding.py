"""Walking through a target, and finding the datasets that lie there, whoever made them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from pangeo_forge.catalog.entry import Format

#: Files and folders that say what kind of dataset a folder is, in the order in which they are looked for.
_MARKS: tuple[tuple[str, Literal[2, 3]], ...] = (("zarr.json", 3), (".zmetadata", 2), (".zgroup", 2))

#: Names that never hold datasets.
_PASSED_OVER = ("catalog", ".git", "__pycache__", "node_modules")


@dataclass(frozen=True, slots=True)
class Found:
    """A dataset that was found.

    Parameters
    ----------
    path : str
        Its place on the file system.
    name : str
        Its place relative to where the search began, with slashes.
    format : str
    zarr_format : int, optional
    fingerprint : str
        Differs when the dataset's metadata were written again.
    modified : float
        When its metadata were last written, seconds since 1970; 0 where the file system does not tell.
    """

    path: str
    name: str
    format: Format
    fingerprint: str
    zarr_format: int | None = None
    modified: float = 0.0


@dataclass
class Walk:
    """A walk through a target; what could not be read is remembered, and passed over.

    Parameters
    ----------
    filesystem : AbstractFileSystem
        fsspec's.
    root : str
        Where to begin.
    passed_over : tuple of str
        Folders in it that are not looked into.
    """

    filesystem: Any
    root: str
    passed_over: tuple[str, ...] = ()
    unreadable: list[tuple[str, str]] = field(default_factory=list)

    def __iter__(self) -> Iterator[Found]:
        """Yield the datasets, in the order of their names; what lies within a dataset is a part of it."""
        yield from self._visit(self.root.rstrip("/"))

    def _visit(self, folder: str) -> Iterator[Found]:
        listing = self._list(folder)
        found = self._recognize(folder, listing)
        if found is not None:
            yield found
            return
        for entry in sorted(listing, key=lambda entry: str(entry["name"])):
            name = _last(entry)
            place = str(entry["name"]).rstrip("/")
            if entry["type"] == "directory" and name not in _PASSED_OVER and not entry.get("islink") and place not in self._left_out:
                yield from self._visit(place)

    @property
    def _left_out(self) -> set[str]:
        return {f"{self.root.rstrip('/')}/{name}" for name in self.passed_over}

    def find(self) -> Found | None:
        """Give the dataset that lies where the walk begins, if one does."""
        folder = self.root.rstrip("/")
        return self._recognize(folder, self._list(folder))

    def _list(self, folder: str) -> list[dict[str, Any]]:
        try:
            return list(self.filesystem.ls(folder, detail=True))
        except OSError as error:
            self.unreadable.append((folder, str(error)))
            return []

    def _recognize(self, folder: str, listing: Iterable[dict[str, Any]]) -> Found | None:
        entries = {_last(entry): entry for entry in listing}
        for mark, zarr_format in _MARKS:
            if mark in entries:
                seen = self._metadata(entries)
                return Found(folder, self._name(folder), "zarr", _fingerprint(seen), zarr_format, max(map(_modified, seen), default=0.0))
        return None

    def _metadata(self, entries: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
        """List what changes when a store's metadata do: its own, and where they are not gathered, those of its arrays."""
        own = [entries[name] for name in ("zarr.json", ".zmetadata", ".zgroup", ".zattrs") if name in entries]
        if ".zmetadata" in entries:
            return own
        for entry in entries.values():
            if entry["type"] == "directory":
                within = {_last(file): file for file in self._list(str(entry["name"]).rstrip("/")) if file["type"] != "directory"}
                own += [within[name] for name in ("zarr.json", ".zarray", ".zattrs") if name in within]
        return own

    def _name(self, folder: str) -> str:
        return folder[len(self.root.rstrip("/")) :].strip("/") or _last({"name": folder})


def _last(entry: dict[str, Any]) -> str:
    return str(entry["name"]).rstrip("/").rpartition("/")[2]


def _modified(entry: dict[str, Any]) -> float:
    for key in ("mtime", "LastModified", "last_modified", "created"):
        value = entry.get(key)
        if isinstance(value, int | float):
            return float(value)
        if isinstance(value, datetime):
            return value.timestamp()
    return 0.0


def _fingerprint(entries: Iterable[dict[str, Any]]) -> str:
    facts = sorted((_last(entry), entry.get("size"), str(entry.get("ETag") or _modified(entry))) for entry in entries)
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]
