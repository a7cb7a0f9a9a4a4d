"""A rule's documentation, read from its docstring: what the fault is, why it matters, and files that have it and do not."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass

from pangeo_forge.lint.rule import Rule

_EXAMPLE = re.compile(
    r"^(?P<kind>Bad|Good) \(`(?P<path>[^`]+)`\):\n\n(?P<fence>```+)(?P<language>\w*)\n(?P<text>.*?)^(?P=fence)$", re.M | re.S
)


@dataclass(frozen=True, slots=True)
class Documentation:
    """What a rule says of itself.

    Parameters
    ----------
    summary : str
        The fault, in one line.
    text : str
        All of it, as Markdown.
    bad, good : dict of str
        Files that have the fault, and that do not, by their paths: relative to the feedstock's folder, or, with a ``/`` in
        front, to the repository's root. They may be parts of a feedstock, whose other files are as they should be.
    """

    summary: str
    text: str
    bad: dict[str, str]
    good: dict[str, str]


def document(rule: Rule) -> Documentation:
    """Read a rule's docstring."""
    text = inspect.getdoc(rule) or ""
    examples: dict[str, dict[str, str]] = {"Bad": {}, "Good": {}}
    for found in _EXAMPLE.finditer(text):
        examples[found["kind"]][found["path"]] = found["text"]
    return Documentation(text.partition("\n")[0], text, examples["Bad"], examples["Good"])
