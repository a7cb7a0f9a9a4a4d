"""The datasets of runs in the catalogue of their bakery."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pangeo_forge.api.bakeries import get_bakery
from pangeo_forge.api.cataloguing import find_bakery_catalog, name_catalog
from pangeo_forge.api.feedstocks import Source, load_feedstock
from pangeo_forge.api.run_provenance import make_provenance
from pangeo_forge.api.runs import get_run, list_runs
from pangeo_forge.bakeries.database import Bakery
from pangeo_forge.bakeries.targets import same_place
from pangeo_forge.errors import ForgeError, TargetError, UsageError, UserError
from pangeo_forge.runs.attempt import Observer
from pangeo_forge.runs.jobs import read_job
from pangeo_forge.runs.records import RunRecords
from pangeo_forge.runs.run import Run
from pangeo_forge.settings import Settings
from pangeo_forge.worker.events import Note

if TYPE_CHECKING:
    from pangeo_forge.catalog.entering.handing import Finding
    from pangeo_forge.catalog.entry import Entry
    from pangeo_forge.catalog.storage.tree import Tree


@dataclass(frozen=True, slots=True)
class Catalogued:
    """A dataset in a catalogue.

    Parameters
    ----------
    collection, item : str
        The ids of its Collection, and of the Item of this version.
    catalog : str
        Where the catalogue is.
    href : str
        Where the Item is.
    """

    collection: str
    item: str
    catalog: str
    href: str

    def to_dict(self) -> dict[str, Any]:
        """Describe it with values that JSON can hold."""
        return {"collection": self.collection, "item": self.item, "catalog": self.catalog, "href": self.href}


def find_run(source: Source, recipe_id: str | None = None) -> Run:
    """Find a run by its id, or the newest full run of a recipe that succeeded.

    Parameters
    ----------
    source : str, Path or Feedstock
        A run's id, or the beginning of it; or, as for `bake`, a feedstock.
    recipe_id : str, optional
        Which recipe of the feedstock; may be left out where only one was baked.

    Raises
    ------
    UsageError
        If there is no such run.
    """
    if recipe_id is None and isinstance(source, str) and "://" not in source and not Path(source).exists():
        return get_run(source)
    feedstock = load_feedstock(source)
    runs = [run for run in list_runs(state="succeeded", feedstock=feedstock.name) if not run.pruned]
    ids = list(dict.fromkeys(run.recipe_id for run in runs))
    if recipe_id is None and len(ids) > 1:
        raise UsageError(f"several recipes of {feedstock.name!r} were baked", hint=f"Name one: {', '.join(ids)}.")
    chosen = [run for run in runs if recipe_id in (None, run.recipe_id)]
    if not chosen:
        raise UsageError(
            f"no full run of {recipe_id or 'a recipe'!r} of the feedstock {feedstock.name!r} has succeeded",
            hint="`pangeo-forge recipe run` bakes it, and catalogues it at once.",
        )
    return chosen[0]


def catalog_run(run: Run | str, output: str | Path | None = None, *, output_options: Mapping[str, Any] | None = None) -> Catalogued:
    """Put the dataset of a run into its bakery's catalogue, as is done without asking at the end of a full run.

    Parameters
    ----------
    run : Run or str
        A run, or its id.
    output : str or Path, optional
        Another catalogue, which is made if it is not there.
    output_options : mapping, optional
        fsspec's, of that.

    Raises
    ------
    UsageError
        If there is no such run, or it made no dataset, or another run has made another of it since.
    ForgeError
        If the dataset cannot be described, or the catalogue not be written.
    """
    from pangeo_forge.catalog.entering.adding import add_entry

    run = get_run(run) if isinstance(run, str) else run
    _refuse_unless_newest(run)
    settings, bakery = Settings.load(), get_bakery(run.bakery)
    tree, url = find_bakery_catalog(bakery, settings, output, output_options)
    finding = _find(run, bakery)
    entry = _complete(finding, run, bakery, tree)
    title, description = name_catalog(bakery.target.url)
    name, place, looks = _name_place(run, bakery), bakery.target.url, finding.looks
    entry = add_entry(tree, entry, name, finding.fingerprint, title=title, description=description, target=place, looks=looks)
    return Catalogued(entry.id, entry.item_id, url, tree.href(tree.item_path(entry.id, entry.item_id)))


def catalog_quietly(run: Run, observer: Observer) -> None:
    """Put the dataset of a full run into the catalogue; that this fails is told, and no more, as the dataset is good all the same."""
    if run.pruned:
        return
    try:
        if read_job(Path(run.folder)).catalogued:
            catalog_run(run)
    except Exception as error:
        said = str(error) if isinstance(error, ForgeError) else f"{type(error).__name__}: {error}"
        observer(Note(message=f"the dataset is not in the catalogue: {said}; `pangeo-forge recipe catalog {run.id}` tries again"))


def _refuse_unless_newest(run: Run) -> None:
    if run.state != "succeeded" or run.pruned:
        what = "is a test" if run.pruned else f"is {run.state}"
        raise UsageError(f"run {run.id} made no dataset for a catalogue: it {what}", hint="Only full runs that succeeded did.")
    since = RunRecords(Settings.load().database).writers_since(run)
    if since:
        raise UsageError(
            f"the dataset of run {run.id} is not there any more: run {since[0].id} has written to the same place since",
            hint=f"Catalogue that one: `pangeo-forge recipe catalog {since[0].id}`.",
        )


def _find(run: Run, bakery: Bakery) -> Finding:
    """Take what the run's worker found of its dataset; of one that was not described, look now."""
    from pangeo_forge.catalog.entering.handing import Finding, read_finding

    found = read_finding(Path(run.folder))
    if found is not None and same_place(found.entry.ways[0].href) == same_place(run.target):
        return found
    import fsspec

    from pangeo_forge.catalog.entering.publishing import publish_entry
    from pangeo_forge.catalog.health.making import look_at_ways
    from pangeo_forge.catalog.sources.finding import Walk
    from pangeo_forge.catalog.sources.reading import read_entry

    options = bakery.target.storage_options if _is_within(run.target, bakery) else {}
    there = Walk(*fsspec.url_to_fs(run.target, **options)).find()
    if there is None:
        raise TargetError("there is no dataset any more", where=run.target)
    entry = publish_entry(read_entry(there, run.recipe_id, run.target, options), bakery.target.public_end)
    return Finding(entry, there.fingerprint, looks=look_at_ways(entry, options))


def _complete(finding: Finding, run: Run, bakery: Bakery, tree: Tree) -> Entry:
    """Add to what a dataset says of itself what its feedstock says, and the run."""
    from pangeo_forge.catalog.sources.telling import tell_about

    job = read_job(Path(run.folder))
    entry = replace(finding.entry, provenance=make_provenance(finding, run, job, tree))
    try:
        meta = load_feedstock(job.folder).meta
    except UserError:  # its folder is gone, or has become something else
        return entry
    return replace(entry, about=tell_about(meta, run.recipe_id, bakery, entry.about))


def _is_within(target: str, bakery: Bakery) -> bool:
    return same_place(target).startswith(f"{same_place(bakery.target.url)}/")


def _name_place(run: Run, bakery: Bakery) -> str:
    """Give the place that a dataset is called after, as `catalog create` on the bakery would."""
    if _is_within(run.target, bakery):
        return same_place(run.target)[len(same_place(bakery.target.url)) :].strip("/")
    return f"{run.feedstock}/{run.recipe_id}"
