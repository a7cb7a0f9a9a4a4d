"""The list of all files that a dataset was made of, as a Parquet file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pangeo_forge.plans.inputs import InputFile
from pangeo_forge.plans.stamps import Stamp, stamp_of_local
from pangeo_forge.types import redact_url

#: So few files are linked to one by one, besides in the list.
_FEW = 10

_SCHEMA = pa.schema(
    [
        ("number", pa.int64()),
        ("url", pa.string()),
        ("keys", pa.string()),
        ("size", pa.int64()),
        ("modified", pa.timestamp("us", tz="UTC")),
        ("etag", pa.string()),
        ("checksum", pa.string()),
    ]
)


def make_manifest(inputs: Sequence[InputFile], stamps: Mapping[int, Stamp]) -> bytes:
    """List files with their keys, and which version of each was read. No server is asked anything for it.

    Parameters
    ----------
    inputs : sequence of InputFile
        What secrets their URLs hold is left out. Where their keys are not known, their positions are listed.
    stamps : mapping of int to Stamp
        By the input's number, what is known of it; files of this machine that are not in it are looked at.
    """
    sink = pa.BufferOutputStream()
    rows = [_describe(each, stamps.get(each.number)) for each in inputs]
    pq.write_table(pa.Table.from_pylist(rows, schema=_SCHEMA), sink, compression="zstd")
    return bytes(sink.getvalue())


def list_sources(inputs: Sequence[InputFile]) -> list[str]:
    """Give the URLs of files that are few, and that a reader could follow: on the network, and without a secret."""
    if len(inputs) > _FEW:
        return []
    urls = dict.fromkeys(each.url for each in inputs)
    return [url for url in urls if not _is_local(url) and redact_url(url) == url]


def _describe(file: InputFile, stamp: Stamp | None) -> dict[str, Any]:
    keys = json.dumps({name: str(key) for name, key in (file.keys or file.index).items()}, ensure_ascii=False)
    known = asdict(stamp or _look_at(file.url))
    return {"number": file.number, "url": redact_url(file.url), "keys": keys, **known, "size": known["size"] or None}


def _look_at(url: str) -> Stamp:
    try:
        return stamp_of_local(url.removeprefix("file://")) if _is_local(url) else Stamp()
    except OSError:  # it went away meanwhile
        return Stamp()


def _is_local(url: str) -> bool:
    return url.startswith("file://") or ("://" not in url and "::" not in url)
