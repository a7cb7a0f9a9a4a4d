"""A file's text, by lines, so that a finding can show the one it is about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from pangeo_forge.errors import Where

#: No file that a person wrote is larger.
MAX_BYTES = 500_000
_BREAK = re.compile(r"\r\n|\r|\n")


class NotText(Exception):
    """A file is not UTF-8 text, or larger than any that a person writes."""


@dataclass(frozen=True)
class Text:
    """A file that a person wrote.

    Parameters
    ----------
    path : str
        Relative to the feedstock's folder.
    shown : str
        As messages should name it.
    text : str
        What it holds.
    """

    path: str
    shown: str
    text: str

    @classmethod
    def decode(cls, data: bytes, path: str, shown: str) -> Text:
        """Read bytes as UTF-8.

        Raises
        ------
        NotText
            If they are no text; the message says why.
        """
        if len(data) > MAX_BYTES:
            raise NotText(f"the file is larger than {MAX_BYTES // 1000} kB")
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise NotText(f"the byte 0x{data[error.start]:02X} is not UTF-8 text") from None
        if "\0" in text:
            raise NotText("the file holds a NUL character, which no text has")
        return cls(path, shown, text)

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Where each line begins, in characters from the start."""
        return (0, *(found.end() for found in _BREAK.finditer(self.text)))

    def line(self, number: int) -> str:
        """Give a line, counted from 1, without its end; nothing where there is none."""
        if not 0 < number <= len(self.starts):
            return ""
        end = self.starts[number] if number < len(self.starts) else len(self.text)
        return self.text[self.starts[number - 1] : end].rstrip("\r\n")

    def offset(self, place: tuple[int, int]) -> int:
        """Turn a line and a column, counted from 1, into characters from the start."""
        line, column = place
        return self.starts[line - 1] + column - 1

    def at(self, line: int | None = None, column: int | None = None) -> Where:
        """Name a place in the file."""
        return Where(self.shown, line, column)
