"""Making the catalogue of a target: what is new is described, what is unchanged is taken from the last time."""

from __future__ import annotations

import json
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from typing import Any

from pangeo_forge.bakeries.targets import PublicEnd
from pangeo_forge.catalog.entering.adding import add_version, find_created, finish_pending, write_dataset
from pangeo_forge.catalog.entering.moving import find_moved, follow
from pangeo_forge.catalog.entering.naming import name_all
from pangeo_forge.catalog.entering.progress import Draft
from pangeo_forge.catalog.entering.publishing import publish_entry, publish_row
from pangeo_forge.catalog.entering.sweeping import making, sweep
from pangeo_forge.catalog.entry import Entry
from pangeo_forge.catalog.forking import get_forkserver
from pangeo_forge.catalog.health.findings import Look
from pangeo_forge.catalog.health.making import look_at_ways
from pangeo_forge.catalog.health.record import HealthKeeper, as_made
from pangeo_forge.catalog.index.table import make_index, read_index
from pangeo_forge.catalog.pictures.illustrating import find_pictures
from pangeo_forge.catalog.sources.finding import Found, Walk
from pangeo_forge.catalog.sources.reading import read_entry
from pangeo_forge.catalog.sources.trust import Trust
from pangeo_forge.catalog.stac.items import make_item
from pangeo_forge.catalog.storage.tree import INDEX, Tree
from pangeo_forge.errors import TargetError
from pangeo_forge.plans.reach import Reach, ReferenceRefused

#: Fewer datasets than this are described without other processes, which take a second to start.
_WORTH_PROCESSES = 12


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
    public_end : PublicEnd, optional
        Where everybody reads what lies in it.
    passed_over : tuple of str
        Folders of the target that hold no datasets to be catalogued, such as those of tests.
    trust : Trust
        How far the references of datasets are followed.
    """

    filesystem: Any
    root: str
    url: str
    storage_options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    public_end: PublicEnd | None = None
    passed_over: tuple[str, ...] = ()
    trust: Trust = field(default_factory=Trust)


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
    begun = time.time()
    with making(tree):
        left = finish_pending(tree, title=title, description=description, target=place.url)
        outcome = _make(place, tree, title=title, description=description, workers=workers, progress=progress)
    left += sweep(tree, begun)
    return replace(outcome, problems=(*outcome.problems, *left))


def _make(place: Place, tree: Tree, *, title: str, description: str, workers: int, progress: Progress) -> Outcome:
    walk = Walk(place.filesystem, place.root, place.passed_over)
    before, draft = _read_before(tree), Draft(tree)
    after = _add_newer(before, draft.read())
    found = _name_all(walk, place, after)
    after = {dataset_id: rows for dataset_id, rows in after.items() if dataset_id in found or _is_elsewhere(rows[-1], place)}
    new = {dataset_id: each for dataset_id, each in found.items() if not _is_known(after.get(dataset_id), each)}
    problems = list(walk.unreadable)
    health, failed = HealthKeeper(tree), 0
    for number, (dataset_id, described) in enumerate(_describe(new, place, workers), start=1):
        progress(number, len(new))
        if isinstance(described, TargetError):
            problems.append((found[dataset_id].url_in(place.url, place.root), str(described)))
            failed += 1
            continue
        entry, looks = described
        after[dataset_id], written = _write(tree, entry, after.get(dataset_id, []), new[dataset_id].fingerprint)
        draft.keep(after[dataset_id], written)
        health.add(dataset_id, as_made(entry.item_id, looks))
        problems += [(finding.where, finding.message) for look in looks.values() for finding in look.broken]
    with tree.locked():
        now = _read_before(tree)
        after |= {dataset_id: rows for dataset_id, rows in now.items() if rows != before.get(dataset_id)}  # runs added them meanwhile
        after = _lead_to(tree, after, {name: each.url_in(place.url, place.root) for name, each in found.items()}, place.public_end)
        gone = [row for dataset_id, rows in now.items() if dataset_id not in after for row in rows]
        draft.settle()
        was = tree.read_base()
        if tree.base != was:
            tree.relink(was)
        if after != now or not now or tree.base != was:
            _write_root(tree, after, title, description, place.url)
        draft.discard()
        _remove(tree, gone)
    health.write({row["collection"] for row in gone})
    problems += [(tree.root, f"what became of the snippets could not be kept: {health.fault}")] if health.fault else []
    return Outcome(len(new) - failed, len(found) - len(new), len({row["collection"] for row in gone}), tuple(problems))


def _lead_to(
    tree: Tree, datasets: dict[str, list[dict[str, Any]]], places: Mapping[str, str], end: PublicEnd | None
) -> dict[str, list[dict[str, Any]]]:
    """Lead to where unchanged datasets are now, in public as well: a target may have been moved, or have become public."""
    moved = {name: place for name, place in places.items() if name in datasets and datasets[name][-1]["href"] != place}
    datasets = datasets | {name: follow(tree, datasets[name], place) for name, place in moved.items()}
    if end is None:
        return datasets
    return {name: [*rows[:-1], publish_row(tree, rows[-1], end)] for name, rows in datasets.items()}


def _add_newer(rows: Mapping[str, list[dict[str, Any]]], others: Mapping[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Put the rows of datasets of which others know a newer version in the place of those of the index."""
    return {**rows, **{name: more for name, more in others.items() if name not in rows or rows[name][-1]["version"] < more[-1]["version"]}}


def _is_elsewhere(row: Mapping[str, Any], place: Place) -> bool:
    """Whether a run made a dataset at a place of its own, which a walk through the target does not come by."""
    return bool(row["feedstock"]) and not str(row["href"]).startswith(f"{place.url}/") and row["href"] != place.url


def _write(tree: Tree, entry: Entry, rows: Sequence[dict[str, Any]], fingerprint: str) -> tuple[list[dict[str, Any]], list[str]]:
    """Write a dataset's new version, and give its rows and what was written.

    If the run that made it has written it, which knows more of it, that stands: it does so at this moment, or where there are no locks
    the index has lost it.
    """
    with tree.locked():
        item = None if any(row["id"] == entry.item_id for row in rows) else _read_item_of_run(tree, entry)
        after = add_version(rows, item or make_item(entry), fingerprint)
        written = [] if item else write_dataset(tree, entry, [row["id"] for row in after], find_created(after))
    return after, written


def _read_item_of_run(tree: Tree, entry: Entry) -> dict[str, Any] | None:
    item = tree.read_item(entry.id, entry.item_id)
    collection = json.loads(tree.read(tree.collection_path(entry.id)) or b"{}")
    return item if item and "pangeo_forge:run" in item["properties"] and collection.get("version") == entry.version else None


def _is_known(rows: Sequence[Mapping[str, Any]] | None, found: Found) -> bool:
    return bool(rows) and rows is not None and rows[-1]["fingerprint"] == found.fingerprint


def _name_all(walk: Iterable[Found], place: Place, before: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Found]:
    """Give each dataset an id that is made of its place, or the one that it has already."""
    found = {each.url_in(place.url, place.root): each for each in walk}
    taken = {dataset_id: str(rows[-1]["href"]) for dataset_id, rows in before.items()} | find_moved(found, before)
    return {dataset_id: found[href] for href, dataset_id in name_all([(each.name, href) for href, each in found.items()], taken).items()}


def _read_before(tree: Tree) -> dict[str, list[dict[str, Any]]]:
    """Read the rows of the index that is there, by dataset, the newest last."""
    content = tree.read(INDEX)
    before: dict[str, list[dict[str, Any]]] = {}
    for row in read_index(content) if content else []:
        before.setdefault(row["collection"], []).append(row)
    return {dataset_id: sorted(rows, key=lambda row: str(row["version"])) for dataset_id, rows in before.items()}


#: A dataset's entry, and what became of its snippets.
Described = tuple[Entry, dict[str, Look]]


@dataclass(frozen=True, slots=True)
class _Job:
    """A dataset to be described, in whatever process."""

    found: Found
    dataset_id: str
    url: str
    storage_options: Mapping[str, Any] = field(repr=False)
    end: PublicEnd | None
    reach: Reach


def _describe(new: Mapping[str, Found], place: Place, workers: int) -> Iterator[tuple[str, Described | TargetError]]:
    """Describe datasets, several at once, and yield each as it is done; one that cannot be described gives the reason."""
    jobs = {
        dataset_id: _Job(found, dataset_id, href, place.storage_options, place.public_end, place.trust.find_reach(href))
        for dataset_id, found in new.items()
        for href in [found.url_in(place.url, place.root)]
    }
    if len(jobs) < _WORTH_PROCESSES or workers == 1:
        yield from ((dataset_id, _try(job)) for dataset_id, job in jobs.items())
        return
    with ProcessPoolExecutor(workers, mp_context=get_forkserver([__name__])) as pool:
        waiting = {pool.submit(_try, job): dataset_id for dataset_id, job in jobs.items()}
        for future in as_completed(waiting):
            yield waiting[future], future.result()


def _try(job: _Job) -> Described | TargetError:
    """Describe a dataset, and execute its snippets. What lies there was made by anybody, so that any exception is a fact about it."""
    try:
        entry = publish_entry(read_entry(job.found, job.dataset_id, job.url, job.storage_options, None, job.reach), job.end)
        return entry, look_at_ways(entry, job.storage_options, job.reach)
    except ReferenceRefused as error:
        return TargetError(f"cannot be described: {error.message}. {error.hint or ''}".strip())
    except Exception as error:
        return TargetError(f"cannot be described: {type(error).__name__}: {error}", detail=traceback.format_exc())


def _write_root(tree: Tree, datasets: Mapping[str, Sequence[Mapping[str, Any]]], title: str, description: str, target: str) -> None:
    """Write the root and then the index, which is what the next making compares with: one that was killed between them is finished."""
    ordered = sorted(datasets.items())
    tree.write_root(title, description, ((dataset_id, rows[-1]["title"]) for dataset_id, rows in ordered), target)
    tree.write(INDEX, make_index(row for _, rows in ordered for row in rows))


def _remove(tree: Tree, rows: Iterable[Mapping[str, Any]]) -> None:
    rows = list(rows)
    tree.remove(find_pictures(json.loads(row["item"]) for row in rows))
    tree.remove(tree.item_path(row["collection"], row["id"]) for row in rows)
    tree.remove(tree.collection_path(collection) for collection in {row["collection"] for row in rows})
