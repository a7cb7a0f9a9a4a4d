"""From ``module:name`` to the recipe."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

from .failing import Refused


def find_recipe(order: dict[str, Any]) -> Any:
    """Import the recipe's module, and give the recipe.

    Parameters
    ----------
    order : dict
        ``folder`` holds the modules, ``recipe`` says where to look, ``{"objects": ["module:name"], "key": None}``, or has the key in
        one of several dictionaries of recipes.

    Raises
    ------
    Refused
        If it is not there, or Beam cannot run it.
    """
    folder, recipe = order["folder"], order["recipe"]
    sys.path.insert(0, folder)
    # Beam's own processes import the module as well.
    os.environ["PYTHONPATH"] = os.pathsep.join([folder, os.environ.get("PYTHONPATH", "")])
    found = _look(recipe["objects"], recipe["key"])
    if not hasattr(found, "expand"):
        raise Refused(
            f"the recipe is a {type(found).__name__} of a pipeline that the module begins by itself, so that nothing can be told to it",
            hint="Make the recipe a chain of transforms: `beam.Create(…) | …`.",
        )
    _refuse_appending(found)
    return found


def _look(references: list[str], key: str | None) -> Any:
    for reference in references:
        module_name, _, name = reference.partition(":")
        found = getattr(importlib.import_module(module_name), name)
        if key is None:
            return found
        recipes = {str(known): recipe for known, recipe in found.items()}
        if key in recipes:
            return recipes[key]
    raise Refused(f"there is no recipe {key!r} where the modules are imported with Apache Beam")


def _refuse_appending(recipe: Any) -> None:
    for part in getattr(recipe, "_parts", (recipe,)):
        along = getattr(getattr(part, "transform", part), "append_dim", None)
        if along is not None:
            raise Refused(
                f"the recipe appends along {along!r} to a store that exists, which Apache Beam does again whenever the run is repeated",
                hint="Leave out --engine beam if the recipe is lifted, or leave out append_dim.",
            )
