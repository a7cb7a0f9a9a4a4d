"""Making the catalogue of a target: what is new is described, what is unchanged is taken from the last time."""

from __future__ import annotations

import json
import multiprocessing
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from typing import Any

from pangeo_forge.bakeries.targets import as_name
from pangeo_forge.catalog.entry import Entry
from pangeo_forge.catalog.finding import Found, Walk
from pangeo_forge.catalog.index.table import make_index, make_row, read_index
from pangeo_forge.catalog.progress import Draft
from pangeo_forge.catalog.reading import read_entry
from pangeo_forge.catalog.stac.collections import make_collection
from pangeo_forge.catalog.stac.items import make_item
from pangeo_forge.catalog.tree import INDEX, Tree
from pangeo_forge.errors import TargetError

#: Fewer datasets than this are described without other processes, which take a second to start.
_WORTH_PROCESSES = 12

_SUFFIXES = (".zarr", ".icechunk", ".json", ".parq", ".parquet")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A target to be catalogued.

    Parameters
    ----------
    filesystem : AbstractFileSystem
        fsspec's.
    root : str
        The target's folder there.
    url : str
        The target as readers name it, without a slash at the end.
    storage_options : mapping
        fsspec's.
    """

    filesystem: Any
    root: str
    url: str
    storage_options: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What making a catalogue came to.

    Parameters
    ----------
    described, unchanged, gone : int
        How many datasets were opened, were as the last time, and are not there any more.
    problems : tuple of (str, str)
        Places that could not be read or described, and why.
    """

    described: int
    unchanged: int
    gone: int
    problems: tuple[tuple[str, str], ...]


#: Is told how many of how many datasets are described.
Progress = Callable[[int, int], None]


def make_catalog(place: Place, tree: Tree, *, title: str, description: str, workers: int, progress: Progress) -> Outcome:
    """Describe a target's datasets and write their catalogue.

    Parameters
    ----------
    place : Place
        Where the datasets are.
    tree : Tree
        Where the catalogue is to be.
    title, description : str
        The catalogue's.
    workers : int
        How many processes describe datasets at once.
    progress : callable
    """
    walk = Walk(place.filesystem, place.root)
    found = _name_all(walk)
    before, draft = _read_before(tree), Draft(tree)
    after = {dataset_id: rows for dataset_id, rows in (before | draft.read()).items() if dataset_id in found}
    new = {dataset_id: each for dataset_id, each in found.items() if not _is_known(after.get(dataset_id), each)}
    problems = list(walk.unreadable)
    for number, (dataset_id, entry) in enumerate(_describe(new, place, workers), start=1):
        progress(number, len(new))
        if isinstance(entry, TargetError):
            problems.append((f"{place.url}/{found[dataset_id].name}", str(entry)))
            continue
        after[dataset_id] = _add_version(after.get(dataset_id, []), entry, new[dataset_id].fingerprint)
        _write_dataset(tree, entry, after[dataset_id])
        draft.keep(after[dataset_id])
    gone = [row for dataset_id, rows in before.items() if dataset_id not in found for row in rows]
    if after != before or not before:
        _write_root(tree, after, title, description)
    draft.discard()
    _remove(tree, gone)
    failed = len(problems) - len(walk.unreadable)
    return Outcome(len(new) - failed, len(found) - len(new), len({row["collection"] for row in gone}), tuple(problems))


def _is_known(rows: Sequence[Mapping[str, Any]] | None, found: Found) -> bool:
    return bool(rows) and rows is not None and rows[-1]["fingerprint"] == found.fingerprint


def _name_all(walk: Iterable[Found]) -> dict[str, Found]:
    """Give each dataset an id that is made of its place; two places that would share one are told apart by a hash."""
    found = list(walk)
    ids = [as_name(_without_suffix(each.name).replace("/", ".")) for each in found]
    shared = {dataset_id for dataset_id, times in Counter(ids).items() if times > 1}
    return {as_name(f"{each.name}/") if dataset_id in shared else dataset_id: each for dataset_id, each in zip(ids, found, strict=True)}


def _without_suffix(name: str) -> str:
    return next((name.removesuffix(suffix) for suffix in _SUFFIXES if name.endswith(suffix)), name)


def _read_before(tree: Tree) -> dict[str, list[dict[str, Any]]]:
    """Read the rows of the index that is there, by dataset, the newest last."""
    content = tree.read(INDEX)
    before: dict[str, list[dict[str, Any]]] = {}
    for row in read_index(content) if content else []:
        before.setdefault(row["collection"], []).append(row)
    return {dataset_id: sorted(rows, key=lambda row: str(row["version"])) for dataset_id, rows in before.items()}


def _describe(new: Mapping[str, Found], place: Place, workers: int) -> Iterator[tuple[str, Entry | TargetError]]:
    """Describe datasets, several at once, and yield each as it is done; one that cannot be described gives the reason."""
    jobs = {dataset_id: (found, dataset_id, f"{place.url}/{found.name}", dict(place.storage_options)) for dataset_id, found in new.items()}
    if len(jobs) < _WORTH_PROCESSES or workers == 1:
        yield from ((dataset_id, _try(*job)) for dataset_id, job in jobs.items())
        return
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        waiting = {pool.submit(_try, *job): dataset_id for dataset_id, job in jobs.items()}
        for future in as_completed(waiting):
            yield waiting[future], future.result()


def _try(found: Found, dataset_id: str, url: str, storage_options: Mapping[str, Any]) -> Entry | TargetError:
    """Describe a dataset. What lies there was made by anybody, so that any exception is a fact about it."""
    try:
        return read_entry(found, dataset_id, url, storage_options)
    except Exception as error:
        return TargetError(f"cannot be described: {type(error).__name__}: {error}", detail=traceback.format_exc())


def _add_version(rows: Sequence[dict[str, Any]], entry: Entry, fingerprint: str) -> list[dict[str, Any]]:
    older = [{**row, "latest": False} for row in rows if row["version"] != entry.version]
    return [*older, make_row(make_item(entry), latest=True, fingerprint=fingerprint)]


def _write_dataset(tree: Tree, entry: Entry, rows: Sequence[Mapping[str, Any]]) -> None:
    tree.write_item(make_item(entry))
    first = json.loads(rows[0]["item"])["properties"]["created"]
    tree.write_collection({**make_collection([entry]), "created": first}, [row["id"] for row in rows])


def _write_root(tree: Tree, datasets: Mapping[str, Sequence[Mapping[str, Any]]], title: str, description: str) -> None:
    ordered = sorted(datasets.items())
    tree.write(INDEX, make_index(row for _, rows in ordered for row in rows))
    tree.write_root(title, description, ((dataset_id, rows[-1]["title"]) for dataset_id, rows in ordered))


def _remove(tree: Tree, rows: Iterable[Mapping[str, Any]]) -> None:
    rows = list(rows)
    tree.remove(tree.item_path(row["collection"], row["id"]) for row in rows)
    tree.remove(tree.collection_path(collection) for collection in {row["collection"] for row in rows})
