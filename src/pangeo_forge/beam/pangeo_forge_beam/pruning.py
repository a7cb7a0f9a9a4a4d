"""Pruning on objects: of what a pipeline begins with, the first two keys of every concat dimension."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

_KEPT = 2


def is_item(element: Any) -> bool:
    """Whether an element is an item of a pattern: a pair of an index and something."""
    return isinstance(element, tuple) and len(element) == 2 and hasattr(element[0], "find_concat_dim")


def describe_item(item: tuple[Any, str]) -> dict[str, Any]:
    """Describe an item with plain values: the URL, and the position along each dimension."""
    index, url = item
    return {"url": url, "index": {str(dimension.name): int(position.value) for dimension, position in index.items()}}


def prune(elements: Iterable[Any]) -> tuple[Any, ...]:
    """Keep the items of the first two keys of every concat dimension; what are no items of a pattern is kept."""
    elements = tuple(elements)
    if not elements or not all(map(is_item, elements)):
        return elements
    positions: dict[Any, set[int]] = {}
    for index, _ in elements:
        for dimension, position in index.items():
            if dimension.operation.name == "CONCAT":
                positions.setdefault(dimension, set()).add(position.value)
    kept = {dimension: set(sorted(values)[:_KEPT]) for dimension, values in positions.items()}
    return tuple(item for item in elements if all(item[0][dimension].value in values for dimension, values in kept.items()))
