"""Removing what processes that were killed left in a catalogue: drafts of files, and Items and Collections that nothing leads to."""

from __future__ import annotations

import fcntl
import json
import os
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pangeo_forge.catalog.index.table import read_index
from pangeo_forge.catalog.pictures.illustrating import KINDS
from pangeo_forge.catalog.sources.finding import find_modified
from pangeo_forge.catalog.storage.tree import INDEX, Tree
from pangeo_forge.environments.locks import alone_if_free, together

#: Those who make a catalogue share it; what they write is not in the index before they end.
_MAKERS = ".makers.lock"
_DRAFT = re.compile(r"\..+\.[0-9a-f]{8}~")
#: Object stores have no locks: what is older there is of nobody who still writes.
_ABANDONED_S = 24 * 3600.0


@contextmanager
def making(tree: Tree) -> Iterator[None]:
    """Keep others from sweeping while a catalogue is made in the body."""
    if not tree.is_local:
        yield
        return
    Path(tree.root).mkdir(parents=True, exist_ok=True)
    with together(Path(tree.root) / _MAKERS):
        yield


def sweep(tree: Tree, begun: float) -> list[tuple[str, str]]:
    """Remove what is left of processes that were killed, unless another process makes the catalogue now, which does it then.

    Parameters
    ----------
    tree : Tree
    begun : float
        When the making began that has ended, seconds since 1970: what was written since is left alone where nothing else tells whose it is.

    Returns
    -------
    list of (str, str)
        What could not be removed, and why.
    """
    problems = []
    with _alone(tree) as free:
        for path in _find_leftovers(tree, begun) if free else ():
            try:
                tree.remove([path])
            except OSError as error:
                problems.append((f"{tree.root}/{path}", f"a file that was left behind cannot be removed: {error}"))
    return problems


@contextmanager
def _alone(tree: Tree) -> Iterator[bool]:
    if not tree.is_local:
        yield True
        return
    with alone_if_free(Path(tree.root) / _MAKERS) as free, tree.locked():
        yield free


def _find_leftovers(tree: Tree, begun: float) -> list[str]:
    content = tree.read(INDEX)
    if content is None:
        return []
    rows = read_index(content, ["collection", "id"])
    known = {tree.collection_path(row["collection"]) for row in rows} | {tree.item_path(row["collection"], row["id"]) for row in rows}
    return [path for path in tree.list_names() if path not in known and _is_leftover(tree, path, known, begun)]


def _is_leftover(tree: Tree, path: str, known: set[str], begun: float) -> bool:
    folder, _, name = path.rpartition("/")
    if name.endswith("~"):
        return tree.is_local and bool(_DRAFT.fullmatch(name)) and _is_given_up(Path(tree.root) / path, begun)
    if not folder or folder.startswith("."):
        return False
    leads_nowhere = _is_unknown_object(tree, folder, path) if name.endswith(".json") else _is_unknown_picture(folder, name, known)
    return leads_nowhere and (tree.is_local or _is_old(tree, path))


def _is_old(tree: Tree, path: str) -> bool:
    modified = find_modified(tree.filesystem.info(f"{tree.root}/{path}"))
    return 0 < modified < time.time() - _ABANDONED_S


def _is_given_up(draft: Path, begun: float) -> bool:
    """Whether nobody writes a draft any more: who does holds a lock on it, from just after it was made."""
    try:
        with draft.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return os.fstat(file.fileno()).st_mtime < begun
    except (BlockingIOError, FileNotFoundError):
        return False


def _is_unknown_object(tree: Tree, folder: str, path: str) -> bool:
    """Whether a file is an Item or a Collection of ours: there may be files of others in a catalogue's folders.

    Those of runs stay where there are no locks: it may be that the index has lost them, and that no walk finds their dataset.
    """
    try:
        record = json.loads(tree.read(path) or b"null")
    except ValueError:
        return False
    if not isinstance(record, dict) or tree.path_of(record) != path or not _is_ours(record):
        return False
    return tree.is_local or not _is_of_run(tree, folder, record)


def _is_ours(record: Mapping[str, Any]) -> bool:
    """Whether an Item or a Collection was written by us: others lay out their catalogues in the same way."""
    return any(name.startswith("pangeo_forge:") for name in record.get("properties", record))


def _is_of_run(tree: Tree, folder: str, record: Mapping[str, Any]) -> bool:
    newest = [str(link["href"]).rpartition("/")[2].removesuffix(".json") for link in record["links"] if link["rel"] == "latest-version"]
    item = tree.read_item(folder, newest[0]) if record["type"] == "Collection" and newest else record
    return "pangeo_forge:run" in (item or {}).get("properties", {})


def _is_unknown_picture(folder: str, name: str, known: set[str]) -> bool:
    items = [name.removesuffix(f"-{role}.png") for role in KINDS if name.endswith(f"-{role}.png")]
    return any(item.startswith(f"{folder}-") and f"{folder}/{item}.json" not in known for item in items)
