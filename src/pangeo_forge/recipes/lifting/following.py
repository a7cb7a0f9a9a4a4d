"""What a pipeline does with the finished store."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import fsspec
from fsspec.mapping import FSMap

from pangeo_forge.plans.plan import Target
from pangeo_forge.plans.products import KerchunkJson, KerchunkParquet, Origin, Product
from pangeo_forge.plans.reading import blamed_on_recipe
from pangeo_forge.plans.targets import filesystem_of
from pangeo_forge.recipes.lifting.elements import Call
from pangeo_forge.recipes.lifting.reasons import CannotLift
from pangeo_forge.recipes.standins import beam, transforms


@dataclass(frozen=True)
class FollowUp:
    """What a recipe does with the finished store: one function after the other, the first given the store."""

    calls: tuple[Call, ...]
    target: Target
    product: Product

    def __call__(self, task: None) -> None:
        """Call the functions."""
        element: Any = make_finished_store(self.target, self.product)
        for call in self.calls:
            with blamed_on_recipe(call.fn, self.target.url), warnings.catch_warnings():
                warnings.filterwarnings("ignore", message="Failed to open Zarr store with consolidated metadata")
                element = call(element)


class FinishedStore(FSMap):  # type: ignore[misc]
    """A store as a mapping, with the attributes that it had in Zarr 2."""

    def __init__(self, filesystem: Any, path: str) -> None:
        super().__init__(path, filesystem)
        self.path = path


def make_finished_store(target: Target, product: Product) -> FinishedStore:
    """Give the store as functions behind it expect it: references as the Zarr store that they stand for."""
    if isinstance(product, KerchunkJson | KerchunkParquet):
        return FinishedStore(_open_references(target, product.origin), "")
    return FinishedStore(*filesystem_of(target))


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


def read_following(steps: Sequence[beam.PTransform]) -> list[Call]:
    """Read the steps behind the store."""
    calls = []
    for step in steps:
        if isinstance(step, transforms.ConsolidateMetadata | transforms.ConsolidateDimensionCoordinates):
            continue
        if not isinstance(step, beam.Map):
            raise CannotLift(f"{type(step).__name__} stands behind the store")
        calls.append(Call(step.fn, step.args, step.kwargs))
    return calls
