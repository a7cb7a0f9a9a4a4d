"""From ``module:name`` in a ``meta.yaml`` to recipe objects."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import cloudpickle

from pangeo_forge.errors import RecipeFailed, UsageError, UserError
from pangeo_forge.plans.plan import Recipe
from pangeo_forge.recipes.importing.modules import import_module
from pangeo_forge.recipes.lifting import lift_or_keep
from pangeo_forge.recipes.standins.beam import PTransform

#: How long a module may take to be imported, seconds: some list an archive meanwhile.
LOAD_TIMEOUT_S = 600.0


def load_recipes(
    folder: Path, entries: Iterable[tuple[str | None, str]], timeout_s: float = LOAD_TIMEOUT_S
) -> Iterator[tuple[str, Recipe]]:
    """Import a feedstock's modules, and yield the recipes that they define.

    Parameters
    ----------
    folder : Path
        The folder of the modules.
    entries : iterable of (str or None, str)
        Id and object (``"module:name"``) of each entry; without an id the object is a dictionary of recipes.
    timeout_s : float
        How long each module may take to be imported, seconds.

    Raises
    ------
    RecipeFailed
        If a module cannot be imported, or not in time.
    UserError
        If an object is not there, or is not a recipe.
    """
    for recipe_id, reference in entries:
        found = _find_object(folder, reference, timeout_s)
        if recipe_id is not None:
            yield recipe_id, _check_recipe(found, reference)
            continue
        if not isinstance(found, Mapping):
            raise UserError(f"dict_object {reference!r} is a {_kind(found)}, not a dictionary of recipes", where=str(folder), code="PFM024")
        for key, recipe in found.items():
            yield str(key), _check_recipe(recipe, f"{reference}[{key!r}]")


def load_recipe(
    folder: Path, entries: Iterable[tuple[str | None, str]], recipe_id: str | None, timeout_s: float = LOAD_TIMEOUT_S
) -> tuple[str, Recipe]:
    """Load the recipe of an id, or the only one.

    Only the module of the entry that has the id is imported; where none has, those of dictionaries are.

    Raises
    ------
    UsageError
        If there is no such recipe, or if there are several and none is named.
    """
    entries = list(entries)
    named = [entry for entry in entries if recipe_id is not None and entry[0] == recipe_id]
    candidates = named or ([entry for entry in entries if entry[0] is None] if recipe_id is not None else entries)
    recipes = dict(load_recipes(folder, candidates, timeout_s))
    if recipe_id is None and len(recipes) == 1:
        return next(iter(recipes.items()))
    if recipe_id is not None and recipe_id in recipes:
        return recipe_id, recipes[recipe_id]
    names = [*(entry[0] for entry in entries if entry[0] is not None), *(name for name in recipes if (name, "") not in entries)]
    known = ", ".join(dict.fromkeys(names)) or "none"
    if recipe_id is None:
        raise UsageError("the feedstock has several recipes, and none is named", where=str(folder), hint=f"Name one of {known}.")
    raise UsageError(f"there is no recipe {recipe_id!r} in the feedstock", where=str(folder), hint=f"There are {known}.")


def check_portable(recipe: Recipe, recipe_id: str) -> None:
    """Make sure that a recipe can be sent to the processes of a cluster.

    Raises
    ------
    RecipeFailed
        If it cannot be pickled, or not unpickled.
    """
    try:
        cloudpickle.loads(cloudpickle.dumps(recipe))
    except Exception as error:
        raise RecipeFailed(
            f"the recipe {recipe_id!r} cannot be sent to the processes of a cluster: {type(error).__name__}: {error}",
            hint="Make files, connections and locks inside of the recipe's functions, not at the module's level.",
            detail=traceback.format_exc(),
            code="PFR042",
        ) from error


def _find_object(folder: Path, reference: str, timeout_s: float) -> Any:
    module_name, _, name = reference.partition(":")
    module = import_module(folder, module_name, timeout_s)
    if not hasattr(module, name):
        names = [known for known in vars(module) if not known.startswith("_")]
        raise UserError(
            f"there is no {name!r} in module {module_name!r}",
            where=str(module.__file__),
            hint=f"It defines {', '.join(names[:12])}." if names else "It defines nothing.",
            code="PFM022",
        )
    return getattr(module, name)


def _check_recipe(found: Any, reference: str) -> Recipe:
    if isinstance(found, PTransform):
        return lift_or_keep(found, reference)
    if isinstance(found, type) or not callable(getattr(found, "plan", None)) or not callable(getattr(found, "prune", None)):
        raise UserError(
            f"object {reference!r} is a {_kind(found)}, not a recipe",
            hint="A recipe is a ZarrRecipe, or anything that has the methods plan and prune.",
            code="PFM023",
        )
    recipe: Recipe = found
    return recipe


def _kind(found: Any) -> str:
    return found.__name__ + " class" if isinstance(found, type) else type(found).__name__
