"""A catalogue's Collections and Items as a database takes them: by themselves, without the files around them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from pangeo_forge.catalog.index.table import open_rows
from pangeo_forge.catalog.storage.hrefs import resolve_all
from pangeo_forge.catalog.storage.linking import THROUGH
from pangeo_forge.catalog.storage.tree import INDEX, Tree
from pangeo_forge.errors import UsageError

#: Where an Item is that has no place of its own: pgstac keeps none without.
_GLOBE = {"type": "Polygon", "coordinates": [[[-180, -90], [180, -90], [180, 90], [-180, 90], [-180, -90]]]}
_AT_ONCE = 500


class Records:
    """What a catalogue holds, read piece by piece.

    Parameters
    ----------
    tree : Tree
        The catalogue.
    """

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._index = open_rows(tree.fetch(INDEX))
        facts = self._index.read(columns=["collection"])
        self.collections: Sequence[str] = sorted(facts.column("collection").unique().to_pylist())
        self.items = int(facts.num_rows)

    def read_collections(self) -> Iterator[dict[str, Any]]:
        """Read all Collections.

        Raises
        ------
        UsageError
            If one is not where it should be.
        """
        for start in range(0, len(self.collections), _AT_ONCE):
            names = [self._tree.collection_path(each) for each in self.collections[start : start + _AT_ONCE]]
            paths = [f"{self._tree.root}/{name}" for name in names]
            read = self._tree.filesystem.cat(paths, on_error="omit")
            contents = list(read.values()) if isinstance(read, dict) else [read]
            if len(contents) < len(names):
                raise UsageError(
                    f"the catalogue at {self._tree.root} lacks Collections that its index names",
                    hint="Make it again with `pangeo-forge catalog create`.",
                )
            yield from (self._stand_alone(json.loads(content)) for content in contents)

    def read_items(self) -> Iterator[dict[str, Any]]:
        """Read all Items, of all versions."""
        for batch in self._index.iter_batches(batch_size=_AT_ONCE, columns=["item"]):
            for text in batch.column("item").to_pylist():
                item = self._stand_alone(json.loads(text))
                yield item if item.get("geometry") else {**item, "geometry": _GLOBE, "bbox": [-180, -90, 180, 90]}

    def _stand_alone(self, record: dict[str, Any]) -> dict[str, Any]:
        """Take away the links between files, and make the addresses of all else whole."""
        folder = self._tree.href(str(record.get("collection") or record["id"]))
        links = [link for link in record["links"] if link["rel"] not in THROUGH]
        return resolve_all({**record, "links": links}, folder)
