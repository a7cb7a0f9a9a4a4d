"""What can be asked for in a filter: the columns of the index by the names that Items have for them, and any other property."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any


class Kind(Enum):
    """What a value is."""

    TEXT = "text"
    NUMBER = "a number"
    BOOLEAN = "true or false"
    TIME = "a time"
    TEXTS = "a list of texts"
    GEOMETRY = "a geometry"
    ANY = "of no known kind"


@dataclass(frozen=True, slots=True)
class Queryable:
    """A column of the index as filters name it.

    Parameters
    ----------
    sql : str
        The column, as SQL.
    kind : Kind
    title : str
        What it is, for people.
    """

    sql: str
    kind: Kind
    title: str


QUERYABLES = {
    "id": Queryable("facts.id", Kind.TEXT, "The Item's id"),
    "collection": Queryable("facts.collection", Kind.TEXT, "The id of the dataset"),
    "geometry": Queryable("facts.geometry", Kind.GEOMETRY, "Where the dataset is"),
    "datetime": Queryable(
        "facts.start", Kind.TIME, "When the dataset is: its first time, and from there to its last where intervals are compared"
    ),
    "start_datetime": Queryable("facts.start", Kind.TIME, "The first time"),
    "end_datetime": Queryable('facts."end"', Kind.TIME, "The last time"),
    "created": Queryable("facts.created", Kind.TIME, "When this version was made"),
    "title": Queryable("facts.title", Kind.TEXT, "Title"),
    "description": Queryable("facts.description", Kind.TEXT, "Description"),
    "keywords": Queryable("facts.keywords", Kind.TEXTS, "Keywords"),
    "license": Queryable("facts.license", Kind.TEXT, "Licence, as SPDX names it"),
    "version": Queryable("facts.version", Kind.TEXT, "The version"),
    "variables": Queryable("facts.variables", Kind.TEXTS, "The names of the data variables"),
    "format": Queryable("facts.format", Kind.TEXT, "The media type of the store"),
    "pangeo_forge:standard_names": Queryable("facts.standard_names", Kind.TEXTS, "The CF standard names of the variables"),
    "pangeo_forge:feedstock": Queryable("facts.feedstock", Kind.TEXT, "The feedstock that it was baked from"),
    "pangeo_forge:bytes": Queryable("facts.bytes", Kind.NUMBER, "The size, bytes"),
}

_SCHEMAS: dict[Kind, dict[str, Any]] = {
    Kind.TEXT: {"type": "string"},
    Kind.NUMBER: {"type": "number"},
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.TIME: {"type": "string", "format": "date-time"},
    Kind.TEXTS: {"type": "array", "items": {"type": "string"}},
    Kind.GEOMETRY: {"$ref": "https://geojson.org/schema/Geometry.json"},
}


def describe_queryables(address: str, title: str) -> dict[str, Any]:
    """Describe them as a JSON schema, which OGC API calls queryables.

    Parameters
    ----------
    address : str
        The URL of the description.
    title : str
        Of what it describes.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": address,
        "type": "object",
        "title": title,
        "properties": {name: {"title": each.title, **_SCHEMAS[each.kind]} for name, each in QUERYABLES.items()},
        "additionalProperties": True,
    }
