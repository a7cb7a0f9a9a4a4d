"""Which files of a folder git keeps: what else lies there is its owner's own business."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from pangeo_forge.errors import UsageError
from pangeo_forge.feedstocks.git import GitFailed, run_git


def find_tracked(folder: Path) -> frozenset[str] | None:
    """Name the files that git keeps, and the folders that they are in, relative to the folder; None where it lies in no checkout."""
    try:
        listed = run_git("ls-files", "-z", "--", ".", folder=folder)
    except (GitFailed, UsageError, OSError):
        return None
    files = [path for path in listed.split("\0") if path]
    folders = {path.rpartition("/")[0] for path in files}
    return frozenset([*files, *folders, *(str(above) for folder in folders for above in PurePosixPath(folder).parents)])
