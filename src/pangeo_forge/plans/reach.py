"""How far references lead that anybody may have written: with the rights of this machine beneath some roots, else as everybody reads.

A reference names a file and a part of it. Whoever reads a dataset of references for others (to draw it on a page, to describe it in a
catalogue) would read for them any file of the machine that its author names, and any bucket that its keys open.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fsspec.implementations.local import LocalFileSystem

from pangeo_forge.errors import TargetError
from pangeo_forge.types import redact_url

#: What else a protocol is called.
_NAMES = {"local": "file", "s3a": "s3", "gcs": "gs", "abfss": "abfs", "az": "abfs"}

#: What fsspec's file systems are told to read without keys, by their protocols; those with None know no keys unless they are given some.
_AS_EVERYBODY: Mapping[str, Mapping[str, Any] | None] = {
    "http": None,
    "https": None,
    "ftp": None,
    "s3": {"anon": True},
    "gs": {"token": "anon"},
}


class ReferenceRefused(TargetError):
    """A dataset of references leads to where it must not."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far references lead.

    Parameters
    ----------
    roots : tuple of str
        Folders, by absolute paths, and beginnings of URLs, such as ``s3://bucket/archive``. Beneath them references are read with the
        rights of whoever reads; elsewhere as everybody may, and so not on this machine.
    """

    roots: tuple[str, ...] = ()

    def find_file(self, url: str) -> str:
        """Give the path of a file of this machine that a reference leads to, links followed.

        Raises
        ------
        ReferenceRefused
            If it is in none of the roots.
        """
        place = os.path.realpath(_find_path(url))
        if not any(_is_in_folder(place, root) for root in self.roots if name_protocol(root) == "file"):
            raise ReferenceRefused(
                f"it leads to {_shorten(url)}, a file of this machine that references may not lead to",
                hint="If all who see the dataset may read that: allow its folder, by --references-to or PANGEO_FORGE_REFERENCES_TO.",
            )
        return place

    def check_prefix(self, prefix: str) -> None:
        """Make sure that all files may be read whose URLs begin so.

        Raises
        ------
        ReferenceRefused
            If they are on this machine, and in none of the roots.
        """
        if name_protocol(prefix) != "file":
            return
        if not prefix.endswith("/"):
            raise ReferenceRefused(f"it leads to files of this machine by {_shorten(prefix)}, which is no whole name of a folder")
        self.find_file(prefix)

    def find_options(self, url: str, given: Mapping[str, Any], store: Mapping[str, Any]) -> dict[str, Any]:
        """Give fsspec's options by which a file elsewhere is read.

        Parameters
        ----------
        url : str
        given : mapping
            Those of whoever reads, for the files of this very dataset.
        store : mapping
            Those of the store of the references, if it is at the same place.

        Raises
        ------
        ReferenceRefused
            If it is reached in a way that not everybody has.
        """
        if given or self._is_in_roots(url):
            return dict(given or store)
        protocol = name_protocol(url)
        if protocol not in _AS_EVERYBODY:
            raise ReferenceRefused(
                f"it leads to {_shorten(url)}, and references may not lead to {protocol}",
                hint="If all who see the dataset may: allow what the URLs begin with, by --references-to or PANGEO_FORGE_REFERENCES_TO.",
            )
        return {**_say_where(store), **(_AS_EVERYBODY[protocol] or {})}

    def is_anonymous(self, url: str) -> bool:
        """Whether what is there is read without keys."""
        return not self._is_in_roots(url)

    def _is_in_roots(self, url: str) -> bool:
        if ".." in url.split("/"):
            return False
        protocol, _, path = url.partition("://")
        named = f"{_NAMES.get(protocol, protocol)}://{path}"
        return any(named.startswith(f"{root.rstrip('/')}/") for root in map(_name_root, self.roots) if "://" in root)


#: Of what a reader opens for nobody but himself: all but the files of this machine.
ELSEWHERE = Reach(tuple(f"{protocol}://" for protocol in (*_AS_EVERYBODY, "abfs", "sftp", "ssh", "oss", "hf", "dropbox")))


def name_protocol(url: str) -> str:
    """Name the protocol of a URL; a path is on this machine."""
    protocol, separator, _ = url.partition("://")
    return _NAMES.get(protocol, protocol) if separator else "file"


def find_refusal(error: BaseException | None) -> ReferenceRefused | None:
    """Find the refusal that is behind what a library raised."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, ReferenceRefused):
            return error
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return None


class telling_refusals:  # noqa: N801  (a context manager, named as what it does)
    """Raise a refusal as itself, and not as the error that a library made of it."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        refusal = find_refusal(error)
        if refusal is not None and refusal is not error:
            raise refusal from None


def make_roots(*places: str | Path) -> tuple[str, ...]:
    """Take roots as a user writes them: paths become absolute."""
    texts = [str(place) for place in places if str(place).strip()]
    return tuple(_name_root(text) if name_protocol(text) != "file" else os.path.abspath(_find_path(text)) for text in texts)  # noqa: PTH100


def _name_root(root: str) -> str:
    protocol, separator, path = root.partition("://")
    return f"{_NAMES.get(protocol, protocol)}://{path}" if separator else root


def _say_where(options: Mapping[str, Any]) -> dict[str, Any]:
    """Take from options what says where a service is, and no keys."""
    client = options.get("client_kwargs")
    where = {name: client[name] for name in ("endpoint_url", "region_name") if name in client} if isinstance(client, Mapping) else {}
    told = {"endpoint_url": options["endpoint_url"]} if options.get("endpoint_url") else {}
    return {**told, **({"client_kwargs": where} if where else {})}


def _find_path(url: str) -> str:
    return str(LocalFileSystem._strip_protocol(url))


def _is_in_folder(place: str, root: str) -> bool:
    folder = os.path.realpath(_find_path(root))
    return folder != "/" and (place == folder or posixpath.commonpath([place, folder]) == folder)


def _shorten(url: str) -> str:
    shown = redact_url(url)
    return shown if len(shown) <= 200 else f"{shown[:200]}…"
