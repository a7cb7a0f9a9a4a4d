"""Walking through a target, and finding the datasets that lie there, whoever made them."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from fsspec.implementations.local import LocalFileSystem

from pangeo_forge.catalog.entry import Format
from pangeo_forge.plans.products import holds_references

#: Files that say that a folder is a Zarr store, in the order in which they are looked for.
_MARKS: tuple[tuple[str, Literal[2, 3]], ...] = (("zarr.json", 3), (".zgroup", 2), (".zmetadata", 2))

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

    def url_in(self, url: str, root: str) -> str:
        """Name its place as readers do, who know as `url` what is `root` on the file system; a target may be a dataset itself."""
        return url.rstrip("/") if self.path == root.rstrip("/") else f"{url.rstrip('/')}/{self.name}"


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
            name, place = _last(entry), str(entry["name"]).rstrip("/")
            if name in _PASSED_OVER or place in self._left_out:
                continue
            if entry.get("islink") and os.path.isdir(place):  # noqa: PTH112  (it may be on any file system)
                self._note_link(place)
            elif entry["type"] == "directory":
                yield from self._visit(place)
            else:
                yield from filter(None, [self._recognize_file(place, entry)])

    def _note_link(self, place: str) -> None:
        """Remember a link that leads out of where the walk began: whoever made it may want to have read what he himself cannot read."""
        inside, leads_to = os.path.realpath(self.root), os.path.realpath(place)
        if not leads_to.startswith(f"{inside}/") and leads_to != inside:
            self.unreadable.append((place, f"it is a symbolic link, which is not followed; name {leads_to} as a target of its own"))

    @property
    def _left_out(self) -> set[str]:
        return {f"{self.root.rstrip('/')}/{name}" for name in self.passed_over}

    def find(self) -> Found | None:
        """Give the dataset that lies where the walk begins, if one does."""
        place = self.root.rstrip("/")
        if self.filesystem.isfile(place):
            return self._recognize_file(place, self.filesystem.info(place))
        return self._recognize(place, self._list(place))

    def _list(self, folder: str) -> list[dict[str, Any]]:
        try:
            if isinstance(self.filesystem, LocalFileSystem):
                return _list_here(folder)
            # A web server lists a folder at the address that ends with a slash.
            return list(self.filesystem.ls(f"{folder}/" if "http" in self.filesystem.protocol else folder, detail=True))
        except OSError as error:
            self.unreadable.append((folder, str(error)))
            return []

    def _recognize(self, folder: str, listing: Iterable[dict[str, Any]]) -> Found | None:
        entries = {_last(entry): entry for entry in listing}
        if "snapshots" in entries and ("refs" in entries or "repo" in entries):
            return self._make(folder, "icechunk", [*self._list(f"{folder}/snapshots"), *filter(None, [entries.get("repo")])])
        for mark, zarr_format in _MARKS:
            if mark in entries:
                if mark == ".zmetadata" and self._leads_elsewhere(f"{folder}/{mark}"):
                    return self._make(folder, "kerchunk-parquet", [entries[mark]])
                return self._make(folder, "zarr", self._metadata(entries), zarr_format)
        return None

    def _recognize_file(self, path: str, entry: dict[str, Any]) -> Found | None:
        """Recognize references in a JSON file; catalogues and the like are JSON as well."""
        if not path.endswith(".json"):
            return None
        try:
            holds = holds_references(self.filesystem, path)
        except OSError as error:
            self.unreadable.append((path, str(error)))
            return None
        return self._make(path, "kerchunk-json", [entry]) if holds else None

    def _leads_elsewhere(self, path: str) -> bool:
        """Whether what gathers a store's metadata is that of references in Parquet."""
        try:
            return "record_size" in json.loads(self.filesystem.cat_file(path))
        except (OSError, ValueError):  # a store then, and opening it says what is wrong
            return False

    def _make(self, place: str, form: Format, seen: list[dict[str, Any]], zarr_format: int | None = None) -> Found:
        return Found(place, self._name(place), form, _fingerprint(seen), zarr_format, max(map(find_modified, seen), default=0.0))

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


def _list_here(folder: str) -> list[dict[str, Any]]:
    """List a folder of this machine, with what is wanted of each entry alone: fsspec asks for more, which is most of a walk's time."""
    with os.scandir(folder) as entries:
        return [_describe(entry) for entry in entries]


def _describe(entry: os.DirEntry[str]) -> dict[str, Any]:
    if entry.is_dir(follow_symlinks=False):
        return {"name": entry.path, "type": "directory", "islink": False}
    kind, link = ("file" if entry.is_file(follow_symlinks=False) else "other"), entry.is_symlink()
    status = entry.stat(follow_symlinks=False)
    size = os.stat(entry.path).st_size if link and os.path.exists(entry.path) else status.st_size  # noqa: PTH110, PTH116
    return {"name": entry.path, "type": kind, "size": size, "mtime": status.st_mtime, "islink": link}


def _last(entry: dict[str, Any]) -> str:
    return str(entry["name"]).rstrip("/").rpartition("/")[2]


def find_modified(entry: dict[str, Any]) -> float:
    """Find in what a file system tells of a file when it was last written, seconds since 1970; 0 where it does not tell."""
    for key in ("mtime", "LastModified", "last_modified", "created"):
        value = entry.get(key)
        if isinstance(value, int | float):
            return float(value)
        if isinstance(value, datetime):
            return value.timestamp()
    return 0.0


def _fingerprint(entries: Iterable[dict[str, Any]]) -> str:
    # Some services write an ETag with quotes when they are asked for one object, and without in lists.
    facts = sorted((_last(entry), entry.get("size"), str(entry.get("ETag") or find_modified(entry)).strip('"')) for entry in entries)
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]
