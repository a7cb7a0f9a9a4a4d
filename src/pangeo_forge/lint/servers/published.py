"""Stores as everybody finds them: whether a Zarr, Icechunk or kerchunk store is at an address, told by the objects that describe it.

All is read over HTTP and without credentials, also what is addressed by ``s3://`` or ``gs://``: what the linter can read, everybody can.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from pangeo_forge.lint.servers.network import Servers
from pangeo_forge.lint.servers.questions import Answer, NoAnswer, Outcome, Request

_MOST_BYTES = 256 * 1024
_GOOGLE = "https://storage.googleapis.com"
_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")

#: The objects that a store may be known by: those of most stores, and those of the others.
_FIRST = ("zarr.json", ".zmetadata")
_OTHERS = (".zgroup", ".zarray", "repo", "refs/branch.main/ref.json")
_ICECHUNK = "ICE🧊CHUNK".encode()

#: How files of data begin.
_FILES = ((b"\x89HDF", "a NetCDF or HDF5 file"), (b"CDF", "a NetCDF file"), (b"GRIB", "a GRIB file"), (b"II*\0", "a TIFF file"))
_FILE_NAMES = (".nc", ".nc4", ".cdf", ".h5", ".hdf5", ".grb", ".grib", ".grib2", ".tif", ".tiff")
_FORBIDDEN = frozenset({401, 403})
#: Any other status says nothing of what is there.
_CLEAR = frozenset({200, 404, 410, *_FORBIDDEN})
_BUILT = "pangeo_forge_build_timestamp"


class State(StrEnum):
    """What is at an address."""

    #: A store.
    STORE = "store"
    #: A file of data, and no store.
    FILE = "file"
    #: No store, and no file of data.
    NOTHING = "nothing"
    #: It is not for everybody, or it is not there: the server does not say which.
    FORBIDDEN = "forbidden"
    #: It could not be asked.
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Published:
    """What is at an address.

    Parameters
    ----------
    state : State
        In a word.
    what : str
        The kind of store or file, the status of the answer, or why there is none.
    built : datetime or None
        When it was made, where it says so.
    """

    state: State
    what: str
    built: datetime | None = None


def find_published(servers: Servers, urls: Sequence[str], environ: Mapping[str, str] = os.environ) -> list[Published]:
    """Look at addresses, in a few rounds for all of them together."""
    places = [_to_http(url, environ) for url in urls]
    outcomes: dict[str, dict[str, Outcome]] = {place: {} for place in places if place}
    for names in (_FIRST, _OTHERS, ("",)):
        asked = [(place, name) for place, known in outcomes.items() for name in _names(place, names) if not _is_known(known)]
        answers = servers.ask([Request(f"{place}/{name}" if name else place, (), _MOST_BYTES) for place, name in asked])
        for (place, name), answer in zip(asked, answers, strict=True):
            outcomes[place][name] = answer
    return [_judge(outcomes[place]) if place else _not_asked(url) for url, place in zip(urls, places, strict=True)]


def _names(place: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Leave out what cannot be: in a file there are no objects."""
    is_file = urlsplit(place).path.lower().endswith((*_FILE_NAMES, ".json"))
    return ("",) if is_file and "" in names else () if is_file else names


def _is_known(outcomes: Mapping[str, Outcome]) -> bool:
    return any(_recognise(name, outcome) for name, outcome in outcomes.items()) or any(
        isinstance(outcome, NoAnswer) for outcome in outcomes.values()
    )


def _to_http(url: str, environ: Mapping[str, str]) -> str | None:
    """Give the address by which everybody reads an object store; None for other protocols."""
    scheme, _, rest = url.strip().rstrip("/").partition("://")
    bucket, _, key = rest.partition("/")
    match scheme.lower():
        case "http" | "https":
            return f"{scheme.lower()}://{rest}"
        case "gs" | "gcs":
            return f"{_GOOGLE}/{rest}"
        case "s3" | "s3a":
            endpoint = next((environ[name].rstrip("/") for name in _ENDPOINTS if environ.get(name)), None)
            if endpoint or "." in bucket:
                return f"{endpoint or 'https://s3.amazonaws.com'}/{rest}"
            return f"https://{bucket}.s3.amazonaws.com/{key}"
    return None


def _not_asked(url: str) -> Published:
    return Published(State.UNKNOWN, f"what is at {url.partition('://')[0]}:// cannot be asked without credentials")


def _judge(outcomes: Mapping[str, Outcome]) -> Published:
    for name, outcome in outcomes.items():
        kind = _recognise(name, outcome)
        if kind and isinstance(outcome, Answer):
            return Published(State.FILE if name == "" and "kerchunk" not in kind else State.STORE, kind, _find_built(name, outcome.body))
    objects = [outcome for name, outcome in outcomes.items() if name] or [*outcomes.values()]
    unanswered = [outcome.reason for outcome in outcomes.values() if isinstance(outcome, NoAnswer)]
    statuses = [outcome.status for outcome in objects if isinstance(outcome, Answer)]
    unclear = [status for status in statuses if status not in _CLEAR]
    if unanswered or unclear:
        return Published(State.UNKNOWN, unanswered[0] if unanswered else f"the server answered with the status {unclear[0]}")
    forbidden = [status for status in statuses if status in _FORBIDDEN]
    return Published(State.FORBIDDEN, str(forbidden[0])) if forbidden else Published(State.NOTHING, "")


def _recognise(name: str, outcome: Outcome) -> str:
    """Name the kind of store that an object shows to be there; nothing where it shows none."""
    if not isinstance(outcome, Answer) or outcome.status != 200:
        return ""
    if name == "repo":
        return "an Icechunk store" if outcome.body.startswith(_ICECHUNK) else ""
    if name == "":
        return next((kind for start, kind in _FILES if outcome.body.startswith(start)), "") or _recognise_references(outcome.body)
    found = _load(outcome.body)
    if found is None:
        return ""
    if name == "refs/branch.main/ref.json":
        return "an Icechunk store" if "snapshot" in found else ""
    if name == ".zmetadata":
        return "a kerchunk store" if "record_size" in found else "a Zarr store" if "metadata" in found else ""
    return "a Zarr store" if "zarr_format" in found else ""


def _recognise_references(body: bytes) -> str:
    found = _load(body)
    return "a kerchunk store" if found is not None and ("refs" in found or ".zgroup" in found) else ""


def _load(body: bytes) -> Mapping[str, Any] | None:
    """Read a JSON object; of one that is longer than what was read, what can be told of its keys."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        start = body[:_MOST_BYTES]
        is_cut = len(body) >= _MOST_BYTES and start.lstrip().startswith(b"{")
        keys = ("zarr_format", "metadata", "refs", "record_size", ".zgroup")
        return {key: None for key in keys if f'"{key}"'.encode() in start} if is_cut else None
    return found if isinstance(found, dict) else None


def _find_built(name: str, body: bytes) -> datetime | None:
    """Read when a store was made out of the attributes of its root group."""
    found: Any = _load(body) or {}
    for key in {"zarr.json": ("attributes",), ".zmetadata": ("metadata", ".zattrs")}.get(name, ("",)):
        found = found.get(key) if isinstance(found, dict) else None
    text = found.get(_BUILT) if isinstance(found, dict) else None
    try:
        built = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return built.replace(tzinfo=UTC) if built and built.tzinfo is None else built
