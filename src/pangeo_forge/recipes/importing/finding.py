"""Which file is a feedstock's module, where its name is also that of something else."""

from __future__ import annotations

import builtins
import importlib
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from pangeo_forge.errors import UserError


def add_folder(folder: Path) -> None:
    """Let modules be found that are in a folder, before those that are installed, but not in the place of Python's own."""
    if str(folder) in sys.path:
        return
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    if any(path.stem in sys.stdlib_module_names for path in folder.iterdir()):
        sys.meta_path.insert(0, _StandardLibrary(folder))


class _StandardLibrary(MetaPathFinder):
    """Finds Python's own modules before those of the same name in a folder, which were never meant for who imports Python's."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)

    def find_spec(self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Find a module of the standard library."""
        if path is not None or fullname not in sys.stdlib_module_names:
            return None
        return PathFinder.find_spec(fullname, [place for place in sys.path if place != self._folder], target)


def import_from(folder: Path, name: str) -> ModuleType:
    """Import a module of a folder, under another name where its own is that of another module, such as ``types`` or ``zarr``.

    Raises
    ------
    UserError
        If a package in the folder has the name of another.
    """
    top = name.partition(".")[0]
    file = _find_file(folder, top)
    is_taken = file is not None and _is_taken(top, file)
    if is_taken and top != name:
        raise UserError(f"the package {top!r} has the name of another that is imported already", where=str(file), hint="Rename it.")
    if file is None or top != name or file.name == "__init__.py":
        return importlib.import_module(name)
    return _import_as(f"{top}_of_the_feedstock" if is_taken else top, file)


def _find_file(folder: Path, top: str) -> Path | None:
    return next((file for file in (folder / top / "__init__.py", folder / f"{top}.py") if file.is_file()), None)


def _is_taken(top: str, file: Path) -> bool:
    there = sys.modules.get(top)
    return top in sys.stdlib_module_names or (there is not None and getattr(there, "__file__", None) != str(file))


def _import_as(name: str, file: Path) -> ModuleType:
    there = sys.modules.get(name)
    if there is not None and getattr(there, "__file__", None) == str(file):
        return there
    spec = spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[name] = module
    ours = dict(builtins.__dict__)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        builtins.__dict__.update(ours)
        sys.modules.pop(name, None)
        raise
    builtins.__dict__.update(ours)  # at once: what comes next needs them
    return sys.modules.get(name, module)
