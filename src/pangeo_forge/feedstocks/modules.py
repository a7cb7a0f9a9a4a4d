"""Whether the modules that a ``meta.yaml`` names are there, seen without running any."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pangeo_forge.errors import Problem
from pangeo_forge.feedstocks.entries import no_object
from pangeo_forge.feedstocks.meta import Meta, RecipeEntry
from pangeo_forge.feedstocks.problems import listing, nearest

_DEEPEST = 3


def check_modules(meta: Meta, folder: Path) -> list[Problem]:
    """Find what `meta` names and `folder` does not hold: modules, and the catalogue of entries without an object."""
    if meta.catalogued:
        is_catalogue = (folder / "catalog.yaml").exists() or not list_modules(folder)
        return [] if is_catalogue else [no_object(entry) for entry in meta.catalogued]
    missing = [entry for entry in meta.recipes if not _is_there(entry.module, folder)]
    present = list_modules(folder) if missing else []
    return [_missing(entry, present) for entry in missing]


def list_modules(folder: Path) -> list[str]:
    """List the modules of a folder, as paths of dots."""
    files = [path for depth in range(_DEEPEST) for path in sorted(folder.glob("*/" * depth + "*.py"))]
    paths = [path.relative_to(folder).with_suffix("") for path in files]
    names = [".".join(path.parent.parts if path.name == "__init__" else path.parts) for path in paths]
    return [name for name in names if name and all(part.isidentifier() for part in name.split("."))]


def _is_there(module: str, folder: Path) -> bool:
    path = folder.joinpath(*module.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def _missing(entry: RecipeEntry, present: Sequence[str]) -> Problem:
    path = entry.module.replace(".", "/")
    message = f"there is no module '{entry.module}': no file {path}.py beside meta.yaml"
    close = nearest(entry.module, present)
    hint = f"Did you mean '{close}:{entry.object.partition(':')[2]}'? " if close else ""
    return Problem(message, entry.where, f"{hint}The modules here: {listing(present)}.", "PFM021")
