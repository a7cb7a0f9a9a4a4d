"""From a source, as a person names it, to the folder that holds its ``meta.yaml``."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pangeo_forge.errors import Problem, SourceError, UsageError, Where
from pangeo_forge.feedstocks.addresses import Repository, parse_address
from pangeo_forge.feedstocks.checkouts import get_checkout
from pangeo_forge.feedstocks.problems import invalid, listing

META = "meta.yaml"
_MISNAMED = ("meta.yml", "metadata.yaml", "metadata.yml", "Meta.yaml", "META.yaml")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a feedstock was found.

    Parameters
    ----------
    folder : Path
        The folder that holds ``meta.yaml``, absolute.
    shown : str
        That folder, as messages should name it.
    name : str
        The feedstock's name.
    source : str
        The source it was found by, without what is secret in it.
    """

    folder: Path
    shown: str
    name: str
    source: str

    def show(self, name: str) -> str:
        """Name a file of the folder as messages should."""
        return name if self.shown in ("", ".") else f"{self.shown}/{name}"


def find_feedstock(source: str | Path, *, checkouts: Path) -> Place:
    """Find the folder of a feedstock.

    Parameters
    ----------
    source : str or Path
        A folder with ``meta.yaml`` in itself, under ``feedstock/`` or in the one folder under ``recipes/``; such a
        ``meta.yaml``; or a repository as ``URL[@ref][#folder]``, whose files are kept in `checkouts`.

    Raises
    ------
    UsageError
        If there is nothing by that name, or several feedstocks of which none was chosen.
    InvalidFeedstock
        If there is no ``meta.yaml``.
    SourceError
        If git cannot give the repository.
    """
    address = parse_address(str(source))
    try:
        if isinstance(address, Repository):
            return _find_in_repository(address, get_checkout(address, checkouts))
        return _find_locally(address, str(source))
    except OSError as error:
        raise UsageError(f"{error.filename} cannot be read: {error.strerror}", hint="Look at its permissions.") from error


def _find_locally(path: Path, source: str) -> Place:
    if path.is_file():
        if path.name in _MISNAMED:
            raise invalid([_misnamed(path, str(path))])
        if path.name != META:
            hint = f"Give the folder: {path.parent}."
            raise UsageError(f"{path} is a file, but a feedstock is a folder with a meta.yaml", hint=hint)
        path = path.parent
    folder = _find_folder(path, str, str)
    absolute = folder.resolve()
    outer = absolute.parent if absolute.name == "feedstock" else absolute
    return Place(absolute, folder.as_posix(), plain_name(outer.name), source)


def _find_in_repository(repository: Repository, root: Path) -> Place:
    start = _inside(root, root / repository.folder, repository)
    if not start.is_dir():
        folders = sorted(path.name for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))
        message = f"the repository {repository.at('')} has no folder '{repository.folder}'"
        raise UsageError(message, hint=f"At its top I see the folders {listing(folders)}.")

    def show(path: Path) -> str:
        return path.relative_to(root).as_posix()

    def choose(path: Path) -> str:
        return repository.at("" if path == root else show(path))

    folder = _find_folder(start, show, choose)
    _inside(root, folder / META, repository)
    outer = folder.parent if folder.name == "feedstock" else folder
    name = repository.name if outer == root else outer.name
    return Place(folder.resolve(), show(folder), plain_name(name), repository.at(repository.folder))


def _inside(root: Path, path: Path, repository: Repository) -> Path:
    real = Path(os.path.realpath(path))  # unlike Path.resolve, this takes links that go in circles
    if not real.is_relative_to(root.resolve()):
        message = f"'{path.relative_to(root)}' of {repository.at('')} is a link that leads out of the repository"
        raise SourceError(message, hint="Put the files themselves into the repository.")
    return path


def plain_name(name: str) -> str:
    """Take the ``-feedstock`` from the end of a repository's or folder's name."""
    return re.sub(r"(?<=.)[-_]feedstock$", "", name)


def _find_folder(start: Path, show: Callable[[Path], str], choose: Callable[[Path], str]) -> Path:
    """Find the folder with ``meta.yaml`` at or below `start`; `show` and `choose` write a path as a place and as a source."""
    for folder in (start, start / "feedstock"):
        if _has_meta(folder):
            return folder
    found = [folder for parent in (start / "recipes", start) for folder in _children(parent) if _has_meta(folder)]
    if len(found) == 1:
        return found[0]
    if found:
        names = listing([folder.name for folder in found])
        message = f"{choose(start)} holds {len(found)} feedstocks, of which one must be chosen: {names}"
        raise UsageError(message, hint=f"Name one of them, such as {choose(found[0])}.")
    raise invalid(_say_why_none(start, show, choose))


def _has_meta(folder: Path) -> bool:
    return META in {path.name for path in folder.iterdir()} if folder.is_dir() else False


def _children(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


def _say_why_none(start: Path, show: Callable[[Path], str], choose: Callable[[Path], str]) -> list[Problem]:
    folders = [start, start / "feedstock", *_children(start / "recipes"), *_children(start)]
    files = dict.fromkeys(folder / name for folder in folders for name in _MISNAMED if (folder / name).is_file())
    if files:
        return [_misnamed(path, show(path)) for path in files]
    seen = sorted(f"{path.name}/" if path.is_dir() else path.name for path in start.iterdir() if not path.name.startswith("."))
    hint = "Give a folder with a meta.yaml in it, in its feedstock/ or in its recipes/<name>/. `pangeo-forge recipe init` makes one."
    return [Problem(f"there is no meta.yaml; I see: {listing(seen)}", Where(choose(start)), hint, "PFS001")]


def _misnamed(path: Path, shown: str) -> Problem:
    return Problem(f"the file is named {path.name}, but must be named meta.yaml", Where(shown, 1, 1), f"Rename it to {META}.", "PFS002")
