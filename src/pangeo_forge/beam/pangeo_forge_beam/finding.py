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
        ``folder`` holds the modules, ``recipe`` is ``{"object": "module:name", "key": None}``, or has the key of a dictionary of recipes.

    Raises
    ------
    Refused
        If it is not there, or Beam cannot run it.
    """
    folder, reference, key = order["folder"], order["recipe"]["object"], order["recipe"]["key"]
    sys.path.insert(0, folder)
    # Beam's own processes import the module as well.
    os.environ["PYTHONPATH"] = os.pathsep.join([folder, os.environ.get("PYTHONPATH", "")])
    module_name, _, name = reference.partition(":")
    found = getattr(importlib.import_module(module_name), name)
    if key is not None:
        found = {str(known): recipe for known, recipe in found.items()}[key]
    _refuse_appending(found)
    return found


def _refuse_appending(recipe: Any) -> None:
    for part in getattr(recipe, "_parts", (recipe,)):
        along = getattr(getattr(part, "transform", part), "append_dim", None)
        if along is not None:
            raise Refused(
                f"the recipe appends along {along!r} to a store that exists, which Apache Beam does again whenever the run is repeated",
                hint="Leave out --engine beam if the recipe is lifted, or leave out append_dim.",
            )
