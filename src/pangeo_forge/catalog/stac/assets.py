"""Assets: the ways to the data, with all that a reader's tools want to know of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from pangeo_forge.catalog.entry import Format, Inputs, Way

_MEDIA = {
    "icechunk": "application/vnd.zarr+icechunk",
    "kerchunk-json": "application/vnd.zarr+kerchunk",
    "kerchunk-parquet": "application/vnd.zarr+kerchunk",
}


def make_assets(ways: list[Way]) -> dict[str, dict[str, Any]]:
    """Make the assets of some ways to one dataset."""
    return {way.key: _make_asset(way) for way in ways}


def make_inputs(inputs: Inputs) -> dict[str, dict[str, Any]]:
    """Make the asset of the list of files that a run read."""
    return {
        "inputs": {
            "href": inputs.href,
            "type": "application/vnd.apache.parquet",
            "title": count_files(inputs),
            "roles": ["metadata", "source"],
            "file:size": inputs.bytes,
            "file:checksum": inputs.checksum,
        }
    }


def count_files(inputs: Inputs) -> str:
    """Name the list of files that a run read."""
    return f"List of the {inputs.count:,} input files" if inputs.count != 1 else "List of the one input file"


def make_schemes(ways: list[Way]) -> dict[str, dict[str, Any]]:
    """Say which kinds of object storage the ways need: ``storage:schemes``."""
    return {name: scheme for way in ways if (name := _scheme_name(way)) and (scheme := _make_scheme(way))}


def read_way(key: str, asset: Mapping[str, Any]) -> Way:
    """Read back the way that an asset was made of."""
    media = str(asset.get("type", ""))
    kerchunk: Format = "kerchunk-json" if str(asset["href"]).endswith(".json") else "kerchunk-parquet"
    return Way(
        key=key,
        href=str(asset["href"]),
        format="icechunk" if media.endswith("+icechunk") else kerchunk if media.endswith("+kerchunk") else "zarr",
        zarr_format=asset.get("zarr:zarr_format"),
        consolidated=bool(asset.get("zarr:consolidated", False)),
        storage_options=dict(asset.get("xarray:storage_options") or {}),
        snapshot=asset.get("version"),
        leads_to=list(asset.get("pangeo_forge:leads_to") or ()),
        indexed=is_indexed(asset),
    )


def is_indexed(asset: Mapping[str, Any]) -> bool:
    """Tell whether an asset is to be opened with indexes of its coordinates."""
    return (asset.get("xarray:open_kwargs") or {}).get("create_default_indexes") is not False


def find_indexing(asset: Mapping[str, Any]) -> dict[str, bool]:
    """Give what `xarray.open_dataset` is told of indexes; nothing if it makes them."""
    return {} if is_indexed(asset) else {"create_default_indexes": False}


def media_type(way: Way) -> str:
    """Name the media type of what lies at a place."""
    return _MEDIA.get(way.format) or f"application/vnd.zarr; version={way.zarr_format or 3}"


def _make_asset(way: Way) -> dict[str, Any]:
    asset: dict[str, Any] = {"href": way.href, "type": media_type(way), "title": _title(way), "roles": ["data"]}
    if way.format == "zarr":
        asset |= {"zarr:node_type": "group", "zarr:zarr_format": way.zarr_format or 3, "zarr:consolidated": way.consolidated}
        asset["xarray:open_kwargs"] = {"engine": "zarr", "chunks": {}, "consolidated": way.consolidated}
    elif way.format.startswith("kerchunk"):
        asset["roles"] = ["data", "virtual"]
        asset["xarray:open_kwargs"] = {"engine": "kerchunk", "chunks": {}}
    if not way.indexed:
        asset["xarray:open_kwargs"] = {**asset.get("xarray:open_kwargs", {}), "create_default_indexes": False}
    if way.leads_to:
        asset |= {"roles": ["data", "virtual"], "pangeo_forge:leads_to": way.leads_to}
    if way.snapshot:
        asset["version"] = way.snapshot
    if way.storage_options:
        asset["xarray:storage_options"] = way.storage_options
    if name := _scheme_name(way):
        asset["storage:refs"] = [name]
    return asset


def _title(way: Way) -> str:
    names = {"zarr": f"Zarr {way.zarr_format or 3}", "icechunk": "Icechunk repository"}
    return f"{names.get(way.format, 'Kerchunk references')}{', open to all' if way.key == 'public' else ''}"


def _scheme_name(way: Way) -> str | None:
    protocol = urlsplit(way.href).scheme
    return protocol if protocol in ("s3", "gs", "abfs", "az") else None


def _make_scheme(way: Way) -> dict[str, Any] | None:
    protocol, bucket = urlsplit(way.href).scheme, urlsplit(way.href).netloc
    options = way.storage_options
    endpoint = _client(options).get("endpoint_url") or options.get("endpoint_url")
    if protocol == "s3" and endpoint:
        return {"type": "custom-s3", "platform": endpoint, "bucket": bucket}
    if protocol == "s3":
        return {"type": "aws-s3", "platform": "https://{bucket}.s3.{region}.amazonaws.com", "bucket": bucket} | _region(options)
    if protocol == "gs":
        return {"type": "google-cloud-storage", "platform": "https://storage.googleapis.com/{bucket}", "bucket": bucket}
    return {"type": "ms-azure", "platform": "https://{account}.blob.core.windows.net", "account": str(options.get("account_name", bucket))}


def _region(options: dict[str, Any]) -> dict[str, Any]:
    region = _client(options).get("region_name")
    return {"region": region} if region else {}


def _client(options: dict[str, Any]) -> dict[str, Any]:
    client = options.get("client_kwargs")
    return client if isinstance(client, dict) else {}
