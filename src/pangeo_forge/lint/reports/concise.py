"""One line a finding, as compilers write them and editors read them."""

from __future__ import annotations

from pangeo_forge.lint.findings import Finding
from pangeo_forge.lint.linter import Linted


def render(linted: Linted) -> str:
    """Write ``path:line:column: CODE message``, a line each."""
    return "".join(f"{describe(finding)}\n" for finding in linted.findings)


def describe(finding: Finding) -> str:
    """Write one finding as one line."""
    mendable = " [*]" if finding.fix else ""
    return f"{finding.where}: {finding.code} {finding.message}{mendable}"
