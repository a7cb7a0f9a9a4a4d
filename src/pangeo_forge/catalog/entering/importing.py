"""Describing the stores of a list, wherever they are, as a walk through a target describes those that it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import fsspec

from pangeo_forge.catalog.entering.adding import add_entry
from pangeo_forge.catalog.entering.place import Outcome
from pangeo_forge.catalog.entry import About, Entry
from pangeo_forge.catalog.health.findings import Look
from pangeo_forge.catalog.health.making import look_at_ways
from pangeo_forge.catalog.index.table import read_index
from pangeo_forge.catalog.sources.finding import Found, Walk
from pangeo_forge.catalog.sources.reading import read_entry
from pangeo_forge.catalog.sources.trust import Trust
from pangeo_forge.catalog.storage.tree import INDEX, Tree
from pangeo_forge.errors import TargetError
from pangeo_forge.plans.reach import ReferenceRefused
from pangeo_forge.types import redact_text

#: How many are waited for at once: most of the time is a server's.
_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Listed:
    """A store that a list names.

    Parameters
    ----------
    name : str
        What it is called after.
    url : str
        Where it is, as everybody may read it.
    tell : callable
        Says of it what the list does, over what it says of itself.
    """

    name: str
    url: str
    tell: Callable[[About], About]


@dataclass(frozen=True, slots=True)
class _Described:
    """A store's entry, and what became of its snippets."""

    entry: Entry
    looks: Mapping[str, Look]


def import_stores(
    listed: Sequence[Listed], tree: Tree, *, title: str, description: str, progress: Callable[[int, int], None], trust: Trust
) -> Outcome:
    """Describe stores and enter them in a catalogue, beside what it has already; those that have not changed are not opened again.

    Parameters
    ----------
    listed : sequence of Listed
    tree : Tree
    title, description : str
        The catalogue's, where there is none yet.
    progress : callable
    trust : Trust
        Where stores may lie, and how far their references are followed.
    """
    content = tree.read(INDEX)
    rows = read_index(content, ["href", "fingerprint", "latest"]) if content else []
    known = {str(row["href"]): str(row["fingerprint"]) for row in rows if row["latest"]}
    entered, unchanged, problems = 0, 0, []
    for number, (store, found, described) in enumerate(_describe(listed, known, trust), start=1):
        progress(number, len(listed))
        if isinstance(described, TargetError):
            problems.append((store.url, redact_text(str(described))))
        elif described is None:
            unchanged += 1
        else:
            told = replace(described.entry, about=store.tell(described.entry.about))
            mark, looks = found.fingerprint if found else "", described.looks
            add_entry(tree, told, store.name, mark, title=title, description=description, looks=looks)
            problems += [(finding.where, finding.message) for look in described.looks.values() for finding in look.broken]
            entered += 1
    return Outcome(entered, unchanged, 0, tuple(problems))


def _describe(
    listed: Sequence[Listed], known: Mapping[str, str], trust: Trust
) -> Iterator[tuple[Listed, Found | None, _Described | TargetError | None]]:
    """Describe stores, several at once, in the order of the list; one that is known gives nothing."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        looked = pool.map(lambda store: _try(store, known.get(store.url), trust), listed)
        yield from ((store, *each) for store, each in zip(listed, looked, strict=True))


def _try(store: Listed, known: str | None, trust: Trust) -> tuple[Found | None, _Described | TargetError | None]:
    """Describe a store. What lies there was made by anybody, so that any exception is a fact about it."""
    try:
        reach = trust.find_reach(store.url)
        found = find_store(store.url)
        if found is None:
            return None, TargetError("there is no dataset, or nobody may read it")
        if found.fingerprint == known:
            return found, None
        entry = read_entry(found, store.name, store.url, {}, reach=reach)
        return found, _Described(entry, look_at_ways(entry, {}, reach))
    except ReferenceRefused as error:
        return None, TargetError(f"cannot be described: {error.message}. {error.hint or ''}".strip())
    except Exception as error:
        return None, TargetError(f"cannot be described: {type(error).__name__}: {error}")


def find_store(url: str) -> Found | None:
    """Find the dataset that lies at a URL; a web server lists no folders, so that it is asked for what datasets begin with."""
    filesystem, path = fsspec.url_to_fs(url)
    if not url.startswith(("http://", "https://")):
        return Walk(filesystem, path).find()
    return Walk(_Asked(filesystem), path).find()


class _Asked:
    """A web server as a file system with folders, of which only the files are seen that say what a dataset is.

    Parameters
    ----------
    filesystem : AbstractFileSystem
        fsspec's, of HTTP.
    """

    protocol = ("http", "https")

    _MARKS = ("zarr.json", ".zmetadata", ".zgroup", ".zattrs")

    def __init__(self, filesystem: Any) -> None:
        self._filesystem = filesystem

    def isfile(self, path: str) -> bool:
        """Whether it is one file, such as one of references."""
        return path.endswith(".json")

    def info(self, path: str) -> dict[str, Any]:
        """Ask for what is known of a file."""
        answer: dict[str, Any] = self._filesystem.info(path)
        seen = {"name": path, "type": "file", "size": answer.get("size")}
        return seen | {key: answer[key] for key in ("ETag", "etag", "LastModified") if key in answer}

    def cat_file(self, path: str, **where: int) -> bytes:
        """Read a file."""
        content: bytes = self._filesystem.cat_file(path, **where)
        return content

    def ls(self, folder: str, detail: bool = True) -> list[dict[str, Any]]:
        """Tell which of the files are there that say what a dataset is."""
        found = []
        for mark in self._MARKS:
            try:
                found.append(self.info(f"{folder.rstrip('/')}/{mark}"))
            except FileNotFoundError:
                continue
        return found
