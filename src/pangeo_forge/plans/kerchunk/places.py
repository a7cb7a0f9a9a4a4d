"""Where in the combined dataset each input lies: whether its chunks can have the places that kerchunk gives them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pangeo_forge.errors import InputsDisagree
from pangeo_forge.plans.kerchunk.scanning import References, read_array, read_json
from pangeo_forge.types import redact_url

#: The address of an input, and its references.
Input = tuple[str, References]


def is_read(selector: Any) -> bool:
    """Whether the values of a coordinate are read from a variable of each input."""
    return isinstance(selector, str) and selector.startswith(("data:", "cf:"))


def check_places(name: str, selector: str, inputs: Sequence[Input], values: Any, dtype: Any = None) -> None:
    """Make sure that each input's steps lie side by side in the dataset, and begin where a chunk does.

    kerchunk places an input's chunks by its first value, and counts on from there.

    Parameters
    ----------
    name : str
        The concat dimension.
    selector : str
        Where its values are, as `kerchunk.combine.MultiZarrToZarr` takes it.
    inputs : sequence of (str, dict)
    values : array
        Those of the whole dataset, in order.
    dtype : optional
        The type that they were given.

    Raises
    ------
    InputsDisagree
        If an input does not lie so.
    """
    for url, refs in inputs:
        own = np.atleast_1d(_read(refs, selector, dtype)).ravel()
        start, last = (int(place) for place in np.searchsorted(values, [own[0], own[-1]]))
        if last - start + 1 != own.size:
            raise InputsDisagree(
                f"between its values of {name!r} lie values of other inputs, so that its steps cannot follow one another in one dataset",
                where=redact_url(url),
                hint="Do variables of different files have different times? Write them to Zarr, or make a dataset of each.",
            )
        odd = next((variable for variable, length in _chunks_along(refs, name) if start % length), None)
        if odd is not None:
            raise InputsDisagree(
                f"its first step of {name!r} is number {start} of the dataset, where no chunk of {odd!r} begins",
                where=redact_url(url),
                hint="Are the lengths of inputs no multiple of their chunks? Write them to Zarr instead.",
            )


def _read(refs: References, selector: str, dtype: Any) -> Any:
    kind, _, variable = selector.partition(":")
    values: Any = read_array(refs, variable)
    if kind == "cf":
        import cftime

        attrs = read_json(refs, f"{variable}/.zattrs")
        values = cftime.num2date(values, units=attrs.get("units"), calendar=attrs.get("calendar", "standard"))
        if dtype is not None and "M" in str(dtype):
            values = np.array([time.isoformat() for time in np.atleast_1d(values)], dtype=dtype)
    return values if dtype is None else np.asarray(values).astype(dtype)


def _chunks_along(refs: References, dim: str) -> list[tuple[str, int]]:
    """Give the lengths of chunks along a dimension, by variable."""
    names = [key.removesuffix("/.zarray") for key in refs if key.endswith("/.zarray") and key != f"{dim}/.zarray"]
    dims = {name: read_json(refs, f"{name}/.zattrs").get("_ARRAY_DIMENSIONS", []) for name in names}
    return [(name, read_json(refs, f"{name}/.zarray")["chunks"][dims[name].index(dim)]) for name in names if dim in dims[name]]
