"""Making the catalogue of a target: what is new is described, what is unchanged is taken from the last time."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any, Self

from pangeo_forge.bakeries.targets import PublicEnd
from pangeo_forge.catalog.entering.adding import add_version, find_created, finish_pending, write_dataset
from pangeo_forge.catalog.entering.describing import Described, describe_all
from pangeo_forge.catalog.entering.mending import drop_damaged_index, mend
from pangeo_forge.catalog.entering.moving import find_moved, follow
from pangeo_forge.catalog.entering.naming import name_all
from pangeo_forge.catalog.entering.place import Outcome, Place, Progress
from pangeo_forge.catalog.entering.progress import Draft
from pangeo_forge.catalog.entering.publishing import publish_row
from pangeo_forge.catalog.entering.rows import Rows, add_newer, is_elsewhere, is_known, read_rows, write_rows
from pangeo_forge.catalog.entering.sweeping import making, sweep
from pangeo_forge.catalog.entry import Entry
from pangeo_forge.catalog.health.making import look_at_assets
from pangeo_forge.catalog.health.record import HealthKeeper, as_made
from pangeo_forge.catalog.pictures.illustrating import find_pictures
from pangeo_forge.catalog.sources.finding import Found, Walk
from pangeo_forge.catalog.stac.items import make_item
from pangeo_forge.catalog.storage.tree import ROOT, Tree
from pangeo_forge.errors import TargetError
from pangeo_forge.plans.reach import ReferenceRefused


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
        drop_damaged_index(tree)
        left = finish_pending(tree, title=title, description=description, target=place.url)
        under_way = _Making.begin(place, tree)
        under_way.describe(workers, progress)
        outcome = under_way.put_in_place(title, description)
    left += sweep(tree, begun)
    return replace(outcome, problems=(*outcome.problems, *left))


@dataclass
class _Making:
    """A making that is under way: what the catalogue had, what there is in the target, and what the catalogue is to have.

    Parameters
    ----------
    place, tree : Place, Tree
    draft : Draft
        Keeps what is described, should the making be killed.
    before, after : dict
        The rows of the index, as they were and as they are to be.
    found, new : dict of str to Found
        What there is by its id, and of that what is to be described.
    problems : list of (str, str)
        Places that could not be read or described, and why.
    """

    place: Place
    tree: Tree
    draft: Draft
    before: Rows
    after: Rows
    found: Mapping[str, Found]
    new: Mapping[str, Found]
    problems: list[tuple[str, str]]
    health: HealthKeeper
    failed: int = field(default=0)

    @classmethod
    def begin(cls, place: Place, tree: Tree) -> Self:
        """Look at what there is, and at what is known of it."""
        walk = Walk(place.filesystem, place.root, place.passed_over)
        before, draft = read_rows(tree), Draft(tree)
        known = add_newer(before, draft.read())
        found = _name_all(walk, place, known, tree.read_target())
        after = {name: rows for name, rows in known.items() if name in found or is_elsewhere(rows[-1], place)}
        new = {name: each for name, each in found.items() if not is_known(after.get(name), each)}
        return cls(place, tree, draft, before, after, found, new, list(walk.unreadable), HealthKeeper(tree))

    def describe(self, workers: int, progress: Progress) -> None:
        """Describe what is new, and write it beside what the index leads to."""
        with closing(describe_all(self.new, self.place, workers)) as done:  # at once, if it is interrupted
            for number, (name, described) in enumerate(done, start=1):
                progress(number, len(self.new))
                if isinstance(described, TargetError):
                    self.problems.append((self.place.href(self.found[name]), str(described)))
                    self.failed += 1
                else:
                    self._keep(name, described)

    def _keep(self, name: str, described: Described) -> None:
        entry, looks = described
        self.after[name], written = _write(self.tree, entry, self.after.get(name, []), self.new[name].fingerprint)
        self.draft.keep(self.after[name], written)
        self.health.add(name, as_made(entry.item_id, looks))
        self.problems += [(finding.where, finding.message) for look in looks.values() for finding in look.broken]

    def put_in_place(self, title: str, description: str) -> Outcome:
        """Let the root and the index lead to what there is now, and remove what is gone."""
        with self.tree.locked():
            now = read_rows(self.tree)
            self.after |= {name: rows for name, rows in now.items() if rows != self.before.get(name)}  # runs added them meanwhile
            mend(self.tree, self.after)
            places = {name: self.place.href(each) for name, each in self.found.items()}
            after = _lead_to(self.tree, self.after, places, self.place.public_end)
            gone = [row for name, rows in now.items() if name not in after for row in rows]
            self.draft.settle()
            is_relinked = _relink(self.tree)
            if after != now or not now or is_relinked or self.tree.read_record(ROOT) is None:
                write_rows(self.tree, after, title, description, self.place.url)
            self.draft.discard()
            _remove(self.tree, gone)
        self._look_again(after)
        lost = {row["collection"] for row in gone}
        self.health.write(lost)
        if self.health.fault:
            self.problems.append((self.tree.root, f"what became of the snippets could not be kept: {self.health.fault}"))
        return Outcome(len(self.new) - self.failed, len(self.found) - len(self.new), len(lost), tuple(self.problems))

    def _look_again(self, after: Rows) -> None:
        """Execute the snippets of datasets that were not described anew, and that other ways lead to than before."""
        for name in (name for name, rows in after.items() if name not in self.new and rows[-1]["item"] != self.after[name][-1]["item"]):
            row = after[name][-1]
            assets, href = json.loads(row["item"])["assets"], str(row["href"])
            try:
                looks = look_at_assets(assets, self.place.storage_options, self.place.trust.find_reach(href))
            except ReferenceRefused as error:
                self.problems.append((href, error.message))
                continue
            self.health.add(name, as_made(row["id"], looks))
            self.problems += [(finding.where, finding.message) for look in looks.values() for finding in look.broken]


def _relink(tree: Tree) -> bool:
    """Write links anew if the catalogue is to be read at another URL than before, and tell whether its root is to say something else."""
    was = tree.read_base()
    if tree.base != was:
        tree.relink(was)
    return tree.base != was or tree.public_url != tree.read_public_url()


def _lead_to(
    tree: Tree, datasets: dict[str, list[dict[str, Any]]], places: Mapping[str, str], end: PublicEnd | None
) -> dict[str, list[dict[str, Any]]]:
    """Lead to where unchanged datasets are now, in public as well: a target may have been moved, or have become public."""
    moved = {name: place for name, place in places.items() if name in datasets and datasets[name][-1]["href"] != place}
    datasets = datasets | {name: follow(tree, datasets[name], place) for name, place in moved.items()}
    return {name: [*rows[:-1], publish_row(tree, rows[-1], end)] for name, rows in datasets.items()}


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
    collection = tree.read_record(tree.collection_path(entry.id)) or {}
    return item if item and "pangeo_forge:run" in item["properties"] and collection.get("version") == entry.version else None


def _name_all(walk: Iterable[Found], place: Place, known: Rows, target: str | None) -> dict[str, Found]:
    """Give each dataset an id that is made of its place, or the one that it has already."""
    found = {place.href(each): each for each in walk}
    moved = find_moved(found, known, target if target != place.url else None)
    taken = {dataset_id: str(rows[-1]["href"]) for dataset_id, rows in known.items()} | moved
    return {dataset_id: found[href] for href, dataset_id in name_all([(each.name, href) for href, each in found.items()], taken).items()}


def _remove(tree: Tree, rows: Iterable[Mapping[str, Any]]) -> None:
    rows = list(rows)
    tree.remove(find_pictures(json.loads(row["item"]) for row in rows))
    tree.remove(tree.item_path(row["collection"], row["id"]) for row in rows)
    tree.remove(tree.collection_path(collection) for collection in {row["collection"] for row in rows})
