"""For programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pangeo_forge.lint.findings import Finding, Level
from pangeo_forge.lint.linter import Linted


def render(linted: Sequence[Linted]) -> dict[str, Any]:
    """Describe all findings with plain values."""
    return {
        "feedstocks": [
            {"name": one.name, "folder": one.shown, "findings": [describe(finding) for finding in one.findings]} for one in linted
        ],
        "summary": {level.value: sum(one.count(level) for one in linted) for level in Level},
    }


def describe(finding: Finding) -> dict[str, Any]:
    """Describe one finding with plain values; what is not known is null."""
    end_line, end_column = finding.end or (None, None)
    return {
        "code": finding.code,
        "name": finding.name,
        "level": finding.level.value,
        "message": finding.message,
        "help": finding.help,
        "path": finding.where.path,
        "line": finding.where.line,
        "column": finding.where.column,
        "end_line": end_line,
        "end_column": end_column,
        "fixable": bool(finding.fix),
    }
