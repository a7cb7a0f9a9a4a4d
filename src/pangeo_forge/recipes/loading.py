"""From ``module:name`` in a ``meta.yaml`` to recipe objects."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import cloudpickle
import numpy as np

from pangeo_forge.errors import RecipeFailed, UsageError, UserError
from pangeo_forge.plans.blaming import describe, format_foreign
from pangeo_forge.plans.plan import Recipe
from pangeo_forge.recipes.importing.modules import import_module, running_code_of
from pangeo_forge.recipes.lifting import RECORDED, lift_or_keep

#: How long a module may take to be imported, seconds: some list an archive meanwhile.
LOAD_TIMEOUT_S = 600.0

#: So many recipes of a dictionary are read before any of them is passed on.
_BATCH = 500
#: So many ids are named where there are more.
_SHOWN = 12

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
    if recipe_id is None:
        return _load_only(folder, entries, timeout_s, watch)
    named = [entry for entry in entries if entry[0] == recipe_id]
    known = [name for name, _ in entries if name is not None]
    for name, text in named or [entry for entry in entries if entry[0] is None]:
        found, ids = _Reference(folder, text, timeout_s, watch).pick(recipe_id, is_named=name is not None)
        if found is not None:
            return recipe_id, found
        known += ids
    near = difflib.get_close_matches(recipe_id, known, 1)
    hint = f"Did you mean {near[0]!r}?" if near else f"There are {_enumerate(known)}."
    raise UsageError(f"there is no recipe {recipe_id!r} in the feedstock", where=str(folder), hint=hint)


def _load_only(folder: Path, entries: list[tuple[str | None, str]], timeout_s: float, watch: Watch) -> tuple[str, Recipe]:
    names = [name for entry in entries for name in load_ids(folder, [entry], timeout_s, watch)]
    if len(names) != 1:
        hint = f"Name one of {_enumerate(names)}."
        raise UsageError("the feedstock has several recipes, and none is named", where=str(folder), hint=hint)
    return load_recipe(folder, entries, names[0], timeout_s, watch)


def load_ids(
    folder: Path, entries: Iterable[tuple[str | None, str]], timeout_s: float = LOAD_TIMEOUT_S, watch: Watch = nullcontext
) -> Iterator[str]:
    """Yield the ids of a feedstock's recipes; only the modules of dictionaries are imported, and none of their recipes is read.

    See `load_recipes` for the parameters and for what is raised.
    """
    for recipe_id, text in entries:
        if recipe_id is not None:
            yield recipe_id
        else:
            yield from _Reference(folder, text, timeout_s, watch).load_dictionary()


def _enumerate(names: list[str]) -> str:
    """Write a list of names, of which there may be thousands."""
    return ", ".join(names[:_SHOWN]) + (f", … ({len(names):,} in all)" if len(names) > _SHOWN else "") or "none"


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
            f"the recipe {recipe_id!r} cannot be sent to the processes of a cluster: {describe(error)}",
            hint="Make files, connections and locks inside of the recipe's functions, not at the module's level.",
            detail=format_foreign(error),
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
        """Yield the recipe, or those of a dictionary, a batch at a time."""
        if recipe_id is not None:
            yield from self._read({recipe_id: (self._load_object(), self.text)})
            return
        entries = list(self.load_dictionary().items())
        for start in range(0, len(entries), _BATCH):
            yield from self._read(dict(entries[start : start + _BATCH]))

    def pick(self, recipe_id: str, *, is_named: bool) -> tuple[Recipe | None, list[str]]:
        """Load the recipe of an id, which is the object's or, if that is not named, a key of it; return the ids that there are, too."""
        found = {recipe_id: (self._load_object(), self.text)} if is_named else self.load_dictionary()
        if recipe_id not in found:
            return None, list(found)
        ((_, recipe),) = self._read({recipe_id: found[recipe_id]})
        return recipe, list(found)

    def load_dictionary(self) -> dict[str, tuple[Any, str]]:
        """Import the module, and give by id what its dictionary holds, unread, and what to call it."""
        found = self._load_object()
        if not isinstance(found, Mapping):
            raise UserError(
                f"dict_object {self.text!r} is a {_kind(found)}, not a dictionary of recipes", where=str(self.folder), code="PFM024"
            )
        with self._running():
            return self._name(found)

    def _name(self, found: Mapping[Any, Any]) -> dict[str, tuple[Any, str]]:
        named: dict[str, tuple[Any, str]] = {}
        for key, value in found.items():
            recipe_id = self._make_id(key)
            if recipe_id in named:
                raise UserError(
                    f"two keys of the dictionary {self.text!r} make one id, {recipe_id!r}",
                    where=str(self.folder),
                    hint="Give the recipes ids that differ as text.",
                )
            named[recipe_id] = (value, f"{self.text}[{key!r}]")
        return named

    def _make_id(self, key: Any) -> str:
        """Make the id of a key: text that can be written on a command line, or a whole number."""
        text = str(key) if isinstance(key, str | int | np.integer) and not isinstance(key, bool) else ""
        if not text.strip() or not text.isprintable():
            raise UserError(
                f"the key {key!r} of the dictionary {self.text!r} is no id of a recipe",
                where=str(self.folder),
                hint="A key is text of printable characters, or a whole number.",
            )
        return text

    def _load_object(self) -> Any:
        with self.watch(self.module_name):
            module = import_module(self.folder, self.module_name, self.timeout_s)
        with self._running():
            return self._find(module)

    def _read(self, found: Mapping[str, tuple[Any, str]]) -> list[tuple[str, Recipe]]:
        """Make recipes of objects; code of the module may run, such as the `expand` of its own transforms."""
        with self._running():
            return [(recipe_id, _check_recipe(value, text)) for recipe_id, (value, text) in found.items()]

    @contextmanager
    def _running(self) -> Iterator[None]:
        """Let code of the module run in the body."""
        with self.watch(self.module_name), running_code_of(self.folder, self.module_name, self.timeout_s):
            yield

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
