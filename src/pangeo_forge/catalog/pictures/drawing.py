"""Drawing what was read, with matplotlib: a thumbnail without axes, or a plot with all that explains it."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from pangeo_forge.catalog.describing.times import is_time
from pangeo_forge.catalog.pictures.colours import Scale
from pangeo_forge.catalog.pictures.fields import Field
from pangeo_forge.catalog.pictures.land import read_land
from pangeo_forge.catalog.pictures.raster import Raster
from pangeo_forge.catalog.pictures.reading import Values
from pangeo_forge.catalog.pictures.wanted import Shown, Theme, Wanted

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_DOTS_PER_INCH = 130
#: So many letters of a heading fit, by whether the page is narrow.
_LONGEST = {False: 95, True: 45}


@dataclass(frozen=True, slots=True)
class _Look:
    """The colours of a plot, those of the pages."""

    ground: str
    ink: str
    faint: str
    line: str
    nothing: str
    coast: str


_LOOKS: Mapping[Theme, _Look] = {
    "light": _Look("#ffffff", "#16232b", "#51646f", "#c9d5dc", "#eef2f4", "#33434c"),
    "dark": _Look("#11191f", "#e4edf2", "#9fb3bf", "#34454f", "#1a252d", "#d5e0e6"),
}


def draw_thumbnail(values: Values, scale: Scale, size: tuple[int, int] | None = None) -> bytes:
    """Draw values as pixels alone, or stretched to a size (width, height); where there are none it is transparent."""
    import matplotlib
    from PIL import Image

    colours = matplotlib.colormaps[scale.colormap].resampled(255)(np.arange(255), bytes=True)
    share = (values - scale.low) / (scale.high - scale.low)
    numbers = np.where(np.isfinite(values), np.clip(np.nan_to_num(share) * 255, 0, 254), 255).astype("u1")
    image = Image.fromarray(numbers)
    image.putpalette(np.vstack([colours[:, :3], [[0, 0, 0]]]).astype("u1").tobytes())
    if size is not None:
        image = image.resize(size, Image.Resampling.NEAREST)
    written = io.BytesIO()
    image.save(written, "PNG", transparency=255, optimize=True)
    return written.getvalue()


def draw_line_thumbnail(values: Values) -> bytes:
    """Draw a curve alone."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.8, 2.7), dpi=100)
    axes = figure.add_axes((0.02, 0.04, 0.96, 0.92))
    axes.plot(values, color="#2a7f9e", linewidth=1.2, marker="." if values.size < 60 else None)
    axes.margins(x=0.0)
    axes.set_axis_off()
    written = io.BytesIO()
    figure.savefig(written, format="png", transparent=True)
    return written.getvalue()


def draw_map(raster: Raster, scale: Scale, shown: Shown, title: str, wanted: Wanted) -> bytes:
    """Draw a raster over longitudes and latitudes, with coastlines."""
    west, south, east, north = raster.bbox
    aspect = min(max((east - west) / (north - south), 0.5), 3.0)
    figure, axes = _make_figure(7.6 / aspect, wanted)
    mesh = axes.imshow(
        raster.values,
        extent=(west, east, south, north),
        cmap=scale.colormap,
        vmin=scale.low,
        vmax=scale.high,
        interpolation="nearest",
        aspect="auto",
    )
    for ring in read_land():
        for turn in (0.0, 360.0):
            axes.plot(ring[:, 0] + turn, ring[:, 1], color=_LOOKS[wanted.theme].coast, linewidth=0.7, alpha=0.85)
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    axes.xaxis.set_major_formatter(lambda degrees, _: _name_degrees((degrees + 180) % 360 - 180, "E", "W"))
    axes.yaxis.set_major_formatter(lambda degrees, _: _name_degrees(degrees, "N", "S"))
    _set_degrees(axes, east - west, north - south, 4 if wanted.is_narrow else 8)
    _finish(figure, axes, shown, title, wanted, mesh)
    return _write(figure)


def draw_image(values: Values, field: Field, along: Mapping[str, Any], scale: Scale, shown: Shown, title: str, wanted: Wanted) -> bytes:
    """Draw values over two dimensions that are no longitudes and latitudes."""
    figure, axes = _make_figure(4.6, wanted)
    rows, columns = field.dims
    x, y = (_find_coordinate(field, dim, along[dim]) for dim in (columns, rows))
    mesh = axes.pcolormesh(x[0], y[0], values, cmap=scale.colormap, vmin=scale.low, vmax=scale.high, shading="nearest")
    axes.set_xlabel(x[1], parse_math=False)
    axes.set_ylabel(y[1], parse_math=False)
    if rows in field.ds.coords and str(field.ds[rows].attrs.get("positive", "")).lower() == "down":
        axes.invert_yaxis()
    _finish(figure, axes, shown, title, wanted, mesh)
    return _write(figure)


def draw_line(values: Values, field: Field, dim: str, places: Any, shown: Shown, title: str, wanted: Wanted) -> bytes:
    """Draw a curve along one dimension."""
    figure, axes = _make_figure(3.6, wanted)
    x, name = _find_coordinate(field, dim, places)
    axes.plot(x, values, color="#2a7f9e" if wanted.theme == "light" else "#6cc4e4", linewidth=1.2, marker="." if values.size < 60 else None)
    axes.set_xlabel(name, parse_math=False)
    axes.set_ylabel(_with_unit(shown.label, shown.unit)[:60], parse_math=False)
    axes.grid(color=_LOOKS[wanted.theme].line, linewidth=0.6)
    axes.margins(x=0.01)
    _finish(figure, axes, shown, title, wanted)
    return _write(figure)


def _make_figure(height: float, wanted: Wanted) -> tuple[Figure, Axes]:
    """Make a figure whose axes are about so high, inches, on a wide page; on a narrow one it is scaled down, and its letters are not."""
    from matplotlib.figure import Figure

    look = _LOOKS[wanted.theme]
    width, share = (4.6, 0.55) if wanted.is_narrow else (9.0, 1.0)
    size = width, share * min(max(height, 2.6), 6.5) + (1.6 if wanted.is_narrow else 1.1)
    figure = Figure(figsize=size, dpi=_DOTS_PER_INCH, facecolor=look.ground, layout="constrained")
    axes = figure.add_subplot(facecolor=look.nothing)
    for spine in axes.spines.values():
        spine.set_color(look.line)
    axes.tick_params(colors=look.faint, labelsize=9)
    axes.xaxis.label.set_color(look.faint)
    axes.yaxis.label.set_color(look.faint)
    return figure, axes


def _finish(figure: Figure, axes: Axes, shown: Shown, title: str, wanted: Wanted, mesh: Any = None) -> None:
    """Write the title, and what the colours mean."""
    look = _LOOKS[wanted.theme]
    heading = _with_unit(shown.label, "" if mesh is not None else shown.unit)
    words = f"{_shorten(heading, wanted)}\n{_shorten(shown.at or title, wanted)}"
    axes.set_title(words, loc="left", fontsize=11, color=look.ink, parse_math=False)
    if mesh is not None:
        where: dict[str, Any] = {"location": "bottom", "pad": 0.03} if wanted.is_narrow else {"location": "right", "pad": 0.015}
        bar = figure.colorbar(mesh, ax=axes, extend="both", shrink=0.9, aspect=25, **where)
        bar.set_label(shown.unit[:40], color=look.faint, parse_math=False)
        bar.ax.tick_params(colors=look.faint, labelsize=9)
        bar.outline.set_edgecolor(look.line)


def _write(figure: Figure) -> bytes:
    written = io.BytesIO()
    figure.savefig(written, format="png")
    return written.getvalue()


def _find_coordinate(field: Field, dim: str, places: Any) -> tuple[Any, str]:
    """Give what is written along a dimension, and what it is called: its coordinate, or where that has no order, the steps."""
    if dim not in field.ds.coords:
        return places, dim
    coordinate: xr.DataArray = field.ds[dim].isel({dim: places})
    label = str(coordinate.attrs.get("long_name") or coordinate.attrs.get("standard_name") or dim).replace("_", " ")[:60]
    if is_time(coordinate):
        return _as_dates(coordinate.values), "" if coordinate.dtype.kind == "M" else str(coordinate.values.flat[0].calendar)
    values = coordinate.values
    if values.dtype.kind not in "fiu" or not np.isfinite(values).all() or not _is_ordered(values):
        return places, dim
    return values, _with_unit(label, str(coordinate.attrs.get("units", "")))


def _as_dates(values: Any) -> Any:
    """Give times as matplotlib draws them; days that its calendar lacks become years with a fraction."""
    if values.dtype.kind == "M":
        return values
    return np.array([time.year + (time.dayofyr - 1) / 365.0 for time in values])


def _is_ordered(values: Values) -> bool:
    steps = np.diff(values.astype("f8"))
    return bool((steps > 0).all() or (steps < 0).all())


def _set_degrees(axes: Axes, width: float, height: float, most: int) -> None:
    from matplotlib.ticker import MaxNLocator

    steps = [1, 1.5, 2, 3, 4.5, 5, 6, 9, 10] if width > 20 else [1, 2, 5, 10]
    axes.xaxis.set_major_locator(MaxNLocator(most, steps=steps))
    axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 1.5, 2, 3, 5, 10] if height > 20 else [1, 2, 5, 10]))


def _name_degrees(degrees: float, positive: str, negative: str) -> str:
    number = f"{abs(degrees):.4g}°"
    if abs(degrees) < 1e-9 or (positive == "E" and abs(degrees) == 180):
        return number
    return f"{number}{positive if degrees > 0 else negative}"


def _with_unit(label: str, unit: str) -> str:
    return f"{label} ({unit})" if unit not in ("", "1") else label


def _shorten(text: str, wanted: Wanted) -> str:
    longest = _LONGEST[wanted.is_narrow]
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
