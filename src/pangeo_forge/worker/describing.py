"""What a run made, described in its folder for the catalogue: where it was opened anyway, and before anybody can change it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pangeo_forge.bakeries.targets import PublicEnd
from pangeo_forge.plans.inputs import InputFile
from pangeo_forge.plans.plan import Target
from pangeo_forge.plans.products import Product
from pangeo_forge.plans.stamps import Stamp
from pangeo_forge.plans.targets import filesystem_of
from pangeo_forge.types import redact_text
from pangeo_forge.worker.events import Note, Tell
from pangeo_forge.worker.job import Job


@dataclass(frozen=True, slots=True)
class Read:
    """The files that a dataset was made of.

    Parameters
    ----------
    inputs : sequence of InputFile
    stamps : mapping of int to Stamp
        Which version of each was read, by its number, as far as it is known.
    """

    inputs: Sequence[InputFile] = ()
    stamps: Mapping[int, Stamp] = field(default_factory=dict)


def describe_for_catalog(job: Job, product: Product, target: Target, tell: Tell, read: Read = Read()) -> None:
    """Describe the dataset of a full run, and list what it was made of. What goes wrong is noted: the dataset is good all the same.

    Parameters
    ----------
    job : Job
    product, target : Product, Target
        What was made, and where.
    tell : callable
        Is told what goes wrong.
    read : Read
        The files that the recipe read.
    """
    if job.pruned or not job.catalogued or not job.scratch:
        return
    try:
        _describe(job, product, target, read, tell)
    except Exception as error:
        tell(Note(message=f"the dataset could not be described for the catalogue: {redact_text(f'{type(error).__name__}: {error}')}"))


def _describe(job: Job, product: Product, target: Target, read: Read, tell: Tell) -> None:
    # Only now, so that no run waits for it before there is something to describe.
    from pangeo_forge.catalog.entering.handing import Finding, write_finding
    from pangeo_forge.catalog.entering.publishing import publish_entry
    from pangeo_forge.catalog.health.making import look_at_ways
    from pangeo_forge.catalog.sources.finding import Walk
    from pangeo_forge.catalog.sources.manifest import list_sources, make_manifest
    from pangeo_forge.catalog.sources.reading import read_entry

    found = Walk(*filesystem_of(target)).find()
    if found is None:
        raise LookupError(f"what a catalogue knows is not at {target.url}")
    entry = read_entry(found, job.recipe_id or found.name, target.url, target.storage_options, product)
    entry = publish_entry(entry, PublicEnd(*job.public) if job.public else None)
    manifest = make_manifest(read.inputs, read.stamps) if read.inputs else None
    looks = look_at_ways(entry, target.storage_options)
    write_finding(Path(job.scratch), Finding(entry, found.fingerprint, len(read.inputs), looks, list_sources(read.inputs)), manifest)
    for finding in (finding for look in looks.values() for finding in look.broken):
        tell(Note(message=f"the code that opens the dataset, as the catalogue shows it, fails: {finding.message}"))
