"""For people: each finding with the line it is about, a mark under what is meant, and what to write instead."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from pangeo_forge.lint.findings import Finding, Level
from pangeo_forge.lint.linter import Linted

#: Gives a text a style, by the style's name.
Paint = Callable[[str, str], str]

STYLES = {Level.ERROR: "red", Level.WARNING: "yellow", Level.HINT: "cyan"}
_WIDEST_LINE = 120
_GUTTER = 2


def render(linted: Linted, paint: Paint = lambda text, _: text) -> str:
    """Write all findings of a feedstock."""
    return "".join(f"{_describe(finding, paint)}\n" for finding in linted.findings)


def _describe(finding: Finding, paint: Paint) -> str:
    code = paint(f"{finding.code} {finding.level}", STYLES[finding.level])
    mendable = f" {paint('[*]', 'cyan')}" if finding.fix else ""
    lines = [f"{paint(str(finding.where), 'bold')}: {code}: {finding.message}{mendable}"]
    if finding.source.strip():
        lines += _show_source(finding, paint)
    if finding.help:
        lines.append(f"  {paint('help:', 'green')} {finding.help}")
    return "\n".join(lines) + "\n"


def _show_source(finding: Finding, paint: Paint) -> Iterator[str]:
    line, column = finding.where.line or 1, finding.where.column or 1
    number = str(line)
    source, start = _cut(finding.source, column)
    bar = paint("|", "dim")
    yield f"{'':{_GUTTER}}{paint(number, 'dim')} {bar} {source}"
    if finding.where.column:
        padding = "".join("\t" if character == "\t" else " " for character in source[:start])
        marks = paint("^" * _width(finding, len(source) - start), STYLES[finding.level])
        yield f"{'':{_GUTTER}}{'':{len(number)}} {bar} {padding}{marks}"


def _cut(source: str, column: int) -> tuple[str, int]:
    """Show of a long line what is around a column; also give the column's place in that, from 0."""
    source = source.rstrip()
    start = 0 if column <= _WIDEST_LINE - 20 else column - 40
    shown = source[start : start + _WIDEST_LINE]
    before, after = ("…" if start else ""), ("…" if len(source) > start + _WIDEST_LINE else "")
    return before + shown + after, column - 1 - start + len(before)


def _width(finding: Finding, room: int) -> int:
    """Tell how many characters to mark: up to the end where it lies in the line, one otherwise."""
    line, column = finding.where.line or 1, finding.where.column or 1
    if finding.end is None or finding.end[0] < line:
        return 1
    length = finding.end[1] - column if finding.end[0] == line else room
    return max(1, min(length, room))


def summarize(linted: Sequence[Linted]) -> str:
    """Say how much was found, in one line."""
    found = [finding for one in linted for finding in one.findings]
    where = f" in {len(linted)} feedstocks" if len(linted) > 1 else ""
    if not found:
        return f"Nothing to mend{where}."
    counts = [_count(level, sum(one.count(level) for one in linted)) for level in Level if any(one.count(level) for one in linted)]
    mendable = sum(bool(finding.fix) for finding in found)
    fix = f" `--fix` mends {mendable} of them, marked [*]." if mendable else ""
    return f"{' and '.join([', '.join(counts[:-1]), counts[-1]]) if len(counts) > 1 else counts[0]}{where}.{fix}"


def _count(level: Level, number: int) -> str:
    return f"{number} {level}{'' if number == 1 else 's'}"
