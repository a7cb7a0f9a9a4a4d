"""The modules that stand in for ``pangeo_forge_recipes`` and ``apache_beam`` while recipes are loaded."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from pangeo_forge.recipes.standins import beam, classic, indexing, patterns, storage, transforms

#: The packages that are answered for.
PACKAGES = ("pangeo_forge_recipes", "apache_beam")


def _names_of(*modules: ModuleType) -> dict[str, Any]:
    return {name: value for module in modules for name, value in vars(module).items() if not name.startswith("_")}


def _ignore(*_: Any, **__: Any) -> None:
    """Do nothing: what a recipe asks for has no meaning here."""


def _contents() -> dict[str, dict[str, Any]]:
    """Say which names each module has."""
    recipes = _names_of(classic)
    beams = _names_of(beam)
    types = _names_of(indexing)
    return {
        "pangeo_forge_recipes": {"__version__": "0.10.8"},
        "pangeo_forge_recipes.patterns": _names_of(indexing, patterns),
        "pangeo_forge_recipes.types": types,
        "pangeo_forge_recipes.recipes": {**recipes, "setup_logging": _ignore},
        "pangeo_forge_recipes.recipes.base": recipes,
        "pangeo_forge_recipes.recipes.xarray_zarr": recipes,
        "pangeo_forge_recipes.recipes.reference_hdf_zarr": recipes,
        "pangeo_forge_recipes.storage": _names_of(storage),
        "pangeo_forge_recipes.transforms": _names_of(indexing, patterns, transforms),
        "pangeo_forge_recipes.utils": {},
        "apache_beam": beams,
        "apache_beam.pvalue": {
            "PCollection": beam.PCollection,
            "AsSingleton": beam.SideInput,
            "AsList": beam.SideInput,
            "AsIter": beam.SideInput,
            "AsDict": beam.SideInput,
        },
        "apache_beam.transforms": beams,
        "apache_beam.transforms.core": beams,
        "apache_beam.transforms.ptransform": beams,
        "apache_beam.options": {},
        "apache_beam.options.pipeline_options": {"PipelineOptions": beam.Options},
        "apache_beam.runners": {},
        "apache_beam.typehints": {"with_input_types": beam.with_types, "with_output_types": beam.with_types},
        "apache_beam.io": {},
        "apache_beam.utils": {},
    }


class StandIn(ModuleType):
    """A module that stands in for another."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or not self.__name__.startswith("apache_beam"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r} that pangeo-forge answers for")
        return beam.make_unknown(f"{self.__name__}.{name}")


class Finder(MetaPathFinder, Loader):
    """Finds the stand-ins before the packages themselves, if those are installed."""

    def __init__(self) -> None:
        self.contents = _contents()

    def find_spec(self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Find a stand-in; any module below ``apache_beam`` has one."""
        if fullname.partition(".")[0] not in PACKAGES:
            return None
        if fullname not in self.contents and not fullname.startswith("apache_beam."):
            return None
        return ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Make the stand-in."""
        return StandIn(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Fill it."""
        vars(module).update(self.contents.get(module.__name__, {}))


@contextmanager
def answering_imports() -> Iterator[None]:
    """Answer imports of the older APIs by stand-ins in the block, and leave them to Python behind it."""
    finder = Finder()
    hidden = {name: module for name, module in sys.modules.items() if name.partition(".")[0] in PACKAGES}
    for name in hidden:
        del sys.modules[name]
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if name.partition(".")[0] in PACKAGES]:
            del sys.modules[name]
        sys.modules.update(hidden)
