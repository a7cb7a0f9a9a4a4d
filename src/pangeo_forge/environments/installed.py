"""What is installed where pangeo-forge itself runs."""

from __future__ import annotations

import importlib.metadata
import re
import site
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

#: How a package's metadata folder is named (PyPA, *Recording installed projects*).
_RECORDED = re.compile(r"(?P<name>[^-]+)-(?P<version>[^-]+)\.(?:dist|egg)-info")

OURS = "pangeo-forge"


def find_site_folders() -> tuple[Path, ...]:
    """Give the folders of this Python's own packages, in the order in which it looks there."""
    folders = [*site.getsitepackages(), *([site.getusersitepackages()] if site.ENABLE_USER_SITE else [])]
    known = [Path(folder) for folder in dict.fromkeys(folders) if Path(folder).is_dir()]
    return tuple(sorted(known, key=lambda folder: sys.path.index(str(folder)) if str(folder) in sys.path else len(sys.path)))


def list_versions(folders: Iterable[Path]) -> dict[str, str]:
    """Give the version of every package in some folders, by its normalized name; the names of folders tell, which is fast."""
    versions: dict[str, str] = {}
    for folder in folders:
        for entry in sorted(folder.glob("*-info")) if folder.is_dir() else ():
            if match := _RECORDED.fullmatch(entry.name):
                versions.setdefault(canonicalize_name(match["name"]), match["version"])
    return versions


def find_stack(versions: Mapping[str, str]) -> frozenset[str]:
    """Name the packages that pangeo-forge brings, those of its extras included: all that its own requirements lead to.

    Parameters
    ----------
    versions : mapping
        What is installed. Of a package that is not, only the name is known, not what it would lead to.
    """
    found: set[str] = set()
    waiting = [(OURS, frozenset(_extras(OURS)))]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        name, extras = waiting.pop()
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        found.add(name)
        if name in versions or name == OURS:
            required = find_requirements(name, ["", *extras])
            waiting += [(canonicalize_name(requirement.name), frozenset(requirement.extras)) for requirement in required]
    return frozenset(found)


def find_requirements(name: str, extras: Iterable[str] = ("",)) -> list[Requirement]:
    """Give what an installed package requires here, with some of its extras; ``""`` stands for what it requires without any."""
    return [one for one in _requires(name) if any(_applies(one, extra) for extra in extras)]


def _applies(requirement: Requirement, extra: str) -> bool:
    return (requirement.marker is None and not extra) or (requirement.marker is not None and requirement.marker.evaluate({"extra": extra}))


def bounds_of_extras() -> dict[str, Requirement]:
    """Give what pangeo-forge's own requirements and extras ask of packages, by name."""
    return {canonicalize_name(requirement.name): requirement for requirement in _requires(OURS)}


@cache
def _requires(name: str) -> tuple[Requirement, ...]:
    try:
        return tuple(Requirement(text) for text in importlib.metadata.requires(name) or ())
    except importlib.metadata.PackageNotFoundError:
        return ()


def _extras(name: str) -> list[str]:
    try:
        return importlib.metadata.metadata(name).get_all("Provides-Extra") or []
    except importlib.metadata.PackageNotFoundError:
        return []
