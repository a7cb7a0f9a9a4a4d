"""What the dataset that a recipe appends to holds already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
import zarr

from pangeo_forge.errors import TargetError, UserError
from pangeo_forge.plans.inputs import InputFile
from pangeo_forge.plans.opening import Access
from pangeo_forge.plans.plan import Target
from pangeo_forge.plans.reading import OpenedInput, Source, find_gathered, find_meaning
from pangeo_forge.plans.schema import Array, Shared, VariableSchema, make_digest
from pangeo_forge.plans.targets import ZarrFormat, is_local, open_group, writing
from pangeo_forge.types import redact_url


@dataclass(frozen=True, slots=True)
class ExistingVariable:
    """A variable of the dataset at the target.

    Parameters
    ----------
    schema : VariableSchema
        As the store packs it.
    chunks, shards
        The lengths of a chunk, and of a shard where several chunks are one object.
    shared : Shared, optional
        Its values, to compare the inputs' with, where it has not the dimension that is appended along.
    is_fixed_text : bool
        Whether it holds strings that can be no longer than the longest that is there.
    """

    schema: VariableSchema
    chunks: tuple[int, ...]
    shards: tuple[int, ...] | None
    shared: Shared | None
    is_fixed_text: bool


@dataclass(frozen=True, slots=True)
class ExistingDataset:
    """The dataset at the target, as it was before anything was appended.

    Parameters
    ----------
    sizes : dict of str to int
        Its dimensions.
    variables : dict of str to ExistingVariable
    attrs : dict
        Of the dataset.
    coordinate : numpy.ndarray
        The encoded values along the dimension that is appended along.
    is_consolidated : bool
        Whether its metadata are gathered in one place.
    zarr_format : int
    """

    sizes: dict[str, int]
    variables: dict[str, ExistingVariable]
    attrs: dict[str, Any]
    coordinate: Array
    is_consolidated: bool
    zarr_format: ZarrFormat


@dataclass(frozen=True)
class LookAtExisting:
    """Read what is at the target before anything is appended.

    Parameters
    ----------
    target : Target
    append_dim : str
    concat_dims : tuple of str
        The dimensions along which inputs follow one another.
    """

    target: Target
    append_dim: str
    concat_dims: tuple[str, ...]

    def __call__(self, task: None) -> ExistingDataset:
        """Read the dataset.

        Raises
        ------
        TargetError
            If there is none, or if an earlier append was cut off while its steps were made visible.
        UserError
            If it does not have the dimension, or no coordinate along it.
        """
        arrays, committed = self._open_arrays()
        options = None if is_local(self.target) else dict(self.target.storage_options)
        url = self.target.url.removeprefix("file://") if is_local(self.target) else self.target.url
        is_consolidated = committed is not None
        with (
            writing(self.target),
            xr.open_zarr(url, chunks=None, decode_cf=False, storage_options=options, consolidated=is_consolidated) as raw,
        ):
            self._check_dimension(raw)
            opened = OpenedInput(InputFile(0, self.target.url, {}, {}), raw, Source(Access()))
            schemas = {str(name): opened.schema(str(name)) for name in raw.variables}
            gathered = find_gathered(schemas, self.concat_dims)
            variables = {
                name: ExistingVariable(
                    schema,
                    arrays[name].chunks,
                    arrays[name].shards,
                    self._read_shared(opened, name, schema, gathered),
                    schema.is_text and arrays[name].dtype.kind in "SU",
                )
                for name, schema in schemas.items()
            }
            coordinate = opened.read_as(self.append_dim, schemas[self.append_dim])
            sizes = {str(dim): size for dim, size in raw.sizes.items()}
            return ExistingDataset(
                sizes, variables, dict(raw.attrs), coordinate, is_consolidated, next(iter(arrays.values())).metadata.zarr_format
            )

    def _open_arrays(self) -> tuple[dict[str, zarr.Array[Any]], Mapping[str, Any] | None]:
        """Open the store's arrays, and say what its consolidated metadata tell of them, if there are such."""
        with writing(self.target):
            try:
                group = open_group(self.target, "r")
            except FileNotFoundError:
                raise TargetError(
                    f"there is no dataset to append to along {self.append_dim!r}",
                    where=redact_url(self.target.url),
                    hint="Bake one without append_dim first, or say where it is with --target.",
                ) from None
            arrays = dict(group.arrays())
            gathered = open_group(self.target, "r", use_consolidated=None).metadata.consolidated_metadata
        committed = gathered.metadata if gathered is not None else None
        for name, array in arrays.items() if committed is not None else ():
            known = committed.get(name) if committed is not None else None
            if known is None or tuple(getattr(known, "shape", ())) != array.shape:
                raise TargetError(
                    f"the consolidated metadata do not say of {name!r} what the array itself says: {array.shape}",
                    where=redact_url(self.target.url),
                    hint="If a run that appended was cut off, go on with `pangeo-forge runs resume`; if something else changed the store, "
                    "look at it with xarray.open_zarr(…, consolidated=False), and call zarr.consolidate_metadata if it is right.",
                )
        return arrays, committed

    def _check_dimension(self, raw: xr.Dataset) -> None:
        if self.append_dim not in raw.sizes:
            raise UserError(
                f"the dataset at the target has no dimension {self.append_dim!r} to append along",
                where=redact_url(self.target.url),
                hint=f"Its dimensions are {', '.join(sorted(str(dim) for dim in raw.sizes))}.",
            )
        coordinate = raw.variables.get(self.append_dim)
        if coordinate is None or coordinate.dims != (self.append_dim,):
            raise UserError(
                f"the dataset at the target has no coordinate along {self.append_dim!r}",
                where=redact_url(self.target.url),
                hint="Without one nothing tells what it holds already, so that nothing is appended.",
            )

    def _read_shared(self, opened: OpenedInput, name: str, schema: VariableSchema, gathered: set[str]) -> Shared | None:
        """Read a variable that is to be the same in the inputs."""
        along = [dim for dim in self.concat_dims if dim in schema.dims]
        if self.append_dim in along or (along and name not in gathered):
            return None
        values = opened.read_as(name, schema)
        meaning = make_digest(find_meaning(values, schema))
        return Shared(make_digest(values), meaning, np.asarray(values) if along else None, schema.packing)
