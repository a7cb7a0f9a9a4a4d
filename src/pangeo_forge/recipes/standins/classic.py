"""``pangeo_forge_recipes.recipes``: the class API of 2021 to 2023, whose recipes become native ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, ClassVar

from pangeo_forge.errors import UsageError, UserError
from pangeo_forge.plans.layout import Compat
from pangeo_forge.plans.plan import Plan, PlanContext
from pangeo_forge.recipes import patterns as native
from pangeo_forge.recipes.standins.base import BaseRecipe, FilePatternMixin, StorageMixin
from pangeo_forge.recipes.standins.grouping import ProcessGroup, ProcessPiece, group, split
from pangeo_forge.recipes.standins.indexing import Index
from pangeo_forge.recipes.standins.patterns import FileType
from pangeo_forge.recipes.standins.processing import ChunksOf, Process, ProcessChunk, ProcessInput, clean_open_kwargs
from pangeo_forge.recipes.zarr import ZarrRecipe

#: Parameters that say how a run goes about it, which is the engine's and the bakery's business now.
WITHOUT_MEANING = (
    "cache_inputs",
    "copy_input_to_local_file",
    "consolidate_zarr",
    "consolidate_dimension_coordinates",
    "lock_timeout",
    "open_input_with_kerchunk",
    "open_input_with_fsspec_reference",
    "cache_metadata",
    "target",
    "input_cache",
    "metadata_cache",
)


@dataclass
class XarrayZarrRecipe(BaseRecipe, StorageMixin, FilePatternMixin):
    """Files that xarray opens, combined into one Zarr store; the parameters are those of ``pangeo_forge_recipes`` 0.3 to 0.9.

    Parameters may be given when it is made or assigned later: they are read when the recipe is planned.
    """

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
    # What was there in some versions only.
    fsspec_open_kwargs: dict[str, Any] = field(default_factory=dict, kw_only=True)
    is_opendap: bool = field(default=False, kw_only=True)
    open_input_with_fsspec_reference: bool = field(default=False, kw_only=True)
    nitems_per_input: int | None = field(default=None, repr=False, kw_only=True)
    cache_metadata: bool = field(default=False, repr=False, kw_only=True)
    target: Any = field(default=None, repr=False, kw_only=True)
    input_cache: Any = field(default=None, repr=False, kw_only=True)
    metadata_cache: Any = field(default=None, repr=False, kw_only=True)

    def __post_init__(self) -> None:
        if len(self.file_pattern.concat_dims) != 1 or len(self.file_pattern.merge_dims) > 1:
            raise UsageError("a recipe of the class API has one concat dimension, and at most one merge dimension")
        if self._items is None and not self.target_chunks.get(self.concat_dim):
            raise ValueError("Unable to determine target chunks. Please specify either `target_chunks` or `nitems_per_input`")

    @property
    def concat_dim(self) -> str:
        """The name of the concat dimension."""
        return self.file_pattern.concat_dims[0]

    @property
    def _items(self) -> int | None:
        return self.nitems_per_input or self.file_pattern.nitems_per_input[self.concat_dim]

    @property
    def pattern(self) -> native.FilePattern:
        """The native pattern of the files."""
        pattern = self.file_pattern
        kind = FileType.opendap if self.is_opendap else pattern.file_type
        if self.xarray_open_kwargs.get("engine") == "zarr":
            kind = FileType.zarr
        return pattern.opened_with(self.fsspec_open_kwargs, kind).to_native()

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be said once: which parameters are set that have no meaning any more."""
        defaults = {known.name: known.default for known in fields(XarrayZarrRecipe) if known.default is not MISSING}
        idle = [name for name in WITHOUT_MEANING if getattr(self, name) != defaults[name]]
        if not idle:
            return ()
        return (f"{', '.join(idle)}: no meaning any more, passed over (see the guide, Recipes of the older APIs)",)

    def iter_inputs(self) -> Iterator[Index]:
        """Iterate over the places of all inputs."""
        return iter(self.file_pattern)

    def iter_chunks(self) -> Iterator[Index]:
        """Iterate over the place of each chunk's first input."""
        return (index for index in self.file_pattern if index.find_position(self.concat_dim) % self.inputs_per_chunk == 0)

    def prune(self) -> XarrayZarrRecipe:
        """Make the recipe of the first two keys of the concat dimension."""
        pruned: XarrayZarrRecipe = self.copy_pruned()
        return pruned

    def plan(self, context: PlanContext) -> Plan:
        """Say how the store is made: see `Plan`.

        Raises
        ------
        UserError
            If the recipe has stages of its own, which would not be run.
        """
        if "_compiler" in vars(self) or type(self)._compiler is not BaseRecipe._compiler:
            hint = "Do what the stages do in process_input or process_chunk, or when the module is imported."
            raise UserError(f"{type(self).__name__} has stages of its own (_compiler), which only ran in its own library", hint=hint)
        return self.to_native().plan(context)

    def to_native(self) -> ZarrRecipe:
        """Make the native recipe with the same meaning."""
        pattern = self.pattern
        options: dict[str, Any] = {
            "target_chunks": ChunksOf(self._chunks()),
            "open_kwargs": clean_open_kwargs(self.xarray_open_kwargs, self.file_pattern.file_type),
            "compat": self._compat,
            "ordered": False,
        }
        pieces, size = self._pieces, self.inputs_per_chunk
        process = Process(self.process_input, self.process_chunk, self.delete_input_encoding, self.xarray_open_kwargs.get("chunks"))
        if self.process_chunk is not None and size > 1:
            source = ZarrRecipe(pattern, **options).source
            of_group = ProcessGroup(pattern, self.concat_dim, size, source, process, self.xarray_concat_kwargs)
            return ZarrRecipe(group(pattern, self.concat_dim, size), preprocess=of_group, **options)
        if self.process_chunk is not None and pieces > 1:
            of_piece = ProcessPiece(pattern, self.concat_dim, pieces, process)
            return ZarrRecipe(split(pattern, self.concat_dim, pieces), preprocess=of_piece, **options)
        has_functions = self.process_input is not None or self.process_chunk is not None
        return ZarrRecipe(pattern, preprocess=process if has_functions else None, **options)

    @property
    def _compat(self) -> Compat:
        """What becomes of values that are kept once: those of the first file were, unless files were concatenated, and so compared."""
        told = self.xarray_concat_kwargs
        return "override" if self.inputs_per_chunk == 1 or "override" in (told.get("compat"), told.get("join")) else "equals"

    @property
    def _pieces(self) -> int:
        """How many pieces of an input made a chunk each."""
        return self.subset_inputs.get(self.concat_dim, 1)

    def _chunks(self) -> dict[str, int]:
        """Give the length of chunks: along the concat dimension, unless it is named, what the first chunk of inputs held."""
        if self._items is None:
            return dict(self.target_chunks)
        steps = self._items * self.inputs_per_chunk
        return {self.concat_dim: max(steps // self._pieces, 1), **self.target_chunks}
