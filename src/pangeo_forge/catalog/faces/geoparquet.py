"""A catalogue as STAC GeoParquet 1.0, slim: what its Items have in common, in columns that every reader of tables understands.

What differs from dataset to dataset (``cube:*``, options to open it) is not in it: as columns these would not fit together.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from shapely.geometry import box, shape

from pangeo_forge.catalog.faces.face import Face
from pangeo_forge.catalog.index.table import GLOBE

_CORNERS = ("xmin", "ymin", "xmax", "ymax")
_TIME = pa.timestamp("us", tz="UTC")
_WORDS = pa.list_(pa.string())
_PROVIDER = pa.struct([("name", pa.string()), ("description", pa.string()), ("roles", _WORDS), ("url", pa.string())])
_LINK = pa.struct([("href", pa.string()), ("rel", pa.string()), ("type", pa.string()), ("title", pa.string())])
_ASSET = pa.struct([("href", pa.string()), ("type", pa.string()), ("title", pa.string()), ("roles", _WORDS)])

#: The properties of Items that are columns.
_TIMES = ("datetime", "start_datetime", "end_datetime", "created", "updated", "processing:datetime")
_TEXTS = ("title", "description", "license", "version", "sci:citation", "sci:doi", "pangeo_forge:feedstock", "pangeo_forge:recipe")


def make_geoparquet(title: str, description: str, items: Iterable[Mapping[str, Any]]) -> Face:
    """Make the file of some Items.

    Parameters
    ----------
    title, description : str
        The catalogue's, kept with the table.
    items : iterable of mapping
    """
    items = list(items)
    keys = sorted({key for item in items for key, asset in item["assets"].items() if "data" in asset.get("roles", ())})
    rows = [_make_row(item, keys) for item in items]
    table = _drop_empty(pa.Table.from_pylist(rows, schema=_make_schema(keys)))
    kinds = sorted({shapely.from_wkb(row["geometry"]).geom_type for row in rows})
    metadata = {b"geo": _tell_geography(kinds), b"stac-geoparquet": json.dumps({"version": "1.0.0"}).encode()}
    metadata |= {b"title": title.encode(), b"description": description.encode()}
    sink = pa.BufferOutputStream()
    pq.write_table(table.replace_schema_metadata(metadata), sink, compression="zstd", row_group_size=10_000)
    return Face(bytes(sink.getvalue()), len({row["collection"] for row in rows}))


def _drop_empty(table: pa.Table) -> pa.Table:
    """Leave out the columns of properties that no Item has."""
    return table.drop_columns([name for name in (*_TIMES[1:], *_TEXTS) if table[name].null_count == len(table)])


def _make_schema(keys: Iterable[str]) -> pa.Schema:
    return pa.schema(
        [
            ("type", pa.string()),
            ("stac_version", pa.string()),
            ("stac_extensions", _WORDS),
            ("id", pa.string()),
            ("collection", pa.string()),
            ("bbox", pa.struct([(corner, pa.float64()) for corner in _CORNERS])),
            ("geometry", pa.binary()),
            *((name, _TIME) for name in _TIMES),
            *((name, pa.string()) for name in _TEXTS),
            ("keywords", _WORDS),
            ("providers", pa.list_(_PROVIDER)),
            ("links", pa.list_(_LINK)),
            ("assets", pa.struct([(key, _ASSET) for key in keys or ("data",)])),
        ]
    )


def _make_row(item: Mapping[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    properties = item["properties"]
    return {
        "type": "Feature",
        "stac_version": item["stac_version"],
        "stac_extensions": [],  # the columns of the extensions are not here
        "id": item["id"],
        "collection": item["collection"],
        "bbox": dict(zip(_CORNERS, item.get("bbox") or GLOBE, strict=True)),
        "geometry": shapely.to_wkb(shape(item["geometry"]) if item.get("geometry") else box(*GLOBE)),
        **{name: datetime.fromisoformat(properties[name]) for name in _TIMES if properties.get(name)},
        **{name: str(properties[name]) for name in _TEXTS if properties.get(name)},
        "keywords": properties.get("keywords", []),
        "providers": [{field.name: each.get(field.name) for field in _PROVIDER} for each in properties.get("providers", [])],
        "links": [{field.name: link.get(field.name) for field in _LINK} for link in item["links"]],
        "assets": {key: _slim(item["assets"][key]) for key in keys if key in item["assets"]},
    }


def _slim(asset: Mapping[str, Any]) -> dict[str, Any]:
    return {field.name: asset.get(field.name) for field in _ASSET}


def _tell_geography(kinds: list[str]) -> bytes:
    covering = {"bbox": {corner: ["bbox", corner] for corner in _CORNERS}}
    geometry = {"encoding": "WKB", "geometry_types": kinds, "covering": covering}
    return json.dumps({"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": geometry}}).encode()
