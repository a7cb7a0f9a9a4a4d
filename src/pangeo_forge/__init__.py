"""Turn archives of files into analysis-ready, cloud-optimized datasets.

``import pangeo_forge as pf; run = pf.bake("path/of/a/feedstock", "recipe-id")`` bakes a recipe as ``pangeo-forge recipe run`` does.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pangeo_forge.api.bakeries import list_bakeries
    from pangeo_forge.api.baking import bake
    from pangeo_forge.api.cataloguing import Search, create_catalog, search_catalog, validate_catalog
    from pangeo_forge.api.checking import check_catalog
    from pangeo_forge.api.datasets import open_dataset
    from pangeo_forge.api.environments import create_environment, list_environments, prune_environments
    from pangeo_forge.api.exporting import export_catalog, import_catalog
    from pangeo_forge.api.feedstocks import create_feedstock, init_feedstock
    from pangeo_forge.api.linting import lint_recipes
    from pangeo_forge.api.opening import open  # noqa: A004
    from pangeo_forge.api.pushing import push_catalog
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
    "Search",
    "__version__",
    "bake",
    "cancel",
    "catalog_run",
    "check_catalog",
    "create_catalog",
    "create_environment",
    "create_feedstock",
    "export_catalog",
    "get_run",
    "import_catalog",
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
    "push_catalog",
    "resume",
    "search_catalog",
    "validate_catalog",
]

#: Where each name is from. None is imported before it is asked for, so that `import pangeo_forge` costs next to nothing.
_HOMES = {
    "ForgeError": "pangeo_forge.errors",
    "Run": "pangeo_forge.runs.run",
    "Search": "pangeo_forge.api.cataloguing",
    "bake": "pangeo_forge.api.baking",
    "cancel": "pangeo_forge.api.runs",
    "catalog_run": "pangeo_forge.api.run_catalogs",
    "check_catalog": "pangeo_forge.api.checking",
    "create_catalog": "pangeo_forge.api.cataloguing",
    "create_environment": "pangeo_forge.api.environments",
    "create_feedstock": "pangeo_forge.api.feedstocks",
    "export_catalog": "pangeo_forge.api.exporting",
    "get_run": "pangeo_forge.api.runs",
    "import_catalog": "pangeo_forge.api.exporting",
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
    "push_catalog": "pangeo_forge.api.pushing",
    "resume": "pangeo_forge.api.resuming",
    "search_catalog": "pangeo_forge.api.cataloguing",
    "validate_catalog": "pangeo_forge.api.cataloguing",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
