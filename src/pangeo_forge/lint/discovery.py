"""From what a person names to the drafts to be linted: a feedstock, a checkout with many, a repository."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from pangeo_forge.errors import UsageError
from pangeo_forge.feedstocks.addresses import Repository, parse_address
from pangeo_forge.feedstocks.checkouts import get_checkout
from pangeo_forge.feedstocks.sources import Place, plain_name
from pangeo_forge.lint.drafts import METAS, Draft, Layout
from pangeo_forge.lint.files.changes import Changes, find_top
from pangeo_forge.lint.files.folders import is_inside

#: How far above a file its feedstock is looked for.
_HIGHEST = 3


def find_drafts(source: str | Path, *, checkouts: Path, base: str | None = None) -> list[Draft]:
    """Find the feedstocks that a source holds.

    Parameters
    ----------
    source : str or Path
        A feedstock; a folder of feedstocks, in its ``recipes/`` or in itself; a file of a feedstock; or a git URL
        ``…[@ref][#sub-folder]``, whose files are kept in `checkouts`.
    checkouts : Path
        Where the files of git repositories are kept.
    base : str, optional
        The branch or commit to compare with.

    Raises
    ------
    UsageError
        If there is nothing by that name, or nothing to compare with.
    SourceError
        If git cannot give the repository.
    """
    try:
        drafts = _find(source, checkouts)
    except OSError as error:
        raise UsageError(f"{error.filename} cannot be read: {error.strerror}", hint="Look at its permissions.") from error
    if base is None:
        return drafts
    tops = {root: find_top(root) for root in dict.fromkeys(draft.root for draft in drafts)}
    changes = {top: Changes.since(base, top) for top in dict.fromkeys(tops.values())}
    return [replace(draft, changes=changes[tops[draft.root]]) for draft in drafts]


def _find(source: str | Path, checkouts: Path) -> list[Draft]:
    if str(source) == "-":
        raise UsageError("'-' is no feedstock, and nothing is read from standard input", hint="Name a folder or a git URL.")
    address = parse_address(str(source))
    if isinstance(address, Repository):
        return _find_in_repository(address, get_checkout(address, checkouts))
    start = address.parent if address.is_file() else address
    folders = _folders(start)
    if folders:
        return [_draft(folder, start, folder.as_posix(), None) for folder in folders]
    folder = _above(start) or start
    return [_draft(folder, folder, folder.as_posix(), None)]


def _find_in_repository(repository: Repository, root: Path) -> list[Draft]:
    start = root / repository.folder
    if not is_inside(start, root) or not start.is_dir():
        raise UsageError(f"the repository {repository.at('')} has no folder '{repository.folder}'", hint="Look at its folders.")
    whole = (root, root / "feedstock")
    return [
        _draft(folder, root, folder.relative_to(root).as_posix(), repository.name if folder in whole else None)
        for folder in _folders(start) or [start]
    ]


def _draft(folder: Path, boundary: Path, shown: str, name: str | None) -> Draft:
    # The folder's own parent is followed, but not the folder itself: it may be a link that leads elsewhere.
    place = folder.parent.resolve() / folder.name if folder.name not in ("", "..") else folder.resolve()
    layout = _layout(place)
    root = {Layout.FEEDSTOCK: place.parent, Layout.STAGED: place.parent.parent, Layout.LOOSE: place}[layout]
    own = place.parent if layout is Layout.FEEDSTOCK else place
    if not is_inside(place, boundary):  # a link on the way to it leads out of what was named
        root = boundary.resolve()
    return Draft(Place(place, shown, plain_name(name or own.name), shown), root, layout)


def _layout(folder: Path) -> Layout:
    if folder.name == "feedstock":
        return Layout.FEEDSTOCK
    return Layout.STAGED if folder.parent.name == "recipes" else Layout.LOOSE


def _folders(start: Path) -> list[Path]:
    """Find the folders at or below a place that are, or should be, feedstocks."""
    if _has_meta(start):
        return [start]
    if (start / "feedstock").is_dir():
        return [start / "feedstock"]
    for parent in (start / "recipes", start):
        children = _children(parent) if is_inside(parent, start) else []
        places = {folder: _with_meta(folder) for folder in children}
        if any(places.values()):
            return [place or folder for folder, place in places.items() if place or parent.name == "recipes"]
    return []


def _with_meta(folder: Path) -> Path | None:
    """Find where in the folder of a feedstock its ``meta.yaml`` is."""
    return next((place for place in (folder / "feedstock", folder) if _has_meta(place)), None)


def _above(start: Path) -> Path | None:
    """Find the feedstock that a folder lies in."""
    parents = (Path(os.path.normpath(start.joinpath(*[".."] * level))) for level in range(1, _HIGHEST + 1))
    return next((parent for parent in parents if _has_meta(parent)), None)


def _has_meta(folder: Path) -> bool:
    return folder.is_dir() and any((folder / name).exists() for name in METAS)


def _children(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith((".", "__")))
