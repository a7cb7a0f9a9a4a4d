"""Tables and lists of facts as text, in the width that there is."""

from __future__ import annotations

from collections.abc import Sequence

from pangeo_forge.types import printable

_GAP = "  "


def format_table(header: Sequence[str], rows: Sequence[Sequence[str]], *, right: str = "", width: int | None = None) -> str:
    """Align cells in columns; where the lines would not fit, write each row as a list of facts instead.

    Parameters
    ----------
    header : sequence of str
        The columns' names.
    rows : sequence of sequences of str
        A cell for each column.
    right : str
        The names of the columns that are aligned to the right, separated by blanks.
    width : int, optional
        How long a line may be; by default as long as need be.
    """
    cells = [[printable(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(header, *cells, strict=True)]
    if width is not None and sum(widths) + len(_GAP) * (len(widths) - 1) > width:
        return "\n".join(_format_as_facts(header, row) for row in cells)
    numbers = [name in right.split() for name in header]
    return "\n".join(_align(row, widths, numbers) for row in (header, *cells))


def _align(row: Sequence[str], widths: Sequence[int], numbers: Sequence[bool]) -> str:
    aligned = (cell.rjust(width) if number else cell.ljust(width) for cell, width, number in zip(row, widths, numbers, strict=True))
    return _GAP.join(aligned).rstrip()


def _format_as_facts(header: Sequence[str], row: Sequence[str]) -> str:
    return "\n".join([row[0], format_facts([(name.lower(), cell) for name, cell in zip(header[1:], row[1:], strict=True)], indent=2)])


def format_facts(facts: Sequence[tuple[str, str | None]], *, indent: int = 0) -> str:
    """Write names and what there is to say of each, a line each; those of which there is nothing to say are left out."""
    known = [(name, printable(text)) for name, text in facts if text]
    width = max((len(name) for name, _ in known), default=0)
    return "\n".join(f"{'':{indent}}{name:{width}}{_GAP}{_hang(text, indent + width + len(_GAP))}" for name, text in known)


def _hang(text: str, indent: int) -> str:
    return text.replace("\n", "\n" + " " * indent)
