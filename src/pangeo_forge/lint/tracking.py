"""Which files of a folder git keeps: what else lies there is its owner's own business."""

from __future__ import annotations

from pathlib import Path

from pangeo_forge.errors import UsageError
from pangeo_forge.feedstocks.git import GitFailed, run_git


def find_tracked(folder: Path) -> frozenset[str] | None:
    """Name the files that git keeps, relative to the folder; None where the folder lies in no checkout."""
    try:
        listed = run_git("ls-files", "-z", "--", ".", folder=folder)
    except (GitFailed, UsageError, OSError):
        return None
    return frozenset(path for path in listed.split("\0") if path)
