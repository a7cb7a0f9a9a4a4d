"""The form that a plot is chosen with: which variables there are, and which steps of which dimensions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from pangeo_forge.catalog.pictures.wanted import CannotDraw, Kind, Theme, Wanted
from pangeo_forge.catalog.views import describe_time

_LONGITUDES = ("longitude", "degrees_east", "degree_east", "degrees_e", "degree_e")
_LATITUDES = ("latitude", "degrees_north", "degree_north", "degrees_n", "degree_n")

#: What the fields of steps begin with, so that no dimension's name is that of another field.
_AT = "at-"


@dataclass(frozen=True, slots=True)
class StepChoice:
    """A dimension of which one step is drawn.

    Parameters
    ----------
    field, name : str
        What the field and the dimension are called.
    last : int
        The number of the last step.
    step : int, optional
        The one that is chosen.
    extent : str
        From where to where the steps go.
    is_time : bool
        Whether they are times.
    """

    field: str
    name: str
    last: int
    step: int | None
    extent: str
    is_time: bool


@dataclass(frozen=True, slots=True)
class PlotChoice:
    """A plot that is chosen.

    Parameters
    ----------
    variables : tuple of (str, str)
        The names of all variables that may be, and what they call themselves.
    variable : str
    steps : tuple of StepChoice
    has_series : bool
        Whether there are means along time.
    kind : str
    query : str
        What is asked of the server for the picture.
    text : str
        What it is, before it is drawn.
    """

    variables: tuple[tuple[str, str], ...]
    variable: str
    steps: tuple[StepChoice, ...]
    has_series: bool
    kind: str
    query: str
    text: str


def read_wanted(asked: Mapping[str, str], kind: Kind, theme: Theme) -> Wanted:
    """Read which picture is wanted from the fields of the form.

    Raises
    ------
    CannotDraw
        If a step is no number.
    """
    if kind == "thumbnail":
        return Wanted("thumbnail")
    steps = []
    for name, text in asked.items():
        if name.startswith(_AT) and text.strip():
            if not text.strip().isdecimal() or len(text) > 12:
                raise CannotDraw(f"{name.removeprefix(_AT)} is {text[:20]!r}, and not the number of a step")
            steps.append((name.removeprefix(_AT), int(text)))
    shown: Kind = "series" if asked.get("kind") == "series" else "plot"
    return Wanted(shown, asked.get("variable") or None, tuple(sorted(steps)), theme, asked.get("width") == "narrow")


def make_plot_choice(properties: Mapping[str, Any], asked: Mapping[str, str]) -> PlotChoice | None:
    """Make the form of a dataset's plots; None if it has no variable that could be drawn."""
    described = {name: each for name, each in properties.get("cube:variables", {}).items() if _may_be_drawn(each)}
    if not described:
        return None
    variable = asked.get("variable", "")
    variable = variable if variable in described else next(iter(described))
    steps = tuple(_make_steps(properties, described[variable], asked))
    wanted = {name: text for name, text in asked.items() if text and (name in ("variable", "kind") or name.startswith(_AT))}
    at = ", ".join(f"{each.name} {each.step}" for each in steps if each.step is not None)
    return PlotChoice(
        variables=tuple((name, _label(name, each)) for name, each in described.items()),
        variable=variable,
        steps=steps,
        has_series=any(each.is_time for each in steps),
        kind="series" if asked.get("kind") == "series" else "plot",
        query=urlencode(wanted),
        text=f"{_label(variable, described[variable])}{f' at {at}' if at else ''}",
    )


def _may_be_drawn(variable: Mapping[str, Any]) -> bool:
    return variable.get("variable_type") == "data" and variable.get("data_type") not in ("other", None) and bool(variable.get("shape"))


def _label(name: str, variable: Mapping[str, Any]) -> str:
    told = str(variable.get("description") or "")
    return f"{name}: {told[:80]}" if told and told != name else name


def _make_steps(properties: Mapping[str, Any], variable: Mapping[str, Any], asked: Mapping[str, str]) -> Iterable[StepChoice]:
    sizes = dict(zip(variable["dimensions"], variable["shape"], strict=True))
    dimensions = properties.get("cube:dimensions", {})
    for dim in sizes:
        if dim in _find_drawn(properties, sizes) or sizes[dim] < 2:
            continue
        text = asked.get(f"{_AT}{dim}", "")
        step = int(text) if text.isdecimal() and len(text) < 10 else None
        described = dimensions.get(dim, {})
        is_time = described.get("type") == "temporal"
        extent = describe_time(properties) if is_time else _describe_extent(described)
        yield StepChoice(f"{_AT}{dim}", dim, sizes[dim] - 1, step, extent, is_time)


def _find_drawn(properties: Mapping[str, Any], sizes: Mapping[str, int]) -> set[str]:
    """Name the dimensions that a variable is drawn over, as what draws it chooses them."""
    dimensions = properties.get("cube:dimensions", {})
    across = {dim for dim in sizes if dimensions.get(dim, {}).get("axis") in ("x", "y")}
    if len(across) == 2:
        return across
    for variable in properties.get("cube:variables", {}).values():
        told = {str(variable.get("unit", "")).lower(), str(variable.get("attrs", {}).get("standard_name", "")).lower()}
        own = set(variable.get("dimensions", []))
        if told & {*_LONGITUDES, *_LATITUDES} and 1 <= len(own) <= 2 and own <= set(sizes):
            return own
    return set([dim for dim in sizes if sizes[dim] > 1][-2:])


def _describe_extent(dimension: Mapping[str, Any]) -> str:
    extent = dimension.get("extent") or (None, None)
    if None in extent or dimension.get("type") == "index":
        return ""
    first, last = (f"{each:g}" if isinstance(each, int | float) else str(each)[:20] for each in extent)
    unit = str(dimension.get("unit", ""))
    return f"{first} to {last}{f' {unit}' if unit not in ('', '1') else ''}"
