"""The extensions of STAC whose fields are written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

STAC_VERSION = "1.1.0"

#: Under which the schemas of extensions are.
HOST = "https://stac-extensions.github.io"

#: By the prefix of their fields.
URIS = {
    "cube:": f"{HOST}/datacube/v2.3.0/schema.json",
    "zarr:": f"{HOST}/zarr/v1.1.0/schema.json",
    "storage:": f"{HOST}/storage/v2.0.0/schema.json",
    "xarray:": f"{HOST}/xarray-assets/v1.0.0/schema.json",
    "processing:": f"{HOST}/processing/v1.2.0/schema.json",
    "sci:": f"{HOST}/scientific/v1.0.0/schema.json",
    "file:": f"{HOST}/file/v2.1.0/schema.json",
    "renders": f"{HOST}/render/v2.0.0/schema.json",
    "version": f"{HOST}/version/v1.2.0/schema.json",
}


def find_extensions(*objects: Mapping[str, Any]) -> list[str]:
    """Name the extensions whose fields some objects have: an Item's properties, its assets, a Collection itself."""
    names = list(_names(objects))
    return [uri for prefix, uri in URIS.items() if any(_is_of(name, prefix) for name in names)]


def _names(objects: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    for fields in objects:
        yield from fields


def _is_of(name: str, prefix: str) -> bool:
    return name.startswith(prefix) if prefix.endswith(":") else name == prefix
