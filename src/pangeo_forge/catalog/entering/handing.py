"""What a worker found of a dataset, as it is handed to whoever writes the catalogue: files in the run's folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from fsspec.implementations.local import LocalFileSystem

from pangeo_forge.catalog.entry import Entry
from pangeo_forge.catalog.health.findings import Look
from pangeo_forge.catalog.storage.files import as_json, replace

_DESCRIPTION = "description.json"
_MANIFEST = "inputs.parquet"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of a dataset.

    Parameters
    ----------
    entry : Entry
        What the dataset itself tells; nothing yet of its feedstock, its run and its id.
    fingerprint : str
        Tells when the dataset has changed.
    inputs : int
        How many files the manifest lists; without any there is none.
    looks : dict of str to Look
        What became of the snippets of its ways, by the keys of those.
    sources : list of str
        The URLs of the files that it was made of, where they are few and on the network.
    """

    entry: Entry
    fingerprint: str
    inputs: int = 0
    looks: Mapping[str, Look] = field(default_factory=dict)
    sources: list[str] = field(default_factory=list)


def write_finding(folder: Path, finding: Finding, manifest: bytes | None = None) -> None:
    """Write what was found into a run's folder."""
    if manifest is not None:
        replace(LocalFileSystem(), str(folder / _MANIFEST), manifest)
    record = {
        "entry": finding.entry.to_dict(),
        "fingerprint": finding.fingerprint,
        "inputs": finding.inputs,
        "sources": finding.sources,
        "looks": {key: asdict(look) for key, look in finding.looks.items()},
    }
    replace(LocalFileSystem(), str(folder / _DESCRIPTION), as_json(record))


def read_finding(folder: Path) -> Finding | None:
    """Read what was found, or None if nothing was."""
    try:
        record = json.loads((folder / _DESCRIPTION).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    looks = {key: Look.from_dict(look) for key, look in record.get("looks", {}).items()}
    return Finding(Entry.from_dict(record["entry"]), record["fingerprint"], record["inputs"], looks, record.get("sources", []))


def read_manifest(folder: Path) -> bytes:
    """Read the list of the files that the run read."""
    return (folder / _MANIFEST).read_bytes()
