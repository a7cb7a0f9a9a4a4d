"""Where an input is in its pattern: what the functions of Beam recipes are given beside each value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

T = TypeVar("T")


class CombineOp(Enum):
    """How inputs are combined along a dimension."""

    MERGE = 1
    CONCAT = 2
    SUBSET = 3


@dataclass(frozen=True, order=True)
class Dimension:
    """A dimension of a pattern."""

    name: str
    operation: CombineOp


@dataclass(frozen=True, order=True)
class Position:
    """A place along a dimension of a pattern, or, if `indexed`, along one of the dataset."""

    value: int
    indexed: bool = False


@dataclass(frozen=True, order=True)
class IndexedPosition(Position):
    """A place along a dimension of the dataset, of `dimsize` steps."""

    indexed: bool = True
    dimsize: int = 0


class Index(dict[Dimension, Position]):
    """The place of an input along each dimension of its pattern; hashable, and never changed."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def find_concat_dim(self, dim_name: str) -> Dimension | None:
        """Give the concat dimension of a name; None where there is none."""
        return next((dim for dim in self if dim.name == dim_name and dim.operation is CombineOp.CONCAT), None)

    def find_position(self, dim_name: str) -> int:
        """Give the place along the concat dimension of a name.

        Raises
        ------
        ValueError
            If there is none.
        """
        dimension = self.find_concat_dim(dim_name)
        if dimension is None:
            raise ValueError(f"No dimension found with name {dim_name}")
        return self[dimension].value


#: A value and its index, as in ``Indexed[xr.Dataset]``.
Indexed = tuple[Index, T]


@dataclass(frozen=True, order=True)
class DimIndex:
    """A place along a dimension, as the class API wrote it."""

    name: str
    index: int
    sequence_len: int
    operation: CombineOp


#: The name that early versions of the Beam API gave to a position.
DimVal = Position
DimKey = Dimension


def make_index(index: dict[str, int], operations: dict[str, Any]) -> Index:
    """Write a place in a pattern as recipes of the Beam API expect it."""
    return Index({Dimension(name, operations[name]): Position(place) for name, place in index.items()})
