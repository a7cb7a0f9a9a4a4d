"""A run's job as it is kept: all that another attempt needs, but no secrets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pangeo_forge.errors import UsageError
from pangeo_forge.runs.failures import writing
from pangeo_forge.worker.job import Job

_NAME = "job.json"
_SECRET = "…"  # noqa: S105  (this is what stands in a secret's place)


def without_secrets(job: Job) -> Job:
    """Put an ellipsis in the place of every storage option's value, because any of them may be a secret. Their names stay."""
    return replace(job, target_options=dict.fromkeys(job.target_options, _SECRET), cache_options=dict.fromkeys(job.cache_options, _SECRET))


def write_job(folder: Path, job: Job) -> None:
    """Keep a job in its run's folder, without its secrets.

    Raises
    ------
    TargetError
        If the folder cannot be written.
    """
    with writing(folder / _NAME):
        (folder / _NAME).write_text(json.dumps(without_secrets(job).to_dict(), indent=1))


def read_job(folder: Path) -> Job:
    """Read a job that was kept, with an ellipsis for each storage option.

    Raises
    ------
    UsageError
        If there is none.
    """
    try:
        return Job.from_dict(json.loads((folder / _NAME).read_text()))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise UsageError(
            f"the run's job cannot be read any more: {folder / _NAME}",
            hint="Start a new run.",
            detail=repr(error),
        ) from error


def load_job(folder: Path, *, target_options: Mapping[str, Any], cache_options: Mapping[str, Any]) -> Job:
    """Read a job that was kept, and put back what was not kept.

    Parameters
    ----------
    folder : Path
        The run's own.
    target_options, cache_options : mapping
        fsspec's storage options of the target and the cache.

    Raises
    ------
    UsageError
        If there is no job, or if it had a storage option that is not given now; the message says which.
    """
    job = read_job(folder)
    for what, had, given in (("target", job.target_options, target_options), ("cache", job.cache_options, cache_options)):
        missing = sorted(set(had) - set(given))
        if missing:
            raise UsageError(
                f"the run was started with storage options of the {what} that are not kept with it: {', '.join(missing)}",
                hint="Give the same options again.",
            )
    return replace(job, target_options=dict(target_options), cache_options=dict(cache_options))
