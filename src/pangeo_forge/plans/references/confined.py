"""File systems for references that anybody may have written: each reference is judged when it is followed."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Mapping
from typing import Any

import fsspec
from fsspec.asyn import AsyncFileSystem
from fsspec.implementations.asyn_wrapper import AsyncFileSystemWrapper

from pangeo_forge.plans.plan import Target
from pangeo_forge.plans.reach import Reach, ReferenceRefused, name_protocol
from pangeo_forge.types import redact_url


class Confined(AsyncFileSystem):  # type: ignore[misc]
    """The files that references lead to, of whatever protocol, as far as they may be read.

    Parameters
    ----------
    reach : Reach
    options : mapping
        fsspec's, of files elsewhere, where whoever reads has given them.
    store : Target
        Where the references are: files of the same bucket are read as they are.
    """

    protocol = "confined"
    cachable = False

    def __init__(self, reach: Reach, options: Mapping[str, Any], store: Target) -> None:
        super().__init__(asynchronous=True)
        self._reach = reach
        self._options = {name: value for name, value in options.items() if name != "asynchronous"}
        self._store = store
        self._elsewhere: dict[tuple[str, bool, bool], Any] = {}

    async def _cat_file(self, path: str, start: int | None = None, end: int | None = None, **kwargs: Any) -> bytes:
        if name_protocol(path) == "file":
            return await asyncio.to_thread(_read_part, self._reach.find_file(path), start, end)
        content: bytes = await self._find(path)._cat_file(path, start=start, end=end)
        return content

    async def _info(self, path: str, **kwargs: Any) -> dict[str, Any]:
        if name_protocol(path) == "file":
            return {"name": path, "type": "file", "size": os.stat(self._reach.find_file(path)).st_size}  # noqa: PTH116
        told: dict[str, Any] = await self._find(path)._info(path)
        return told

    def _find(self, url: str) -> Any:
        """Find the file system that a URL is on; one is kept for each protocol and way of reading."""
        is_beside = _name_bucket(url) == _name_bucket(self._store.url)
        options = self._reach.find_options(url, self._options, self._store.storage_options if is_beside else {})
        key = (name_protocol(url), self._reach.is_anonymous(url), is_beside)
        if key not in self._elsewhere:
            found = fsspec.get_filesystem_class(key[0])
            made = found(asynchronous=True, **options) if found.async_impl else AsyncFileSystemWrapper(found(**options), asynchronous=True)
            self._elsewhere[key] = made
        return self._elsewhere[key]


class _Systems(dict[str | None, Confined]):
    """The same file system for every protocol that fsspec knows, as its file system of references takes them."""

    asynchronous = True


def make_systems(reach: Reach, options: Mapping[str, Any], store: Target) -> dict[str | None, Confined]:
    """Make what fsspec's file system of references takes as `fs`; of a protocol that fsspec does not know nothing is read."""
    confined = Confined(reach, options, store)
    return _Systems(dict.fromkeys([*fsspec.available_protocols(), None], confined))


def _name_bucket(url: str) -> str:
    return f"{name_protocol(url)}://{url.partition('://')[2].partition('/')[0]}"


def _read_part(path: str, start: int | None, end: int | None) -> bytes:
    """Read a part of a file; what is none, such as a pipe, could be waited for without an end."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb") as file:  # noqa: PTH123
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise ReferenceRefused(f"it leads to {redact_url(path)}, which is no file")
        first = _place(start or 0, status.st_size)
        file.seek(first)
        return file.read() if end is None else file.read(max(0, _place(end, status.st_size) - first))


def _place(offset: int, size: int) -> int:
    return offset if offset >= 0 else max(0, size + offset)
