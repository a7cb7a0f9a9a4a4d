"""Pipelines that write references: ``… | OpenWithKerchunk | CombineReferences | WriteReference``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pangeo_forge.plans.kerchunk.merging import Merge
from pangeo_forge.recipes import patterns as native
from pangeo_forge.recipes.kerchunk import KerchunkRecipe
from pangeo_forge.recipes.lifting.elements import read_step
from pangeo_forge.recipes.lifting.opening import PASSED_OVER
from pangeo_forge.recipes.lifting.reasons import CannotLift
from pangeo_forge.recipes.lifting.sources import Inputs, read_inputs
from pangeo_forge.recipes.standins import beam, transforms
from pangeo_forge.recipes.standins.hdf_references import answer_functions
from pangeo_forge.recipes.standins.patterns import FileType

#: What of the parameters of `kerchunk.combine.MultiZarrToZarr` says what is made; the others say where things are, which is known.
_MEANT = ("coo_map", "coo_dtypes", "preprocess", "postprocess")
_KNOWN = ("inline_threshold", "target_options", "remote_options", "remote_protocol")

_OPENERS = (transforms.OpenURLWithFSSpec, transforms.OpenWithKerchunk)

ReferenceWriter = transforms.WriteCombinedReference | transforms.WriteReference


@dataclass(frozen=True)
class _Reading:
    """What the steps before the writer say."""

    options: dict[str, Any] = field(default_factory=dict)
    opening: transforms.OpenWithKerchunk | None = None
    combining: transforms.CombineReferences | None = None


def lift_references(create: beam.Create, before: Sequence[beam.PTransform], writer: ReferenceWriter) -> KerchunkRecipe:
    """Read a pipeline that writes references.

    Raises
    ------
    CannotLift
        If it does what no plan does.
    """
    before = [step for step in before if not isinstance(step, PASSED_OVER)]
    first = next((number for number, step in enumerate(before) if isinstance(step, _OPENERS)), 0)
    inputs = read_inputs(create, tuple(read_step(step) for step in before[:first]))
    read = _read_steps(before[first:])
    opening = read.opening
    if opening is None:
        raise CannotLift("it opens nothing with OpenWithKerchunk")
    combining = read.combining or writer
    if isinstance(combining, transforms.WriteReference):
        raise CannotLift("it writes references that nothing has combined")
    if FileType(opening.file_type) in (FileType.zarr, FileType.opendap, FileType.tiff):
        raise CannotLift(f"it makes references of files of type {FileType(opening.file_type).value}")
    thresholds = (opening.inline_threshold, combining.mzz_kwargs.get("inline_threshold"))
    return KerchunkRecipe(
        _open_pattern(inputs.pattern, {**read.options, **(opening.storage_options or {})}),
        _read_merge(combining, inputs),
        file_type="grib" if FileType(opening.file_type) is FileType.grib else None,
        protocol=opening.remote_protocol,
        inline_threshold=max(threshold or 0 for threshold in thresholds),
        options=opening.kerchunk_open_kwargs or {},
        parquet=writer.output_file_name.endswith(".parquet"),
    )


def _read_steps(steps: Sequence[beam.PTransform]) -> _Reading:
    read = _Reading()
    for step in steps:
        if isinstance(step, transforms.OpenURLWithFSSpec):
            secrets = {"params": step.secrets} if step.secrets else {}
            read = replace(read, options={**(step.open_kwargs or {}), **secrets})
        elif isinstance(step, transforms.OpenWithKerchunk):
            read = replace(read, opening=step)
        elif isinstance(step, transforms.CombineReferences) and read.opening is not None:
            read = replace(read, combining=step)
        else:
            raise CannotLift(f"{type(step).__name__} stands before references are written")
    return read


def _read_merge(step: transforms.CombineReferences | transforms.WriteCombinedReference, inputs: Inputs) -> Merge:
    odd = [name for name in step.mzz_kwargs if name not in (*_MEANT, *_KNOWN)]
    if odd:
        raise CannotLift(f"its mzz_kwargs give {odd[0]!r}")
    meant = answer_functions({name: value for name, value in step.mzz_kwargs.items() if name in _MEANT and value is not None})
    return Merge(tuple(step.concat_dims) or tuple(inputs.concat_dims), tuple(step.identical_dims), **meant)


def _open_pattern(pattern: native.FilePattern, options: dict[str, Any]) -> native.FilePattern:
    options = {**pattern.fsspec_open_kwargs, **options}
    return native.FilePattern(pattern.format_function, *pattern.combine_dims, fsspec_open_kwargs=options)
