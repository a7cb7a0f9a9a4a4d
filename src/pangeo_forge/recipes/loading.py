"""From ``module:name`` in a ``meta.yaml`` to recipe objects: the one place where a feedstock's code is run."""

from __future__ import annotations

import importlib
import signal
import sys
import threading
import traceback
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import cloudpickle

from pangeo_forge.errors import ForgeError, RecipeFailed, UsageError, UserError
from pangeo_forge.plans.explaining import format_foreign
from pangeo_forge.plans.plan import Recipe
from pangeo_forge.recipes.lifting import lift_or_keep
from pangeo_forge.recipes.standins.beam import PTransform
from pangeo_forge.recipes.standins.modules import PACKAGES, answering_imports

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
    module = _import_module(folder, module_name, timeout_s)
    if not hasattr(module, name):
        names = [known for known in vars(module) if not known.startswith("_")]
        raise UserError(
            f"there is no {name!r} in module {module_name!r}",
            where=str(module.__file__),
            hint=f"It defines {', '.join(names[:12])}." if names else "It defines nothing.",
            code="PFM022",
        )
    return getattr(module, name)


class _TooLong(BaseException):
    """Importing takes longer than it may; not an `Exception`, which the module itself may catch."""


@contextmanager
def _limit(seconds: float) -> Iterator[None]:
    """Interrupt what takes too long, where signals can: in the main thread, as in a worker."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def interrupt(number: int, frame: object) -> None:
        raise _TooLong

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _import_module(folder: Path, name: str, timeout_s: float) -> ModuleType:
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    try:
        with answering_imports(), _limit(timeout_s):
            module = importlib.import_module(name)
    except ForgeError:
        raise
    except _TooLong as error:
        raise RecipeFailed(
            f"module {name!r} takes longer than {timeout_s:g} s to be imported",
            where=_last_line_within(folder, error) or str(folder),
            hint="Do what takes long in the recipe's functions, or give it more time by --load-timeout.",
            detail=format_foreign(error),
            code="PFR041",
        ) from error
    except SyntaxError as error:
        from pangeo_forge.errors import Where

        place = Where(error.filename or name, error.lineno, error.offset)
        raise RecipeFailed(f"is not valid Python: {error.msg}", where=place, detail=traceback.format_exc(limit=0), code="PFR001") from error
    except ModuleNotFoundError as error:
        raise _explain_missing(folder, name, error) from error
    except (Exception, SystemExit) as error:
        line = _last_line_within(folder, error)
        raise RecipeFailed(
            f"module {name!r} fails when it is imported: {type(error).__name__}: {error}",
            where=line or str(folder),
            hint="The traceback of the recipe's code is shown with --verbose.",
            detail=format_foreign(error),
            code="PFR041",
        ) from error
    cloudpickle.register_pickle_by_value(module)
    return module


def _explain_missing(folder: Path, name: str, error: ModuleNotFoundError) -> ForgeError:
    package = (error.name or "").partition(".")[0]
    where = _last_line_within(folder, error) or str(folder)
    if package == name.partition(".")[0]:
        return UserError(f"there is no module {name!r}", where=str(folder), hint="The module is a file beside meta.yaml.", code="PFM021")
    if package in PACKAGES:
        message = f"the recipe imports {error.name}, for which pangeo-forge does not answer"
        return UserError(message, where=where, hint="Please report it, with the recipe.", code="PFR041")
    needs = folder / "requirements.txt"
    return UserError(
        f"the recipe imports {package!r}, which is not installed",
        where=where,
        hint=f"pip install -r {needs}" if needs.is_file() else f"Install {package!r} in the environment of pangeo-forge.",
        code="PFR034",
    )


def _last_line_within(folder: Path, error: BaseException) -> Any:
    """Find the last line of the feedstock's own code in an exception's traceback."""
    from pangeo_forge.errors import Where

    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(folder)]
    return Where(frames[-1].filename, frames[-1].lineno) if frames else None


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
