"""Attributes and other values as JSON can hold them (RFC 8259): without NaN or infinities, and none as long as a book."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

#: So many characters or values of an attribute are kept.
LONGEST_TEXT = 10_000
_MOST_VALUES = 1000


def clean_attributes(attrs: Mapping[Any, Any]) -> dict[str, Any]:
    """Give attributes with values that JSON can hold."""
    return {clean_text(str(name)): clean(value) for name, value in attrs.items()}


def clean(value: Any) -> Any:
    """Give a value that JSON can hold: numbers, texts, and lists of these.

    NaN and infinities become the words ``"nan"``, ``"inf"`` and ``"-inf"``, as in STAC's ``nodata``. What is cut short says so.
    """
    if isinstance(value, np.generic | np.ndarray):
        if value.dtype.kind not in "biufUO":
            return clean_text(str(value))
        return clean(value.tolist())
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, bytes):
        return clean_text(value.decode(errors="replace"))
    if isinstance(value, Mapping):
        return clean_attributes(value)
    if isinstance(value, list | tuple):
        kept = [clean(element) for element in value[:_MOST_VALUES]]
        return kept if len(value) <= _MOST_VALUES else [*kept, f"… ({len(value)} values)"]
    return clean_text(str(value))


def clean_text(text: str) -> str:
    """Give a text that UTF-8 can write, cut short if it is very long."""
    written = text.encode("utf-8", "replace").decode()
    return written if len(written) <= LONGEST_TEXT else f"{written[:LONGEST_TEXT]}… ({len(written)} characters)"
