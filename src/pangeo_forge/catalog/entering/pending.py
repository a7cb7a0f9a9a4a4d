"""Versions that are to be entered in a catalogue, kept beside it until they are.

Whoever enters one writes it down first, and enters all that are written down: what a process was killed over, the next one finishes.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field

from pangeo_forge.catalog.entry import Entry
from pangeo_forge.catalog.health.findings import Look
from pangeo_forge.catalog.storage.files import as_json
from pangeo_forge.catalog.storage.tree import Tree

_FOLDER = ".entering"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A version that is to be entered.

    Parameters
    ----------
    entry : Entry
        Its id is chosen when it is entered.
    name : str
        The place that it is called after, relative to the target, with slashes.
    fingerprint : str
        Tells when the dataset has changed.
    looks : mapping of str to Look
        What became of the snippets of its ways.
    """

    entry: Entry
    name: str
    fingerprint: str
    looks: Mapping[str, Look] = field(default_factory=dict)


def keep_pending(tree: Tree, pending: Pending) -> str:
    """Write down what is to be entered, and give its path; the paths sort as the versions were made."""
    path = f"{_FOLDER}/{pending.entry.version}-{secrets.token_hex(4)}"
    record = {
        "entry": pending.entry.to_dict(),
        "name": pending.name,
        "fingerprint": pending.fingerprint,
        "looks": {key: asdict(look) for key, look in pending.looks.items()},
    }
    tree.write(path, as_json(record))
    return path


def list_pending(tree: Tree) -> list[str]:
    """Name the paths of what is to be entered, the oldest version first."""
    return [path for path in tree.list_folder(_FOLDER) if not path.endswith("~")]


def read_pending(tree: Tree, path: str) -> Pending | None:
    """Read what is to be entered; None if another process has entered it meanwhile."""
    content = tree.read(path)
    if content is None:
        return None
    record = json.loads(content)
    looks = {key: Look.from_dict(look) for key, look in record["looks"].items()}
    return Pending(entry=Entry.from_dict(record["entry"]), name=record["name"], fingerprint=record["fingerprint"], looks=looks)


def drop_pending(tree: Tree, path: str) -> None:
    """Remove what has been entered, unless another process has."""
    with suppress(FileNotFoundError):
        tree.remove([path])
