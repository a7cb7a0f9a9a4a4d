"""Whether the modules that a ``meta.yaml`` names are there, seen without running any."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from pangeo_forge.errors import Problem
from pangeo_forge.feedstocks.entries import no_object
from pangeo_forge.feedstocks.meta import Meta, RecipeEntry
from pangeo_forge.feedstocks.problems import listing, nearest

_DEEPEST = 3
#: Of more files there are no more names to suggest.
_MOST = 5_000


def check_modules(meta: Meta, folder: Path) -> list[Problem]:
    """Find what `meta` names and `folder` does not hold: modules, and the catalogue of entries without an object."""
    if meta.catalogued:
        is_catalogue = (folder / "catalog.yaml").exists() or not list_modules(folder)
        return [] if is_catalogue else [no_object(entry) for entry in meta.catalogued]
    missing = [entry for entry in meta.recipes if not _is_there(entry.module, folder)]
    present = list_modules(folder) if missing else []
    if missing and not present:
        return [_no_module(missing, folder)]
    return [_missing(entry, present) for entry in missing]


def list_modules(folder: Path) -> list[str]:
    """List the modules of a folder, as paths of dots; links to other folders are not followed."""
    files = sorted(islice(_find_files(folder), _MOST), key=lambda path: (len(path.parts), path))
    paths = [path.relative_to(folder).with_suffix("") for path in files if path.suffix == ".py"]
    names = [".".join(path.parent.parts if path.name == "__init__" else path.parts) for path in paths]
    return [name for name in names if name and all(part.isidentifier() for part in name.split("."))]


def _find_files(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        depth = len(Path(place).relative_to(folder).parts)
        folders[:] = [name for name in sorted(folders) if name.isidentifier()] if depth + 1 < _DEEPEST else []
        yield from (Path(place, name) for name in files)


def _is_there(module: str, folder: Path) -> bool:
    path = folder.joinpath(*module.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def _no_module(entries: Sequence[RecipeEntry], folder: Path) -> Problem:
    """Say once that there is no module at all, instead of every recipe's that its own is missing."""
    wanted = listing(list(dict.fromkeys(f"{entry.module.replace('.', '/')}.py" for entry in entries)), 3)
    misnamed = min((path.name for path in islice(_find_files(folder), _MOST) if path.suffix == ".py"), default=None)
    hint = "Put the code of the recipes there. A dataset that exists already needs none: catalog.yaml says where it is."
    if misnamed:
        hint = f"{misnamed} cannot be imported by that name: rename it, with letters, digits and underscores alone."
    return Problem(f"there is no module beside meta.yaml, but its recipes are objects of {wanted}", entries[0].where, hint, "PFS014")


def _missing(entry: RecipeEntry, present: Sequence[str]) -> Problem:
    path = entry.module.replace(".", "/")
    message = f"there is no module '{entry.module}': no file {path}.py beside meta.yaml"
    close = nearest(entry.module, present)
    hint = f"Did you mean '{close}:{entry.object.partition(':')[2]}'? " if close else ""
    return Problem(message, entry.where, f"{hint}The modules here: {listing(present)}.", "PFM021")
