"""Whether a recipe module is of a size that can be looked at."""

from __future__ import annotations

from pangeo_forge.lint.findings import Level
from pangeo_forge.lint.rule import ReadingRule


class NotLookedAt(ReadingRule):
    """A module is so long, or so deeply nested, that its code is not looked at.

    It may work all the same. Modules of that size usually hold data, such as lists of addresses, which are better read from a file
    beside them.
    """

    code = "PFR003"
    name = "not-looked-at"
    level = Level.HINT
