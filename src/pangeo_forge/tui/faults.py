"""What may be wrong with a catalogue while it is browsed: it is told where one looks, and the program goes on."""

from __future__ import annotations

import duckdb

from pangeo_forge.errors import ForgeError
from pangeo_forge.types import printable, redact_text

#: What is raised where a catalogue cannot be read: it is no catalogue, its index is damaged, or its server does not answer.
UNREADABLE = (ForgeError, OSError, duckdb.Error)


def describe_fault(error: Exception) -> str:
    """Say what is wrong, and what can be done about it."""
    if isinstance(error, ForgeError):
        return printable(f"{error.message}. {error.hint or ''}".strip())
    return printable(redact_text(f"The catalogue cannot be read: {type(error).__name__}: {error}"))
