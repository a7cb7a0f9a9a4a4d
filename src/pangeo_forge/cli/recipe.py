"""``pangeo-forge recipe``: from an idea to a dataset."""

from __future__ import annotations

from pangeo_forge.cli.groups import make_group
from pangeo_forge.cli.lazy import Door, LazyGroup

_COMMANDS = "pangeo_forge.cli.recipe_commands"


class _Recipe(LazyGroup):
    doors = {  # noqa: RUF012  (a class variable of the base)
        "list": Door(_COMMANDS, "List the recipes of a feedstock.", "list"),
        "plan": Door(_COMMANDS, "Show what a run would do, without doing it.", "plan"),
        "lint": Door("pangeo_forge.cli.lint", "Find what is wrong with feedstocks, and mend it."),
        "test": Door(_COMMANDS, "Bake a little of a recipe, and check what came out.", "test"),
        "run": Door(_COMMANDS, "Bake recipes.", "run"),
        "catalog": Door("pangeo_forge.cli.recipe_catalog", "Enter the dataset of a run in the catalogue."),
        "init": Door(_COMMANDS, "Write a new feedstock to begin with.", "init"),
    }


app = make_group(
    "List, plan, lint, test, run and begin recipes. A recipe says how one dataset is made from an archive of files.", group=_Recipe
)
