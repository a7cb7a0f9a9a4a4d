"""What ``pangeo_forge_recipes`` has that is not read: a pipeline with it is recorded, and run by Beam itself."""

from __future__ import annotations

from typing import Any

from pangeo_forge.recipes.standins import beam

_TRANSFORMS = ("DatasetToSchema", "DetermineSchema", "IndexItems", "PrepareZarrTarget", "StoreDatasetFragments", "StoreToPyramid")
_FUNCTIONS = {
    "aggregation": (
        "dataset_to_schema",
        "determine_target_chunks",
        "schema_to_template_ds",
        "schema_to_zarr",
    ),
    "openers": ("open_with_kerchunk",),
    "rechunking": ("combine_fragments", "consolidate_dimension_coordinates", "split_fragment"),
    "writers": ("consolidate_metadata", "store_dataset_fragment", "write_combined_reference"),
    "injections": ("get_injection_specs",),
    "serialization": ("dataclass_sha256", "dict_drop_empty", "dict_to_sha256", "either_encode_or_hash"),
    "dynamic_target_chunks": ("dynamic_target_chunks_from_schema",),
}
_CLASSES = {
    "aggregation": ("XarraySchema",),
    "combiners": ("CombineXarraySchemas", "MinMaxCountCombineFn"),
    "chunk_grid": ("ChunkAxis", "ChunkGrid"),
}


def make_unread() -> dict[str, dict[str, Any]]:
    """Make stand-ins for the names of each module, below ``pangeo_forge_recipes``."""
    unread: dict[str, dict[str, Any]] = {"transforms": {name: _make_class("transforms", name) for name in _TRANSFORMS}}
    for module, names in _CLASSES.items():
        unread.setdefault(module, {}).update({name: _make_class(module, name) for name in names})
    for module, names in _FUNCTIONS.items():
        unread.setdefault(module, {}).update({name: _make_function(module, name) for name in names})
    # The module of transforms imports some of the others' names, and recipes take them from there.
    unread["transforms"] |= {name: unread["aggregation"][name] for name in ("XarraySchema", "dataset_to_schema", "schema_to_zarr")}
    return unread


def _make_class(module: str, name: str) -> Any:
    return beam.make_unknown(f"pangeo_forge_recipes.{module}.{name}")


def _make_function(module: str, name: str) -> Any:
    def refuse(*_: Any, **__: Any) -> Any:
        raise beam.CannotRecord(f"it calls pangeo_forge_recipes.{module}.{name}")

    refuse.__name__ = refuse.__qualname__ = name
    return refuse
