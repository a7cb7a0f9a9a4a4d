"""Findings that a comment in the file asks to pass over: ``# noqa``, or ``# noqa: PFM034, PFM035``."""

from __future__ import annotations

import re

from pangeo_forge.lint.drafts import Draft
from pangeo_forge.lint.findings import Finding

_NOQA = re.compile(r"#\s*noqa(?::\s*(?P<codes>[A-Z]+[0-9]+(?:[,\s]+[A-Z]+[0-9]+)*))?", re.IGNORECASE)


def is_silenced(finding: Finding, draft: Draft) -> bool:
    """Whether a comment at the end of the finding's line names it, or all."""
    text = draft.text_of(finding.where.path)
    found = _NOQA.search(text.line(finding.where.line)) if text and finding.where.line else None
    if not found:
        return False
    codes = found["codes"]
    return codes is None or finding.code in re.split(r"[,\s]+", codes.upper())
