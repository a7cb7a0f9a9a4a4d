"""Which inputs are opened to outline a run."""

from __future__ import annotations

from pangeo_forge.recipes.patterns import FilePattern

#: So many sets of variables are opened.
_SAMPLED_GROUPS = 16


def choose_samples(pattern: FilePattern) -> list[int]:
    """Choose the first input of each set of variables, and the last of all."""
    first = dict.fromkeys(pattern.concat_shape, 0)
    return sorted({pattern[{**first, **index}].number for index in _merge_positions(pattern)[:_SAMPLED_GROUPS]} | {len(pattern) - 1})


def _merge_positions(pattern: FilePattern) -> list[dict[str, int]]:
    positions: list[dict[str, int]] = [{}]
    for name, size in pattern.merge_shape.items():
        positions = [{**position, name: place} for position in positions for place in range(size)]
    return positions
