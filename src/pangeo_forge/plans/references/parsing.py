"""Opening an input for its references: what it holds, as xarray reads it, and where its chunks lie, as the libraries find them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from pangeo_forge.errors import UserError
from pangeo_forge.plans.explaining import explained
from pangeo_forge.plans.inputs import InputFile
from pangeo_forge.plans.opening import HEADER, Fetching, find_engine, open_file
from pangeo_forge.plans.products import needing_virtual
from pangeo_forge.plans.reading import OpenedInput, Source
from pangeo_forge.plans.references.arrays import VirtualFile
from pangeo_forge.plans.targets import ZarrFormat
from pangeo_forge.types import redact_url


@dataclass(frozen=True, slots=True)
class VirtualSource(Source):
    """How the inputs of a recipe are opened where their references are wanted.

    Parameters
    ----------
    concat_dims : tuple of str
        The dimensions along which inputs follow one another.
    zarr_format : int
        The version of Zarr in whose terms the references will be written.
    """

    concat_dims: tuple[str, ...] = ()
    zarr_format: ZarrFormat = 3

    @contextmanager
    def open(self, file: InputFile, fetching: Fetching = HEADER) -> Iterator[OpenedInput]:
        """Open one input as its references show it."""
        with self.open_virtual(file) as virtual:
            yield OpenedInput(file, virtual.dataset, self, virtual.stamp)

    @contextmanager
    def open_virtual(self, file: InputFile) -> Iterator[VirtualFile]:
        """Open one input for its references.

        Raises
        ------
        SourceError
            If it cannot be read.
        UserError
            If it is of a kind that references cannot lead to.
        """
        with ExitStack() as stack:
            with explained(file.url), needing_virtual():
                opened = self._open(file.url, stack)
            yield opened

    def _open(self, url: str, stack: ExitStack) -> VirtualFile:
        access = self.access
        if access.file_type == "zarr":
            from pangeo_forge.plans.references.zarr_files import open_zarr

            return open_zarr(url, access, stack)
        file, stamp = open_file(url, access, HEADER, stack)
        kind = find_engine(file, url)
        if kind == "h5netcdf":
            from pangeo_forge.plans.references.hdf5 import open_hdf5

            return open_hdf5(url, file, stamp, access, stack)
        if kind == "netcdf4":
            from pangeo_forge.plans.references.netcdf3 import open_netcdf3

            return open_netcdf3(url, stamp, access, stack)
        if kind == "cfgrib":
            from pangeo_forge.plans.references.grib import open_grib

            if self.zarr_format == 3:
                raise UserError(
                    "a GRIB file cannot be referenced by Icechunk: what decodes its messages has no name in Zarr 3",
                    where=redact_url(url),
                    hint="Write the references with format='kerchunk-json' or 'kerchunk-parquet'.",
                )
            return open_grib(url, stamp, access, self.concat_dims, stack)
        raise UserError(f"references cannot be made of what is read by {kind!r}", where=redact_url(url), hint=_KINDS)


_KINDS = "References lead to HDF5 (NetCDF 4), NetCDF 3, GRIB and Zarr."
