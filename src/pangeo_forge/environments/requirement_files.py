"""The lines of a ``requirements.txt`` as pip reads them, each with its place, those of included files as well."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pangeo_forge.errors import UserError, Where

NAME = "requirements.txt"

_COMMENT = re.compile(r"(?:^|\s)#.*")
_INCLUDE = re.compile(r"(?:-r|--requirement)(?:\s+|=|(?=[^\s-]))(?P<path>\S+)$")
_VARIABLE = re.compile(r"\$\{[A-Z0-9_]+\}")


@dataclass(frozen=True, slots=True)
class Line:
    """One line, joined with those that it is continued on, without its comment.

    Parameters
    ----------
    text : str
        What it says.
    where : Where
        The file and the line that it begins on.
    folder : Path
        The folder of the file: what relative paths in it are relative to.
    """

    text: str
    where: Where
    folder: Path


def read_lines(file: Path) -> tuple[Line, ...]:
    """Read a file of requirements and those that it includes by ``-r``.

    Raises
    ------
    UserError
        If a file is not there, is no text, or includes itself.
    """
    return tuple(_read(file, None, ()))


def _read(file: Path, asked: Where | None, above: tuple[Path, ...]) -> Iterator[Line]:
    if file in above:
        raise UserError(f"{file.name} includes itself", where=asked, hint="Remove the `-r`.")
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise UserError("the file of requirements is not in UTF-8", where=str(file), hint="Save it in UTF-8.") from None
    except OSError as error:
        raise UserError(f"the requirements in {file} cannot be read: {error.strerror}", where=asked or str(file)) from None
    for number, written in _join(text):
        where = Where(str(file), number)
        if _VARIABLE.search(written):
            message = "environment variables in requirements are not put in"
            raise UserError(message, where=where, hint="Give credentials by a .netrc file or uv's own variables.")
        include = _INCLUDE.match(written)
        if include is None:
            yield Line(written, where, file.parent)
        else:
            yield from _read((file.parent / include["path"]).resolve(), where, (*above, file))


def _join(text: str) -> Iterator[tuple[int, str]]:
    """Yield number and text of each line that says something."""
    begun, joined = 1, ""
    lines = text.splitlines()
    for number, written in enumerate(lines, 1):
        begun = begun if joined else number
        is_comment = written.lstrip().startswith("#")
        goes_on = written.endswith("\\") and not is_comment and number < len(lines)
        joined += "" if is_comment else written.rstrip("\\") if written.endswith("\\") else written
        if goes_on:
            joined = joined or " "
            continue
        said = _COMMENT.sub("", joined).strip()
        if said:
            yield begun, said
        joined = ""
