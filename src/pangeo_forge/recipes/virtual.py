"""The virtual recipe: an archive of files becomes references to their chunks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from pangeo_forge.errors import UsageError
from pangeo_forge.plans.opening import Access
from pangeo_forge.plans.plan import Plan, PlanContext, Step
from pangeo_forge.plans.products import Icechunk, KerchunkJson, KerchunkParquet, Origin
from pangeo_forge.plans.reading import Source
from pangeo_forge.plans.references.parsing import VirtualSource
from pangeo_forge.plans.references.writing import ReferenceProduct
from pangeo_forge.plans.targets import ZarrFormat
from pangeo_forge.recipes.patterns import FilePattern
from pangeo_forge.recipes.references.planning import ReferencePlanning

Format = Literal["icechunk", "kerchunk-parquet", "kerchunk-json"]

_PRODUCTS: Mapping[str, type[ReferenceProduct]] = {
    "icechunk": Icechunk,
    "kerchunk-parquet": KerchunkParquet,
    "kerchunk-json": KerchunkJson,
}


@dataclass(frozen=True)
class VirtualRecipe:
    """Combine the files of a pattern by references to the chunks that lie in them: no values are copied.

    Parameters
    ----------
    pattern : FilePattern
        Which files, and how they fit together. Dimensions of the pattern are those that files follow one another along.
    concat_dims : sequence of str, optional
        The dimensions of the dataset that files follow one another along, which is what the pattern says already: given, they must
        be the same.
    identical_dims : sequence of str, optional
        Variables that are the same in all files. They are compared all the same.
    format : str
        ``"icechunk"``, ``"kerchunk-parquet"`` or ``"kerchunk-json"``.
    inline_below : int
        Variables without a concat dimension of at most so many bytes are copied beside the references, so that they are there at once.
    open_kwargs : dict, optional
        What `xarray.open_dataset` would be given: ``group``, ``drop_variables``, …
    attrs : dict, optional
        Attributes of the dataset, in addition to those that all files have in common.

    Examples
    --------
    >>> from pangeo_forge.recipes import ConcatDim, FilePattern, VirtualRecipe
    >>> pattern = FilePattern(lambda time: f"https://example.org/sst_{time}.nc", ConcatDim("time", range(1990, 2020)))
    >>> recipe = VirtualRecipe(pattern, format="kerchunk-parquet")
    """

    pattern: FilePattern
    concat_dims: Sequence[str] | None = field(default=None, kw_only=True)
    identical_dims: Sequence[str] = field(default=(), kw_only=True)
    format: Format = field(default="icechunk", kw_only=True)
    inline_below: int = field(default=500, kw_only=True)
    open_kwargs: Mapping[str, Any] = field(default_factory=dict, kw_only=True)
    attrs: Mapping[str, Any] = field(default_factory=dict, kw_only=True)

    def __post_init__(self) -> None:
        if not isinstance(self.pattern, FilePattern):
            raise UsageError(f"the first argument of VirtualRecipe is a {type(self.pattern).__name__}, not a FilePattern")
        if self.format not in _PRODUCTS:
            raise UsageError(f"format={self.format!r}, but references have the formats {', '.join(_PRODUCTS)}")
        _check_dims(self.pattern, self.concat_dims)
        for name in ("open_kwargs", "attrs"):
            object.__setattr__(self, name, dict(getattr(self, name) or {}))

    @property
    def source(self) -> Source:
        """How the inputs are read for their values."""
        return Source(Access(self.pattern.fsspec_open_kwargs, self.pattern.file_type, self.open_kwargs))

    @property
    def virtual_source(self) -> VirtualSource:
        """How the inputs are opened for their references."""
        zarr_format: ZarrFormat = 3 if self.format == "icechunk" else 2
        return VirtualSource(self.source.access, concat_dims=tuple(self.pattern.concat_shape), zarr_format=zarr_format)

    @property
    def product(self) -> ReferenceProduct:
        """What is made."""
        return _PRODUCTS[self.format](Origin(self.pattern[0].url, self.pattern.fsspec_open_kwargs))

    def prune(self) -> VirtualRecipe:
        """Make the recipe of the first two keys of every concat dimension."""
        return replace(self, pattern=self.pattern.prune())

    def plan(self, context: PlanContext) -> Plan:
        """Say how the references are made: see `Plan`."""
        planning = ReferencePlanning(self, context, self.product)
        steps = (Step("inspect", planning.inspect), Step("write", planning.write), Step("check", planning.check))
        return Plan(steps, planning.sample, planning.describe, self.product, planning.stamps)


def _check_dims(pattern: FilePattern, concat_dims: Sequence[str] | None) -> None:
    if isinstance(concat_dims, str):
        raise UsageError(f"concat_dims is the text {concat_dims!r}, not a list of names", hint=f"Write [{concat_dims!r}].")
    if concat_dims is not None and set(concat_dims) != set(pattern.concat_shape):
        raise UsageError(
            f"concat_dims are {sorted(concat_dims)}, but files of the pattern follow one another along {sorted(pattern.concat_shape)}",
            hint="Name the ConcatDim of the pattern as the dimension in the files.",
        )
