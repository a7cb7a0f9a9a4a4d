"""What a catalogue's making has come to so far, so that one that was killed goes on where it was.

Rows are kept in small files beside the catalogue, since an object store can append to none; no reader looks there.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pangeo_forge.catalog.index.table import make_index, read_index
from pangeo_forge.catalog.storage.tree import Tree

_FOLDER = ".making"
_ROWS = 200
_SECONDS = 5.0


@dataclass
class Draft:
    """Rows that are described, and not in the index yet.

    Parameters
    ----------
    tree : Tree
        Where the catalogue is to be.
    """

    tree: Tree
    _rows: list[dict[str, Any]] = field(default_factory=list)
    _written: list[str] = field(default_factory=list)
    _kept: float = field(default_factory=time.monotonic)

    def read(self) -> dict[str, list[dict[str, Any]]]:
        """Read what an earlier making left, by dataset: all the rows of each."""
        rows: dict[str, dict[str, dict[str, Any]]] = {}
        for path in self._paths():
            for row in read_index(self.tree.read(path) or b""):
                rows.setdefault(row["collection"], {})[row["id"]] = row
        return {dataset_id: list(each.values()) for dataset_id, each in rows.items()}

    def keep(self, rows: list[dict[str, Any]], written: Iterable[str]) -> None:
        """Keep the rows of a dataset, and what was written of it; every so often they are written."""
        self._rows += rows
        self._written += written
        if len(self._rows) >= _ROWS or time.monotonic() - self._kept >= _SECONDS:
            self.settle()
            self.tree.write(f"{_FOLDER}/{time.time_ns():020d}-{secrets.token_hex(3)}.parquet", make_index(self._rows))
            self._rows, self._kept = [], time.monotonic()

    def settle(self) -> None:
        """Wait until what was written is on the disk."""
        self.tree.settle(self._written)
        self._written = []

    def discard(self) -> None:
        """Remove what was kept, once it is in the index."""
        self.tree.remove(self._paths())

    def _paths(self) -> list[str]:
        return [path for path in self.tree.list_folder(_FOLDER) if path.endswith(".parquet")]
