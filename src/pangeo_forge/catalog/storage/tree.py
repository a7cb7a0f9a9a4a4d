"""A catalogue as files: `catalog.json`, a folder for each Collection with its Items, and the index beside them.

Files are written from the leaves to the root, each whole, and those that nothing leads to any more are removed last. So whoever
begins at the root finds every link whole, before, during and after.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fsspec.implementations.local import LocalFileSystem

from pangeo_forge.catalog.stac.extensions import STAC_VERSION
from pangeo_forge.catalog.storage.files import as_json, put, replace, settle
from pangeo_forge.catalog.storage.linking import find_base, link, relink
from pangeo_forge.environments.locks import alone
from pangeo_forge.errors import UsageError

INDEX = "index.parquet"
ROOT = "catalog.json"
#: What the root calls the address at which everybody reads the target.
PUBLIC_URL = "pangeo_forge:public_url"
#: Folders of what is kept beside the Items: lists of inputs and of packages, and accounts of runs, which are JSON, but not STAC.
INPUTS, ENVIRONMENTS, RUNS = "inputs", "environments", "_runs"

#: Where the root says which target the catalogue is of.
TARGET = "pangeo_forge:target"

#: No Item and no Collection is as short as this: what is shorter was damaged.
_SHORTEST = 64

#: The relations of the links that lead from an Item through its catalogue.
_THROUGH = frozenset({"root", "parent", "collection", "latest-version", "predecessor-version"})


@dataclass(frozen=True, slots=True)
class Tree:
    """Where a catalogue lies.

    Parameters
    ----------
    filesystem : AbstractFileSystem
        fsspec's.
    root : str
        Its folder there.
    base : str, optional
        The URL at which it will be read: its own links are whole then, and else relative.
    public_url : str, optional
        The address at which everybody reads its target.
    """

    filesystem: Any
    root: str
    base: str | None = None
    public_url: str | None = None

    @property
    def is_local(self) -> bool:
        """Whether it is on a disk of this machine."""
        return isinstance(self.filesystem, LocalFileSystem)

    @property
    def is_on_the_web(self) -> bool:
        """Whether it is on a web server, which takes no files."""
        return "http" in self.filesystem.protocol

    def collection_path(self, collection: str) -> str:
        """Give the path of a Collection, relative to the root."""
        return f"{collection}/collection.json"

    def item_path(self, collection: str, item: str) -> str:
        """Give the path of an Item, relative to the root."""
        return f"{collection}/{item}.json"

    def path_of(self, record: Mapping[str, Any]) -> str | None:
        """Give the path of what is a Collection or an Item; None of anything else."""
        name = str(record.get("id"))
        match record.get("type"):
            case "Collection":
                return self.collection_path(name)
            case "Feature":
                return self.item_path(str(record.get("collection")), name)
        return None

    def write(self, path: str, content: bytes) -> None:
        """Write a file whole."""
        replace(self.filesystem, f"{self.root}/{path}", content)

    def settle(self, paths: Iterable[str]) -> None:
        """Wait until files are on the disk, before others lead to them."""
        settle(self.filesystem, [f"{self.root}/{path}" for path in paths])

    def keep(self, path: str, content: bytes) -> str:
        """Write a file that Items lead to, and give the address by which they do: from one folder to another."""
        self.write(path, content)
        return f"../{path}"

    def _put(self, path: str, content: bytes) -> str:
        put(self.filesystem, f"{self.root}/{path}", content)
        return path

    def read(self, path: str) -> bytes | None:
        """Read a file; None if there is none."""
        try:
            content: bytes = self.filesystem.cat_file(f"{self.root}/{path}")
        except FileNotFoundError:
            return None
        return content

    def read_record(self, path: str) -> dict[str, Any] | None:
        """Read a JSON object; None if there is none, or if it is damaged."""
        try:
            record = json.loads(self.read(path) or b"")
        except ValueError:
            return None
        return record if isinstance(record, dict) else None

    def list_files(self) -> dict[str, int]:
        """List all files with their sizes, by their paths relative to the root, without reading any."""
        if self.is_local:
            return {path: entry.stat().st_size for path, entry in _scan(self.root)}
        root = self.root.rstrip("/")
        self.filesystem.invalidate_cache(root)
        return {str(path)[len(root) + 1 :]: int(info["size"] or 0) for path, info in self.filesystem.find(root, detail=True).items()}

    def list_names(self) -> list[str]:
        """Name all files, relative to the root; on a disk without asking for what is known of each, which takes most of the time."""
        return [path for path, _ in _scan(self.root)] if self.is_local else list(self.list_files())

    def find_lost(self, paths: Iterable[str]) -> set[str]:
        """Find which Items and Collections are not there, or too short to be any; a web server, which is not listed, lacks none."""
        if self.is_on_the_web:
            return set()
        files = self.list_files()
        return {path for path in paths if files.get(path, 0) < _SHORTEST}

    def list_folder(self, folder: str) -> list[str]:
        """Name what is in a folder now, relative to the root, in order; nothing of one that is not there."""
        whole = f"{self.root.rstrip('/')}/{folder}"
        self.filesystem.invalidate_cache(whole)
        try:
            found = self.filesystem.ls(whole, detail=False)
        except FileNotFoundError:
            return []
        return sorted(f"{folder}/{str(path).rstrip('/').rpartition('/')[2]}" for path in found)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Let no other process of this machine write to the catalogue while the body does; object stores have no locks."""
        if not self.is_local:
            yield
            return
        Path(self.root).mkdir(parents=True, exist_ok=True)
        with alone(Path(self.root) / ".lock"):
            yield

    def read_words(self) -> tuple[str, str] | None:
        """Read the catalogue's title and description; None if there is none."""
        root = self.read_record(ROOT)
        return (str(root.get("title", "")), str(root.get("description", ""))) if root else None

    def names(self) -> list[str]:
        """Name the STAC files of the catalogue, relative to its root, the root first."""
        paths = sorted(str(path) for path in self.filesystem.find(self.root) if str(path).endswith(".json"))
        names = [path[len(self.root.rstrip("/")) + 1 :] for path in paths]
        return [ROOT, *(name for name in names if name != ROOT and "/" in name and not name.startswith(f"{RUNS}/"))]

    def fetch(self, path: str) -> str:
        """Give the path of a file on this machine, where it is fetched to if it is elsewhere.

        Raises
        ------
        UsageError
            If there is no such file.
        """
        whole = f"{self.root}/{path}"
        if not self.filesystem.exists(whole):
            raise UsageError(f"the catalogue at {self.root} has no {path}", hint="Make it again with `pangeo-forge catalog create`.")
        if self.is_local:
            return whole
        fetched = Path(tempfile.mkdtemp(prefix="pangeo-forge-")) / path
        self.filesystem.get_file(whole, str(fetched))
        return str(fetched)

    def href(self, path: str) -> str:
        """Name a file of the catalogue as readers do, wherever they are."""
        whole = f"{self.root.rstrip('/')}/{path}"
        return whole if self.is_local else str(self.filesystem.unstrip_protocol(whole))

    def write_item(self, item: Mapping[str, Any], predecessor: str | None = None) -> str:
        """Write an Item with the links that lead through the catalogue, also to the version before it; give its path, to be settled.

        The newest version is where the Collection leads to: the Item itself does not change when there is another.
        """
        name = str(item["collection"])
        path, collection = self.item_path(name, str(item["id"])), self.collection_path(name)
        paths = [("root", ROOT), ("parent", collection), ("collection", collection), ("latest-version", collection)]
        paths += [("predecessor-version", self.item_path(name, predecessor))] if predecessor else []
        return self._put(path, as_json({**item, "links": [*link(path, paths, self.base), *item["links"]]}))

    def read_item(self, collection: str, item: str) -> dict[str, Any] | None:
        """Read an Item without the links that lead through the catalogue; None if there is none, or if it is damaged."""
        record = self.read_record(self.item_path(collection, item))
        if record is None:
            return None
        return {**record, "links": [link for link in record["links"] if link["rel"] not in _THROUGH]}

    def write_collection(self, collection: Mapping[str, Any], items: Sequence[str]) -> str:
        """Write a Collection with links to its Items, the newest last; give its path, to be settled."""
        name = str(collection["id"])
        path, versions = self.collection_path(name), [self.item_path(name, item) for item in items]
        paths = [("root", ROOT), ("parent", ROOT), *(("item", version) for version in versions), ("latest-version", versions[-1])]
        return self._put(path, as_json({**collection, "links": [*link(path, paths, self.base), *collection["links"]]}))

    def read_base(self) -> str | None:
        """Read at which URL the catalogue says that it is read; None if its addresses are relative."""
        return find_base(self.read_record(ROOT) or {})

    def read_public_url(self) -> str | None:
        """Read at which address the catalogue says that everybody reads its target; None if nobody does."""
        told = (self.read_record(ROOT) or {}).get(PUBLIC_URL)
        return told if isinstance(told, str) else None

    def relink(self, before: str | None) -> None:
        """Write the links of all files but the root anew that lead through the catalogue, which was read at another URL before."""
        records = {path: self.read_record(path) for path in self.names()[1:]}
        whole = {path: record for path, record in records.items() if record and "links" in record}
        for path, record in whole.items():
            self._put(path, as_json({**record, "links": relink(record["links"], path, before, self.base)}))
        self.settle(whole)

    def read_target(self) -> str | None:
        """Read which target the catalogue says it is of; None if it says nothing."""
        told = (self.read_record(ROOT) or {}).get(TARGET)
        return told if isinstance(told, str) else None

    def write_root(self, title: str, description: str, collections: Iterable[tuple[str, str]], target: str | None = None) -> None:
        """Write the root with links to the Collections, each by its id and title; without a target it is of the one it was of."""
        titles = {self.collection_path(collection): name for collection, name in collections}
        links = link(ROOT, [("root", ROOT), ("items", INDEX), *(("child", path) for path in titles)], self.base)
        for each, path in zip(links[-len(titles) :] if titles else [], titles, strict=True):
            each["title"] = titles[path]
        root = {
            "type": "Catalog",
            "stac_version": STAC_VERSION,
            "id": "pangeo-forge",
            "title": title,
            "description": description,
            **({TARGET: told} if (told := target or self.read_target()) else {}),
            **({PUBLIC_URL: self.public_url} if self.public_url else {}),
            "links": links,
        }
        self.write(ROOT, as_json(root))

    def remove(self, paths: Iterable[str]) -> None:
        """Remove files that nothing leads to any more."""
        for path in paths:
            with suppress(FileNotFoundError):  # somebody else has removed it
                self.filesystem.rm_file(f"{self.root}/{path}")


def _scan(folder: str, name: str = "") -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Yield the files of a catalogue on a disk, with their paths: those of its folder, and of the folders in it."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                yield f"{name}{entry.name}", entry
            elif not name:
                yield from _scan(entry.path, f"{entry.name}/")
