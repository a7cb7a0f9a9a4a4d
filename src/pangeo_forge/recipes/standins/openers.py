"""``pangeo_forge_recipes.openers``: what opens one input, where functions of a recipe do it or are given what was opened."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import fsspec
import xarray as xr

from pangeo_forge.plans.opening import Access, open_input, open_stream
from pangeo_forge.recipes.standins.patterns import FileType
from pangeo_forge.recipes.standins.processing import clean_open_kwargs


def open_url(
    url: str,
    cache: Any = None,
    secrets: Mapping[str, str] | None = None,
    open_kwargs: Mapping[str, Any] | None = None,
    fsspec_sync_patch: bool = False,
) -> Any:
    """Open a URL with fsspec; secrets are added to its query."""
    return fsspec.open(_with_secrets(url, secrets), mode="rb", **(open_kwargs or {}))


def _with_secrets(url: str, secrets: Mapping[str, str] | None) -> str:
    if not secrets:
        return url
    parts = urlsplit(url)
    return parts._replace(query=urlencode({**parse_qs(parts.query), **secrets}, doseq=True)).geturl()


def open_with_xarray(
    url_or_file_obj: Any,
    file_type: FileType | str = FileType.unknown,
    load: bool = False,
    copy_to_local: bool = False,
    xarray_open_kwargs: Mapping[str, Any] | None = None,
) -> xr.Dataset:
    """Open a URL, a path, or what `open_url` gave; closing the dataset closes what it needs."""
    kind = FileType(file_type)
    own = kind.value if kind in (FileType.zarr, FileType.opendap) else None
    access = Access(file_type=own, open_kwargs=clean_open_kwargs(xarray_open_kwargs or {}, kind))
    with ExitStack() as stack:
        dataset = access.decode(_open(url_or_file_obj, access, stack))
        dataset.set_close(stack.pop_all().close)
    return dataset.load() if load else dataset


def _open(opened: Any, access: Access, stack: ExitStack) -> xr.Dataset:
    if isinstance(opened, str | os.PathLike):
        return stack.enter_context(open_input(os.fspath(opened), access)).dataset
    file = stack.enter_context(opened) if isinstance(opened, fsspec.core.OpenFile) else opened
    return open_stream(file, str(getattr(opened, "full_name", "") or getattr(opened, "path", "") or type(opened).__name__), access, stack)
