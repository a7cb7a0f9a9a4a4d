"""Read a licence, as somebody wrote it."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import lru_cache

from pangeo_forge.lint.vocabularies.licences.addresses import read_address
from pangeo_forge.lint.vocabularies.licences.creative_commons import read_creative_commons
from pangeo_forge.lint.vocabularies.licences.licence import Kind, Licence, choose_among, spdx_ids
from pangeo_forge.lint.vocabularies.licences.names import read_name
from pangeo_forge.lint.vocabularies.licences.words import split_words

#: No name of a licence, and no expression, is longer.
_LONGEST = 300
#: No identifier that somebody misspelt is longer.
_LONGEST_ID = 30

_UNSTATED = frozenset(
    {"unknown", "none", "n a", "na", "nil", "null", "not known", "not available", "not applicable", "not stated", "not specified"}
    | {"unspecified", "undefined", "unclear", "unsure", "missing", "no licence", "no license", "to be determined", "to be done"}
    | {"tbd", "tba", "tbc", "todo", "fixme", "just a test", "test", "licence", "license", ""}
)
_UNLISTED = frozenset({"other", "proprietary", "various", "custom", "proprietary license", "proprietary licence", "custom license"})
_OPEN = re.compile(
    r"\b(?:no|without|free of)(?: known| usage| use| access| data| further){0,2} (?:constraints?|restrictions?|limitations?|limits?)\b"
    r"|\bopen(?:ly)? (?:data|access|use|available)\b|\bpublic domain\b|\bunrestricted\b|\bfree(?:ly)? (?:available|to use|use)\b"
)


def read_licence(text: str) -> Licence:
    """Say what a licence comes down to."""
    text = " ".join(text.split())
    return _read(text) if len(text) <= _LONGEST else _describe(" ".join(split_words(text)))


@lru_cache(maxsize=256)
def _read(text: str) -> Licence:
    words = split_words(text)
    phrase = " ".join(words)
    if phrase in _UNSTATED:
        return Licence(Kind.UNSTATED)
    if phrase in _UNLISTED:
        return Licence(Kind.UNLISTED)
    return read_address(text) or _read_expression(text) or _read_name(words, text) or _guess(text) or _describe(phrase)


def _describe(phrase: str) -> Licence:
    """Say whether words that are no name say that the data are free."""
    return Licence(Kind.OPEN if _OPEN.search(phrase) else Kind.PROSE)


def _read_expression(text: str) -> Licence | None:
    """Read an identifier, or several with ``AND``, ``OR`` and ``WITH`` between them."""
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

    try:
        return Licence(Kind.SPDX, (str(canonicalize_license_expression(text)),))
    except InvalidLicenseExpression:
        return None


def _read_name(words: tuple[str, ...], text: str) -> Licence | None:
    named = read_creative_commons(words) or read_name(words, has_plus="+" in text)
    return Licence(Kind.UNCLEAR, named.ids) if named and "?" in text else named


def _guess(text: str) -> Licence | None:
    """Look for an identifier that is spelt much like a text."""
    is_like = len(text) <= _LONGEST_ID and " " not in text and re.search(r"[-0-9]", text)
    close = get_close_matches(text.lower(), spdx_ids(), n=1, cutoff=0.8) if is_like else []
    return choose_among(close)
