"""Checking STAC objects against the JSON schemas of STAC and of its extensions, without a network.

The core's schemas come with pystac; those of extensions are read from a folder that is laid out as under their host.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jsonschema.exceptions import ValidationError, best_match
from jsonschema.protocols import Validator
from jsonschema.validators import validator_for
from pystac import STACObjectType
from pystac.validation.stac_validator import GetSchemaError, JsonSchemaSTACValidator
from referencing.exceptions import Unresolvable

from pangeo_forge.catalog.index.table import DamagedIndex, read_index
from pangeo_forge.catalog.stac.extensions import HOST
from pangeo_forge.catalog.storage.linking import find_ends
from pangeo_forge.catalog.storage.tree import INDEX, ROOT, Tree

_LONGEST = 300

_TYPES = {"Feature": STACObjectType.ITEM, "Collection": STACObjectType.COLLECTION, "Catalog": STACObjectType.CATALOG}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a STAC object.

    Parameters
    ----------
    path : str
        Where in the object, as ``properties.datetime``.
    message : str
        What is wrong there.
    schema : str
        The URL of the schema that says so.
    """

    path: str
    message: str
    schema: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What checking found.

    Parameters
    ----------
    faults : tuple of Fault
    unchecked : tuple of str
        The schemas that were not to be had.
    """

    faults: tuple[Fault, ...] = ()
    unchecked: tuple[str, ...] = ()


class SchemaLibrary:
    """The schemas that are at hand.

    Parameters
    ----------
    folder : Path, optional
        Holds schemas of extensions as ``datacube/v2.3.0/schema.json``.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._pystac = JsonSchemaSTACValidator()
        self._validators: dict[str, Validator | None] = {}
        self._pystac.schema_cache.update(_projjson() | (_read_folder(folder) if folder else {}))

    def check(self, record: Mapping[str, Any]) -> Verdict:
        """Check an Item, a Collection or a Catalog against the core's schema and those of all extensions that it names."""
        kind = _TYPES.get(str(record.get("type")))
        if kind is None:
            return Verdict((Fault("type", f"{record.get('type')!r} is neither Feature nor Collection nor Catalog", ""),))
        version = str(record.get("stac_version"))
        core = self._pystac.schema_uri_map.get_object_schema_uri(kind, version)
        faults: list[Fault] = []
        unchecked: list[str] = []
        for uri in [*([core] if core else []), *map(str, record.get("stac_extensions") or ())]:
            validator = self._find(uri)
            found = _apply(validator, record, uri) if validator else None
            if found is None:
                unchecked.append(uri)
            else:
                faults += found
        if core is None:
            faults.append(Fault("stac_version", f"{version!r} is no version that is known", ""))
        return Verdict(tuple(faults), tuple(unchecked))

    def _find(self, uri: str) -> Validator | None:
        if uri not in self._validators:
            self._validators[uri] = self._load(uri)
        return self._validators[uri]

    def _load(self, uri: str) -> Validator | None:
        schema = self._pystac.schema_cache.get(uri)
        return None if schema is None else validator_for(schema)(schema, registry=self._pystac.registry)


def _apply(validator: Validator, record: Mapping[str, Any], uri: str) -> list[Fault] | None:
    """Find what a schema says against an object; None if the schema refers to one that is not at hand."""
    try:
        errors = [_innermost(error) for error in validator.iter_errors(dict(record))]
        return [Fault(".".join(map(str, error.absolute_path)) or "(the whole)", _shorten(error.message), uri) for error in errors]
    except (GetSchemaError, Unresolvable):
        return None


def check_tree(tree: Tree, library: SchemaLibrary) -> Iterator[tuple[str, Verdict]]:
    """Check the objects of a catalogue, whether its links lead to files that are there, and whether it has all that its index has.

    Where links of files lead is not asked that are not in the index: a making that is under way, or was killed, writes one after the other.
    """
    base, files = tree.read_base(), tree.list_files()
    indexed, faults = _read_paths(tree)
    for name in tree.names():
        record = tree.read_record(name)
        if record is None:
            yield name, Verdict((Fault("", "is no JSON object", ""),))
            continue
        verdict = library.check(record)
        ends = find_ends(record.get("links", ()), name, base) if indexed is None or name == ROOT or name in indexed else ()
        lost = tuple(Fault("links", f"leads to {href}, which is not there", "") for href, path in ends if path not in files)
        yield name, Verdict((*verdict.faults, *lost), verdict.unchecked)
    faults += tuple(Fault("", f"leads to ./{path}, which is not there", "") for path in indexed or () if path not in files)
    if faults:
        yield INDEX, Verdict(faults)


def _read_paths(tree: Tree) -> tuple[dict[str, None] | None, tuple[Fault, ...]]:
    """Read which files the index has, in its order, and what is wrong with it; None if there is none that can be read."""
    content = tree.read(INDEX)
    if content is None:
        return None, ()  # the root leads to it, and says so
    try:
        rows = read_index(content, ["collection", "id"])
    except DamagedIndex as error:
        return None, (Fault("", str(error), ""),)
    paths = (path for row in rows for path in (tree.collection_path(row["collection"]), tree.item_path(row["collection"], row["id"])))
    return dict.fromkeys(paths), ()


def _innermost(error: ValidationError) -> ValidationError:
    """Find what is really wrong where several alternatives all fail: of the alternative that fits best, the fault that lies deepest."""
    best = best_match([error])
    return best if isinstance(best, ValidationError) else error


def _shorten(message: str) -> str:
    """Cut the repetition of a whole object out of a message."""
    return message if len(message) <= _LONGEST else f"{message[: _LONGEST // 2]} … {message[-_LONGEST // 2 :]}"


def _read_folder(folder: Path) -> dict[str, Any]:
    """Read all schemas of a folder, by the URLs that they have at their host."""
    return {f"{HOST}/{path.relative_to(folder).as_posix()}": json.loads(path.read_text()) for path in folder.rglob("*.json")}


def _projjson() -> dict[str, Any]:
    """Give the schema of coordinate reference systems, which comes with PROJ."""
    from pyproj.datadir import get_data_dir

    path = Path(get_data_dir()) / "projjson.schema.json"
    return {"https://proj.org/schemas/v0.7/projjson.schema.json": json.loads(path.read_text())} if path.is_file() else {}
