"""From the chunks of all inputs to those of the dataset, or why they do not fit together."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pangeo_forge.errors import InputsDisagree, Problem, UserError
from pangeo_forge.plans.inputs import Inputs
from pangeo_forge.plans.layout import Layout, TargetVariable
from pangeo_forge.plans.references.arrays import ReferencedArray
from pangeo_forge.plans.references.finding import Found
from pangeo_forge.plans.schema import Array
from pangeo_forge.plans.stores import group_index
from pangeo_forge.types import format_size, redact_url

#: A variable that cannot be referenced is stored by its values, if it has at most so many bytes of them.
COPIED_BELOW = 1_000_000
_TOLD = 12


@dataclass(frozen=True, slots=True)
class JoinedArray:
    """A variable of the dataset by reference.

    Parameters
    ----------
    variable : TargetVariable
    metadata : dict
        Zarr's metadata, version 3, without attributes.
    paths, offsets, lengths : numpy.ndarray
        Where each chunk lies, in the shape of the grid of chunks; an empty path is a chunk that is not stored.
    """

    variable: TargetVariable
    metadata: dict[str, Any]
    paths: Array
    offsets: Array
    lengths: Array

    @property
    def is_sparse(self) -> bool:
        """Whether some chunk is not stored."""
        return bool((self.paths == "").any())


def choose_referenced(layout: Layout, found: Found, inputs: Inputs, inline_below: int) -> tuple[list[TargetVariable], list[TargetVariable]]:
    """Part the variables into those that become references and those whose values are copied.

    Coordinates along the concat dimensions were gathered already. Text, whatever has no references, and what is small beside its
    references (at most `inline_below` bytes) is copied; so are coordinates of one dimension, which a reader wants at once.

    Raises
    ------
    UserError
        If a variable has no references and is too large to be copied.
    """
    referenced, copied = [], []
    for variable in layout.stored:
        along = bool(variable.concat_dims)
        if variable.dtype.kind == "O" or variable.name not in found.arrays or variable.name in found.refused:
            _refuse_if_large(variable, found, inputs)
            copied.append(variable)
        elif not along and (variable.nbytes <= inline_below or variable.dims == (variable.name,)):
            copied.append(variable)
        else:
            referenced.append(variable)
    return referenced, copied


def note_copied(copied: list[TargetVariable], found: Found, inputs: Inputs) -> tuple[str, ...]:
    """Say which variables are copied since nothing can refer to them."""
    return tuple(
        f"{variable.name} is copied, since it cannot be referenced in {redact_url(inputs[found.refused[variable.name][0]].url)}: "
        f"{found.refused[variable.name][1]}"
        for variable in copied
        if variable.name in found.refused
    )


def _refuse_if_large(variable: TargetVariable, found: Found, inputs: Inputs) -> None:
    if variable.nbytes <= COPIED_BELOW:
        return
    number, reason = found.refused.get(variable.name, (found.survey.groups[variable.group].number, "its values are text"))
    raise UserError(
        f"variable {variable.name!r} cannot be referenced: {reason}; and its {format_size(variable.nbytes)} are too much to be copied",
        where=redact_url(inputs[number].url),
        hint="Leave it out with open_kwargs={'drop_variables': […]}, or copy all values with a ZarrRecipe.",
    )


def check_chunks(layout: Layout, found: Found, inputs: Inputs, referenced: list[TargetVariable]) -> None:
    """Make sure that the chunks of the inputs make up those of one array.

    Raises
    ------
    InputsDisagree
        If they do not; its problems name which file against which.
    """
    problems = list(itertools.islice(_find_faults(layout, found, inputs, referenced), _TOLD))
    if problems:
        raise InputsDisagree(
            "the inputs cannot be referenced as one dataset" + (f" ({len(problems)} things are wrong)" if len(problems) > 1 else ""),
            problems=problems,
            hint="References change nothing in the files. Leave the odd ones out of the pattern, or copy the values with a ZarrRecipe.",
        )


def _find_faults(layout: Layout, found: Found, inputs: Inputs, referenced: list[TargetVariable]) -> Iterator[Problem]:
    for variable in referenced:
        arrays = found.arrays[variable.name]
        pieces = list(_pieces(variable, layout, inputs))
        first_number = pieces[0][0]
        first = arrays.get(first_number)
        for number, start in pieces:
            array = arrays.get(number)
            if array is None or first is None:
                yield Problem(f"{variable.name!r} has no references in {redact_url(inputs[number].url)}")
            elif fault := _compare(variable, first, array) or _misfit(variable, array, start):
                yield Problem(fault.format(first=redact_url(inputs[first_number].url), this=redact_url(inputs[number].url)))


def _compare(variable: TargetVariable, first: ReferencedArray, array: ReferencedArray) -> str | None:
    """Say in what an input's array differs from that of the first input; ``{first}`` and ``{this}`` stand for the two."""
    name = _literal(repr(variable.name))
    checks: Mapping[str, tuple[Any, Any]] = {
        "data type": (first.dtype, array.dtype),
        "chunk shape": (first.chunks, array.chunks),
        "compression": (first.codecs, array.codecs),
    }
    for what, (here, there) in checks.items():
        if here != there:
            return f"the {what} of {name} is {_shown(here)} in {{first}}, but {_shown(there)} in {{this}}"
    here, there = dict(first.packing), dict(array.packing)
    for key in sorted({*here, *there}):
        if here.get(key) != there.get(key):
            return f"{key} of {name} is {_shown(here.get(key))} in {{first}}, but {_shown(there.get(key))} in {{this}}"
    if first.fill != array.fill and (first.is_sparse or array.is_sparse):
        return f"chunks of {name} that are not stored mean {_shown(first.fill)} in {{first}}, but {_shown(array.fill)} in {{this}}"
    return None


def _misfit(variable: TargetVariable, array: ReferencedArray, start: Mapping[str, int]) -> str | None:
    """Say why an input's chunks do not end where those of the next one begin."""
    for dim, chunk, length, total in zip(variable.dims, array.chunks, array.shape, variable.shape, strict=True):
        if dim not in start:
            continue
        is_last = start[dim] + length == total
        if length % chunk and not is_last:
            return (
                f"{{this}} holds {length} steps of {_literal(repr(variable.name))} along {_literal(repr(dim))} in chunks of {chunk}: "
                "its last chunk is not full, and others follow"
            )
    return None


def _shown(value: Any) -> str:
    if isinstance(value, str) and value.startswith("["):
        names = [codec["name"].removeprefix("numcodecs.") for codec in json.loads(value) if codec["name"] != "bytes"]
        return _literal(" and ".join(names) or "none")
    return _literal("not given" if value is None else str(value))


def _literal(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _pieces(variable: TargetVariable, layout: Layout, inputs: Inputs) -> Iterator[tuple[int, dict[str, int]]]:
    """Yield the number of each input that a variable is read from, and where along each concat dimension it begins."""
    others = dict.fromkeys(inputs.concat_shape, 0) | group_index(variable.group, inputs)
    counts = [range(inputs.concat_shape[dim]) for dim in variable.concat_dims]
    for place in itertools.product(*counts):
        positions = dict(zip(variable.concat_dims, place, strict=True))
        start = {dim: int(layout.offsets[dim][at]) for dim, at in positions.items()}
        yield inputs[{**others, **positions}].number, start


def join_arrays(layout: Layout, found: Found, inputs: Inputs, referenced: list[TargetVariable]) -> list[JoinedArray]:
    """Put the chunks of the inputs together; `check_chunks` has found that they fit."""
    return [_join(variable, layout, found.arrays[variable.name], inputs) for variable in referenced]


def _join(variable: TargetVariable, layout: Layout, arrays: Mapping[int, ReferencedArray], inputs: Inputs) -> JoinedArray:
    pieces = list(_pieces(variable, layout, inputs))
    first = arrays[pieces[0][0]]
    grid = tuple(max(-(-size // max(chunk, 1)), 1) for size, chunk in zip(variable.shape, first.chunks, strict=True))
    paths = np.full(grid, "", dtype=np.dtypes.StringDType())
    offsets, lengths = np.zeros(grid, "u8"), np.zeros(grid, "u8")
    for number, start in pieces:
        array = arrays[number]
        begin = [start.get(dim, 0) // max(chunk, 1) for dim, chunk in zip(variable.dims, array.chunks, strict=True)]
        box = tuple(slice(at, at + count) for at, count in zip(begin, array.offsets.shape, strict=True))
        full = np.array(array.path, dtype=np.dtypes.StringDType()) if array.names is None else np.strings.add(array.path, array.names)
        paths[box] = np.where(array.lengths == 0, "", full)
        offsets[box], lengths[box] = array.offsets, array.lengths
    metadata = json.loads(first.metadata) | {"shape": list(variable.shape)}
    if metadata["zarr_format"] == 3:
        metadata["dimension_names"] = list(variable.dims)
        metadata["chunk_key_encoding"] = {"name": "default", "configuration": {"separator": "/"}}
    return JoinedArray(replace(variable, chunks=first.chunks), metadata, paths, offsets, lengths)


def count_chunks(variable: TargetVariable, array: ReferencedArray) -> int:
    """Count the chunks of a variable of the dataset that are chunked as an input's are."""
    return math.prod(-(-size // max(chunk, 1)) for size, chunk in zip(variable.shape, array.chunks, strict=True))
