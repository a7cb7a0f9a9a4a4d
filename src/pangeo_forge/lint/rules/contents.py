"""Whether the feedstock's folder holds what belongs into a repository, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import PurePosixPath

from pangeo_forge.errors import Where
from pangeo_forge.feedstocks.sources import META
from pangeo_forge.lint.drafts import Draft
from pangeo_forge.lint.files.catalogfile import NAME as CATALOG
from pangeo_forge.lint.files.folders import Entry, Kind
from pangeo_forge.lint.files.requirements import NAME as REQUIREMENTS
from pangeo_forge.lint.findings import Finding, Level
from pangeo_forge.lint.rule import Rule

#: Bytes of a file that nobody wrote by hand; of data, a sample to try the recipe on is smaller.
_LARGE = 500_000
_LARGE_DATA = 100_000
_DATA = frozenset(
    {".nc", ".nc4", ".cdf", ".grib", ".grib2", ".grb", ".grb2", ".h5", ".hdf5", ".hdf", ".he5", ".tif", ".tiff", ".zarr"}
    | {".npy", ".npz", ".parquet", ".mat", ".zip", ".gz", ".bz2", ".xz", ".zst", ".tar", ".tgz", ".7z"}
)
#: What programs leave behind, by what leaves it.
_LEFT_BEHIND = {
    "__pycache__": "Python",
    ".ipynb_checkpoints": "Jupyter",
    ".DS_Store": "macOS",
    "Thumbs.db": "Windows",
    "desktop.ini": "Windows",
}
#: Whoever reads these says that they are too large.
_READ = (META, REQUIREMENTS, CATALOG)
_MOST = 10


class Unwanted(Rule):
    """The folder holds what no repository should: data, large files, what programs left behind.

    Git keeps every version of every file for ever, and everybody who clones the repository gets all of them. Data are read from
    where they are, by the recipe; an outcome belongs into a store. Found are files of more than 500 kB, data (also stores of Zarr)
    and notebooks with their outputs of more than 100 kB, so that small samples to try a recipe on may stay; and, where git keeps
    them, `__pycache__`, `.DS_Store` and the like. In a git checkout, files that git does not keep are not looked at.
    """

    code = "PFS009"
    name = "unwanted-file"
    level = Level.WARNING
    message = "{path} {fault}"

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look at the names and sizes of all files."""
        return islice((*_find_left_behind(self, draft), *_find_large(self, draft)), _MOST)


def _find_left_behind(rule: Rule, draft: Draft) -> Iterator[Finding]:
    left = [entry for entry in draft.entries if entry.name in _LEFT_BEHIND]
    tracked = (draft.tracked if left else None) or frozenset()
    for entry in left:
        if entry.path in tracked:
            recursive = "-r " if entry.kind is Kind.FOLDER else ""
            hint = f"Take it out by `git rm {recursive}--cached {draft.show(entry.path)}`, and name it in .gitignore."
            fault = f"is left behind by {_LEFT_BEHIND[entry.name]}, and of no use to others"
            yield rule.found(Where(draft.show(entry.path)), help=hint, path=entry.name, fault=fault)


def _find_large(rule: Rule, draft: Draft) -> Iterator[Finding]:
    for entry, size in _measure(draft.entries):
        fault = _describe(entry, size, draft)
        if fault and (draft.tracked is None or entry.path in draft.tracked):
            yield rule.found(Where(draft.show(entry.path)), help=_advise(entry), path=entry.name, fault=fault)


def _measure(entries: Iterable[Entry]) -> Iterator[tuple[Entry, int]]:
    """Give the files and stores, each with all its bytes."""
    stores: dict[str, Entry] = {}
    sizes: dict[str, int] = {}
    for entry in entries:
        store = next((str(path) for path in PurePosixPath(entry.path).parents if str(path) in stores), None)
        if store:
            sizes[store] += entry.size if entry.kind is Kind.FILE else 0
        elif entry.kind is Kind.FOLDER and entry.path.endswith(".zarr"):
            stores[entry.path], sizes[entry.path] = entry, 0
        elif entry.kind is Kind.FILE:
            yield entry, entry.size
    yield from ((store, sizes[path]) for path, store in stores.items())


def _describe(entry: Entry, size: int, draft: Draft) -> str | None:
    """Say why something is too large; None where it is not."""
    if size <= _LARGE_DATA or entry.path in _READ or entry.path.endswith(".py"):
        return None
    measured = f"{size / 1e6:,.1f} MB" if size >= 1e6 else f"{size / 1e3:.0f} kB"
    suffix = PurePosixPath(entry.path).suffix.lower()
    if suffix in _DATA:
        return f"holds {measured} of data"
    if suffix == ".ipynb" and _has_outputs(entry, draft):
        return f"is a notebook of {measured} with its outputs"
    return f"is {measured} large" if size > _LARGE else None


def _has_outputs(entry: Entry, draft: Draft) -> bool:
    """Whether a notebook holds what its cells gave, as far as it is not too large to be read."""
    data = draft.read_bytes(entry.path, "") if entry.size <= _LARGE else None
    try:
        cells = json.loads(data or b"{}").get("cells", ())
        return any(cell.get("outputs") for cell in cells)
    except (ValueError, AttributeError, TypeError, RecursionError):
        return False


def _advise(entry: Entry) -> str:
    if entry.path.endswith(".ipynb"):
        return "Clear its outputs: `jupyter nbconvert --clear-output --inplace`, or keep it elsewhere."
    return "Keep it in a store or an archive, and let the recipe read it from there."
