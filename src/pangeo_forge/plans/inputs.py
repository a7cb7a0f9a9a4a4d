"""The files that a dataset is made of, as a plan sees them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, overload


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file of a pattern: what a recipe's `preprocess` is told about the dataset that it is given.

    Parameters
    ----------
    number : int
        Its place in the pattern, counted from 0, the last dimension varying fastest.
    url : str
        Where it is, as fsspec takes it.
    index : dict of str to int
        Its position along each dimension.
    keys : dict of str to object
        Its key along each dimension.
    """

    number: int
    url: str
    index: dict[str, int]
    keys: dict[str, Any]


class Inputs(Protocol):
    """Input files on a grid of concat and merge dimensions, each made when it is asked for."""

    def __len__(self) -> int: ...

    @overload
    def __getitem__(self, item: int) -> InputFile: ...
    @overload
    def __getitem__(self, item: Mapping[str, int]) -> InputFile: ...

    @property
    def concat_shape(self) -> dict[str, int]:
        """How many files there are along each concat dimension."""
        ...

    @property
    def merge_shape(self) -> dict[str, int]:
        """How many sets of variables there are along each merge dimension."""
        ...

    @property
    def nitems_per_file(self) -> dict[str, int | None]:
        """How many steps along each concat dimension a file holds, where the recipe says so."""
        ...
