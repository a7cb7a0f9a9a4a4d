"""The addresses at which the texts of licences are."""

from __future__ import annotations

import re

from pangeo_forge.lint.vocabularies.licences.licence import Kind, Licence, identify

_ADDRESS = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_START = re.compile(r"(?:https?://)?(?:www\.)?", re.IGNORECASE)
_SPDX = re.compile(r"spdx\.org/licenses/(?P<id>[a-z0-9.+-]{1,60}?)")
_CREATIVE_COMMONS = re.compile(
    r"creativecommons\.org/(?:licenses/(?P<parts>[a-z-]{2,8})/(?P<version>\d\.\d)(?P<port>/(?:igo|[a-z]{2}))?"
    r"|publicdomain/(?P<free>zero|mark)/1\.0)(?:/(?:deed|legalcode)(?:\.[a-z_-]{2,7})?)?"
)
_FREE = {"zero": "CC0-1.0", "mark": "CC-PDM-1.0"}
_OTHERS = {
    "apache.org/licenses/license-2.0": "Apache-2.0",
    "opensource.org/license/mit": "MIT",
    "opensource.org/licenses/mit": "MIT",
    "opendatacommons.org/licenses/odbl": "ODbL-1.0",
    "opendatacommons.org/licenses/odbl/1-0": "ODbL-1.0",
    "opendatacommons.org/licenses/by": "ODC-By-1.0",
    "opendatacommons.org/licenses/by/1-0": "ODC-By-1.0",
    "opendatacommons.org/licenses/pddl": "PDDL-1.0",
    "opendatacommons.org/licenses/pddl/1-0": "PDDL-1.0",
    "nationalarchives.gov.uk/doc/open-government-licence/version/3": "OGL-UK-3.0",
    "nationalarchives.gov.uk/doc/open-government-licence/version/2": "OGL-UK-2.0",
    "nationalarchives.gov.uk/doc/non-commercial-government-licence/version/2": "NCGL-UK-2.0",
}


def read_address(text: str) -> Licence | None:
    """Read an address, and say whose text is there, if that is known; None where it is no address."""
    if not _ADDRESS.fullmatch(text):
        return None
    place = _START.sub("", text.lower(), count=1).rstrip("/")
    found = identify(_name(place.removesuffix(".html").removesuffix(".txt")))
    return Licence(Kind.ADDRESS, found.ids if found else ())


def _name(place: str) -> str:
    spdx, ours = _SPDX.fullmatch(place), _CREATIVE_COMMONS.fullmatch(place)
    if spdx:
        return spdx["id"]
    if ours:
        return _FREE.get(ours["free"] or "") or f"cc-{ours['parts']}-{ours['version']}{(ours['port'] or '').replace('/', '-')}"
    return _OTHERS.get(place, "")
