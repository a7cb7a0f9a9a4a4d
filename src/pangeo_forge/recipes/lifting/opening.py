"""How a pipeline opens its inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pangeo_forge.recipes import patterns as native
from pangeo_forge.recipes.lifting.elements import Call
from pangeo_forge.recipes.lifting.reasons import CannotLift
from pangeo_forge.recipes.standins import beam, transforms
from pangeo_forge.recipes.standins.patterns import FilePattern, FileType


@dataclass(frozen=True)
class Opening:
    """How the inputs are opened."""

    open_kwargs: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    xarray_kwargs: Mapping[str, Any] = field(default_factory=dict)
    file_type: FileType = FileType.unknown


def read_opening(steps: Sequence[beam.PTransform]) -> tuple[Opening, tuple[Call, ...]]:
    """Read the steps before the store: how files are opened, and which functions are called with what was opened."""
    opening, calls, is_open = Opening(), [], False
    for step in steps:
        if isinstance(step, transforms.OpenURLWithFSSpec):
            opening = replace(opening, open_kwargs=step.open_kwargs or {}, secrets=step.secrets or {})
        elif isinstance(step, transforms.OpenWithXarray):
            opening = replace(opening, xarray_kwargs=step.xarray_open_kwargs or {}, file_type=FileType(step.file_type))
            is_open = True
        elif isinstance(step, transforms.CheckpointFileTransfer | transforms.Rechunk):
            continue
        elif isinstance(step, beam.Map | beam.MapTuple) and is_open:
            calls.append(Call(step.fn, step.args, step.kwargs, isinstance(step, beam.MapTuple)))
        else:
            raise CannotLift(f"{type(step).__name__} stands {'between opening and storing' if is_open else 'before files are opened'}")
    if not is_open:
        raise CannotLift("it opens nothing with OpenWithXarray")
    return opening, tuple(calls)


def open_pattern(pattern: FilePattern, opening: Opening) -> native.FilePattern:
    """Make the native pattern of the files, opened as the pipeline opens them."""
    made = pattern.to_native()
    if opening.file_type in (FileType.zarr, FileType.opendap):
        made = native.FilePattern(
            made.format_function, *made.combine_dims, fsspec_open_kwargs=made.fsspec_open_kwargs, file_type=opening.file_type.value
        )
    secrets = {"params": opening.secrets} if opening.secrets else {}
    options = {**made.fsspec_open_kwargs, **opening.open_kwargs, **secrets}
    if options == made.fsspec_open_kwargs:
        return made
    return native.FilePattern(made.format_function, *made.combine_dims, fsspec_open_kwargs=options, file_type=made.file_type)
