"""``pangeo_forge_recipes.recipes.base``: what all recipes of the class API have."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

from pangeo_forge.recipes import patterns as native
from pangeo_forge.recipes.standins.executors import Execution, Pipeline
from pangeo_forge.recipes.standins.patterns import FilePattern
from pangeo_forge.recipes.standins.storage import StorageConfig, temporary_storage_config


@dataclass
class FilePatternMixin:
    """What has a pattern."""

    file_pattern: FilePattern

    def copy_pruned(self, nkeep: int = native.PRUNED_KEYS) -> Any:
        """Make the recipe of the first keys of each concat dimension; what was assigned to the recipe since it was made is kept."""
        pruned = copy.copy(self)
        pruned.file_pattern = self.file_pattern.prune(nkeep)
        return pruned


@dataclass
class StorageMixin:
    """What has places, which are the bakery's."""

    storage_config: StorageConfig = field(default_factory=temporary_storage_config, kw_only=True)

    @property
    def target_mapper(self) -> Any:
        """The place that the module itself named, as a mapping."""
        return self.storage_config.target.get_mapper()


@dataclass
class BaseRecipe:
    """The base of the recipes."""

    sha256: bytes | None = field(default=None, repr=False, kw_only=True)

    def to_function(self) -> Execution:
        """Give what ran the recipe from within its module: here it does nothing."""
        return Execution()

    to_generator = to_dask = to_beam = to_pipelines = to_function

    def to_prefect(self, wrap_dask: bool = False) -> Execution:
        """Give what ran the recipe from within its module: here it does nothing."""
        return Execution()

    def _compiler(self) -> Pipeline:
        """Give the stages that the recipe ran in, which are of no use here."""
        return Pipeline(config=self)

    def get_execution_context(self) -> dict[str, str]:
        """Say which versions made the dataset, which the run's journal does."""
        return {}
