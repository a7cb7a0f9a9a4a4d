"""Reading one input as it will be stored: as the file packs it where that is what the target wants, else decoded and packed anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, cast

import numpy as np
import xarray as xr
from xarray import conventions
from xarray.coding.times import decode_cf_datetime

from pangeo_forge.errors import ForgeError, UserError
from pangeo_forge.plans.activity import at_work
from pangeo_forge.plans.blaming import blame, blamed_on_recipe, find_frame, is_for_us, name_of
from pangeo_forge.plans.caching import cached_url, read_stamp
from pangeo_forge.plans.describing import as_text, describe_decoded, describe_raw, describe_text
from pangeo_forge.plans.explaining import explain, explained
from pangeo_forge.plans.inputs import InputFile
from pangeo_forge.plans.opening import HEADER, Access, Fetching, is_remote, open_input
from pangeo_forge.plans.plan import Target
from pangeo_forge.plans.schema import PACKING, Array, Header, Packing, Shared, VariableSchema, is_time, make_digest
from pangeo_forge.plans.stamps import Stamp
from pangeo_forge.types import redact_url

Preprocess = Callable[[xr.Dataset, InputFile], xr.Dataset]
Opener = Callable[[InputFile], xr.Dataset]
Pack = Callable[[str, xr.Variable, np.dtype[Any], Mapping[str, Any]], Array]

#: Variables of at most so many bytes in each file may stand in the files of several merge keys, and are compared.
SHARED_BELOW = 1_000_000


@dataclass(frozen=True, slots=True)
class Source:
    """How the inputs of a recipe are opened and changed.

    Parameters
    ----------
    access : Access
        How they are opened where they are.
    preprocess : callable, optional
        The recipe's function.
    cache : Target, optional
        Where copies of remote inputs are kept; those are opened instead.
    opener : callable, optional
        The recipe's function that opens an input, in place of `access`.
    """

    access: Access
    preprocess: Preprocess | None = None
    cache: Target | None = None
    opener: Opener | None = None

    @property
    def is_processed(self) -> bool:
        """Whether the values are what the recipe's code makes of an input, and not those of the file."""
        return self.preprocess is not None or self.opener is not None

    def find_stamp(self, file: InputFile, opened: Stamp) -> Stamp:
        """Say which version of an input was read: of a copy in the cache, that which was fetched."""
        return read_stamp(self.cache, file.url) if self.cache is not None and is_remote(file.url) and self.opener is None else opened

    @contextmanager
    def open(self, file: InputFile, fetching: Fetching = HEADER) -> Iterator[OpenedInput]:
        """Open one input; see `open_input` for `fetching` and for what is raised."""
        with at_work(redact_url(file.url)), self._opened(file, fetching) as opened:
            yield opened

    @contextmanager
    def _opened(self, file: InputFile, fetching: Fetching) -> Iterator[OpenedInput]:
        if self.opener is not None:
            with open_by_recipe(self.opener, file) as dataset:
                yield OpenedInput(file, dataset, self)
            return
        url, access = file.url, self.access
        if self.cache is not None and is_remote(url):
            url, access = cached_url(self.cache, url), replace(access, fsspec_options=self.cache.storage_options)
        with open_input(url, access, fetching) as opened:
            yield OpenedInput(file, opened.dataset, self, opened.stamp)


@dataclass
class OpenedInput:
    """One input while it is open.

    Parameters
    ----------
    file : InputFile
    raw : xarray.Dataset
        As it is in the file, undecoded.
    source : Source
        What is to be done with it.
    stamp : Stamp
        Which version of the file that is; of a copy in the cache, the copy's.
    """

    file: InputFile
    raw: xr.Dataset
    source: Source
    stamp: Stamp = field(default_factory=Stamp)
    _schemas: dict[str, VariableSchema] = field(default_factory=dict)

    @cached_property
    def decoded(self) -> xr.Dataset:
        """The dataset as its author would see it, after `preprocess`."""
        with explained(self.file.url):
            decoded = self.raw if self.source.opener is not None else self.source.access.decode(self.raw)
        if self.source.preprocess is None:
            return decoded
        with blamed_on_recipe(self.source.preprocess, self.file.url):
            processed = self.source.preprocess(decoded, self.file)
        return _check_dataset(processed, self.source.preprocess, self.file)

    @cached_property
    def _encoded(self) -> tuple[Mapping[Any, xr.Variable], Mapping[Any, Any]]:
        """The variables and attributes after `preprocess`, which say what of them is a coordinate."""
        variables, attrs = conventions.encode_dataset_coordinates(self.decoded)
        return variables, attrs

    @cached_property
    def variables(self) -> Mapping[str, xr.Variable]:
        """The variables that are stored, decoded where `preprocess` made them."""
        if self.source.is_processed:
            return {str(name): variable for name, variable in self._encoded[0].items()}
        dropped = set(self.source.access.decoding.get("drop_variables") or ())
        return {str(name): variable for name, variable in self.raw.variables.items() if name not in dropped}

    def schema(self, name: str) -> VariableSchema:
        """Describe a variable as it would be stored if this were the only input."""
        if name not in self._schemas:
            with explained(self.file.url):
                variable = self.variables[name]
                self._schemas[name] = self._describe(name, variable)
        return self._schemas[name]

    def _describe(self, name: str, variable: xr.Variable) -> VariableSchema:
        if variable.dtype.kind in "VmM" and not self.source.is_processed:
            raise UserError(
                f"variable {name!r} is of type {variable.dtype}, which Zarr cannot store",
                where=redact_url(self.file.url),
                hint="Leave it out: open_kwargs={'drop_variables': [" + repr(name) + "]}.",
            )
        if self.source.is_processed:
            return describe_decoded(name, variable)
        if variable.dtype.kind in "OSUT":
            return describe_text(xr.decode_cf(self.raw[[name]]).variables[name])
        return describe_raw(name, variable, self.variables)

    def read_header(self, concat_dims: tuple[str, ...], has_merge_dims: bool, gather_below: int = 0) -> Header:
        """Describe the input, and read the values that inputs must share.

        Parameters
        ----------
        concat_dims : tuple of str
            The dimensions along which inputs follow one another.
        has_merge_dims : bool
            Whether other inputs hold other variables of the same dataset.
        gather_below : int
            Variables along one concat dimension alone, of at most so many bytes, are gathered as coordinates are.
        """
        schemas = {name: self.schema(name) for name in self.variables}
        gathered = find_gathered(schemas, concat_dims, gather_below)
        shared: dict[tuple[str, tuple[int, ...]], Shared] = {}
        for name, schema in schemas.items():
            along = tuple(dim for dim in concat_dims if dim in schema.dims)
            if not along or name in gathered or (has_merge_dims and schema.nbytes <= SHARED_BELOW):
                values = self.read_as(name, schema)
                position = tuple(self.file.index[dim] for dim in along)
                meaning = make_digest(find_meaning(values, schema))
                shared[name, position] = Shared(make_digest(values), meaning, values if name in gathered else None, schema.packing)
        attrs = self._encoded[1] if self.source.is_processed else self.raw.attrs
        sizes = {dim: size for schema in schemas.values() for dim, size in zip(schema.dims, schema.shape, strict=True)}
        return Header(self.file, sizes, schemas, dict(attrs), shared, self.source.find_stamp(self.file, self.stamp))

    def read_as(self, name: str, schema: VariableSchema) -> Array:
        """Read all of a variable, encoded as `schema` says."""
        return self.read(name, (slice(None),) * len(schema.dims), schema.dtype, schema.attrs, schema.packing)

    def read(
        self, name: str, key: tuple[slice, ...], dtype: np.dtype[Any], attrs: Mapping[str, Any], packing: Packing, pack: Pack | None = None
    ) -> Array:
        """Read part of a variable, encoded as the target wants it.

        Parameters
        ----------
        name : str
        key : tuple of slice
            Along the variable's dimensions, in the order in which this input holds them.
        dtype, attrs, packing
            Of the target's variable.
        pack : callable, optional
            ``(name, values, dtype, attrs) -> array`` packs decoded values; by default `encode`.
        """
        if dtype.kind != "O" and not self.source.is_processed and self.schema(name).packing == packing:
            with explained(self.file.url):
                return cast("Array", np.asarray(self.variables[name][key].values))
        with self._blamed():
            values = self.decoded.variables[name][key].load()
        return (pack or encode)(name, values, dtype, attrs)

    @contextmanager
    def _blamed(self) -> Iterator[None]:
        """Explain an exception that was raised while values were computed: lazily evaluated, it may be the recipe's or the file's."""
        preprocess = self.source.preprocess
        try:
            with at_work(redact_url(self.file.url), name_of(preprocess) if preprocess is not None else None):
                yield
        except ForgeError:
            raise
        except BaseException as error:
            if is_for_us(error):
                raise
            if preprocess is not None and (find_frame(error) is not None or not isinstance(error, Exception)):
                raise blame(error, preprocess, self.file.url) from error
            raise explain(self.file.url, error) from error


def find_meaning(values: Array, schema: VariableSchema) -> Array:
    """Say what encoded values mean, in a form that does not depend on how they are packed: text, dates, or float32."""
    packing = dict(schema.packing)
    if schema.is_text:
        return values
    if "units" in packing:
        times = decode_cf_datetime(values, packing["units"], packing.get("calendar", "standard"), use_cftime=True)
        return _as_dates(times)
    attrs = {name: value for name, value in packing.items() if name != "dtype" and value != "NaN"}
    decoded = conventions.decode_cf_variable("values", xr.Variable(schema.dims, values, attrs), decode_times=False)
    return cast("Array", decoded.values.astype("f4"))


def _as_dates(times: Any) -> Array:
    dates = np.asarray(times, dtype=object)
    texts = np.empty(dates.shape, dtype=object)
    texts.reshape(-1)[:] = [str(date) for date in dates.reshape(-1)]
    return texts


def find_gathered(schemas: Mapping[str, VariableSchema], concat_dims: tuple[str, ...], below: int = 0) -> set[str]:
    """Name what is gathered from all inputs and written once: the coordinates along the concat dimensions, and what is small like them.

    Parameters
    ----------
    schemas : mapping of str to VariableSchema
        An input's variables.
    concat_dims : tuple of str
    below : int
        Other variables along one concat dimension alone (and bounds) are gathered if an input holds at most so many bytes of them.
    """
    small = {name for name, schema in schemas.items() if len(schema.dims) == 1 and schema.dims[0] in concat_dims and schema.nbytes <= below}
    coordinates = {name for name in concat_dims if name in schemas and schemas[name].dims == (name,)}
    bounds = {str(schemas[name].attrs.get("bounds")) for name in coordinates | small}
    return (
        coordinates
        | small
        | {
            name
            for name in bounds
            if name in schemas and sum(dim in concat_dims for dim in schemas[name].dims) == 1 and len(schemas[name].dims) == 2
        }
    )


def encode(name: str, values: xr.Variable, dtype: np.dtype[Any], attrs: Mapping[str, Any]) -> Array:
    """Pack decoded values as `attrs` say."""
    if dtype.kind == "O":
        return as_text(values.values)
    encoding = {key: attrs[key] for key in PACKING if key in attrs and (key not in ("units", "calendar") or is_time(attrs))}
    if "units" in encoding and values.dtype.kind not in "mMO":  # times that `preprocess` or decode_times=False left as numbers
        encoding = {key: value for key, value in encoding.items() if key not in ("units", "calendar")}
    plain = xr.Variable(values.dims, values.values, {}, {"_FillValue": None, **encoding, "dtype": dtype})
    encoded = conventions.encode_cf_variable(plain, name=name)
    return cast("Array", np.asarray(encoded.values).astype(dtype, copy=False))


@contextmanager
def open_by_recipe(opener: Opener, file: InputFile) -> Iterator[xr.Dataset]:
    """Open an input by the recipe's own function, and close it in the end."""
    with blamed_on_recipe(opener, file.url):
        opened = opener(file)
    dataset = _check_dataset(opened, opener, file)
    try:
        yield dataset
    finally:
        dataset.close()


def _check_dataset(made: Any, function: Callable[..., Any], file: InputFile) -> xr.Dataset:
    if not isinstance(made, xr.Dataset):
        raise UserError(
            f"{name_of(function)} returned {type(made).__name__}, not a Dataset",
            where=redact_url(file.url),
            hint="End the function with `return ds`.",
        )
    return made
