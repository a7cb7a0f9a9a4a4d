"""Which names each module of the class API had, in all of its versions: 0.1 to 0.3 lay in a package that is called as ours is."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from pangeo_forge.recipes.standins import base, classic, executors, hdf_references, indexing, patterns, sequential, splitting, storage

#: Where a package of its own was before it was called ``pangeo_forge_recipes``.
FORMER = "pangeo_forge"


#: The functions that a recipe was made of, for those who ran them by hand.
_STEPS = ("cache_input", "prepare_target", "open_input", "open_chunk", "store_chunk", "finalize_target")


def _ignore(*_: Any, **__: Any) -> None:
    """Do nothing: what a recipe asks for has no meaning here."""


def names_of(*modules: ModuleType) -> dict[str, Any]:
    """Give what modules define, or import, for others to use."""
    return {name: value for module in modules for name, value in vars(module).items() if not name.startswith("_")}


def classic_recipes() -> dict[str, Any]:
    """Give the names of the modules of recipes, which are all given all of them: they moved about."""
    steps = dict.fromkeys(_STEPS, executors.Execution())
    kinds = names_of(base, sequential, classic, hdf_references)
    return {**steps, **kinds, "setup_logging": _ignore, "AbstractTarget": storage.FSSpecTarget}


def classic_contents() -> dict[str, dict[str, Any]]:
    """Say which names each module has."""
    recipes = classic_recipes()
    ran_by = names_of(executors)
    of_patterns = {**names_of(indexing, patterns), "FilePatternIndex": indexing.Index}
    former = {**of_patterns, **names_of(sequential)}
    return {
        "pangeo_forge_recipes.patterns": {**former, **of_patterns},
        "pangeo_forge_recipes.recipes": recipes,
        "pangeo_forge_recipes.recipes.base": recipes,
        "pangeo_forge_recipes.recipes.xarray_zarr": recipes,
        "pangeo_forge_recipes.recipes.reference_hdf_zarr": recipes,
        "pangeo_forge_recipes.storage": names_of(storage),
        "pangeo_forge_recipes.utils": names_of(splitting),
        "pangeo_forge_recipes.executors": ran_by,
        **{f"pangeo_forge_recipes.executors.{kind}": ran_by for kind in ("base", "beam", "dask", "function", "prefect", "python")},
        f"{FORMER}.recipe": recipes,
        f"{FORMER}.recipes.base": recipes,
        f"{FORMER}.recipes.xarray_zarr": recipes,
        f"{FORMER}.patterns": former,
        f"{FORMER}.storage": names_of(storage),
        f"{FORMER}.executors": ran_by,
        f"{FORMER}.utils": names_of(splitting),
    }
