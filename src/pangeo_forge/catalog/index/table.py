"""The table of a catalogue's index, GeoParquet 1.1: a row for each Item, with what is searched for in columns and the whole as JSON.

Fields whose keys differ from dataset to dataset (``cube:*``, storage options) are in the JSON only: as columns of Parquet they would
not fit together.
"""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from pyarrow.json import ParseOptions, ReadOptions, read_json
from shapely.geometry import box, shape

from pangeo_forge.errors import UsageError

GLOBE = (-180.0, -90.0, 180.0, 90.0)

_BBOX = pa.struct([(name, pa.float64()) for name in ("xmin", "ymin", "xmax", "ymax")])
_TIME = pa.timestamp("us", tz="UTC")
_WORDS = pa.list_(pa.string())

SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("collection", pa.string()),
        ("title", pa.string()),
        ("description", pa.string()),
        ("keywords", _WORDS),
        ("variables", _WORDS),
        ("standard_names", _WORDS),
        ("words", pa.string()),
        ("bbox", _BBOX),
        ("geometry", pa.binary()),
        ("start", _TIME),
        ("end", _TIME),
        ("created", _TIME),
        ("format", pa.string()),
        ("license", pa.string()),
        ("feedstock", pa.string()),
        ("version", pa.string()),
        ("latest", pa.bool_()),
        ("bytes", pa.int64()),
        ("href", pa.string()),
        ("fingerprint", pa.string()),
        ("item", pa.string()),
    ]
)

_GEO = {
    "version": "1.1.0",
    "primary_column": "geometry",
    "columns": {
        "geometry": {
            "encoding": "WKB",
            "geometry_types": [],
            "covering": {"bbox": {name: ["bbox", name] for name in ("xmin", "ymin", "xmax", "ymax")}},
        }
    },
}


def make_row(item: Mapping[str, Any], *, latest: bool = True, fingerprint: str = "") -> dict[str, Any]:
    """Make the row of an Item.

    Parameters
    ----------
    item : mapping
        A STAC Item.
    latest : bool
        Whether it is the newest of its Collection.
    fingerprint : str
        Tells when its dataset has changed.
    """
    properties = item["properties"]
    bbox = item.get("bbox") or GLOBE
    start = properties.get("start_datetime") or properties["datetime"]
    asset: Mapping[str, Any] = next(iter(item["assets"].values()), {})
    variables = [name for name, each in properties.get("cube:variables", {}).items() if each.get("variable_type") == "data"]
    names, keywords = properties.get("pangeo_forge:standard_names", []), properties.get("keywords", [])
    title, description = properties.get("title", item["id"]), properties.get("description", "")
    told = [each.get("description", "") for each in properties.get("cube:variables", {}).values()]
    return {
        "id": item["id"],
        "collection": item.get("collection"),
        "title": title,
        "description": description,
        "keywords": keywords,
        "variables": variables,
        "standard_names": names,
        "words": " ".join([item["id"], title, description, *keywords, *variables, *names, *told]).lower(),
        "bbox": dict(zip(("xmin", "ymin", "xmax", "ymax"), bbox, strict=True)),
        "geometry": shapely.to_wkb(shape(item["geometry"]) if item.get("geometry") else box(*GLOBE)),
        "start": _time(start),
        "end": _time(properties.get("end_datetime") or start),
        "created": _time(properties.get("created") or start),
        "format": str(asset.get("type", "")),
        "license": properties.get("license"),
        "feedstock": properties.get("pangeo_forge:feedstock"),
        "version": properties.get("version"),
        "latest": latest,
        "bytes": properties.get("pangeo_forge:bytes"),
        "href": asset.get("href"),
        "fingerprint": fingerprint,
        "item": json.dumps(item, allow_nan=False, ensure_ascii=False),
    }


def make_index(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Make the Parquet file of some rows."""
    return _write(pa.Table.from_pylist(list(rows), schema=SCHEMA))


def add_row(content: bytes | None, row: Mapping[str, Any]) -> bytes:
    """Make the Parquet file anew with the row of the newest version of a dataset; of the others of that dataset none is the latest now.

    Arrow imports pandas to make columns of Python's objects, which takes longer than all else here; so none are made.
    """
    new = _as_table(row)
    if not content:
        return _write(new)
    old = open_rows(pa.BufferReader(content)).read()
    facts = old.select(["collection", "id", "latest"]).to_pylist()
    flags = _as_flags([fact["latest"] and fact["collection"] != row["collection"] for fact in facts])
    old = old.set_column(old.schema.get_field_index("latest"), SCHEMA.field("latest"), flags)
    place = next((number for number, fact in enumerate(facts) if fact["id"] == row["id"]), len(facts))
    return _write(pa.concat_tables([old.slice(0, place), old.slice(place + 1), new], promote_options="default"))


def _as_table(row: Mapping[str, Any]) -> pa.Table:
    number = SCHEMA.get_field_index("geometry")
    plain = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items() if name != "geometry"}
    text = json.dumps(plain).encode()
    table = read_json(
        io.BytesIO(text),
        read_options=ReadOptions(use_threads=False, block_size=len(text) + 1),
        parse_options=ParseOptions(explicit_schema=SCHEMA.remove(number), unexpected_field_behavior="error"),
    )
    buffers = [None, pa.py_buffer(struct.pack("<2i", 0, len(row["geometry"]))), pa.py_buffer(row["geometry"])]
    return table.add_column(number, SCHEMA.field(number), pa.Array.from_buffers(pa.binary(), 1, buffers))


def _as_flags(values: Sequence[bool]) -> pa.Array:
    bits = bytearray((len(values) + 7) // 8)
    for number, value in enumerate(values):
        bits[number // 8] |= value << number % 8
    return pa.Array.from_buffers(pa.bool_(), len(values), [None, pa.py_buffer(bytes(bits))])


def _write(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    metadata = {**(table.schema.metadata or {}), b"geo": json.dumps(_GEO).encode()}
    pq.write_table(table.replace_schema_metadata(metadata), sink, compression="zstd", row_group_size=10_000)
    return bytes(sink.getvalue())


class DamagedIndex(UsageError):
    """An index that is there and cannot be read."""

    def __init__(self) -> None:
        super().__init__("the index of the catalogue, index.parquet, is damaged", hint="Make it again with `pangeo-forge catalog create`.")


def read_index(content: bytes, columns: list[str] | None = None) -> list[dict[str, Any]]:
    """Read rows back from a Parquet file.

    Raises
    ------
    DamagedIndex
        If it is none.
    """
    rows: list[dict[str, Any]] = open_rows(pa.BufferReader(content)).read(columns=columns).to_pylist()
    return rows


def open_rows(index: str | pa.BufferReader) -> pq.ParquetFile:
    """Open an index, by its path or in memory, to read it piece by piece.

    Raises
    ------
    DamagedIndex
        If it is none.
    """
    try:
        return pq.ParquetFile(index)
    except (pa.ArrowException, OSError):
        raise DamagedIndex from None


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
