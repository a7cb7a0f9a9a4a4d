"""Turn archives of files into analysis-ready, cloud-optimized datasets.

``import pangeo_forge as pf; run = pf.bake("path/of/a/feedstock", "recipe-id")`` bakes a recipe as ``pangeo-forge recipe run`` does.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pangeo_forge.api.bakeries import list_bakeries
    from pangeo_forge.api.baking import bake
    from pangeo_forge.api.datasets import open_dataset
    from pangeo_forge.api.environments import create_environment, list_environments, prune_environments
    from pangeo_forge.api.feedstocks import create_feedstock, init_feedstock
    from pangeo_forge.api.linting import lint_recipes
    from pangeo_forge.api.opening import open  # noqa: A004
    from pangeo_forge.api.recipes import list_recipes, plan
    from pangeo_forge.api.resuming import resume
    from pangeo_forge.api.run_catalogs import catalog_run
    from pangeo_forge.api.runs import cancel, get_run, list_runs
    from pangeo_forge.errors import ForgeError
    from pangeo_forge.feedstocks.documents import meta_schema
    from pangeo_forge.runs.run import Run

__version__ = "0.1.0"

__all__ = [
    "ForgeError",
    "Run",
    "__version__",
    "bake",
    "cancel",
    "catalog_run",
    "create_environment",
    "create_feedstock",
    "get_run",
    "init_feedstock",
    "lint_recipes",
    "list_bakeries",
    "list_environments",
    "list_recipes",
    "list_runs",
    "meta_schema",
    "open",
    "open_dataset",
    "plan",
    "prune_environments",
    "resume",
]

#: Where each name is from. None is imported before it is asked for, so that `import pangeo_forge` costs next to nothing.
_HOMES = {
    "ForgeError": "pangeo_forge.errors",
    "Run": "pangeo_forge.runs.run",
    "bake": "pangeo_forge.api.baking",
    "cancel": "pangeo_forge.api.runs",
    "catalog_run": "pangeo_forge.api.run_catalogs",
    "create_environment": "pangeo_forge.api.environments",
    "create_feedstock": "pangeo_forge.api.feedstocks",
    "get_run": "pangeo_forge.api.runs",
    "init_feedstock": "pangeo_forge.api.feedstocks",
    "lint_recipes": "pangeo_forge.api.linting",
    "list_bakeries": "pangeo_forge.api.bakeries",
    "list_environments": "pangeo_forge.api.environments",
    "list_recipes": "pangeo_forge.api.recipes",
    "list_runs": "pangeo_forge.api.runs",
    "meta_schema": "pangeo_forge.feedstocks.documents",
    "open": "pangeo_forge.api.opening",
    "open_dataset": "pangeo_forge.api.datasets",
    "plan": "pangeo_forge.api.recipes",
    "prune_environments": "pangeo_forge.api.environments",
    "resume": "pangeo_forge.api.resuming",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
