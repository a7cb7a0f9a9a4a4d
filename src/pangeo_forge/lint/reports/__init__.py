"""What was found, in the shapes that people and programs read, a module each."""

from __future__ import annotations

from enum import StrEnum


class Format(StrEnum):
    """A shape of the report."""

    TEXT = "text"
    CONCISE = "concise"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"
    MARKDOWN = "markdown"
