"""What tells one version of an input from another: its size, its time, and what its server and its bytes say of it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, BinaryIO

#: What file systems of fsspec call the time of a file's last change, in `info`: HTTP, S3, Azure, Google, and local ones.
_TIMES = ("Last-Modified", "LastModified", "last_modified", "updated", "mtime")


_BLOCK = 1_000_000


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which version of a file was read.

    Parameters
    ----------
    size : int
        Bytes; 0 if that is not known.
    modified : datetime.datetime, optional
        When it was changed last, as its server or its file system has it.
    etag : str, optional
        As its server gave it, without the quotes (RFC 9110, section 8.8.3).
    checksum : str, optional
        ``"sha256:"`` and the hexadecimal digest where all of the file was read; ``"md5:"`` where its server told that.
    """

    size: int = 0
    modified: datetime | None = None
    etag: str | None = None
    checksum: str | None = None


def stamp_of(details: Mapping[str, Any]) -> Stamp:
    """Read what an fsspec file system says of a file (its `info`).

    Parameters
    ----------
    details : mapping
        What is not in it, or cannot be understood, is not known: this is told by strangers' servers.
    """
    etag = details.get("ETag") or details.get("etag")
    return Stamp(
        size=int(details.get("size") or 0),
        modified=next((time for name in _TIMES if (time := _as_time(details.get(name)))), None),
        etag=str(etag).strip('"') if etag else None,
        checksum=_as_md5(details.get("Content-MD5") or details.get("md5Hash")),
    )


def stamp_of_local(path: str | Path) -> Stamp:
    """Look at a file of this machine.

    Raises
    ------
    OSError
        If there is none.
    """
    status = os.stat(path)  # noqa: PTH116  (many files: no objects for them)
    return Stamp(status.st_size, datetime.fromtimestamp(status.st_mtime, UTC))


def digest_of(content: bytes) -> str:
    """Give the checksum of a file that is in memory."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def digest_file(file: BinaryIO) -> str:
    """Give the checksum of an open file, which is left at its beginning."""
    digest = hashlib.sha256()
    while block := file.read(_BLOCK):
        digest.update(block)
    file.seek(0)
    return f"sha256:{digest.hexdigest()}"


def _as_time(value: Any) -> datetime | None:
    try:
        time = _parse(value)
    except (ValueError, TypeError, OverflowError, OSError):
        return None
    return time if time is None or time.tzinfo else time.replace(tzinfo=UTC)


def _parse(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    if isinstance(value, str):
        return datetime.fromisoformat(value) if value[:4].isdigit() else parsedate_to_datetime(value)
    return None


def _as_md5(value: Any) -> str | None:
    """Read a digest as HTTP and Google Cloud Storage write it: in base 64 (RFC 1864)."""
    try:
        digest = base64.b64decode(value, validate=True) if isinstance(value, str | bytes) else b""
    except (binascii.Error, ValueError):
        return None
    return f"md5:{digest.hex()}" if len(digest) == hashlib.md5(usedforsecurity=False).digest_size else None
