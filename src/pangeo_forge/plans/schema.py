"""What one input holds, read from its header: the variables as they will be stored, and the values that inputs must share.

A variable is described in its *encoded* form, as CF packs it into a file (``scale_factor``, ``_FillValue``, ``units`` of
time), since inputs that are packed alike are copied without being unpacked.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pangeo_forge.plans.inputs import InputFile
from pangeo_forge.plans.stamps import Stamp

#: Attributes that say how numbers stand for values (CF 1.11, sections 2.5.1, 4.4 and 8.1).
PACKING = ("scale_factor", "add_offset", "_FillValue", "missing_value", "_Unsigned", "units", "calendar")

Packing = tuple[tuple[str, Any], ...]
Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class VariableSchema:
    """A variable as one input holds it.

    Parameters
    ----------
    dims, shape
        Names and lengths of its dimensions.
    dtype : numpy.dtype
        Of the encoded values; the string dtype ``object`` for text.
    value_dtype : numpy.dtype
        Of the decoded values.
    attrs : dict
        Its attributes, those of the packing included.
    packing : tuple of (str, object)
        The dtype and the packing in a form that can be compared; bounds inherit units and calendar from their coordinate.
    chunks : tuple of int or None
        How the input is chunked; None if it is contiguous.
    """

    dims: tuple[str, ...]
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    value_dtype: np.dtype[Any]
    attrs: dict[str, Any]
    packing: Packing
    chunks: tuple[int, ...] | None

    @property
    def is_text(self) -> bool:
        """Whether the values are strings."""
        return self.dtype.kind == "O"

    @property
    def is_time(self) -> bool:
        """Whether the values are times or time differences with units of their own."""
        return is_time(self.attrs) or any(name == "units" for name, _ in self.packing)

    @property
    def itemsize(self) -> int:
        """Bytes of one encoded value; a string is counted as 32."""
        return itemsize(self.dtype)

    @property
    def nbytes(self) -> int:
        """The size of the encoded values."""
        return math.prod(self.shape) * self.itemsize


@dataclass(frozen=True, slots=True)
class Shared:
    """Values that several inputs must have in common, such as latitudes, or the times of one position.

    Parameters
    ----------
    digest : bytes
        A hash of the encoded values.
    meaning : bytes
        A hash of what they mean (numbers to the precision of float32, dates), to compare values that are packed in different ways.
    values : numpy.ndarray or None
        The encoded values, where they are to be gathered from all inputs.
    packing : tuple of (str, object)
        How `values` are packed.
    """

    digest: bytes
    meaning: bytes
    values: Array | None
    packing: Packing


@dataclass(frozen=True, slots=True)
class Header:
    """What one input holds.

    Parameters
    ----------
    source : InputFile
        The input.
    sizes : dict of str to int
        Its dimensions.
    variables : dict of str to VariableSchema
    attrs : dict
        The attributes of the whole dataset.
    shared : dict of (str, tuple of int) to Shared
        By the name of the variable and the input's positions along those concat dimensions that the variable has.
    stamp : Stamp
        Which version of the file that is, as far as it is known.
    """

    source: InputFile
    sizes: dict[str, int]
    variables: dict[str, VariableSchema]
    attrs: dict[str, Any]
    shared: dict[tuple[str, tuple[int, ...]], Shared]
    stamp: Stamp = field(default_factory=Stamp)


def is_time(attrs: Mapping[str, Any]) -> bool:
    """Whether a variable with these attributes holds times (CF 1.11, section 4.4)."""
    units = attrs.get("units")
    return isinstance(units, str) and " since " in units


def itemsize(dtype: np.dtype[Any]) -> int:
    """Bytes of one value; a string, whose length is not known, is counted as 32."""
    return 32 if dtype.kind == "O" else dtype.itemsize


def make_packing(dtype: np.dtype[Any], attrs: Mapping[str, Any]) -> Packing:
    """Put a dtype and the attributes that pack it into a form that can be compared (NaN equals NaN, 1.0 equals ``[1.0]``)."""
    if dtype.kind == "O":
        return (("dtype", "text"),)
    names = PACKING if is_time(attrs) else PACKING[:5]
    return (("dtype", dtype.str), *((name, _comparable(attrs[name])) for name in names if name in attrs))


def _comparable(value: Any) -> Any:
    values = tuple("NaN" if item != item else item for item in np.asarray(value).reshape(-1).tolist())
    return values[0] if len(values) == 1 else values


def make_digest(values: Array) -> bytes:
    """Hash an array's shape and values."""
    content = repr(values.tolist()).encode() if values.dtype.kind == "O" else np.ascontiguousarray(values).tobytes()
    return hashlib.blake2b(content, digest_size=16, salt=str(values.shape).encode()[:16]).digest()
