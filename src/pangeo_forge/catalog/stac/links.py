"""The links that lead out of a catalogue: to the store, the licence, the feedstock and its recipe."""

from __future__ import annotations

import re
from typing import Any

from pangeo_forge.catalog.entry import Entry, Inputs, Provenance
from pangeo_forge.catalog.stac.assets import count_files, media_type

_GITHUB = re.compile(r"^https://github\.com/(?P<repository>[^/@#]+/[^/@#]+?)(?:\.git)?(?:@[^#]*)?(?:#(?P<folder>.*))?$")


def make_links(entry: Entry) -> list[dict[str, Any]]:
    """Make the links of an entry that lead out of its catalogue."""
    links = [{"rel": "store", "href": way.href, "type": media_type(way)} for way in entry.ways]
    if entry.about.license_url:
        links.append({"rel": "license", "href": entry.about.license_url, "title": entry.about.license_title or "Licence"})
    if entry.about.doi:
        links.append({"rel": "cite-as", "href": f"https://doi.org/{entry.about.doi}"})
    return links + (_of_run(entry.provenance) if entry.provenance else [])


def _of_run(made: Provenance) -> list[dict[str, Any]]:
    address = made.repository or made.source or ""
    pages = _find_pages(address, made)
    links = []
    if address.startswith("https://"):
        links.append({"rel": "via", "href": pages[0] if pages else address, "title": f"The feedstock {made.feedstock}"})
    if pages and made.file:
        links.append({"rel": "processing-expression", "href": pages[1], "title": f"The recipe {made.recipe}"})
    if made.execution:
        links.append({"rel": "processing-execution", "href": made.execution, "type": "application/json", "title": f"The run {made.run}"})
    if made.environment:
        links.append(
            {"rel": "processing-software", "href": made.environment, "type": "text/plain", "title": "All packages that it was baked with"}
        )
    return links + (_to_sources(made.inputs) if made.inputs else [])


def _to_sources(inputs: Inputs) -> list[dict[str, Any]]:
    """Link to the files that were read if they are few, and always to the list of them."""
    whole = {"rel": "derived_from", "href": inputs.href, "type": "application/vnd.apache.parquet", "title": count_files(inputs)}
    return [whole, *({"rel": "derived_from", "href": url, "title": url.rpartition("/")[2] or url} for url in inputs.sources)]


def _find_pages(address: str, made: Provenance) -> tuple[str, str] | None:
    """Give the pages on GitHub of a feedstock and of its recipe's file, as they were when they were baked."""
    match = _GITHUB.match(address)
    if match is None or not made.commit:
        return None
    base, commit = f"https://github.com/{match['repository']}", made.commit.removesuffix("-dirty")
    folder = f"/{match['folder'].strip('/')}" if match["folder"] else ""
    return f"{base}/tree/{commit}{folder}", f"{base}/blob/{commit}{folder}/{made.file}"
