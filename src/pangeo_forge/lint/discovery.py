"""From what a person names to the drafts to be linted: a feedstock, a checkout with many, a repository."""

from __future__ import annotations

from pathlib import Path

from pangeo_forge.errors import UsageError
from pangeo_forge.feedstocks.addresses import Repository, parse_address
from pangeo_forge.feedstocks.checkouts import get_checkout
from pangeo_forge.feedstocks.sources import META, Place, plain_name
from pangeo_forge.lint.drafts import Draft, Layout

#: How far above a file its feedstock is looked for.
_HIGHEST = 3
#: How people name the file that must be named ``meta.yaml``.
METAS = (META, "meta.yml", "metadata.yaml", "metadata.yml", "Meta.yaml", "META.yaml")


def find_drafts(source: str | Path, *, checkouts: Path) -> list[Draft]:
    """Find the feedstocks that a source holds.

    Parameters
    ----------
    source : str or Path
        A feedstock; a folder of feedstocks, in its ``recipes/`` or in itself; a file of a feedstock; or a git URL
        ``…[@ref][#sub-folder]``, whose files are kept in `checkouts`.

    Raises
    ------
    UsageError
        If there is nothing by that name.
    SourceError
        If git cannot give the repository.
    """
    if str(source) == "-":
        raise UsageError("'-' is no feedstock, and nothing is read from standard input", hint="Name a folder or a git URL.")
    address = parse_address(str(source))
    if isinstance(address, Repository):
        root = get_checkout(address, checkouts)
        start = root / address.folder
        if not start.resolve().is_relative_to(root.resolve()) or not start.is_dir():
            raise UsageError(f"the repository {address.at('')} has no folder '{address.folder}'", hint="Look at its folders.")
        return [_draft(folder, folder.relative_to(root).as_posix(), address.name if folder == root else None) for folder in _folders(start)]
    start = address.parent if address.is_file() else address
    return [_draft(folder, folder.as_posix(), None) for folder in _folders(start)]


def _draft(folder: Path, shown: str, name: str | None) -> Draft:
    # The folder's own parent is followed, but not the folder itself: it may be a link that leads elsewhere.
    place = folder.parent.resolve() / folder.name if folder.name not in ("", "..") else folder.resolve()
    layout = _layout(place)
    root = {Layout.FEEDSTOCK: place.parent, Layout.STAGED: place.parent.parent, Layout.LOOSE: place}[layout]
    own = place.parent if layout is Layout.FEEDSTOCK else place
    return Draft(Place(place, shown, plain_name(name or own.name), shown), root, layout)


def _layout(folder: Path) -> Layout:
    if folder.name == "feedstock":
        return Layout.FEEDSTOCK
    return Layout.STAGED if folder.parent.name == "recipes" else Layout.LOOSE


def _folders(start: Path) -> list[Path]:
    """Find the folders that are, or should be, feedstocks."""
    if _has_meta(start):
        return [start]
    if (start / "feedstock").is_dir():
        return [start / "feedstock"]
    for parent in (start / "recipes", start):
        children = _children(parent)
        found = [folder for folder in children if _has_meta(folder) or _has_meta(folder / "feedstock")]
        if found:
            chosen = children if parent.name == "recipes" else found
            return [folder / "feedstock" if _has_meta(folder / "feedstock") else folder for folder in chosen]
    above = next((parent for parent in [*start.absolute().parents][:_HIGHEST] if _has_meta(parent)), None)
    return [above or start]


def _has_meta(folder: Path) -> bool:
    return any((folder / name).exists() for name in METAS)


def _children(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
