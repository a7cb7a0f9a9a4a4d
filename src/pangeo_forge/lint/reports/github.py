"""Workflow commands, which GitHub Actions turns into annotations of the changed lines.

See "Workflow commands for GitHub Actions" in GitHub's documentation.
"""

from __future__ import annotations

from pangeo_forge.lint.findings import Finding, Level
from pangeo_forge.lint.linter import Linted
from pangeo_forge.lint.reports.paths import relative

_COMMANDS = {Level.ERROR: "error", Level.WARNING: "warning", Level.HINT: "notice"}


def render(linted: Linted) -> str:
    """Write one command a finding."""
    return "".join(f"{_command(finding)}\n" for finding in linted.findings)


def _command(finding: Finding) -> str:
    line, column = finding.where.line, finding.where.column
    end = finding.end if finding.end and finding.end[0] == line else None
    properties = {
        "file": relative(finding.where.path),
        "line": line,
        "col": column,
        "endColumn": end and end[1],
        "title": f"{finding.code} {finding.name}",
    }
    written = ",".join(f"{key}={_escape_property(str(value))}" for key, value in properties.items() if value is not None)
    message = f"{finding.message}\n{finding.help}" if finding.help else finding.message
    return f"::{_COMMANDS[finding.level]} {written}::{_escape(message)}"


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")
