"""From ``module:name`` in a ``meta.yaml`` to recipe objects."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import cloudpickle

from pangeo_forge.errors import RecipeFailed, UsageError, UserError
from pangeo_forge.plans.plan import Recipe
from pangeo_forge.recipes.importing.modules import import_module, running_code_of
from pangeo_forge.recipes.lifting import RECORDED, lift_or_keep

#: How long a module may take to be imported, seconds: some list an archive meanwhile.
LOAD_TIMEOUT_S = 600.0

#: Is entered with a module's name while its code runs, so that somebody else can see that it ends.
Watch = Callable[[str], AbstractContextManager[object]]


def load_recipes(
    folder: Path, entries: Iterable[tuple[str | None, str]], timeout_s: float = LOAD_TIMEOUT_S, watch: Watch = nullcontext
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
    watch : callable
        Is entered while code of a module runs.

    Raises
    ------
    RecipeFailed
        If a module cannot be imported, or not in time.
    UserError
        If an object is not there, or is not a recipe.
    """
    for recipe_id, reference in entries:
        yield from _Reference(folder, reference, timeout_s, watch).load(recipe_id)


def load_recipe(
    folder: Path,
    entries: Iterable[tuple[str | None, str]],
    recipe_id: str | None,
    timeout_s: float = LOAD_TIMEOUT_S,
    watch: Watch = nullcontext,
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
    recipes = dict(load_recipes(folder, candidates, timeout_s, watch))
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


@dataclass(frozen=True, slots=True)
class _Reference:
    """An object of a feedstock's module, ``module:name``."""

    folder: Path
    text: str
    timeout_s: float
    watch: Watch

    @property
    def module_name(self) -> str:
        return self.text.partition(":")[0]

    def load(self, recipe_id: str | None) -> Iterator[tuple[str, Recipe]]:
        """Yield the recipe, or those of a dictionary."""
        with self.watch(self.module_name):
            module = import_module(self.folder, self.module_name, self.timeout_s)
        with self.watch(self.module_name), running_code_of(self.folder, self.module_name, self.timeout_s):
            loaded = self._read(module, recipe_id)  # such as the `expand` of the module's own transforms
        yield from loaded

    def _read(self, module: ModuleType, recipe_id: str | None) -> list[tuple[str, Recipe]]:
        found = self._find(module)
        if recipe_id is not None:
            return [(recipe_id, _check_recipe(found, self.text))]
        if not isinstance(found, Mapping):
            raise UserError(
                f"dict_object {self.text!r} is a {_kind(found)}, not a dictionary of recipes", where=str(self.folder), code="PFM024"
            )
        return [(str(key), _check_recipe(recipe, f"{self.text}[{key!r}]")) for key, recipe in found.items()]

    def _find(self, module: ModuleType) -> Any:
        name = self.text.partition(":")[2]
        if hasattr(module, name):
            return getattr(module, name)
        names = [known for known in vars(module) if not known.startswith("_")]
        raise UserError(
            f"there is no {name!r} in module {self.module_name!r}",
            where=str(getattr(module, "__file__", self.folder)),
            hint=f"It defines {', '.join(names[:12])}." if names else "It defines nothing.",
            code="PFM022",
        )


def _check_recipe(found: Any, reference: str) -> Recipe:
    if isinstance(found, RECORDED):
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
