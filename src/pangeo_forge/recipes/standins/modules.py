"""The modules that stand in for ``pangeo_forge_recipes`` and ``apache_beam`` while recipes are loaded."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Sequence
from functools import cache
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

#: The packages that are answered for.
PACKAGES = ("pangeo_forge_recipes", "apache_beam")


@cache
def load_contents() -> dict[str, dict[str, Any]]:
    """Say which names each module has."""
    # Imported when it is asked for: recipes are among the contents, and recipes answer imports while they call functions.
    from pangeo_forge.recipes.standins.beam_contents import beam_contents
    from pangeo_forge.recipes.standins.contents import classic_contents

    return {"pangeo_forge_recipes": {"__version__": "0.10.8"}, **classic_contents(), **beam_contents()}


class StandIn(ModuleType):
    """A module that stands in for another."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or not self.__name__.startswith("apache_beam"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r} that pangeo-forge answers for")
        from pangeo_forge.recipes.standins.beam import make_unknown  # see load_contents

        return make_unknown(f"{self.__name__}.{name}")

    def __reduce__(self) -> tuple[Callable[[str], ModuleType], tuple[str]]:
        return _revive, (self.__name__,)


def _revive(name: str) -> ModuleType:
    """Make a stand-in in another process, where a function of the recipe that names it is called."""
    module = StandIn(name)
    vars(module).update(load_contents().get(name, {}))
    return module


class Finder(MetaPathFinder, Loader):
    """Finds the stand-ins before the packages themselves, if those are installed."""

    def __init__(self) -> None:
        self.contents = load_contents()

    def find_spec(self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Find a stand-in; any module below ``apache_beam`` has one."""
        if fullname not in self.contents and not fullname.startswith("apache_beam."):
            return None
        return ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Make the stand-in."""
        return StandIn(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Fill it."""
        vars(module).update(self.contents.get(module.__name__, {}))
        for name in self.contents:
            if name.rpartition(".")[0] == module.__name__:
                importlib.import_module(name)


def put_in_place() -> Callable[[], None]:
    """Let stand-ins answer imports, and return what undoes it: then the names mean again what is installed."""
    finder = Finder()
    names = set(finder.contents)
    hidden = {name: sys.modules.pop(name) for name in list(sys.modules) if name in names or name.startswith(_PREFIXES)}
    sys.meta_path.insert(0, finder)
    undo_former = _add_former_names(finder.contents)

    def undo() -> None:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if name in names or name.startswith(_PREFIXES)]:
            del sys.modules[name]
        undo_former()
        sys.modules.update(hidden)

    return undo


_PREFIXES = tuple(name + "." for name in PACKAGES)


def _add_former_names(contents: dict[str, dict[str, Any]]) -> Callable[[], None]:
    """Let our own packages have what a package of their name had before it was called ``pangeo_forge_recipes``."""
    from pangeo_forge.recipes.standins.contents import FORMER

    package, recipes = importlib.import_module(FORMER), importlib.import_module(f"{FORMER}.recipes")
    before = set(vars(package)), set(vars(recipes))
    vars(recipes).update({name: value for name, value in contents[f"{FORMER}.recipe"].items() if name not in before[1]})

    def undo() -> None:
        for module, names in zip((package, recipes), before, strict=True):
            for name in set(vars(module)) - names:
                if f"{module.__name__}.{name}" in contents or module is recipes:
                    delattr(module, name)

    return undo
