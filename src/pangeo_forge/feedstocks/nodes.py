"""Take what is expected out of a YAML tree, and note what is something else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pangeo_forge.errors import Problem, Where
from pangeo_forge.feedstocks.problems import nearest, shorten
from pangeo_forge.feedstocks.yaml import Items, Node, Pairs, Scalar

_NUMBER = re.compile(r"[-+]?[0-9]{1,15}(\.[0-9]{0,15})?")


@dataclass(frozen=True, slots=True)
class Field:
    """A key of a mapping and its value; `key_end` is the line and column behind the key."""

    key: str
    key_where: Where
    value: Node
    key_end: tuple[int, int] | None = None

    @property
    def where(self) -> Where:
        """The value's place, or the key's where nothing is written after it."""
        return self.key_where if is_empty(self.value) else self.value.where


Fields = dict[str, Field]
Problems = list[Problem]


def is_empty(node: Node) -> bool:
    """Tell whether nothing was written (an empty text counts as written)."""
    return isinstance(node, Scalar) and node.is_null


def kind_of(node: Node) -> str:
    """Name a node's kind, as a person would."""
    if isinstance(node, Scalar):
        return "nothing" if node.is_null else f"the text {shorten(node.text)}"
    return "a list" if isinstance(node, Items) else "a mapping"


def read_fields(node: Pairs, problems: Problems) -> Fields:
    """Look up a mapping's fields by key; a key that stands twice is a problem, and ``<<`` brings in other mappings' fields."""
    fields: Fields = {}
    merged: Fields = {}
    for key, value in node.pairs:
        if not isinstance(key, Scalar):
            hint = "Put quotes around a text that begins with '{' or '['."
            problems.append(Problem(f"a key must be a text, but this is {kind_of(key)}", key.where, hint, "PFM007"))
        elif key.text == "<<" and key.plain:
            for base in value.items if isinstance(value, Items) else (value,):
                merged = {**(read_fields(base, problems) if isinstance(base, Pairs) else {}), **merged}
        elif key.text in fields:
            first = fields[key.text].key_where.line
            message = f"the key {shorten(key.text)} stands twice in one mapping, first in line {first}"
            problems.append(Problem(message, key.where, "Remove one of the two, or make a list of their values.", "PFM003"))
        else:
            fields[key.text] = Field(key.text, key.where, value, key.end)
    return {**merged, **fields}


def read_mapping(field: Field, problems: Problems) -> Fields | None:
    """Read a field that should hold a mapping; None where nothing is written, or something else."""
    if isinstance(field.value, Pairs):
        return read_fields(field.value, problems)
    if not is_empty(field.value):
        message = f"`{field.key}` must be a mapping, not {kind_of(field.value)}"
        problems.append(Problem(message, field.where, f"Write `{field.key}:`, and under it, indented, one `key: value` a line.", "PFM007"))
    return None


def read_mappings(field: Field, example: str, problems: Problems) -> Iterator[Fields]:
    """Read a field that should hold a list of mappings; one mapping alone is taken for a list of it."""
    value = field.value
    if is_empty(value):
        return
    if isinstance(value, Scalar):
        message = f"`{field.key}` must be a list of mappings, not {kind_of(value)}"
        problems.append(Problem(message, field.where, f"Write `- {example}` under `{field.key}:`.", "PFM007"))
        return
    for item in value.items if isinstance(value, Items) else (value,):
        if isinstance(item, Pairs):
            yield read_fields(item, problems)
        elif not is_empty(item):
            message = f"each item of `{field.key}` must be a mapping, but this is {kind_of(item)}"
            problems.append(Problem(message, item.where, f"Write `- {example}`.", "PFM007"))


def read_text(fields: Fields, key: str, problems: Problems) -> str | None:
    """Read a field that should hold a text, as its author wrote it; None where there is none."""
    field = fields.get(key)
    if field is None or is_empty(field.value):
        return None
    if isinstance(field.value, Scalar):
        return field.value.text.strip() or None
    problems.append(Problem(f"`{key}` must be a text, not {kind_of(field.value)}", field.where, f"Write `{key}: …` on one line.", "PFM007"))
    return None


def read_texts(fields: Fields, key: str, problems: Problems) -> tuple[str, ...]:
    """Read a field that should hold a list of texts; one text alone is taken for a list of it."""
    field = fields.get(key)
    if field is None:
        return ()
    value = field.value
    texts = []
    for item in value.items if isinstance(value, Items) else (value,):
        if not isinstance(item, Scalar):
            message = f"each item of `{key}` must be a text, but this is {kind_of(item)}"
            problems.append(Problem(message, item.where, f"Write `{key}: [one, two]`.", "PFM007"))
        elif item.text.strip() and not item.is_null:
            texts.append(item.text.strip())
    return tuple(texts)


def misspelt(fields: Fields, key: str, known: frozenset[str]) -> Field | None:
    """Find the unknown key that was probably meant to be `key`."""
    return next((field for field in fields.values() if field.key not in known and nearest(field.key, [key])), None)


def to_plain(node: Node) -> Any:
    """Turn a node into the values that JSON knows."""
    if isinstance(node, Items):
        return [to_plain(item) for item in node.items]
    if isinstance(node, Pairs):
        return {key.text if isinstance(key, Scalar) else str(to_plain(key)): to_plain(value) for key, value in node.pairs}
    if node.is_null:
        return None
    if node.plain and node.text in {"true", "True", "TRUE", "false", "False", "FALSE"}:
        return node.text.lower() == "true"
    if node.plain and (number := _NUMBER.fullmatch(node.text)):
        return float(node.text) if number[1] else int(node.text)
    return node.text
