"""ORCID iDs: sixteen digits in groups of four, of which the last is computed from the others (ISO 7064, MOD 11-2)."""

from __future__ import annotations

import re

_ID = re.compile(r"[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X]")
#: An address of an iD is not longer.
_LONGEST = 100
_URL = re.compile(r"(?:https?://)?(?:www\.)?(?:sandbox\.)?orcid\.org/", re.IGNORECASE)
_PREFIX = re.compile(r"orcid(?: id)?:?\s*", re.IGNORECASE)
#: Blanks, and the dashes that programs for writing make of a hyphen.
_SEPARATORS = re.compile("[\\s\u2010-\u2015\u2212-]")


def is_orcid(text: str) -> bool:
    """Whether a text has the form of an iD."""
    return bool(_ID.fullmatch(text))


def normalize(text: str) -> str | None:
    """Give the iD that is written as an address, or with other marks between its digits; None where there is none."""
    if len(text) > _LONGEST:
        return None
    digits = _SEPARATORS.sub("", _PREFIX.sub("", _URL.sub("", text.strip(), count=1), count=1).rstrip("/")).upper()
    orcid = "-".join(digits[start : start + 4] for start in range(0, len(digits), 4))
    return orcid if is_orcid(orcid) else None


def has_valid_checksum(orcid: str) -> bool:
    """Whether the last digit of an iD follows from the others."""
    total = 0
    for digit in orcid.replace("-", "")[:-1]:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    return orcid[-1] == ("X" if check == 10 else str(check))
