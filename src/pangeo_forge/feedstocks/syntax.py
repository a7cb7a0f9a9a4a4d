"""What a YAML parser's complaint means to somebody who does not know its words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ruamel.yaml.error import MarkedYAMLError

from pangeo_forge.errors import Problem, Where


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What to say where the parser's words match `pattern`; the place is the start of the context if `at_start`."""

    pattern: str
    message: str
    hint: str
    at_start: bool = False


_MEANINGS = (
    _Meaning(
        r"mapping values are not allowed",
        "there is a ':' where no key can be",
        "Put quotes around a text that contains ': ', and check the indentation of this line.",
    ),
    _Meaning(r"character '(\\t|\t)'|found a tab|\\t", "there is a tab where only spaces can be", "Indent with spaces."),
    _Meaning(
        r"expected <block end>|did not find expected key|expected '-'|block sequence entries|sequence entries are not allowed",
        "this line fits nothing above it: the indentation is wrong",
        "Start all keys of one mapping, and all '-' of one list, in the same column.",
    ),
    _Meaning(r"quoted scalar .*(end of stream|document separator)", "this quote is not closed", "Write the second quote.", at_start=True),
    _Meaning(
        r"flow (sequence|mapping)",
        "this bracket is not closed, or a comma is missing after it",
        "Write the second bracket, and a comma between values.",
        at_start=True,
    ),
    _Meaning(
        r"could not find expected ':'",
        "this line is neither 'key: value' nor part of a text",
        "Write ': ' after the key.",
        at_start=True,
    ),
    _Meaning(
        r"cannot start any token",
        "a value cannot start with this character",
        "Put quotes around the value.",
    ),
    _Meaning(
        r"unknown escape character|double-quoted scalar.*expected escape|escape sequence",
        "there is a backslash in double quotes that means nothing",
        r"Write \\ for a backslash, or use single quotes.",
    ),
    _Meaning(r"<document start>", "something follows after the end", "Check the quotes and the indentation of this line."),
    _Meaning(
        r"undefined tag handle|scanning a tag|parsing a tag", "there is a '!' that begins no known tag", "Put quotes around the value."
    ),
)


def explain_syntax(error: MarkedYAMLError, name: str) -> Problem:
    """Say in plain words what a YAML parser found wrong, and what to write instead."""
    words = " ".join(str(part) for part in (error.context, error.problem) if part)
    meaning = next((meaning for meaning in _MEANINGS if re.search(meaning.pattern, words)), None)
    marks = (error.context_mark, error.problem_mark) if meaning and meaning.at_start else (error.problem_mark, error.context_mark)
    mark = next((mark for mark in marks if mark is not None), None)
    where = Where(name, mark.line + 1, mark.column + 1) if mark else Where(name, 1, 1)
    if meaning is None:
        return Problem(f"this is not valid YAML: {words}", where, "Check the quotes and the indentation of this line.", "PFM001")
    return Problem(f"this is not valid YAML: {meaning.message}", where, meaning.hint, "PFM001")
