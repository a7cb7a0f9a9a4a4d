"""How often each rule found something."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from pangeo_forge.lint.findings import Finding
from pangeo_forge.lint.linter import Linted


def count_rules(linted: Iterable[Linted]) -> list[dict[str, object]]:
    """Count the findings of each rule, the most frequent first."""
    findings = [finding for one in linted for finding in one.findings]
    counts = Counter(finding.code for finding in findings)
    known: dict[str, Finding] = {finding.code: finding for finding in findings}
    return [{"code": code, "count": count, "level": known[code].level.value, "name": known[code].name} for code, count in _sorted(counts)]


def _sorted(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def render(statistics: Sequence[dict[str, object]]) -> str:
    """Write the counts as a table."""
    return "".join(f"{row['count']:>6}  {row['code']}  {row['level']:<7}  {row['name']}\n" for row in statistics)
