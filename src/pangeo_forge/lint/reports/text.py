"""For people: each finding with the line it is about, a mark under what is meant, and what to write instead."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence

from pangeo_forge.lint.findings import Finding, Level
from pangeo_forge.lint.linter import Linted

#: Gives a text a style, by the style's name.
Paint = Callable[[str, str], str]

STYLES = {Level.ERROR: "red", Level.WARNING: "yellow", Level.HINT: "cyan"}
#: As many characters of a line of the file are shown where no terminal says how many there is room for.
_WIDEST_LINE = 120
_NARROWEST_LINE = 30
_GUTTER = 2


def render(linted: Linted, paint: Paint = lambda text, _: text, width: int | None = None) -> str:
    """Write all findings of a feedstock, in lines of at most so many characters if `width` is given."""
    return "".join(f"{_describe(finding, paint, width)}\n" for finding in linted.findings)


def _describe(finding: Finding, paint: Paint, width: int | None) -> str:
    where, code = str(finding.where), f"{finding.code}\0{finding.level}"
    heading = _wrap(f"{where}: {code}: {finding.message}{' [*]' if finding.fix else ''}", width)
    heading = heading.replace(where, paint(where, "bold"), 1).replace(code, paint(code, STYLES[finding.level]), 1).replace("\0", " ")
    lines = [heading]
    if finding.source.strip():
        lines += _show_source(finding, paint, width)
    if finding.help:
        lines.append(_wrap(f"  help: {finding.help}", width).replace("help:", paint("help:", "green"), 1))
    return "\n".join(lines) + "\n"


def _wrap(text: str, width: int | None) -> str:
    """Break a text between words."""
    if width is None:
        return text
    return textwrap.fill(text, width, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)


def _show_source(finding: Finding, paint: Paint, width: int | None) -> Iterator[str]:
    line, column = finding.where.line or 1, finding.where.column or 1
    number = str(line)
    beside = _GUTTER + len(number) + len(" | ") + len("……")
    source, start = _cut(finding.source, column, _WIDEST_LINE if width is None else max(width - beside, _NARROWEST_LINE))
    bar = paint("|", "dim")
    yield f"{'':{_GUTTER}}{paint(number, 'dim')} {bar} {source}"
    if finding.where.column:
        padding = "".join("\t" if character == "\t" else " " for character in source[:start])
        marks = paint("^" * _width(finding, len(source) - start), STYLES[finding.level])
        yield f"{'':{_GUTTER}}{'':{len(number)}} {bar} {padding}{marks}"


def _cut(source: str, column: int, room: int) -> tuple[str, int]:
    """Show of a long line what is around a column; also give the column's place in that, from 0."""
    source = source.rstrip()
    start = 0 if column <= room - room // 6 else column - room // 3
    shown = source[start : start + room]
    before, after = ("…" if start else ""), ("…" if len(source) > start + room else "")
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
