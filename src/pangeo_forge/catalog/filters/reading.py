"""From a filter's text or JSON to its expression, as CQL2's JSON writes it.

Filters come from strangers. The parser of texts takes exponentially long over nested parentheses that do not match, and overflows
the stack on some thousand operators; what comes near either is refused before it is parsed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from pangeo_forge.errors import UsageError

_LONGEST = 4000
_DEEPEST_TEXT = 10
_DEEPEST = 30
_MOST_PARTS = 2000
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")
_POSITION = re.compile(r"--> (\d+):(\d+)")
_HINT = "For example: license = 'CC-BY-4.0' AND title LIKE '%wind%'."


def read_filter(text: str) -> Any:
    """Read a filter that is written as text or, if it begins with a brace, as JSON.

    Raises
    ------
    UsageError
        If it is neither, or too large.
    """
    return read_json(text) if text.lstrip().startswith("{") else read_text(text)


def read_text(text: str) -> Any:
    """Read a filter in CQL2's text form.

    Raises
    ------
    UsageError
        With the column, if it cannot be read.
    """
    from cql2 import ParseError, parse_text

    _refuse_monsters(text)
    try:
        expression = parse_text(text).to_json()
    except ParseError as error:
        raise UsageError(f"the filter cannot be read: {_explain(str(error), text)}", hint=_HINT) from None
    _measure(expression)
    return expression


def read_json(value: Any) -> Any:
    """Read a filter in CQL2's JSON form: its text, or the object itself.

    Raises
    ------
    UsageError
        If it is none, or too deep.
    """
    try:
        expression = json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"the filter is no JSON: {error}", hint='For example: {"op": "=", "args": [{"property": "license"}, "MIT"]}.'
        ) from None
    if not isinstance(expression, Mapping):
        raise UsageError("the filter is no JSON object", hint='For example: {"op": "=", "args": [{"property": "license"}, "MIT"]}.')
    _measure(expression)
    return expression


def _refuse_monsters(text: str) -> None:
    if len(text) > _LONGEST:
        raise UsageError(f"the filter has {len(text):,} characters, more than {_LONGEST:,}", hint="Longer ones are read as cql2-json.")
    bare = _QUOTED.sub(lambda quoted: " " * len(quoted[0]), text)
    depth = 0
    for position, character in enumerate(bare):
        depth += (character == "(") - (character == ")")
        if depth > _DEEPEST_TEXT:
            raise UsageError(f"the filter nests deeper than {_DEEPEST_TEXT} parentheses at {_name_place(text, position)}")
        if depth < 0:
            raise UsageError(f"the filter closes a parenthesis at {_name_place(text, position)} that was never opened")
    if depth:
        raise UsageError(f"the filter leaves {depth} of its parentheses open", hint="Each ( needs a ).")
    if signs := re.search(r"-\s*-", bare):
        raise UsageError(f"the filter has two minus signs in a row at {_name_place(text, signs.start())}")


def _name_place(text: str, position: int) -> str:
    before = text[:position].split("\n")
    column = f"column {len(before[-1]) + 1}"
    return column if len(before) == 1 else f"line {len(before)}, {column}"


def _explain(told: str, text: str) -> str:
    """Put the parser's picture of a mistake into a line."""
    position = _POSITION.search(told)
    if position is None:
        return told.strip().splitlines()[-1].strip() if told.strip() else "it is no CQL2"
    line, column = int(position[1]), int(position[2])
    lines = text.split("\n")
    rest = lines[line - 1][column - 1 :] if line <= len(lines) else ""
    at = f"column {column}" if line == 1 else f"line {line}, column {column}"
    return f"{rest[:30]!r} is not understood at {at}" if rest else f"it ends too early, at {at}"


def _measure(expression: Any) -> None:
    """Refuse what nests too deep or has too many parts; geometries are measured by who reads them."""
    parts = 0
    layer = [expression]
    for _ in range(_DEEPEST):
        parts += len(layer)
        if not layer or parts > _MOST_PARTS:
            break
        layer = [child for part in layer for child in _children(part)]
    if layer:
        raise UsageError(f"the filter nests deeper than {_DEEPEST} levels or has more than {_MOST_PARTS:,} parts")


def _children(part: Any) -> list[Any]:
    if isinstance(part, Mapping):
        return [] if "coordinates" in part else list(part.values())
    return list(part) if isinstance(part, list) else []
