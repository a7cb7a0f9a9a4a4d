"""Writing files so that a reader sees the old or the new one, never a part."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any

from fsspec.implementations.local import LocalFileSystem


def replace(filesystem: Any, path: str, content: bytes) -> None:
    """Write a file whole: an object store does so anyway, and on a disk the file is moved into its place.

    Parameters
    ----------
    filesystem : AbstractFileSystem
        fsspec's.
    path : str
        Its place there.
    content : bytes
    """
    if not isinstance(filesystem, LocalFileSystem):
        filesystem.pipe_file(path, content)
        return
    place = Path(path)
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = place.with_name(f".{place.name}.{secrets.token_hex(4)}~")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(place)


def as_json(record: Any) -> bytes:
    """Write JSON as RFC 8259 has it, without NaN and infinities."""
    return json.dumps(record, allow_nan=False, ensure_ascii=False, indent=1).encode()
