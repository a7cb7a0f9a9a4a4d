"""A dataset's description, from its metadata and coordinates."""

from __future__ import annotations

import xarray as xr

from pangeo_forge.catalog.describing.attributes import clean_attributes, clean_text
from pangeo_forge.catalog.describing.axes import find_axes
from pangeo_forge.catalog.describing.cube import describe_dimensions, describe_variables
from pangeo_forge.catalog.describing.decoding import decode
from pangeo_forge.catalog.describing.footprint import find_footprint
from pangeo_forge.catalog.describing.times import find_period, find_times
from pangeo_forge.catalog.description import Description


def describe(stored: xr.Dataset) -> Description:
    """Describe a dataset; of its arrays only coordinates are read.

    Parameters
    ----------
    stored : Dataset
        As xarray opens it, lazily. Opened with ``decode_cf=False`` and ``create_default_indexes=False`` it takes little memory, however
        long its coordinates are.
    """
    ds = with_coordinates(decode(stored))
    axes = find_axes(ds)
    times = find_times(ds, stored, axes)
    footprint = find_footprint(ds, axes)
    period = find_period(times, axes)
    names = {clean_text(str(variable.attrs["standard_name"])) for variable in ds.variables.values() if "standard_name" in variable.attrs}
    return Description(
        bbox=list(footprint.bbox) if footprint else None,
        geometry=footprint.geometry if footprint else None,
        start=period.start if period else None,
        end=period.end if period else None,
        dimensions=describe_dimensions(ds, axes, times),
        variables=describe_variables(ds),
        standard_names=sorted(names),
        attrs=clean_attributes(ds.attrs),
        bytes=ds.nbytes,
    )


def with_coordinates(ds: xr.Dataset) -> xr.Dataset:
    """Count as coordinates what has the standard name of one: the coordinates of a mesh are data variables to xarray."""
    names = [name for name, variable in ds.variables.items() if variable.attrs.get("standard_name") in ("longitude", "latitude", "time")]
    return ds.set_coords(names)
