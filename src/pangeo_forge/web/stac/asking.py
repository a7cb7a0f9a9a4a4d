"""What a request asks for: from a GET's texts or a POST's JSON to a query of the index."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pangeo_forge.catalog.filters.places import read_geometry
from pangeo_forge.catalog.filters.queryables import QUERYABLES, Kind
from pangeo_forge.catalog.filters.reading import read_json, read_text
from pangeo_forge.catalog.filters.translating import Condition, translate
from pangeo_forge.catalog.index.search import Order, Query, parse_bbox
from pangeo_forge.errors import UsageError
from pangeo_forge.web.stac.fields import Fields, read_fields

_CRS = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_MOST = 1000
_USUAL = 10
_SORTED_BY = (Kind.TEXT, Kind.NUMBER, Kind.TIME)
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for.

    Parameters
    ----------
    query : Query
    limit, offset : int
        How many Items, and how many are passed over.
    fields : Fields
        Which of their fields.
    """

    query: Query
    limit: int
    offset: int
    fields: Fields


#: Of what kind each part of a POST's JSON is.
_KINDS: dict[str, tuple[type, ...]] = {
    "bbox": (list,),
    "datetime": (str,),
    "intersects": (dict,),
    "ids": (list, str),
    "collections": (list, str),
    "limit": (int,),
    "filter": (dict, str),
    "filter-lang": (str,),
    "sortby": (list,),
}


def check_body(body: Any) -> Mapping[str, Any]:
    """Check that a POST's JSON is made as it should be; what is null was not asked for.

    Raises
    ------
    UsageError
        If it is not.
    """
    if not isinstance(body, Mapping):
        raise UsageError("the body is no JSON object")
    for name, kinds in _KINDS.items():
        if body.get(name) is not None and not isinstance(body[name], kinds):
            wanted = " or ".join({list: "a list", str: "a text", dict: "an object", int: "a number"}[kind] for kind in kinds)
            raise UsageError(f"{name!r} is {wanted}, not {body[name]!r:.40}")
    return {name: value for name, value in body.items() if value is not None or name == "fields"}


def read_asked(asked: Mapping[str, Any], *, all_versions: bool) -> Asked:
    """Read what is asked for.

    Raises
    ------
    UsageError
        If it makes no sense, or asks for what the API has not.
    """
    if asked.get("query"):
        raise UsageError("'query' is nothing that can be searched by here", hint="Use 'filter', which is CQL2.")
    bbox, place, time = asked.get("bbox"), asked.get("intersects"), asked.get("datetime")
    if bbox and place:
        raise UsageError("'bbox' and 'intersects' are both given, but only one can be searched by")
    start, end = read_interval(time) if time else (None, None)
    query = Query(
        words=tuple(str(asked.get("q", "")).split()),
        bbox=_read_bbox(bbox) if bbox else None,
        place=read_geometry(_read_object(place)) if place else None,
        start=start,
        end=end,
        collections=tuple(_read_list(asked.get("collections"), "collections")),
        ids=tuple(_read_list(asked.get("ids"), "ids")),
        filter=_read_filter(asked),
        order=tuple(_read_order(asked.get("sortby"))),
        all_versions=all_versions,
    )
    limit, offset = read_paging(asked)
    return Asked(query, limit, offset, read_fields(asked["fields"]) if "fields" in asked else Fields())


def read_paging(asked: Mapping[str, Any]) -> tuple[int, int]:
    """Read how many are wanted, at most a thousand, and from where.

    Raises
    ------
    UsageError
        If these are no numbers.
    """
    limit, offset = asked.get("limit"), asked.get("token")
    try:
        numbers = _USUAL if limit in (None, "") else int(str(limit)), 0 if offset in (None, "") else int(str(offset))
    except ValueError:
        raise UsageError("'limit' and 'token' are numbers") from None
    if numbers[0] < 1 or not 0 <= numbers[1] < 2**62:
        raise UsageError("'limit' is at least 1, and 'token' is one that the API gave")
    return min(numbers[0], _MOST), numbers[1]


def read_interval(time: Any) -> tuple[datetime | None, datetime | None]:
    """Read a time or an interval as RFC 3339 has them, the ends of which may be open: ``2020-01-01T00:00:00Z/..``.

    Raises
    ------
    UsageError
        If it is none.
    """
    ends = str(time).split("/")
    if len(ends) > 2 or (len(ends) == 1 and ends[0] == "..") or not set(ends) - {"", ".."}:
        raise UsageError(f"'datetime' is neither a time nor an interval: {time!r}", hint="Write 2020-01-01T00:00:00Z/..")
    start, end = _read_time(ends[0], str(time)), _read_time(ends[-1], str(time))
    if start and end and start > end:
        raise UsageError(f"'datetime' ends before it begins: {time!r}")
    return start, end


def _read_time(text: str, whole: str) -> datetime | None:
    if text in ("", ".."):
        return None
    try:
        if _TIME.fullmatch(text):
            return datetime.fromisoformat(text.upper())
    except ValueError:
        pass
    raise UsageError(f"'datetime' is no time of RFC 3339: {whole!r}", hint="Write 2020-01-01T00:00:00Z, with the zone.")


def _read_bbox(bbox: Any) -> tuple[float, float, float, float]:
    """Read four numbers of a box; heights, which six numbers have, are passed over."""
    numbers = bbox.split(",") if isinstance(bbox, str) else list(bbox) if isinstance(bbox, Sequence) else [bbox]
    if len(numbers) == 6:
        _check_heights(numbers[2], numbers[5])
        numbers = [*numbers[:2], *numbers[3:5]]
    return parse_bbox(",".join(map(str, numbers)))


def _check_heights(low: Any, high: Any) -> None:
    try:
        upside_down = float(low) > float(high)
    except (TypeError, ValueError):
        raise UsageError("the heights of 'bbox' are no numbers") from None
    if upside_down:
        raise UsageError("'bbox' ends lower than it begins")


def _read_filter(asked: Mapping[str, Any]) -> Condition | None:
    written = asked.get("filter")
    if written in (None, ""):
        return None
    if asked.get("filter-crs", _CRS) != _CRS:
        raise UsageError(f"'filter-crs' is {_CRS} here, and nothing else")
    language = asked.get("filter-lang") or ("cql2-text" if isinstance(written, str) else "cql2-json")
    if language == "cql2-json":
        return translate(read_json(written))
    if language == "cql2-text" and isinstance(written, str):
        return translate(read_text(written))
    raise UsageError("'filter-lang' is 'cql2-text', with a text, or 'cql2-json'")


def _read_order(sortby: Any) -> list[Order]:
    if not sortby:
        return []
    if isinstance(sortby, str):  # the plus of a URL is read as a space
        return [_make_order(name.strip().lstrip("+-"), name.strip().startswith("-")) for name in sortby.split(",")]
    if isinstance(sortby, list) and all(isinstance(each, Mapping) for each in sortby):
        return [_make_order(str(each.get("field")), each.get("direction") == "desc") for each in sortby]
    raise UsageError("'sortby' is a list of fields", hint='Write -created, or [{"field": "created", "direction": "desc"}].')


def _make_order(name: str, descending: bool) -> Order:
    name = name.removeprefix("properties.")
    sorted_by = [known for known, each in QUERYABLES.items() if each.kind in _SORTED_BY]
    if name not in sorted_by:
        raise UsageError(f"{name!r} cannot be sorted by", hint=f"There are {', '.join(sorted_by)}.")
    return Order(name, descending)


def _read_object(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"'intersects' is no JSON: {error}") from None


def _read_list(value: Any, name: str) -> list[str]:
    if not value:
        return []
    texts = value.split(",") if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(each, str) for each in texts):
        raise UsageError(f"{name!r} is a list of texts")
    return texts
