"""The list of all files that a dataset was made of, as a Parquet file."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pangeo_forge.plans.inputs import InputFile
from pangeo_forge.types import redact_url

_SCHEMA = pa.schema(
    [
        ("number", pa.int64()),
        ("url", pa.string()),
        ("keys", pa.string()),
        ("size", pa.int64()),
        ("modified", pa.timestamp("us", tz="UTC")),
    ]
)


def make_manifest(inputs: Iterable[InputFile]) -> bytes:
    """List files with their keys; of those on this machine also size and time. No server is asked anything for it.

    Parameters
    ----------
    inputs : iterable of InputFile
        What secrets their URLs hold is left out.
    """
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist([_describe(each) for each in inputs], schema=_SCHEMA), sink, compression="zstd")
    return bytes(sink.getvalue())


def _describe(file: InputFile) -> dict[str, Any]:
    keys = json.dumps({name: str(key) for name, key in file.keys.items()}, ensure_ascii=False)
    return {"number": file.number, "url": redact_url(file.url), "keys": keys, **_look_at(file.url)}


def _look_at(url: str) -> dict[str, Any]:
    path = url.removeprefix("file://")
    try:
        status = os.stat(path) if "://" not in path and "::" not in path else None  # noqa: PTH116  (many files: no objects for them)
    except OSError:  # it went away meanwhile
        status = None
    return {"size": status.st_size, "modified": datetime.fromtimestamp(status.st_mtime, UTC)} if status else {}
