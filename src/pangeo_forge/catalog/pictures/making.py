"""A picture of a dataset: the variable chosen, its values read, and drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr

from pangeo_forge.catalog.pictures import drawing
from pangeo_forge.catalog.pictures.colours import Scale, find_scale
from pangeo_forge.catalog.pictures.fields import Field, choose_field, describe_steps, find_steps
from pangeo_forge.catalog.pictures.raster import Raster, rasterize
from pangeo_forge.catalog.pictures.reading import Values, read_thinned
from pangeo_forge.catalog.pictures.wanted import CannotDraw, Picture, Shown, Source, Wanted
from pangeo_forge.plans.plan import Target
from pangeo_forge.plans.products import Icechunk, Zarr, recognize

#: The longer side of a thumbnail and of a map, pixels.
_THUMBNAIL = 480
_MAP = 1000

#: So many values are drawn along a line, or along each side of an image.
_ALONG = {"line": 4000, "image": 800}


def make_picture(source: Source, wanted: Wanted) -> Picture:
    """Open a dataset, and draw it.

    Raises
    ------
    CannotDraw
        If there is nothing that can be drawn.
    """
    with open_source(source) as ds:
        return draw(ds, source, wanted)


def open_source(source: Source) -> xr.Dataset:
    """Open a dataset lazily and without Dask, so that no more is read than is asked for."""
    target = Target(source.href, source.storage_options)
    product = recognize(target)
    if product is None:
        raise CannotDraw("it is of no kind that is known", where=source.href)
    if isinstance(product, Icechunk) and source.snapshot:
        product = replace(product, snapshot=source.snapshot)
    decoding: dict[str, Any] = {} if source.consolidated or not isinstance(product, Zarr) else {"consolidated": False}
    return product.open(target, decode_timedelta=False, **decoding)


def draw(ds: xr.Dataset, source: Source, wanted: Wanted) -> Picture:
    """Draw a dataset that is open."""
    field = choose_field(ds, wanted.variable)
    if field.is_on_a_map:
        return _draw_map(field, source, wanted)
    return _draw_without_place(field, source, wanted)


def _draw_map(field: Field, source: Source, wanted: Wanted) -> Picture:
    assert field.footprint is not None
    is_thumbnail = wanted.kind == "thumbnail"
    bbox = source.bbox if is_thumbnail and source.bbox else field.footprint.bbox
    for steps in find_steps(field, dict(wanted.steps)):
        raster: Raster = rasterize(field, steps, bbox, _THUMBNAIL if is_thumbnail else _MAP)
        if np.isfinite(raster.values).any():
            break
    scale = find_scale(raster.values)
    shown = _tell(field, steps, scale, raster.values)
    png = drawing.draw_thumbnail(raster.values, scale) if is_thumbnail else drawing.draw_map(raster, scale, shown, source.title, wanted.theme)
    return Picture(png, shown)


def _draw_without_place(field: Field, source: Source, wanted: Wanted) -> Picture:
    most = dict.fromkeys(field.dims, _ALONG[field.layout])
    for steps in find_steps(field, dict(wanted.steps)):
        values, along = read_thinned(field.array, steps, most)
        if np.isfinite(values).any():
            break
    scale = find_scale(values)
    if field.layout == "image":
        shown = _tell(field, steps, scale, values)
        png = (
            drawing.draw_thumbnail(values, scale)
            if wanted.kind == "thumbnail"
            else drawing.draw_image(values, field, along, scale, shown, source.title, wanted.theme)
        )
        return Picture(png, shown)
    shown = replace(_tell(field, steps, scale, values), colormap="")
    (dim,) = field.dims
    png = (
        drawing.draw_line_thumbnail(values)
        if wanted.kind == "thumbnail"
        else drawing.draw_line(values, field, dim, along[dim], shown, source.title, wanted.theme)
    )
    return Picture(png, shown)


def _tell(field: Field, steps: Mapping[str, int], scale: Scale, values: Values) -> Shown:
    if not np.isfinite(values).any():
        where = describe_steps(field, steps)
        raise CannotDraw(f"{field.name} has no values{f' at {where}' if where else ''}")
    attrs = field.array.attrs
    label = str(attrs.get("long_name") or str(attrs.get("standard_name") or field.name).replace("_", " ")).strip()[:200]
    at = describe_steps(field, steps)
    unit = str(attrs.get("units", ""))[:60]
    return Shown(field.name, label, unit, dict(steps), at, *scale.most, (scale.low, scale.high), scale.colormap)
