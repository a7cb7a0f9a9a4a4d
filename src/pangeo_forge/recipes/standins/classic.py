"""``pangeo_forge_recipes.recipes``: the class API of 2021 to 2023, whose recipes become native ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import xarray as xr

from pangeo_forge.errors import UsageError, UserError
from pangeo_forge.plans.inputs import InputFile
from pangeo_forge.plans.plan import Plan, PlanContext
from pangeo_forge.recipes import patterns as native
from pangeo_forge.recipes.standins.grouping import ProcessGroup, group
from pangeo_forge.recipes.standins.patterns import FilePattern
from pangeo_forge.recipes.standins.storage import StorageConfig, temporary_storage_config
from pangeo_forge.recipes.zarr import ZarrRecipe

ProcessInput = Callable[[xr.Dataset, str], xr.Dataset]
ProcessChunk = Callable[[xr.Dataset], xr.Dataset]


@dataclass
class FilePatternMixin:
    """What has a pattern."""

    file_pattern: FilePattern

    def copy_pruned(self, nkeep: int = native.PRUNED_KEYS) -> Any:
        """Make the recipe of the first keys of each concat dimension."""
        return replace(self, file_pattern=self.file_pattern.prune(nkeep))


@dataclass
class StorageMixin:
    """What has places, which are the bakery's."""

    storage_config: StorageConfig = field(default_factory=temporary_storage_config)


@dataclass
class BaseRecipe:
    """The base of the recipes."""

    sha256: bytes | None = field(default=None, repr=False)


@dataclass
class XarrayZarrRecipe(BaseRecipe, StorageMixin, FilePatternMixin):
    """Files that xarray opens, combined into one Zarr store; the parameters are those of ``pangeo_forge_recipes`` 0.3 to 0.9."""

    dataset_type: ClassVar[str] = "zarr"
    dialect: ClassVar[str] = "class API"

    inputs_per_chunk: int = 1
    target_chunks: dict[str, int] = field(default_factory=dict)
    cache_inputs: bool | None = None
    copy_input_to_local_file: bool = False
    consolidate_zarr: bool = True
    consolidate_dimension_coordinates: bool = True
    xarray_open_kwargs: dict[str, Any] = field(default_factory=dict)
    xarray_concat_kwargs: dict[str, Any] = field(default_factory=dict)
    delete_input_encoding: bool = True
    process_input: ProcessInput | None = None
    process_chunk: ProcessChunk | None = None
    lock_timeout: int | None = None
    subset_inputs: dict[str, int] = field(default_factory=dict)
    open_input_with_kerchunk: bool = False
    fsspec_open_kwargs: dict[str, Any] = field(default_factory=dict)
    nitems_per_input: int | None = field(default=None, repr=False)
    cache_metadata: bool = field(default=False, repr=False)
    target: Any = field(default=None, repr=False)
    input_cache: Any = field(default=None, repr=False)
    metadata_cache: Any = field(default=None, repr=False)

    def __post_init__(self) -> None:
        concat = self.file_pattern.concat_dims
        if len(concat) != 1 or len(self.file_pattern.merge_dims) > 1:
            raise UsageError("a recipe of the class API has one concat dimension, and at most one merge dimension")
        items = self.nitems_per_input or self.file_pattern.nitems_per_input[concat[0]]
        if items is None and not self.target_chunks.get(concat[0]):
            raise ValueError("Unable to determine target chunks. Please specify either `target_chunks` or `nitems_per_input`")

    @property
    def concat_dim(self) -> str:
        """The name of the concat dimension."""
        return self.file_pattern.concat_dims[0]

    @property
    def pattern(self) -> native.FilePattern:
        """The native pattern of the files."""
        return self.file_pattern.to_native()

    def prune(self) -> XarrayZarrRecipe:
        """Make the recipe of the first two keys of the concat dimension."""
        return replace(self, file_pattern=self.file_pattern.prune())

    def plan(self, context: PlanContext) -> Plan:
        """Say how the store is made: see `Plan`."""
        return self.to_native().plan(context)

    def to_native(self) -> ZarrRecipe:
        """Make the native recipe with the same meaning."""
        options: dict[str, Any] = {
            "target_chunks": ChunksOf(self._chunks()),
            "open_kwargs": clean_open_kwargs(self.xarray_open_kwargs),
        }
        pattern = self.pattern
        if self.process_chunk is None or self.inputs_per_chunk == 1:
            return ZarrRecipe(pattern, preprocess=self._preprocess(), **options)
        source = ZarrRecipe(pattern, **options).source
        process = Process(self.process_input, None)
        of_group = ProcessGroup(
            pattern, self.concat_dim, self.inputs_per_chunk, source, process, self.process_chunk, self.xarray_concat_kwargs
        )
        return ZarrRecipe(group(pattern, self.concat_dim, self.inputs_per_chunk), preprocess=of_group, **options)

    def _chunks(self) -> dict[str, int]:
        items = self.nitems_per_input or self.file_pattern.nitems_per_input[self.concat_dim]
        own = {} if items is None else {self.concat_dim: items * self.inputs_per_chunk}
        return {**own, **self.target_chunks}

    def _preprocess(self) -> Any:
        if self.process_input is None and self.process_chunk is None:
            return None
        return Process(self.process_input, self.process_chunk)


#: What recipes of before 0.7 were called.
NetCDFtoZarrRecipe = NetCDFtoZarrSequentialRecipe = NetCDFtoZarrMultiVarSequentialRecipe = XarrayZarrRecipe


@dataclass
class HDFReferenceRecipe(BaseRecipe, StorageMixin, FilePatternMixin):
    """References to the chunks of HDF5 files; known, but not made yet."""

    dataset_type: ClassVar[str] = "kerchunk"
    dialect: ClassVar[str] = "class API"

    output_json_fname: str = "reference.json"
    output_intake_yaml_fname: str = "reference.yaml"
    netcdf_storage_options: dict[str, Any] = field(default_factory=dict)
    target_options: dict[str, Any] | None = field(default_factory=lambda: {"anon": True})
    inline_threshold: int = 500
    output_storage_options: dict[str, Any] | None = field(default_factory=dict)
    concat_dims: list[str] = field(default_factory=list)
    identical_dims: list[str] | None = field(default_factory=list)
    coo_map: dict[str, Any] | None = field(default_factory=dict)
    coo_dtypes: dict[str, Any] | None = field(default_factory=dict)
    preprocess: Callable[..., Any] | None = None
    postprocess: Callable[..., Any] | None = None

    @property
    def pattern(self) -> native.FilePattern:
        """The native pattern of the files."""
        return self.file_pattern.to_native()

    def prune(self) -> HDFReferenceRecipe:
        """Make the recipe of the first two keys of the concat dimension."""
        return replace(self, file_pattern=self.file_pattern.prune())

    def plan(self, context: PlanContext) -> Plan:
        """Refuse.

        Raises
        ------
        UserError
            Always.
        """
        raise UserError("references to the chunks of files (HDFReferenceRecipe) are not made yet", hint="Recipes that write Zarr are run.")


@dataclass(frozen=True)
class Process:
    """The functions of a recipe of the class API, as a native recipe calls them."""

    process_input: ProcessInput | None
    process_chunk: ProcessChunk | None

    @property
    def __name__(self) -> str:
        """What messages call it."""
        return getattr(self.process_input or self.process_chunk, "__name__", "process_input")

    def __call__(self, ds: xr.Dataset, source: InputFile) -> xr.Dataset:
        """Process one input."""
        if self.process_input is not None:
            ds = self.process_input(ds, source.url)
        return ds if self.process_chunk is None else self.process_chunk(ds)


@dataclass(frozen=True)
class ChunksOf:
    """Chunks along those dimensions that the dataset has; others are passed over, as they were."""

    chunks: Mapping[str, int]

    def __call__(self, template: xr.Dataset) -> dict[str, int | str]:
        """Choose from the outline of the dataset."""
        return {dim: length for dim, length in self.chunks.items() if dim in template.sizes}


def clean_open_kwargs(options: Mapping[str, Any]) -> dict[str, Any]:
    """Give what xarray is told to open files with; chunks are the store's, and the engine is found out but for odd formats."""
    kept = {name: value for name, value in options.items() if name not in ("chunks", "cache", "lock")}
    if kept.get("engine") in ("h5netcdf", "netcdf4", "scipy"):
        del kept["engine"]
    return kept
