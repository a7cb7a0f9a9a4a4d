"""The code that opens a dataset, as a reader can copy it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from pangeo_forge.catalog.stac.assets import is_indexed


@dataclass(frozen=True, slots=True)
class Snippet:
    """Code that opens a dataset.

    Parameters
    ----------
    title : str
        What it uses.
    language : str
        What it is written in, ``python``.
    code : str
    """

    title: str
    language: str
    code: str


#: What Icechunk 2 calls the leave to read files of a protocol without credentials; Icechunk 1 takes None.
_WITHOUT_CREDENTIALS = {"file": "LocalFileSystemAccess", "http": "HttpAccess", "https": "HttpAccess"}

#: How a dataset is opened whose coordinates are very long.
_UNINDEXED = "create_default_indexes=False"
_WHY_UNINDEXED = "# Its coordinates would fill much memory as indexes; ds.set_xindex makes one."

#: Longer calls are written one argument a line.
_LONGEST = 79


def write_snippets(asset: Mapping[str, Any]) -> tuple[Snippet, ...]:
    """Write the code that opens a data asset, the most usual way first; nothing for assets that are no datasets.

    Parameters
    ----------
    asset : mapping
        A STAC asset with what the zarr and xarray-assets extensions say of it.
    """
    media, href = str(asset.get("type", "")), str(asset["href"])
    options: Mapping[str, Any] = asset.get("xarray:storage_options") or {}
    if media.endswith("+icechunk"):
        return (Snippet("Python: Icechunk", "python", _icechunk(href, asset, options)),)
    if media.endswith("+kerchunk"):
        return (Snippet("Python: xarray with kerchunk", "python", _xarray(href, "kerchunk", asset)),)
    if media.startswith("application/vnd.zarr"):
        return (Snippet("Python: xarray", "python", _xarray(href, "zarr", asset)),)
    return ()


def _xarray(href: str, engine: str, asset: Mapping[str, Any]) -> str:
    arguments = [_quote(href), f'engine="{engine}"', "chunks={}"]
    if engine == "zarr" and not asset.get("zarr:consolidated", True):
        arguments.append("consolidated=False")
    if not is_indexed(asset):
        arguments.append(_UNINDEXED)
    if options := asset.get("xarray:storage_options"):
        # kerchunk's engine is told of the references and of the files that they lead to, each by itself.
        given = {"target_options": dict(options)} if engine == "kerchunk" else dict(options)
        arguments.append(f"storage_options={given!r}")
    call = f"ds = xr.open_dataset({', '.join(arguments)})"
    if len(call) > _LONGEST:
        call = "\n".join(["ds = xr.open_dataset(", *(f"    {argument}," for argument in arguments), ")"])
    return f"import xarray as xr\n\n{call}" if is_indexed(asset) else f"import xarray as xr\n\n{_WHY_UNINDEXED}\n{call}"


def _icechunk(href: str, asset: Mapping[str, Any], options: Mapping[str, Any]) -> str:
    snapshot, leads_to = asset.get("version"), asset.get("pangeo_forge:leads_to") or ()
    which = f"snapshot_id={_quote(snapshot)}" if snapshot else 'branch="main"'
    access, opened = "", "icechunk.Repository.open(storage)"
    if leads_to:
        leave = ", ".join(f"{_quote(prefix)}: {_leave(prefix)}" for prefix in leads_to)
        access = f"access = icechunk.containers_credentials({{{leave}}})"
        opened = "icechunk.Repository.open(storage, authorize_virtual_chunk_access=access)"
    lines = [
        "import icechunk",
        "import xarray as xr",
        "",
        f"storage = {_icechunk_storage(href, options)}",
        *([access] if access else []),
        f"session = {opened}.readonly_session({which})",
        *(
            ["ds = xr.open_zarr(session.store, consolidated=False)"]
            if is_indexed(asset)
            else [_WHY_UNINDEXED, f"ds = xr.open_zarr(session.store, consolidated=False, {_UNINDEXED})"]
        ),
    ]
    return "\n".join(lines)


def _leave(prefix: str) -> str:
    """Give what lets Icechunk read the files that it leads to."""
    protocol = prefix.partition("://")[0]
    if protocol == "s3":
        return "icechunk.s3_from_env_credentials()"
    return f"icechunk.credentials.{_WITHOUT_CREDENTIALS[protocol]}" if protocol in _WITHOUT_CREDENTIALS and not _is_icechunk_1() else "None"


def _is_icechunk_1() -> bool:
    """Tell whether the Icechunk that is installed is of the first version; where there is none, a reader's is taken to be newer."""
    try:
        return version("icechunk").startswith("1.")
    except PackageNotFoundError:
        return False


def _icechunk_storage(href: str, options: Mapping[str, Any]) -> str:
    protocol, separator, rest = href.partition("://")
    if not separator:
        return f"icechunk.local_filesystem_storage({_quote(href)})"
    if protocol in ("http", "https"):
        return f"icechunk.http_storage({_quote(href)})"
    bucket, _, prefix = rest.partition("/")
    access = "anonymous=True" if options.get("anon") else "from_env=True"
    if protocol == "gs":
        return f"icechunk.gcs_storage(bucket={_quote(bucket)}, prefix={_quote(prefix)}, {access})"
    arguments = [f"bucket={_quote(bucket)}", f"prefix={_quote(prefix)}", *_s3_endpoint(options), access]
    call = f"icechunk.s3_storage({', '.join(arguments)})"
    return call if len(call) <= _LONGEST else "\n".join(["icechunk.s3_storage(", *(f"    {argument}," for argument in arguments), ")"])


def _s3_endpoint(options: Mapping[str, Any]) -> list[str]:
    """Say where a service is that is not Amazon's."""
    client = options.get("client_kwargs") or {}
    endpoint, region = options.get("endpoint_url") or client.get("endpoint_url"), client.get("region_name")
    found = [f"region={_quote(region)}"] if region else []
    if not endpoint:
        return found
    found += [f"endpoint_url={_quote(endpoint)}", "force_path_style=True"]
    return [*found, "allow_http=True"] if endpoint.startswith("http://") else found


def _quote(text: str) -> str:
    """Write a text as Python does, in the quotes that are usual."""
    return json.dumps(text, ensure_ascii=False)
