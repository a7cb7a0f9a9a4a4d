"""What people are shown of a catalogue, as plain values: each made of an Item, with nothing left for a page to decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pangeo_forge.catalog.health.findings import Executed, Finding, Health
from pangeo_forge.catalog.snippets import Snippet, write_snippets
from pangeo_forge.types import format_size

_LONGEST = 240


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the map, in degrees with north up: y counts southwards."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Badge:
    """What a dataset was when it was last checked, and the day; both are empty of one that never was."""

    state: str = ""
    day: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """A dataset in the list."""

    id: str
    title: str
    summary: str
    time: str
    variables: str
    size: str
    format: str
    boxes: tuple[Box, ...]
    thumbnail: str | None
    badge: Badge = Badge()


@dataclass(frozen=True, slots=True)
class VariableRow:
    """A variable in a dataset's table."""

    name: str
    description: str
    unit: str
    dimensions: str
    shape: str
    chunks: str
    type: str
    is_data: bool


@dataclass(frozen=True, slots=True)
class DimensionRow:
    """A dimension in a dataset's table."""

    name: str
    description: str
    extent: str
    step: str
    unit: str


@dataclass(frozen=True, slots=True)
class Fact:
    """Something to say of a dataset, perhaps with a link."""

    name: str
    text: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A dataset's page."""

    card: Card
    description: str
    facts: tuple[Fact, ...]
    variables: tuple[VariableRow, ...]
    dimensions: tuple[DimensionRow, ...]
    snippets: tuple[tuple[str, Snippet], ...]
    attributes: tuple[tuple[str, str], ...]
    citation: str
    findings: tuple[Finding, ...] = ()
    executed: Mapping[str, str] = field(default_factory=dict)


def make_card(item: Mapping[str, Any], health: Health | None = None) -> Card:
    """Make a dataset's card of its newest Item, and of what is known of its health."""
    properties = item["properties"]
    data = [name for name, variable in properties.get("cube:variables", {}).items() if variable.get("variable_type") == "data"]
    pictures = [asset["href"] for asset in item["assets"].values() if "thumbnail" in asset.get("roles", ())]
    asset: Mapping[str, Any] = next(iter(item["assets"].values()), {})
    return Card(
        id=str(item["collection"]),
        title=str(properties.get("title") or item["collection"]),
        summary=_shorten(str(properties.get("description", ""))),
        time=describe_time(properties),
        variables=", ".join(data[:6]) + (f" and {len(data) - 6} more" if len(data) > 6 else ""),
        size=format_size(properties.get("pangeo_forge:bytes", 0)),
        format=str(asset.get("title", "")),
        boxes=make_boxes(item.get("bbox")),
        thumbnail=pictures[0] if pictures else None,
        badge=make_badge(health),
    )


def make_badge(health: Health | None) -> Badge:
    """Say what a dataset was when it was last checked. Of one that was only made, only that it is broken is worth saying."""
    if health is None or (health.checked is None and health.state == "unknown"):
        return Badge()
    worked = [executed.worked for executed in health.snippets.values() if executed.worked]
    return Badge(health.state, (health.checked or max(worked, default=""))[:10])


def make_boxes(bbox: Any) -> tuple[Box, ...]:
    """Draw a bounding box; one that crosses the antimeridian is two rectangles."""
    if not bbox:
        return ()
    west, south, east, north = bbox
    parts = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    return tuple(Box(first, -north, max(last - first, 1.0), max(north - south, 1.0)) for first, last in parts)


def make_sheet(item: Mapping[str, Any], versions: int, health: Health | None = None) -> Sheet:
    """Make a dataset's page of its newest Item.

    Parameters
    ----------
    item : mapping
    versions : int
        How many versions there are.
    health : Health, optional
        What is known of this version.
    """
    properties = item["properties"]
    ways = sorted(item["assets"].items(), key=lambda way: way[0] != "public")  # which is the readers' own
    snippets = tuple((key, snippet) for key, asset in ways for snippet in write_snippets(asset))
    return Sheet(
        card=make_card(item, health),
        description=str(properties.get("description", "")),
        facts=tuple(_facts(item, versions)),
        variables=tuple(_describe_variable(name, each) for name, each in properties.get("cube:variables", {}).items()),
        dimensions=tuple(_describe_dimension(name, each) for name, each in properties.get("cube:dimensions", {}).items()),
        snippets=snippets,
        attributes=tuple((name, str(value)) for name, value in properties.get("pangeo_forge:attrs", {}).items()),
        citation=properties.get("sci:citation") or _cite(item),
        findings=health.findings if health else (),
        executed={key: _tell_executed(each) for key, each in health.snippets.items()} if health else {},
    )


def _tell_executed(executed: Executed) -> str:
    worked = f"worked on {executed.worked[:10]}" if executed.worked else "has not worked yet"
    return f"{worked}; then: {executed.fault}" if executed.fault else worked


def _facts(item: Mapping[str, Any], versions: int) -> list[Fact]:
    properties, bbox = item["properties"], item.get("bbox")
    links = {link["rel"]: link for link in item["links"]}
    where = _describe_place(bbox) if bbox else ""
    providers = "; ".join(f"{each['name']} ({', '.join(each.get('roles', []))})" for each in properties.get("providers", []))
    facts = [
        Fact("Time", describe_time(properties)),
        Fact("Place", where),
        Fact("Size", f"{format_size(properties.get('pangeo_forge:bytes', 0))} uncompressed"),
        Fact("Licence", _licence(properties, links), links.get("license", {}).get("href")),
        Fact("Providers", providers),
        Fact("Keywords", ", ".join(properties.get("keywords", []))),
        Fact("Version", f"{properties.get('version', '')}{f', the newest of {versions}' if versions > 1 else ''}"),
        Fact("Baked", str(properties.get("processing:datetime", "")), None),
        Fact("Feedstock", str(properties.get("pangeo_forge:feedstock", "")), links.get("via", {}).get("href")),
        Fact("Recipe", str(properties.get("pangeo_forge:recipe", "")), links.get("processing-expression", {}).get("href")),
        Fact("Commit", str(properties.get("pangeo_forge:commit", ""))),
        Fact("Run", str(properties.get("pangeo_forge:run", "")), links.get("processing-execution", {}).get("href")),
        *(Fact("Made of", str(link.get("title") or link["href"]), link["href"]) for link in item["links"] if link["rel"] == "derived_from"),
        Fact("Software", _list_software(properties)),
        Fact("Packages", *_lead_to_packages(links)),
    ]
    return [Fact(fact.name, fact.text, _follow(fact.url)) for fact in facts if fact.text]


def _list_software(properties: Mapping[str, Any]) -> str:
    """List packages; the recipe, which is among the software as well, has its own line."""
    return ", ".join(f"{name} {version}" for name, version in properties.get("processing:software", {}).items() if "/" not in name)


def _lead_to_packages(links: Mapping[str, Any]) -> tuple[str, str | None]:
    link = links.get("processing-software", {})
    return str(link.get("title", "")), link.get("href")


def _describe_place(bbox: Sequence[float]) -> str:
    """Say where a bounding box is: ``"136°W to 44.1°W, 14.4°N to 60.6°N"``."""
    west, south, east, north = ((bbox[0], "EW"), (bbox[1], "NS"), (bbox[2], "EW"), (bbox[3], "NS"))
    if bbox[0] == -180 and bbox[2] == 180:
        return f"all around the globe, {_describe_degrees(*south)} to {_describe_degrees(*north)}"
    return f"{_describe_degrees(*west)} to {_describe_degrees(*east)}, {_describe_degrees(*south)} to {_describe_degrees(*north)}"


def _describe_degrees(degrees: float, sides: str) -> str:
    shown = f"{abs(round(degrees, 2)):g}°"
    return shown if shown in ("0°", "180°") else f"{shown}{sides[degrees < 0]}"


def _follow(url: str | None) -> str | None:
    """Give a link that a page may have: to the web, or to what the catalogue keeps; what anybody wrote into a dataset may be a script."""
    return url if url and url.startswith(("https://", "http://", "../")) else None


def _licence(properties: Mapping[str, Any], links: Mapping[str, Any]) -> str:
    written = str(properties.get("license", ""))
    return str(links.get("license", {}).get("title") or "not told") if written in ("", "other") else written


def _describe_variable(name: str, variable: Mapping[str, Any]) -> VariableRow:
    return VariableRow(
        name=name,
        description=str(variable.get("description", "")),
        unit=str(variable.get("unit", "")),
        dimensions=", ".join(variable.get("dimensions", [])),
        shape=" × ".join(f"{length:,}" for length in variable.get("shape", [])),
        chunks=" × ".join(f"{length:,}" for length in variable.get("chunks", [])),
        type=str(variable.get("data_type", "")),
        is_data=variable.get("variable_type") == "data",
    )


def _describe_dimension(name: str, dimension: Mapping[str, Any]) -> DimensionRow:
    extent, values = dimension.get("extent"), dimension.get("values", [])
    if extent:
        shown = f"{_number(extent[0])} to {_number(extent[1])}"
    else:
        shown = ", ".join(map(str, values[:6])) + (", …" if len(values) > 6 else "")
    step = dimension.get("step")
    return DimensionRow(
        name,
        str(dimension.get("description", "")),
        shown,
        "" if step is None else f"{step:g}" if isinstance(step, int | float) else str(step),
        str(dimension.get("unit", "")),
    )


def _number(value: Any) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def describe_time(properties: Mapping[str, Any]) -> str:
    """Say from which day to which day a dataset is; nothing of one without time."""
    if "start_datetime" not in properties and properties.get("datetime") == properties.get("created"):
        return ""  # a dataset without time: STAC asks for one all the same
    start = properties.get("start_datetime") or properties.get("datetime") or ""
    end = properties.get("end_datetime") or start
    return start[:10] if start[:10] == end[:10] else f"{start[:10]} to {end[:10]}"


def _cite(item: Mapping[str, Any]) -> str:
    properties = item["properties"]
    makers = [each["name"] for each in properties.get("providers", []) if "producer" in each.get("roles", [])]
    makers_named, made = "; ".join(makers) or "Unknown producer", str(properties.get("created", ""))[:4]
    return f"{makers_named} ({made}): {properties.get('title', item['id'])}, version {properties.get('version', '')}."


def _shorten(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rsplit(' ', 1)[0]} …"
