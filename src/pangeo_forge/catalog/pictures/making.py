"""A picture of a dataset: the variable chosen, its values read, and drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr

from pangeo_forge.catalog.pictures import drawing
from pangeo_forge.catalog.pictures.colours import Scale, find_scale
from pangeo_forge.catalog.pictures.fields import Field, choose_field, describe_steps, find_steps, find_time
from pangeo_forge.catalog.pictures.raster import rasterize
from pangeo_forge.catalog.pictures.reading import Values, read_thinned
from pangeo_forge.catalog.pictures.wanted import CannotDraw, Picture, Shown, Source, Wanted
from pangeo_forge.plans.plan import Target
from pangeo_forge.plans.products import Icechunk, Origin, Zarr, recognize

#: The longer side of a thumbnail and of a map, pixels.
_THUMBNAIL = 480
_MAP = 1000

#: So many values are drawn along a line, or along each side of an image.
_ALONG = {"line": 4000, "image": 800}

#: Means are of so many times at most, and of so many places along each side.
_TIMES = 400
_PLACES = 60


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
    product = recognize(target, Origin(reach=source.reach))
    if product is None:
        raise CannotDraw("it is of no kind that is known", where=source.href)
    if isinstance(product, Icechunk) and source.snapshot:
        product = replace(product, snapshot=source.snapshot)
    decoding: dict[str, Any] = {} if source.consolidated or not isinstance(product, Zarr) else {"consolidated": False}
    return product.open(target, decode_timedelta=False, create_default_indexes=False, **decoding)


def draw(ds: xr.Dataset, source: Source, wanted: Wanted) -> Picture:
    """Draw a dataset that is open."""
    field = choose_field(ds, wanted.variable)
    if wanted.kind == "series":
        return _draw_series(field, source, wanted)
    return _draw_map(field, source, wanted) if field.is_on_a_map else _draw_without_place(field, source, wanted)


def _draw_map(field: Field, source: Source, wanted: Wanted) -> Picture:
    assert field.footprint is not None
    is_thumbnail = wanted.kind == "thumbnail"
    bbox = source.bbox if is_thumbnail and source.bbox else field.footprint.bbox
    for steps in find_steps(field, dict(wanted.steps)):
        raster = rasterize(field, steps, bbox, _THUMBNAIL if is_thumbnail else _MAP)
        if np.isfinite(raster.values).any():
            break
    scale = find_scale(raster.values)
    shown = _tell(field, steps, scale, raster.values)
    if is_thumbnail:
        return Picture(drawing.draw_thumbnail(raster.values, scale), shown)
    return Picture(drawing.draw_map(raster, scale, shown, source.title, wanted), shown)


def _draw_without_place(field: Field, source: Source, wanted: Wanted) -> Picture:
    most = dict.fromkeys(field.dims, _ALONG[field.layout])
    for steps in find_steps(field, dict(wanted.steps)):
        values, along = read_thinned(field.array, steps, most)
        if np.isfinite(values).any():
            break
    scale = find_scale(values)
    shown = _tell(field, steps, scale, values)
    if field.layout == "image":
        if wanted.kind == "thumbnail":
            return Picture(drawing.draw_thumbnail(values, scale, (_THUMBNAIL, _THUMBNAIL * 9 // 16)), shown)
        return Picture(drawing.draw_image(values, field, along, scale, shown, source.title, wanted), shown)
    (dim,) = field.dims
    shown = replace(shown, colormap="")
    if wanted.kind == "thumbnail":
        return Picture(drawing.draw_line_thumbnail(values), shown)
    return Picture(drawing.draw_line(values, field, dim, along[dim], shown, source.title, wanted), shown)


def _draw_series(field: Field, source: Source, wanted: Wanted) -> Picture:
    """Draw the means of values along time; each is of a lattice of places, which count by the area that they stand for."""
    time = find_time(field)
    if time is None:
        raise CannotDraw(f"{field.name} has no time along which there could be means")
    steps = {dim: step for dim, step in find_steps(field, dict(wanted.steps))[0].items() if dim != time}
    across = [dim for dim in field.dims if dim != time]
    values, along = read_thinned(field.array, steps, {time: _TIMES} | dict.fromkeys(across, _PLACES if len(across) > 1 else _PLACES**2))
    means = _average(values, _find_weights(field, across, along))
    scale = find_scale(means)
    told = _tell(field, steps, scale, means)
    shown = replace(told, label=f"mean {told.label}", colormap="")
    return Picture(drawing.draw_line(means, field, time, along[time], shown, source.title, wanted), shown)


def _find_weights(field: Field, across: list[str], along: Mapping[str, Any]) -> Values:
    """Weigh rows of a grid of degrees by the cosine of their latitude; on other grids all places count the same."""
    if field.layout != "grid" or field.axes.latitude is None or across != list(field.dims):
        return np.ones([len(along[dim]) for dim in across])
    latitudes = field.ds[field.axes.latitude].values.astype("f8")[along[across[0]]]
    return np.broadcast_to(np.cos(np.deg2rad(latitudes))[:, np.newaxis], [len(along[dim]) for dim in across])


def _average(values: Values, weights: Values) -> Values:
    there = np.isfinite(values)
    axes = tuple(range(1, values.ndim))
    total = np.where(there, weights, 0.0).sum(axis=axes)
    summed = np.where(there, values * weights, 0.0).sum(axis=axes)
    return np.where(total > 0, summed / np.where(total > 0, total, 1.0), np.nan)


def _tell(field: Field, steps: Mapping[str, int], scale: Scale, values: Values) -> Shown:
    at = describe_steps(field, steps)
    if not np.isfinite(values).any():
        raise CannotDraw(f"{field.name} has no values{f' at {at}' if at else ''}")
    attrs = field.array.attrs
    label = str(attrs.get("long_name") or str(attrs.get("standard_name") or field.name).replace("_", " ")).strip()[:200]
    unit = str(attrs.get("units", ""))[:60]
    return Shown(field.name, label, unit, dict(steps), at, *scale.most, (scale.low, scale.high), scale.colormap)
