"""A folder of fetched inputs, each with its checksum, so that an archive is asked once."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import fsspec
from fsspec.implementations.local import LocalFileSystem

from pangeo_forge.errors import SourceUnavailable
from pangeo_forge.plans.explaining import explained
from pangeo_forge.plans.inputs import Inputs
from pangeo_forge.plans.opening import Access, is_remote
from pangeo_forge.plans.plan import Cost, Target
from pangeo_forge.plans.stamps import Stamp, stamp_of
from pangeo_forge.plans.targets import filesystem_of, writing
from pangeo_forge.types import format_size, redact_url

_BLOCK = 1_000_000


def cached_url(cache: Target, url: str) -> str:
    """Say where the copy of an input is kept: by a hash of its URL, and its name, so that people recognize it."""
    name = Path(urlsplit(url).path).name or "input"
    return f"{cache.url.rstrip('/')}/{hashlib.sha256(url.encode()).hexdigest()[:16]}-{name}"


@dataclass(frozen=True)
class Fetch:
    """Bring an input into the cache, unless it is there and its checksum is right."""

    inputs: Inputs
    access: Access
    cache: Target

    def __call__(self, number: int) -> Cost:
        """Fetch the input of a number."""
        url = self.inputs[number].url
        if not is_remote(url):
            return Cost()
        filesystem, path = filesystem_of(Target(cached_url(self.cache, url), self.cache.storage_options))
        if _is_whole(filesystem, path):
            return Cost()
        with explained(url):
            origin, origin_path = fsspec.url_to_fs(url, **self.access.fsspec_options)
            stamp = stamp_of(origin.info(origin_path))
        with explained(url), origin.open(origin_path, "rb", cache_type="none", block_size=_BLOCK) as file:
            count, digest = self._copy(file, filesystem, path)
        if stamp.size and count != stamp.size:
            raise SourceUnavailable(f"only {format_size(count)} of {format_size(stamp.size)} arrived", where=redact_url(url))
        with writing(self.cache), filesystem.open(f"{path}.json", "wb") as sidecar:
            sidecar.write(_record(url, replace(stamp, size=count, checksum=f"sha256:{digest}")))
        return Cost(bytes_read=count)

    def _copy(self, file: BinaryIO, filesystem: Any, path: str) -> tuple[int, str]:
        digest = hashlib.sha256()
        count = 0
        with writing(self.cache), _published_whole(filesystem, path) as copy:
            while block := file.read(_BLOCK):
                digest.update(block)
                count += len(block)
                copy.write(block)
        return count, digest.hexdigest()


@contextmanager
def _published_whole(filesystem: Any, path: str) -> Iterator[BinaryIO]:
    """Open a file that nobody sees before it is whole; object stores do that of themselves."""
    if not isinstance(filesystem, LocalFileSystem):
        with filesystem.open(path, "wb") as file:
            yield file
        return
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    partial = Path(f"{path}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as file:
            yield file
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _record(url: str, stamp: Stamp) -> bytes:
    """Write what is known of a file that was fetched."""
    record = {
        "url": redact_url(url),
        "size": stamp.size,
        "sha256": (stamp.checksum or "").removeprefix("sha256:"),
        "etag": stamp.etag,
        "modified": stamp.modified.isoformat() if stamp.modified else None,
        "fetched": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    return json.dumps({name: value for name, value in record.items() if value is not None}, indent=1).encode()


def read_stamp(cache: Target, url: str) -> Stamp:
    """Say which version of an input the cache holds a copy of."""
    filesystem, path = filesystem_of(Target(cached_url(cache, url), cache.storage_options))
    record = json.loads(filesystem.cat_file(f"{path}.json"))
    modified = record.get("modified")
    return Stamp(record["size"], datetime.fromisoformat(modified) if modified else None, record.get("etag"), f"sha256:{record['sha256']}")


def _is_whole(filesystem: Any, path: str) -> bool:
    """Whether the copy at `path` has the checksum that was written beside it."""
    if not filesystem.exists(f"{path}.json") or not filesystem.exists(path):
        return False
    record = json.loads(filesystem.cat_file(f"{path}.json"))
    digest = hashlib.sha256()
    with filesystem.open(path, "rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return bool(digest.hexdigest() == record["sha256"])
