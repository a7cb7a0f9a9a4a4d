"""Whether a dataset is older than the feedstock that it was baked from."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from pangeo_forge.catalog.health.findings import Finding, Weight
from pangeo_forge.errors import ForgeError
from pangeo_forge.feedstocks.addresses import parse_address
from pangeo_forge.feedstocks.checkouts import find_commit
from pangeo_forge.feedstocks.git import GitFailed, run_git
from pangeo_forge.types import redact_url

_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_DIRTY = "-dirty"


def find_newer(source: str | None, commit: str | None) -> list[Finding]:
    """Find out whether a feedstock has gone on since a dataset was baked of it.

    Parameters
    ----------
    source : str, optional
        The feedstock, as the run had it.
    commit : str, optional
        Its version then.

    Returns
    -------
    list of Finding
        None where it is the newest, or nothing is known of a feedstock. That it cannot be told is a note.
    """
    if not source:
        return []
    weight, message = _compare(source, commit or "")
    if not message:
        return []
    hint = "Bake it again: `pangeo-forge recipe run`." if weight == "degraded" else None
    return [Finding(check="feedstock", weight=weight, message=message, where=redact_url(source), hint=hint)]


@lru_cache(maxsize=4096)
def _compare(source: str, commit: str) -> tuple[Weight, str]:
    """Compare a commit with that of today; many datasets have one feedstock."""
    if not _COMMIT.fullmatch(commit.removesuffix(_DIRTY)):
        return "note", "whether the feedstock has changed is not known: the run knew of no commit"
    if commit.endswith(_DIRTY):
        return "note", "whether the feedstock has changed cannot be told: it was baked of files that are in no commit"
    try:
        address = parse_address(source)
        return _compare_folder(address, commit) if isinstance(address, Path) else _compare_commits(find_commit(address), commit)
    except (GitFailed, ForgeError, OSError) as error:
        reason = error.summary if isinstance(error, GitFailed) else error.message if isinstance(error, ForgeError) else str(error)
        return "note", f"whether the feedstock has changed cannot be told: {reason}"


def _compare_folder(place: Path, commit: str) -> tuple[Weight, str]:
    folder = place if place.is_dir() else place.parent
    newer = run_git("log", "--format=%h", f"{commit}..HEAD", "--", ".", folder=folder).split()
    if not newer:
        return "note", ""
    return "degraded", f"the feedstock has changed since: {newer[0]} is its newest commit, the dataset was baked at {commit[:10]}"


def _compare_commits(newest: str, commit: str) -> tuple[Weight, str]:
    if newest.startswith(commit):
        return "note", ""
    return "degraded", f"the feedstock's repository has gone on to {newest[:10]}, the dataset was baked at {commit[:10]}"
