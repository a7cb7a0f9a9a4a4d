"""``pangeo_forge_recipes.transforms``: what a Beam recipe asks for, step by step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from pangeo_forge.recipes.standins.beam import PTransform
from pangeo_forge.recipes.standins.indexing import Dimension
from pangeo_forge.recipes.standins.patterns import FileType


class RequiredAtRuntimeDefault:
    """Stands for what the bakery says: the target, mostly."""


@dataclass(eq=False)
class _Known(PTransform):
    """A transform that the lifting reads, whatever it is made of."""

    is_known: ClassVar[bool] = True


@dataclass(eq=False)
class OpenURLWithFSSpec(_Known):
    """Open URLs with fsspec; the cache is the bakery's."""

    cache: Any = None
    secrets: dict[str, str] | None = None
    open_kwargs: dict[str, Any] | None = None
    max_concurrency: int | None = None
    fsspec_sync_patch: bool = False


@dataclass(eq=False)
class CheckpointFileTransfer(_Known):
    """Copy inputs to the cache first, which is what a bakery with a cache does anyway."""

    transfer_target: Any = None
    max_executors: int = 20
    concurrency_per_executor: int = 10
    initial_backoff: float = 1.0
    backoff_factor: float = 2.0
    fsspec_kwargs: dict[str, Any] = field(default_factory=dict)


@dataclass(eq=False)
class OpenWithXarray(_Known):
    """Open files with xarray."""

    file_type: FileType = FileType.unknown
    load: bool = False
    copy_to_local: bool = False
    xarray_open_kwargs: dict[str, Any] | None = field(default_factory=dict)


@dataclass(eq=False)
class OpenWithKerchunk(_Known):
    """Make references to the chunks of files."""

    file_type: FileType = FileType.unknown
    inline_threshold: int | None = 300
    storage_options: dict[str, Any] | None = field(default_factory=dict)
    remote_protocol: str | None = None
    kerchunk_open_kwargs: dict[str, Any] | None = field(default_factory=dict)
    drop_keys: bool = True


@dataclass(eq=False)
class StoreToZarr(_Known):
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
class Rechunk(_Known):
    """Change the chunks of datasets: the store has its own."""

    target_chunks: Any = None
    schema: Any = None


@dataclass(eq=False)
class ConsolidateDimensionCoordinates(_Known):
    """Write each coordinate as one chunk, as is done anyway."""


@dataclass(eq=False)
class ConsolidateMetadata(_Known):
    """Consolidate the metadata, as is done anyway."""


@dataclass(eq=False)
class CombineReferences(_Known):
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
class WriteReference(_Known):
    """Write references to a file."""

    store_name: str = ""
    concat_dims: list[str] = field(default_factory=list)
    target_root: Any = field(default_factory=RequiredAtRuntimeDefault)
    output_file_name: str = "reference.json"
    mzz_kwargs: dict[str, Any] = field(default_factory=dict)


@dataclass(eq=False)
class WriteCombinedReference(_Known):
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
