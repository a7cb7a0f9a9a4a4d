"""``pangeo_forge_recipes.transforms``: what a Beam recipe asks for, step by step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pangeo_forge.recipes.standins.beam import MapTuple, Primitive, PTransform
from pangeo_forge.recipes.standins.indexing import Dimension
from pangeo_forge.recipes.standins.patterns import FileType


class RequiredAtRuntimeDefault:
    """Stands for what the bakery says: the target, mostly."""


@dataclass(eq=False)
class MapWithConcurrencyLimit(PTransform):
    """Call a function with the value of each pair of an index and a value; how many at a time is the bakery's."""

    fn: Callable[..., Any]
    args: list[Any] | None = field(default_factory=list)
    kwargs: dict[str, Any] | None = field(default_factory=dict)
    max_concurrency: int | None = None

    def expand(self, pcoll: Any) -> Any:
        """Call it."""
        return pcoll | MapTuple(OfValue(self.fn, tuple(self.args or ()), self.kwargs or {}))


class OfValue:
    """A function of the value of a pair, which keeps the index."""

    def __init__(self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.fn, self.args, self.kwargs = fn, args, kwargs
        self.__qualname__ = self.__name__ = getattr(fn, "__qualname__", type(fn).__name__)

    def __call__(self, index: Any, value: Any) -> Any:
        """Call it."""
        return index, self.fn(value, *self.args, **self.kwargs)


@dataclass(eq=False)
class OpenURLWithFSSpec(Primitive):
    """Open URLs with fsspec; the cache is the bakery's."""

    cache: Any = None
    secrets: dict[str, str] | None = None
    open_kwargs: dict[str, Any] | None = None
    max_concurrency: int | None = None
    fsspec_sync_patch: bool = False


@dataclass(eq=False)
class CheckpointFileTransfer(Primitive):
    """Copy inputs to the cache first, which is what a bakery with a cache does anyway."""

    transfer_target: Any = None
    max_executors: int = 20
    concurrency_per_executor: int = 10
    initial_backoff: float = 1.0
    backoff_factor: float = 2.0
    fsspec_kwargs: dict[str, Any] = field(default_factory=dict)


@dataclass(eq=False)
class OpenWithXarray(Primitive):
    """Open files with xarray."""

    file_type: FileType = FileType.unknown
    load: bool = False
    copy_to_local: bool = False
    xarray_open_kwargs: dict[str, Any] | None = field(default_factory=dict)


@dataclass(eq=False)
class OpenWithKerchunk(Primitive):
    """Make references to the chunks of files."""

    file_type: FileType = FileType.unknown
    inline_threshold: int | None = 300
    storage_options: dict[str, Any] | None = field(default_factory=dict)
    remote_protocol: str | None = None
    kerchunk_open_kwargs: dict[str, Any] | None = field(default_factory=dict)
    drop_keys: bool = True


@dataclass(eq=False)
class StoreToZarr(Primitive):
    """Write datasets into one Zarr store."""

    combine_dims: list[Dimension]
    store_name: str = ""
    target_root: Any = field(default_factory=RequiredAtRuntimeDefault)
    target_chunks: dict[str, int] = field(default_factory=dict)
    dynamic_chunking_fn: Callable[..., dict[str, int]] | None = None
    dynamic_chunking_fn_kwargs: dict[str, Any] | None = field(default_factory=dict)
    attrs: dict[str, str] = field(default_factory=dict)
    encoding: dict[str, Any] | None = field(default_factory=dict)
    append_dim: str | None = None
    consolidated_metadata: bool | None = None

    def __post_init__(self) -> None:
        if self.target_chunks and self.dynamic_chunking_fn:
            raise ValueError("Passing both `target_chunks` and `dynamic_chunking_fn` not allowed.")


@dataclass(eq=False)
class Rechunk(Primitive):
    """Change the chunks of datasets: the store has its own."""

    target_chunks: Any = None
    schema: Any = None


@dataclass(eq=False)
class ConsolidateDimensionCoordinates(Primitive):
    """Write each coordinate as one chunk, as is done anyway."""


@dataclass(eq=False)
class ConsolidateMetadata(Primitive):
    """Consolidate the metadata, as is done anyway."""


@dataclass(eq=False)
class CombineReferences(Primitive):
    """Combine references into one set."""

    concat_dims: list[str] = field(default_factory=list)
    identical_dims: list[str] = field(default_factory=list)
    target_options: dict[str, Any] | None = field(default_factory=lambda: {"anon": True})
    remote_options: dict[str, Any] | None = field(default_factory=lambda: {"anon": True})
    remote_protocol: str | None = None
    max_refs_per_merge: int = 5
    mzz_kwargs: dict[str, Any] = field(default_factory=dict)
    precombine_inputs: bool = False


@dataclass(eq=False)
class WriteReference(Primitive):
    """Write references to a file."""

    store_name: str = ""
    concat_dims: list[str] = field(default_factory=list)
    target_root: Any = field(default_factory=RequiredAtRuntimeDefault)
    output_file_name: str = "reference.json"
    mzz_kwargs: dict[str, Any] = field(default_factory=dict)


@dataclass(eq=False)
class WriteCombinedReference(Primitive):
    """Combine references into one set, and write it to a file."""

    store_name: str = ""
    concat_dims: list[str] = field(default_factory=list)
    identical_dims: list[str] = field(default_factory=list)
    mzz_kwargs: dict[str, Any] = field(default_factory=dict)
    remote_options: dict[str, Any] | None = field(default_factory=dict)
    remote_protocol: str | None = None
    target_root: Any = field(default_factory=RequiredAtRuntimeDefault)
    output_file_name: str = "reference.json"
    precombine_inputs: bool = False
    target_options: dict[str, Any] | None = None
