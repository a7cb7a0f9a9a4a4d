"""What is shown of a finding, without the secrets of the files that it is about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pangeo_forge.lint.findings import Finding
from pangeo_forge.lint.secrets import Secret

_ELLIPSIS = "…"


def conceal(finding: Finding, secrets: Sequence[Secret]) -> Finding:
    """Take the secrets of a file out of a finding's message, help and source line, whichever rule it is of."""
    if not secrets:
        return finding
    return replace(
        finding,
        message=_without(finding.message, secrets),
        help=_without(finding.help, secrets) if finding.help else finding.help,
        source=_cover(finding.source, finding.where.line or 0, secrets),
    )


def _without(text: str, secrets: Iterable[Secret]) -> str:
    for secret in secrets:
        text = text.replace(secret.value, _ELLIPSIS)
    return text


def _cover(source: str, number: int, secrets: Iterable[Secret]) -> str:
    """Write asterisks over the secrets of a line, as many as there were characters, so that columns stay what they are."""
    for secret in secrets:
        if secret.value in source:
            source = source.replace(secret.value, "*" * len(secret.value))
        elif secret.start[0] <= number <= secret.end[0]:  # written with escapes, or over several lines
            start = secret.start[1] - 1 if number == secret.start[0] else 0
            end = secret.end[1] - 1 if number == secret.end[0] else len(source)
            source = source[:start] + "*" * (end - start) + source[end:]
    return source
