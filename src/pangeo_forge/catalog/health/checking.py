"""Checking the datasets of a catalogue: several at once, each looked at apart, and what is found is kept beside the index."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from typing import Any

from pangeo_forge.catalog.health.ageing import find_newer
from pangeo_forge.catalog.health.apart import look
from pangeo_forge.catalog.health.executing import now
from pangeo_forge.catalog.health.findings import Finding, Health, judge
from pangeo_forge.catalog.health.probing import Way
from pangeo_forge.catalog.health.record import HealthKeeper, keep_date, read_health
from pangeo_forge.catalog.index.table import read_index
from pangeo_forge.catalog.snippets import write_snippets
from pangeo_forge.catalog.sources.finding import Walk
from pangeo_forge.catalog.sources.trust import Trust
from pangeo_forge.catalog.storage.hrefs import resolve
from pangeo_forge.catalog.storage.tree import INDEX, Tree
from pangeo_forge.errors import UsageError
from pangeo_forge.plans.reach import ReferenceRefused
from pangeo_forge.types import redact_url


@dataclass(frozen=True, slots=True)
class Subject:
    """The newest version of a dataset, as the index has it."""

    dataset: str
    item: Mapping[str, Any]
    fingerprint: str = ""

    @property
    def item_id(self) -> str:
        """The id of the version's Item."""
        return str(self.item["id"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How datasets are looked at.

    Parameters
    ----------
    workers : int
        How many at once.
    timeout_s : float
        How long the look at one way may take.
    find_options : callable
        Gives fsspec's options of a place, with what the catalogue does not tell.
    trust : Trust
        Where datasets may lie, and how far their references are followed.
    stopping : Event
        Ends the looks that are under way, once it is set.
    """

    workers: int
    timeout_s: float
    find_options: Callable[[str], Mapping[str, Any]] = field(default=lambda href: {})
    trust: Trust = field(default_factory=Trust)
    stopping: threading.Event = field(default_factory=threading.Event)


#: Is told of each dataset that was looked at: how many of how many, which, and what it is.
Progress = Callable[[int, int, str, Health], None]


def read_subjects(tree: Tree) -> dict[str, Subject]:
    """Read the newest versions of all datasets of a catalogue, by their ids."""
    content = tree.read(INDEX)
    if content is None:
        raise UsageError(f"the catalogue at {tree.root} has no {INDEX}", hint="Make it again with `pangeo-forge catalog create`.")
    rows = read_index(content, ["collection", "latest", "fingerprint", "item"])
    newest = (Subject(row["collection"], json.loads(row["item"]), row["fingerprint"] or "") for row in rows if row["latest"])
    return {subject.dataset: subject for subject in newest}


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkup:
    """What a check came to.

    Parameters
    ----------
    datasets : dict of str to Health
        What each dataset is, by their ids.
    strays : tuple of Finding
        What lies in the target and is not in the catalogue.
    unkept : str, optional
        Why it could not be kept beside the catalogue.
    """

    datasets: Mapping[str, Health]
    strays: tuple[Finding, ...] = ()
    unkept: str | None = None


def check(tree: Tree, subjects: Sequence[Subject], manner: Manner, progress: Progress) -> Checkup:
    """Look at datasets, and keep what is found, also if the check is interrupted.

    Parameters
    ----------
    tree : Tree
        The catalogue.
    subjects : sequence of Subject
    manner : Manner
    progress : callable
    """
    before, found, kept, lost = read_health(tree), dict[str, Health](), HealthKeeper(tree), _find_lost(tree, subjects)
    try:
        for subject, health in _look_at_all(tree, subjects, before, lost, manner):
            found[subject.dataset] = health
            kept.add(subject.dataset, health)
            progress(len(found), len(subjects), subject.dataset, health)
    finally:
        kept.write()
    return Checkup(datasets=dict(sorted(found.items())), unkept=kept.fault)


def _find_lost(tree: Tree, subjects: Sequence[Subject]) -> dict[str, list[Finding]]:
    """Find which datasets lack their Item or their Collection among the files of the catalogue, though the index has them."""
    paths = {each.dataset: [tree.collection_path(each.dataset), tree.item_path(each.dataset, each.item_id)] for each in subjects}
    lost = tree.find_lost(path for each in paths.values() for path in each)
    message, hint = "this file of the catalogue is gone or damaged", "Write it again with `pangeo-forge catalog create`."
    return {name: [_about(tree.href(path), "degraded", message, hint) for path in each if path in lost] for name, each in paths.items()}


def _look_at_all(
    tree: Tree, subjects: Sequence[Subject], before: Mapping[str, Health], lost: Mapping[str, Sequence[Finding]], manner: Manner
) -> Iterator[tuple[Subject, Health]]:
    pool = ThreadPoolExecutor(manner.workers)  # each thread waits for a process
    try:
        waiting = {
            pool.submit(check_one, subject, before.get(subject.dataset), manner, tree.href(subject.dataset), lost[subject.dataset]): subject
            for subject in subjects
        }
        for future in as_completed(waiting):
            yield waiting[future], future.result()
    except BaseException:
        manner.stopping.set()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def check_one(subject: Subject, before: Health | None, manner: Manner, folder: str, lost: Sequence[Finding] = ()) -> Health:
    """Look at one dataset.

    Parameters
    ----------
    subject : Subject
    before : Health, optional
        What was known of it; of an older version it says nothing.
    manner : Manner
    folder : str
        Where its Item lies.
    lost : sequence of Finding
        Which of its files the catalogue lacks.
    """
    known = before if before and before.item == subject.item_id else None
    looks = {key: look(way, manner.timeout_s, manner.stopping) for key, way in _find_ways(subject, known, manner, folder).items()}
    properties = subject.item["properties"]
    others = [*lost, *find_newer(properties.get("pangeo_forge:source"), properties.get("pangeo_forge:commit"))]
    if not looks:
        message = "its Item has no asset with data"
        others.append(Finding(check="catalogue", weight="broken", message=message, where=subject.item_id, hint="Make the catalogue again."))
    was = known.snippets if known else {}
    chunks = {key: tuple(dict.fromkeys((*(known.chunks.get(key, ()) if known else ()), *each.chunks))) for key, each in looks.items()}
    return Health(
        item=subject.item_id,
        state=judge([each.findings for each in looks.values()], others),
        checked=now(),
        findings=(*(finding for each in looks.values() for finding in each.findings), *others),
        snippets={key: keep_date(each.executed, was.get(key)) for key, each in looks.items() if each.executed},
        chunks={key: each for key, each in chunks.items() if each},
    )


def _find_ways(subject: Subject, known: Health | None, manner: Manner, folder: str) -> dict[str, Way]:
    """Find the ways to a dataset: the assets that there is code for to open them; with the first the files that are beside them."""
    variables = subject.item["properties"].get("cube:variables", {})
    expected = tuple(variables)
    ways: dict[str, Way] = {}
    beside = []
    for key, asset in subject.item["assets"].items():
        if not write_snippets(asset):
            href = resolve(str(asset["href"]), folder)
            beside.append((href, find_options(asset, manner.find_options(href))))
            continue
        options = find_options(asset, manner.find_options(str(asset["href"])))
        chunks = known.chunks.get(key, ()) if known else ()
        way = Way(asset=asset, options=options, chunks=chunks, expected=expected, fingerprint="" if ways else subject.fingerprint)
        ways[key] = _confine(way, manner.trust)
    first = next(iter(ways), None)
    return {key: replace(way, beside=tuple(beside)) if key == first else way for key, way in ways.items()}


def _confine(way: Way, trust: Trust) -> Way:
    try:
        return replace(way, reach=trust.find_reach(way.href))
    except ReferenceRefused as error:
        return replace(way, refusal=error)


def find_options(asset: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Put together fsspec's options of an asset: those that it tells, and those that are given here."""
    return {**_without_ellipses(asset.get("xarray:storage_options") or {}), **given}


def _without_ellipses(options: Mapping[str, Any]) -> dict[str, Any]:
    known = {name: _without_ellipses(value) if isinstance(value, Mapping) else value for name, value in options.items() if value != "…"}
    return {name: value for name, value in known.items() if value != {}}


def find_orphans(walk: Walk, url: str, subjects: Iterable[Subject]) -> list[Finding]:
    """Find the datasets of a target that no Item leads to.

    Parameters
    ----------
    walk : Walk
        Through the target.
    url : str
        The target, as the Items name it.
    subjects : iterable of Subject
        All that the catalogue has.
    """
    known = {str(asset["href"]).rstrip("/") for subject in subjects for asset in subject.item["assets"].values()}
    places = [found.url_in(url, walk.root) for found in walk]
    message, hint = "no Item of the catalogue leads to this dataset", "Enter it with `pangeo-forge catalog create`, or remove it."
    found = [_about(place, "degraded", message, hint) for place in places if place not in known]
    return [*found, *(_about(place, "unknown", f"the folder cannot be read: {why}", None) for place, why in walk.unreadable)]


def _about(place: str, weight: Any, message: str, hint: str | None) -> Finding:
    return Finding(check="catalogue", weight=weight, message=message, where=redact_url(place), hint=hint)
