"""Describing datasets, several at once: whatever is raised is a fact about the dataset."""

from __future__ import annotations

import traceback
from collections.abc import Generator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from typing import Any

from pangeo_forge.bakeries.targets import PublicEnd
from pangeo_forge.catalog.entering.place import Place
from pangeo_forge.catalog.entering.publishing import publish_entry
from pangeo_forge.catalog.entry import Entry
from pangeo_forge.catalog.forking import get_forkserver, holding_interrupts
from pangeo_forge.catalog.health.findings import Look
from pangeo_forge.catalog.health.making import look_at_ways
from pangeo_forge.catalog.sources.finding import Found
from pangeo_forge.catalog.sources.reading import read_entry
from pangeo_forge.errors import ForgeError, TargetError
from pangeo_forge.plans.reach import Reach

#: Fewer datasets than this are described without other processes, which take a second to start.
_WORTH_PROCESSES = 12

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


def describe_all(new: Mapping[str, Found], place: Place, workers: int) -> Generator[tuple[str, Described | TargetError]]:
    """Describe datasets, several at once, and yield each as it is done; one that cannot be described gives the reason."""
    jobs = {
        dataset_id: _Job(found, dataset_id, href, place.storage_options, place.public_end, place.trust.find_reach(href))
        for dataset_id, found in new.items()
        for href in [place.href(found)]
    }
    if len(jobs) < _WORTH_PROCESSES or workers == 1:
        yield from ((dataset_id, _try(job)) for dataset_id, job in jobs.items())
        return
    with ProcessPoolExecutor(workers, mp_context=get_forkserver([__name__])) as pool:
        try:
            with holding_interrupts():  # the first of them starts the processes
                waiting = {pool.submit(_try, job): dataset_id for dataset_id, job in jobs.items()}
            for future in as_completed(waiting):
                yield waiting[future], future.result()
        except BaseException:  # nobody waits for what is left
            for process in list(pool._processes.values()):  # Python names no other way to them before 3.14
                process.kill()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _try(job: _Job) -> Described | TargetError:
    """Describe a dataset, and execute its snippets. What lies there was made by anybody, so that any exception is a fact about it."""
    try:
        entry = publish_entry(read_entry(job.found, job.dataset_id, job.url, job.storage_options, None, job.reach), job.end)
        return entry, look_at_ways(entry, job.storage_options, job.reach)
    except ForgeError as error:
        return TargetError(". ".join(["cannot be described: " + error.message, *([error.hint] if error.hint else [])]))
    except Exception as error:
        return TargetError(f"cannot be described: {type(error).__name__}: {error}", detail=traceback.format_exc())
