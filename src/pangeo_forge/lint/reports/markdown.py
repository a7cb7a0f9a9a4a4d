"""What a bot writes under a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pangeo_forge.lint.findings import Finding, Level
from pangeo_forge.lint.linter import Linted
from pangeo_forge.lint.reports.paths import relative
from pangeo_forge.lint.reports.text import summarize

_MARKS = {Level.ERROR: "❌", Level.WARNING: "⚠️", Level.HINT: "💡"}
#: A comment on GitHub has 65,536 characters at most.
MOST_CHARACTERS = 60_000
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|~>-])")
_HTML = {"&": "&amp;", "<": "&lt;", "@": "&#64;"}


def render(linted: Sequence[Linted]) -> str:
    """Write all findings as Markdown in which the feedstocks' own words are nothing but words."""
    parts = [f"### Recipe lint\n\n{escape(summarize(linted))}\n"]
    size = len(parts[0])
    left = sum(len(one.findings) for one in linted)
    for one in linted:
        for part in _describe_feedstock(one):
            size += len(part)
            if size > MOST_CHARACTERS:
                return "".join(parts) + f"\n… and {left} more findings: `pangeo-forge recipe lint` shows them.\n"
            parts.append(part)
            left -= part.startswith("- ")
    return "".join(parts)


def _describe_feedstock(linted: Linted) -> Iterator[str]:
    if linted.findings:
        yield f"\n#### {escape(linted.name)}\n\n"
    yield from (f"{_describe(finding)}\n" for finding in linted.findings)


def _describe(finding: Finding) -> str:
    where = ":".join(str(part) for part in (relative(finding.where.path), finding.where.line) if part is not None)
    help_line = f"  \n  {escape(finding.help)}" if finding.help else ""
    return f"- {_MARKS[finding.level]} **{finding.code}** {escape(where)}: {escape(finding.message)}{help_line}"


def escape(text: str) -> str:
    """Write a text so that Markdown shows it as it is: no markup, no HTML, nobody notified."""
    spaced = " ".join(text.split())
    return re.sub("[&<@]", lambda found: _HTML[found[0]], _SPECIAL.sub(r"\\\1", spaced))
