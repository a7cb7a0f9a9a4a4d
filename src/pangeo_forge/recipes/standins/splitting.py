"""What recipes import of ``pangeo_forge_recipes.utils``: how a length or a list is taken in pieces."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Any


def calc_subsets(sequence_len: int, n_segments: int) -> list[int]:
    """Divide a length into a number of pieces, of which the last takes what is left over."""
    if n_segments > sequence_len:
        raise ValueError(f"Can't split len {sequence_len} into {n_segments} segments")
    step, rest = divmod(sequence_len, n_segments)
    return [step] * (n_segments - 1) + [step + rest]


def chunked_iterable(iterable: Iterable[Any], size: int) -> Iterator[tuple[Any, ...]]:
    """Take what is iterated over a few at a time."""
    rest = iter(iterable)
    return iter(lambda: tuple(itertools.islice(rest, size)), ())


def fix_scalar_attr_encoding(ds: Any) -> Any:
    """Give the dataset as it is: attributes that are arrays of one element are written as they should be."""
    return ds
