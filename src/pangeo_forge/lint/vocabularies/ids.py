"""What a recipe's id should be made of, beyond what is refused."""

from __future__ import annotations

import re

from pangeo_forge.lint.findings import Level

#: The most that a label of Kubernetes, and a job's name on Dataflow, may have.
LONGEST = 63
_OTHER = re.compile(r"[^A-Za-z0-9._-]")
_CAPITAL = re.compile(r"[A-Z]")


def criticize(text: str) -> tuple[Level, str] | None:
    """Say what is unwise about an id that is accepted, and how bad it is; None where there is nothing to say."""
    other = _OTHER.search(text)
    if other:
        what = "a space" if other[0] == " " else repr(other[0])
        return Level.WARNING, f"holds {what}, which is written otherwise in a URL, and not taken by all that name a job after it"
    if text[0] in ".-":
        what = "hides it on a disk" if text[0] == "." else "makes an option of it on a command line"
        return Level.WARNING, f"begins with {text[0]!r}, which {what}"
    if _CAPITAL.search(text):
        return Level.HINT, "has capital letters, which some disks take for small ones, and names of jobs cannot have"
    return None
