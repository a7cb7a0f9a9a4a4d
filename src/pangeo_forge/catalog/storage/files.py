"""Writing files so that a reader sees the old or the new one, never a part."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from fsspec.implementations.local import LocalFileSystem

_AT_ONCE = 16


def put(filesystem: Any, path: str, content: bytes) -> None:
    """Write a file whole: an object store does so anyway, and on a disk the file is moved into its place.

    A machine that loses its power may lose the file; see `settle`.

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
        fcntl.flock(file, fcntl.LOCK_SH)  # until it is in its place, or this process is dead: by this others tell that nobody needs it
        file.write(content)
        file.flush()
        draft.replace(place)


def settle(filesystem: Any, paths: Collection[str]) -> None:
    """Wait until files are on the disk; many at once take hardly longer than one."""
    if isinstance(filesystem, LocalFileSystem) and paths:
        with ThreadPoolExecutor(min(len(paths), _AT_ONCE)) as pool:
            list(pool.map(_settle_one, paths))


def _settle_one(path: str) -> None:
    with Path(path).open("rb") as file:
        os.fsync(file.fileno())


def replace(filesystem: Any, path: str, content: bytes) -> None:
    """Write a file whole, and wait until it is on the disk."""
    put(filesystem, path, content)
    settle(filesystem, [path])


def as_json(record: Any) -> bytes:
    """Write JSON as RFC 8259 has it, without NaN and infinities."""
    return json.dumps(record, allow_nan=False, ensure_ascii=False, indent=1).encode()
