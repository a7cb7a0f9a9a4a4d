"""Reading LEAP's catalogue: which stores it names, and what it says of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pangeo_forge.catalog.entering.importing import Listed
from pangeo_forge.catalog.entry import About
from pangeo_forge.catalog.sources.licences import find_license
from pangeo_forge.errors import UsageError

_ROLES = ("licensor", "producer", "processor", "host")


@dataclass(frozen=True, slots=True)
class LeapList:
    """What a catalogue of LEAP lists.

    Parameters
    ----------
    stores : list of Listed
    faults : list of (str, str)
        Places in the file that name no store, and why.
    """

    stores: list[Listed] = field(default_factory=list)
    faults: list[tuple[str, str]] = field(default_factory=list)


def read_leap(content: bytes, where: str) -> LeapList:
    """Read the JSON of LEAP's catalogue, or of one feedstock of it.

    Parameters
    ----------
    content : bytes
    where : str
        Where it is, for errors.

    Raises
    ------
    UsageError
        If it is something else.
    """
    try:
        record = json.loads(content)
    except ValueError as error:
        raise UsageError(f"{where} is no JSON: {error}", hint="Name the JSON that LEAP's catalogue publishes.") from None
    feedstocks = record if isinstance(record, list) else [record]
    if not all(isinstance(each, dict) and "title" in each for each in feedstocks):
        raise UsageError(f"{where} is no catalogue of LEAP", hint="That is a JSON list of feedstocks, each with `title` and `stores`.")
    read = LeapList()
    for number, feedstock in enumerate(feedstocks, start=1):
        stores = feedstock.get("stores") or []
        for place, store in enumerate(stores if isinstance(stores, list) else [stores], start=1):
            if not isinstance(store, dict) or not isinstance(store.get("url"), str):
                read.faults.append((f"{where}: feedstock {number} ({feedstock['title']}), store {place}", "it has no url"))
            else:
                read.stores.append(_make_store(feedstock, store, alone=len(stores) == 1))
    return read


def _make_store(feedstock: Mapping[str, Any], store: Mapping[str, Any], *, alone: bool) -> Listed:
    url = str(store["url"]).rstrip("/")
    name = str(store.get("id") or url.rpartition("/")[2])
    title = str(feedstock["title"]) if alone else f"{feedstock['title']}: {store.get('name') or name}"

    def tell(own: About) -> About:
        return replace(own, title=title, **dict(_words(feedstock, own)), **_license(feedstock))

    return Listed(name, _make_public(url) if store.get("public") is not False else url, tell)


def _words(feedstock: Mapping[str, Any], own: About) -> Iterator[tuple[str, Any]]:
    """Give what the feedstock says, where it says anything."""
    providers = [each for each in _provenance(feedstock).get("providers") or [] if isinstance(each, dict) and each.get("name")]
    yield "description", str(feedstock.get("description") or "").strip() or own.description
    yield "keywords", [str(tag) for tag in feedstock.get("tags") or []] or own.keywords
    yield "providers", [_make_provider(each) for each in providers] or own.providers


def _make_provider(provider: Mapping[str, Any]) -> dict[str, Any]:
    roles = [role for role in provider.get("roles") or [] if role in _ROLES]
    fields = {"name": provider["name"], "description": provider.get("description"), "roles": roles, "url": provider.get("url")}
    return {name: value for name, value in fields.items() if value}


def _license(feedstock: Mapping[str, Any]) -> dict[str, Any]:
    provenance = _provenance(feedstock)
    written, link = str(provenance.get("license") or ""), provenance.get("license_link") or {}
    if not written and not link:
        return {}
    title = link.get("title") or written
    return {"license": find_license(written), "license_url": link.get("url"), "license_title": title or None}


def _provenance(feedstock: Mapping[str, Any]) -> Mapping[str, Any]:
    provenance = feedstock.get("provenance")
    return provenance if isinstance(provenance, dict) else {}


def _make_public(url: str) -> str:
    """Name a place on an object store as everybody can read it, without an account: the list is one of public data."""
    protocol, separator, rest = url.partition("://")
    bucket, _, path = rest.partition("/")
    if not separator or protocol not in ("gs", "gcs", "s3"):
        return url
    return f"https://{bucket}.s3.amazonaws.com/{path}" if protocol == "s3" else f"https://storage.googleapis.com/{bucket}/{path}"
