"""Texts that templates hold for their users to replace."""

from __future__ import annotations

import re

#: No placeholder is longer.
_LONGEST = 120

_LATER = re.compile(
    r"(?:TODO|FIXME)\b.*"
    r"|(?i:todo|fixme|tb[acd]|to be (?:added|announced|confirmed|determined|done)|xxx+|change ?me|replace ?me|placeholder)\W*|\?{2,}"
)
_BRACKETS = re.compile(r"<[^<>]*>|\{\{[^{}]*\}\}")
_OF_SOMEBODY = re.compile(
    r"(?:your |full |first |last |own |git ?hub |orc?h?id |user ?|data ?(?:set ?)?|recipe |feedstock |organi[sz]ation )*"
    r"(?:name|id|i d|orc?h?id|login|github|account|e ?mail|title|description|dataset|data|recipe|feedstock|provider|organi[sz]ation)"
)
#: What stands in the templates of the sandbox, of LEAP and of this package, and in no feedstock that somebody finished.
_OF_TEMPLATES = re.compile(
    r"[a-z ]+ for your recipe|leap data library prototype|[a-z ]*leap data library refactor|just a guy testing\b.*|some description for \w+"
    r"|your login|sea surface temperature \(sample\)|numbers from a formula|nobody"
)
_HOST = re.compile(r"[a-z0-9+.-]{1,20}://(?:[\w-]{1,63}\.){0,5}(?:example\.(?:com|org|net|edu)|data-provider\.(?:com|org))(?=[/:?#]|$).*")
_IN_URL = re.compile(r"<[A-Za-z][\w .-]{0,40}>|://(?:[\w-]{1,40}\.)?data-provider\.(?:com|org)\b|://(?:some|your)-bucket\b|/path/to/")


def is_placeholder(text: str) -> bool:
    """Whether a text of ``meta.yaml`` waits to be replaced."""
    text = " ".join(text.split())
    if not text or len(text) > _LONGEST:
        return False
    if _LATER.fullmatch(text) or _BRACKETS.fullmatch(text) or _HOST.fullmatch(text.lower()):
        return True
    words = re.sub(r"[-_ ]+", " ", text.lower())
    return bool(_OF_TEMPLATES.fullmatch(words)) or (words.startswith("your ") and bool(_OF_SOMEBODY.fullmatch(words)))


def find_in_url(url: str) -> str | None:
    """Give the part of an address, as a recipe has it, that waits to be replaced."""
    found = _IN_URL.search(url)
    return found[0] if found else None
