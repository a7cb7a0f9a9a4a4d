"""The native recipe: an archive of files becomes one Zarr store."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pangeo_forge.errors import UsageError
from pangeo_forge.plans.chunks import ChunkSpec
from pangeo_forge.plans.layout import Compat
from pangeo_forge.plans.opening import Access
from pangeo_forge.plans.plan import Plan, PlanContext, Step
from pangeo_forge.plans.products import Zarr
from pangeo_forge.plans.reading import Opener, Preprocess, Source
from pangeo_forge.plans.schema import PACKING
from pangeo_forge.plans.targets import ZarrFormat
from pangeo_forge.recipes.appending import Appending
from pangeo_forge.recipes.patterns import FilePattern
from pangeo_forge.recipes.planning import Planning


@dataclass(frozen=True)
class ZarrRecipe:
    """Combine the files of a pattern into one Zarr store.

    Parameters
    ----------
    pattern : FilePattern
        Which files, and how they fit together.
    preprocess : callable, optional
        ``preprocess(ds, source) -> ds`` is given each file, opened and decoded by xarray, and an `InputFile` that tells which
        it is (``source.url``, ``source.keys["time"]``). It must not reorder or drop steps along a concat dimension differently
        from one call to the next, as it may be called several times for a file.
    opener : callable, optional
        ``opener(source) -> ds`` opens a file in place of xarray, where that cannot, or not by its URL; it is given an `InputFile`, and
        what it returns is closed once it is read. Such files are not kept in a cache.
    target_chunks : dict, str or callable, optional
        Elements of a chunk along each dimension (-1 for all, ``"input"`` for as many as the first file holds), or a size:
        ``{"time": 10}``, ``{"time": "100MB"}``, ``"100MB"``. Dimensions that a dictionary does not name are not split. A function is
        given the outline of the dataset, with zeros for values, and returns one of these. By default chunks are of at most 50 MB.
    open_kwargs : dict, optional
        What `xarray.open_dataset` is given: ``engine``, ``group``, ``decode_times``, ``drop_variables``, …
    encoding : dict, optional
        By variable: ``dtype``, ``scale_factor``, ``add_offset``, ``_FillValue``, ``units``, ``calendar``, ``compressors``, ``filters``,
        ``serializer``, ``shards`` (``{"time": 100}``: so many elements are one object).
        What is not given is as in the files where these agree, else plain values; chunks and compression are never those of the files.
    attrs : dict, optional
        Attributes of the dataset, in addition to those that all files have in common.
    compat : str
        What becomes of variables without a concat dimension whose values differ between files, as for `xarray.concat`: ``"equals"``
        refuses them, ``"override"`` takes those of the first file, and notes it.
    ordered : bool
        Whether it is an error that a coordinate along a concat dimension neither rises nor falls all along; else it is noted.
    format : int
        The version of the Zarr format, 3 or 2.
    append_dim : str, optional
        A concat dimension along which the files are appended to the dataset that is at the target. That must be there, and end before
        they begin; its chunks, its encoding and its format are kept, so that `target_chunks`, `encoding` and `format` mean nothing.

    Examples
    --------
    >>> from pangeo_forge.recipes import ConcatDim, FilePattern, ZarrRecipe
    >>> pattern = FilePattern(lambda time: f"https://example.org/sst_{time}.nc", ConcatDim("time", range(1990, 2020)))
    >>> recipe = ZarrRecipe(pattern, target_chunks={"time": 12})
    """

    pattern: FilePattern
    preprocess: Preprocess | None = field(default=None, kw_only=True)
    opener: Opener | None = field(default=None, kw_only=True)
    target_chunks: ChunkSpec = field(default=None, kw_only=True)
    open_kwargs: Mapping[str, Any] = field(default_factory=dict, kw_only=True)
    encoding: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, kw_only=True)
    attrs: Mapping[str, Any] = field(default_factory=dict, kw_only=True)
    compat: Compat = field(default="equals", kw_only=True)
    ordered: bool = field(default=True, kw_only=True)
    format: ZarrFormat = field(default=3, kw_only=True)
    append_dim: str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        if not isinstance(self.pattern, FilePattern):
            raise UsageError(f"the first argument of ZarrRecipe is a {type(self.pattern).__name__}, not a FilePattern")
        for role, function in (("preprocess", self.preprocess), ("opener", self.opener)):
            if function is not None and not callable(function):
                raise UsageError(f"{role} is a {type(function).__name__}, not a function")
        if self.format not in (2, 3):
            raise UsageError(f"format={self.format!r}, but Zarr has the formats 2 and 3")
        if self.append_dim is not None and self.append_dim not in self.pattern.concat_shape:
            raise UsageError(
                f"append_dim is {self.append_dim!r}, which is not a concat dimension of the pattern",
                hint=f"Its concat dimensions are {', '.join(self.pattern.concat_shape) or 'none'}.",
            )
        if self.compat not in ("equals", "override"):
            raise UsageError(f"compat={self.compat!r}, but it is 'equals' or 'override'")
        for name, encoding in (self.encoding or {}).items():
            _check_encoding(name, encoding)
        for name in ("open_kwargs", "encoding", "attrs"):
            object.__setattr__(self, name, dict(getattr(self, name) or {}))

    @property
    def source(self) -> Source:
        """How the inputs are read where they are."""
        options = dict(self.pattern.fsspec_open_kwargs)
        compression = options.pop("compression", None)  # of whole files, which is not the file system's business
        return Source(Access(options, self.pattern.file_type, self.open_kwargs, compression), self.preprocess, opener=self.opener)

    @property
    def product(self) -> Zarr:
        """What is made."""
        return Zarr(self.format)

    def prune(self) -> ZarrRecipe:
        """Make the recipe of the first two keys of every concat dimension; its dataset is always one of its own."""
        return replace(self.alone(), pattern=self.pattern.prune())

    def alone(self) -> ZarrRecipe:
        """Make the recipe of the same files that appends them to nothing."""
        return replace(self, append_dim=None)

    def plan(self, context: PlanContext) -> Plan:
        """Say how the store is made: see `Plan`."""
        planning = Planning(self, context) if self.append_dim is None else Appending(self, context, self.append_dim)
        steps = (
            *planning.first_steps(),
            Step("cache", planning.cache),
            Step("inspect", planning.inspect),
            Step("prepare", planning.prepare),
            Step("spread", planning.spread),
            Step("store", planning.store),
            Step("finalize", planning.finalize),
            Step("check", planning.check),
        )
        return Plan(steps, planning.sample, planning.describe, self.product, planning.stamps, appends=self.append_dim is not None)


def _check_encoding(name: str, encoding: Mapping[str, Any]) -> None:
    known = ("dtype", *PACKING, "compressors", "compressor", "filters", "serializer", "shards")
    for key in encoding:
        if key in ("chunks", "chunksizes"):
            raise UsageError(f"the encoding of {name!r} gives {key!r}", hint="Chunks are chosen by target_chunks, for all variables.")
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            raise UsageError(
                f"the encoding of {name!r} gives {key!r}, which is not known",
                hint=f"Did you mean {near[0]!r}?" if near else f"There are {', '.join(known)}.",
            )
