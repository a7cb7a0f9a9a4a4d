"""What a pipeline does with the finished store."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import fsspec
from fsspec.mapping import FSMap

from pangeo_forge.plans.blaming import blamed_on_recipe
from pangeo_forge.plans.plan import Target
from pangeo_forge.plans.products import KerchunkJson, KerchunkParquet, Origin, Product
from pangeo_forge.plans.targets import consolidate, filesystem_of
from pangeo_forge.recipes.lifting.elements import ElementStep, read_step
from pangeo_forge.recipes.standins import beam, transforms
from pangeo_forge.recipes.standins.scope import answering


@dataclass(frozen=True)
class FollowUp:
    """What a recipe does with the finished store: one function after the other, the first given the store."""

    steps: tuple[ElementStep, ...]
    target: Target
    product: Product

    def __call__(self, task: None) -> None:
        """Call the functions."""
        elements: list[Any] = [make_finished_store(self.target, self.product)]
        for step in self.steps:
            with blamed_on_recipe(step.function, self.target.url), warnings.catch_warnings(), answering():
                warnings.filterwarnings("ignore", message="Failed to open Zarr store with consolidated metadata")
                elements = [made for element in elements for made in step(element)]


class FinishedStore(FSMap):  # type: ignore[misc]
    """A store as a mapping, with the attributes that it had in Zarr 2; `target` is where it is, if it is one that can be consolidated."""

    def __init__(self, filesystem: Any, path: str, target: Target | None = None) -> None:
        super().__init__(path, filesystem)
        self.path = path
        self.target = target


def make_finished_store(target: Target, product: Product) -> FinishedStore:
    """Give the store as functions behind it expect it: references as the Zarr store that they stand for."""
    if isinstance(product, KerchunkJson | KerchunkParquet):
        return FinishedStore(_open_references(target, product.origin), "")
    return FinishedStore(*filesystem_of(target), target)


def _open_references(target: Target, origin: Origin) -> Any:
    # Zarr asks for a file system that is asynchronous throughout, which fsspec makes of local ones by itself.
    asynchronous = {} if origin.is_local else {"asynchronous": True}
    return fsspec.filesystem(
        "reference",
        fo=target.url,
        target_options=dict(target.storage_options),
        remote_protocol=origin.protocol,
        remote_options={**origin.options, **asynchronous},
        **asynchronous,
        skip_instance_cache=True,
    )


@dataclass(frozen=True)
class Consolidate:
    """``ConsolidateMetadata`` behind functions that may have changed the store; what else they return is left alone, as it was."""

    @property
    def function(self) -> Callable[..., Any]:
        """What messages blame."""
        return consolidate

    def __call__(self, element: Any) -> Iterable[Any]:
        """Consolidate."""
        if isinstance(element, FinishedStore) and element.target is not None:
            consolidate(element.target)
        return (element,)


def read_following(steps: Sequence[beam.PTransform]) -> list[ElementStep]:
    """Read the steps behind the store; what is done to every store anyway need only be done again behind the recipe's own functions."""
    following: list[ElementStep] = []
    for step in steps:
        if isinstance(step, transforms.ConsolidateMetadata):
            following += [Consolidate()] if following else []
        elif not isinstance(step, transforms.ConsolidateDimensionCoordinates | beam.Reshuffle):
            following.append(read_step(step))
    return following
