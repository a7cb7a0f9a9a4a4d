"""What all formats need of VirtualiZarr. Its parsers are given what fsspec has opened: that is how all of our inputs are read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from obspec_utils.registry import ObjectStoreRegistry
from obstore.store import MemoryStore
from virtualizarr.manifests import ManifestArray, ManifestStore
from virtualizarr.parsers import KerchunkJSONParser

from pangeo_forge.plans.targets import with_numcodecs


def take_arrays(store: ManifestStore) -> dict[str, ManifestArray]:
    """Take the arrays that a parser found. The public way, `to_virtual_dataset`, reads the coordinates as well."""
    return dict(store._group.arrays)


def make_registry(base: str) -> Any:
    """Make a registry that knows a URL, and has nothing there: the parser is given the open file."""
    scheme, _, rest = base.partition("://")
    return ObjectStoreRegistry({f"{scheme}://{rest.partition('/')[0]}": MemoryStore()})


def parse_what_can_be(
    parse: Callable[[list[str]], Mapping[str, ManifestArray]], names: list[str]
) -> tuple[dict[str, ManifestArray], dict[str, str]]:
    """Parse all variables; if that fails, one by one, to tell which is at fault and why."""
    with with_numcodecs():
        return _parse_what_can_be(parse, names)


def _parse_what_can_be(
    parse: Callable[[list[str]], Mapping[str, ManifestArray]], names: list[str]
) -> tuple[dict[str, ManifestArray], dict[str, str]]:
    try:
        return dict(parse(names)), {}
    except Exception:  # whatever the libraries raise: what they say of each variable is kept
        arrays: dict[str, ManifestArray] = {}
        refused: dict[str, str] = {}
        for name in names:
            try:
                arrays |= parse([name])
            except Exception as error:
                refused[name] = f"{type(error).__name__}: {error}"
        return arrays, refused


def parse_kerchunk(refs: Mapping[str, Any], skipped: Iterable[str]) -> dict[str, ManifestArray]:
    """Let VirtualiZarr read kerchunk's references, other than those of some variables."""
    memory = MemoryStore()
    memory.put("refs.json", json.dumps({"version": 1, "refs": dict(refs)}, default=bytes.decode).encode())
    return take_arrays(
        KerchunkJSONParser(skip_variables=list(skipped))("memory://refs/refs.json", ObjectStoreRegistry({"memory://refs": memory}))
    )
