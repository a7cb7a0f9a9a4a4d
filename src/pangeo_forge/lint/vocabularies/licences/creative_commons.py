"""The licences of Creative Commons, in the many ways that people write them.

One text may name a licence twice, in full and in short: ``Creative Commons Attribution 4.0 International (CC BY 4.0)``. Each of these
is read alone, and they must agree. A text with any word that belongs to no such name is left alone, as it may say something else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pangeo_forge.lint.vocabularies.licences.licence import Licence, choose_among, identify
from pangeo_forge.lint.vocabularies.licences.words import join_words

#: In the order of the identifiers.
_ORDER = ("by", "nc", "nd", "sa")
_PARTS = {
    "by": "by",
    "attribution": "by",
    "nc": "nc",
    "noncommercial": "nc",
    "nd": "nd",
    "noderivatives": "nd",
    "noderivs": "nd",
    "sa": "sa",
    "sharealike": "sa",
    "zero": "zero",
    "0": "zero",
}
_JOINED = {
    ("creative", "commons"): "cc",
    ("non", "commercial"): "noncommercial",
    ("no", "derivatives"): "noderivatives",
    ("no", "derivative"): "noderivatives",
    ("no", "derivs"): "noderivatives",
    ("share", "alike"): "sharealike",
}
_NEUTRAL = frozenset(
    {"license", "licence", "the", "v", "version", "ver", "international", "unported", "generic", "universal", "public", "works", "deed"}
)
_OF_ZERO = frozenset({"domain", "dedication"})
_PORTS = frozenset({"igo", "us", "uk", "de", "at", "au", "nl", "fr", "jp"})


class _Disagreement(Exception):
    """A text does not name one licence, or says more than its name."""


@dataclass(frozen=True, slots=True)
class _Named:
    """A licence as far as it is named: its parts (or ``zero``), its number, and the country whose law it is written for."""

    parts: frozenset[str]
    version: str | None
    port: str | None


def read_creative_commons(words: Sequence[str]) -> Licence | None:
    """Read a licence from the words of a text; None where they are not only one's name."""
    words = list(join_words(words, _JOINED))
    if "cc" not in words:
        return None
    starts = [place for place, word in enumerate(words) if word == "cc"]
    stretches = [words[: starts[0]], *(words[start + 1 : end] for start, end in zip(starts, [*starts[1:], None], strict=True))]
    try:
        return _find(_agree([_read_one(stretch) for stretch in stretches]))
    except _Disagreement:
        return None


def _read_one(words: Sequence[str]) -> _Named:
    parts: set[str] = set()
    version = port = None
    for word in words:
        if word in _PARTS and _PARTS[word] not in parts:
            parts.add(_PARTS[word])
        elif word[0].isdigit() and version is None:
            version = word if "." in word else f"{word}.0"
        elif word in _PORTS and port is None:
            port = word
        elif word not in _NEUTRAL and word not in _OF_ZERO:
            raise _Disagreement
    if "zero" not in parts and not _OF_ZERO.isdisjoint(words):
        raise _Disagreement
    return _Named(frozenset(parts), version, port)


def _agree(named: Sequence[_Named]) -> _Named:
    parts = {one.parts for one in named if one.parts}
    versions = {one.version for one in named if one.version}
    ports = {one.port for one in named if one.port}
    if max(len(parts), len(versions), len(ports)) > 1:
        raise _Disagreement
    return _Named(next(iter(parts), frozenset()), next(iter(versions), None), next(iter(ports), None))


def _find(named: _Named) -> Licence | None:
    if named.parts == {"zero"}:
        return identify("CC0-1.0") if named.version in (None, "1.0") and named.port is None else None
    if not named.parts:
        version = named.version or "4.0"
        others = ["CC0-1.0"] if named.version is None else []
        return choose_among([*(f"CC-{parts}-{version}" for parts in ("BY", "BY-SA", "BY-NC", "BY-NC-SA")), *others])
    parts = "-".join(part for part in _ORDER if part in named.parts | {"by"})
    if named.version and "by" in named.parts:
        return identify("-".join(filter(None, ("cc", parts, named.version, named.port))))
    return choose_among(f"cc-{parts}-{version}" for version in ([named.version] if named.version else ["4.0", "3.0", "2.0"]))
