"""A catalogue that many look into at once: its index in memory, read again when it was written again."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pangeo_forge.catalog.health.record import HEALTH, read_records
from pangeo_forge.catalog.index.search import Index, Page, Query, load_index
from pangeo_forge.catalog.storage.tree import INDEX, ROOT, Tree


@dataclass(frozen=True, slots=True)
class _Loaded:
    """An index as it was read."""

    stamp: str
    index: Index
    root: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Checked:
    """What is known of the datasets' health, as it was read."""

    stamp: str | None
    records: Mapping[str, Mapping[str, Any]]


class Library:
    """A catalogue that is read by many at once.

    Parameters
    ----------
    tree : Tree
        Where it lies.
    """

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._lock = threading.Lock()
        self._loaded: _Loaded | None = None
        self._checked = _Checked(None, {})

    @property
    def title(self) -> str:
        """What the catalogue is called."""
        return str(self._load().root.get("title") or "Datasets")

    @property
    def description(self) -> str:
        """What the catalogue is about."""
        return str(self._load().root.get("description") or "")

    @property
    def index(self) -> Index:
        """The index as it is now; it stays as it is, also when the catalogue is made again."""
        return self._load().index

    def search(self, query: Query, *, limit: int, offset: int = 0) -> Page:
        """Find Items, the newest first."""
        return self._load().index.search(query, limit=limit, offset=offset)

    def read_item(self, collection: str, item: str) -> dict[str, Any] | None:
        """Read an Item; None if there is none."""
        page = self.search(Query(collections=(collection,), ids=(item,)), limit=1)
        return page.items[0] if page.items else None

    def read_collection(self, collection: str) -> dict[str, Any] | None:
        """Read a Collection; None if there is none."""
        if not self.search(Query(collections=(collection,)), limit=1).items:
            return None  # which also keeps names such as ../../x away from the disk
        content = self.tree.read(self.tree.collection_path(collection))
        return json.loads(content) if content else None

    def read_health(self) -> Mapping[str, Mapping[str, Any]]:
        """Give what is known of the health of the datasets as it is written, by their ids; see `find_current`."""
        stamp = self._stamp(HEALTH)
        with self._lock:
            if self._checked.stamp != stamp:
                self._checked = _Checked(stamp, read_records(self.tree))
            return self._checked.records

    def _load(self) -> _Loaded:
        """Give the index as it is now; while it is read again by one, the others wait."""
        stamp = self._stamp(INDEX) or ""
        with self._lock:
            if self._loaded is None or self._loaded.stamp != stamp:
                path = self.tree.fetch(INDEX)
                self._loaded = _Loaded(stamp, load_index(path), json.loads(self.tree.read(ROOT) or b"{}"))
            return self._loaded

    def _stamp(self, name: str) -> str | None:
        """Tell one writing of a file from another; None if there is none."""
        path = f"{self.tree.root}/{name}"
        try:
            if self.tree.is_local:
                status = Path(path).stat()
                return f"{status.st_mtime_ns} {status.st_size} {status.st_ino}"
            return str(self.tree.filesystem.ukey(path))
        except FileNotFoundError:
            return None
