"""What a pipeline does with the finished store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import fsspec
from fsspec.mapping import FSMap

from pangeo_forge.plans.plan import Target
from pangeo_forge.plans.reading import blamed_on_recipe
from pangeo_forge.recipes.lifting.elements import Call
from pangeo_forge.recipes.lifting.reasons import CannotLift
from pangeo_forge.recipes.standins import beam, transforms


@dataclass(frozen=True)
class FollowUp:
    """What a recipe does with the finished store: one function after the other, the first given the store."""

    calls: tuple[Call, ...]
    target: Target

    def __call__(self, task: None) -> None:
        """Call the functions."""
        element: Any = FinishedStore(*_split(self.target))
        for call in self.calls:
            with blamed_on_recipe(call.fn, self.target.url):
                element = call(element)


class FinishedStore(FSMap):  # type: ignore[misc]
    """A store as a mapping, with the attributes that it had in Zarr 2."""

    def __init__(self, filesystem: Any, path: str) -> None:
        super().__init__(path, filesystem)
        self.path = path


def _split(target: Target) -> tuple[Any, str]:
    filesystem, path = fsspec.url_to_fs(target.url, **target.storage_options)
    return filesystem, path


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
