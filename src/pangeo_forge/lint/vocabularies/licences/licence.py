"""What a licence comes down to: an identifier of SPDX, one of several, or none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache


class Kind(StrEnum):
    """How a licence is written."""

    #: As SPDX has it, though perhaps in other letters.
    SPDX = "spdx"
    #: By a name that belongs to one identifier.
    NAMED = "named"
    #: By a name that may belong to several, or that is spelt nearly as one.
    UNCLEAR = "unclear"
    #: As the address of a text.
    ADDRESS = "address"
    #: As one that SPDX has no identifier for.
    UNLISTED = "unlisted"
    #: Not at all.
    UNSTATED = "unstated"
    #: In words that say that the data are free to use.
    OPEN = "open"
    #: In other words.
    PROSE = "prose"


@dataclass(frozen=True, slots=True)
class Licence:
    """What a licence comes down to.

    Parameters
    ----------
    kind : Kind
        How it is written.
    ids : tuple of str
        The identifiers that it may be, the likeliest first: the one that it is, if `kind` is ``SPDX`` or ``NAMED``.
    """

    kind: Kind
    ids: tuple[str, ...] = ()


@cache
def spdx_ids() -> Mapping[str, str]:
    """Give the identifiers that are in use, by themselves in small letters."""
    from packaging.licenses._spdx import LICENSES

    return {lower: found["id"] for lower, found in LICENSES.items() if not found["deprecated"]}


def choose_among(ids: Iterable[str]) -> Licence | None:
    """Name those of some identifiers that there are; None where there is none of them."""
    found = tuple(spdx_ids()[name.lower()] for name in ids if name.lower() in spdx_ids())
    return Licence(Kind.UNCLEAR, found) if found else None


def identify(name: str) -> Licence | None:
    """Take a licence for an identifier, if there is such a one."""
    found = spdx_ids().get(name.lower())
    return Licence(Kind.NAMED, (found,)) if found else None
