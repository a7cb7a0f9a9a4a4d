"""YAML as a tree whose every value knows its line and column, within limits that no honest file reaches.

The tree keeps each text as its author wrote it, so that ``version: 0.10`` stays ``0.10`` and ``id: on`` stays ``on``;
what a value means is for the reader to say, who knows what the key is for.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import PurePath
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from pangeo_forge.errors import InvalidFeedstock, Problem, Where
from pangeo_forge.feedstocks.problems import invalid
from pangeo_forge.feedstocks.syntax import explain_syntax

MAX_BYTES = 500_000
MAX_VALUES = 20_000
MAX_DEPTH = 30

_NOT_TEXT = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_OTHER_UNICODE = ((codecs.BOM_UTF32_LE, "UTF-32"), (codecs.BOM_UTF16_LE, "UTF-16"), (codecs.BOM_UTF16_BE, "UTF-16"))
_ODD_BREAK = re.compile("[\x85\u2028\u2029]")
# What the parser raises without a position: for the escape "\UFFFFFFFF", for "%YAML 1.0".
_PARSER_FAULTS = (YAMLError, ValueError, OverflowError, AssertionError)


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value, as text; `plain` if it was written without quotes, `end` the line and column behind it."""

    text: str
    plain: bool
    where: Where
    end: tuple[int, int] | None = None
    size: int = 1
    depth: int = 0

    @property
    def is_null(self) -> bool:
        """Whether nothing was written, or a word for nothing."""
        return self.plain and self.text in {"", "~", "null", "Null", "NULL"}


@dataclass(frozen=True, slots=True)
class Items:
    """A list of values; `size` counts all values in it and `depth` their nesting, those that aliases repeat included."""

    items: tuple[Node, ...]
    where: Where
    size: int
    depth: int


@dataclass(frozen=True, slots=True)
class Pairs:
    """A mapping, as pairs of key and value in the order of the file, keys that stand twice included."""

    pairs: tuple[tuple[Node, Node], ...]
    where: Where
    size: int
    depth: int


Node = Scalar | Items | Pairs


def parse_yaml(data: bytes, name: str) -> Node:
    """Read the one YAML document of a file.

    Parameters
    ----------
    data : bytes
        What the file holds.
    name : str
        The file, as messages should name it.

    Raises
    ------
    InvalidFeedstock
        If it is not UTF-8 text, not valid YAML, or larger than any real file.
    """
    text = _decode(data, name)
    tree = _parse_fast(text, name)
    if tree is not None:
        return tree
    composer = _Composer(YAML(typ="safe", pure=True).parse(text), name)
    try:
        return composer.document()
    except MarkedYAMLError as error:
        raise invalid([explain_syntax(error, name)], detail=str(error)) from error
    except _PARSER_FAULTS as error:
        problem = Problem(
            "this is not valid YAML, here or soon after", composer.last, "Check the escapes in double quotes, and lines with '%'.", "PFM001"
        )
        raise invalid([problem], detail=str(error)) from error


@cache
def _libyaml() -> YAML:
    """Make the fast parser once: each time it looks for plug-ins on the disk."""
    return YAML(typ="safe")


def _parse_fast(text: str, name: str) -> Node | None:
    """Parse with libyaml; None where that finds faults, since its words are few, or may count lines otherwise than editors do."""
    if _ODD_BREAK.search(text):
        return None
    try:
        return _Composer(_libyaml().parse(text), name).document()
    except _PARSER_FAULTS:
        return None


def _decode(data: bytes, name: str) -> str:
    start = Where(name, 1, 1)
    if len(data) > MAX_BYTES:
        file = PurePath(name).name
        message = f"the file is larger than {MAX_BYTES // 1000} kB, which no {file} needs"
        raise invalid([Problem(message, start, f"Keep data in files of its own, beside {file}.", "PFM001")])
    for mark, encoding in _OTHER_UNICODE:
        if data.startswith(mark):
            raise invalid([Problem(f"the file is {encoding}, not UTF-8", start, "Save it as UTF-8.", "PFM001")])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # with "utf-8-sig" the position is counted without the mark at the start
        before = data.removeprefix(codecs.BOM_UTF8)[: error.start].decode()
        message = f"the byte 0x{error.object[error.start]:02X} is not UTF-8 text"
        raise invalid([Problem(message, _place(name, before), "Save the file as UTF-8.", "PFM001")]) from None
    odd = _NOT_TEXT.search(text)
    if odd:
        message = f"the character U+{ord(odd[0]):04X} does not belong in a text file"
        raise invalid([Problem(message, _place(name, text[: odd.start()]), "Remove it.", "PFM001")])
    return text


def _place(name: str, before: str) -> Where:
    """Say where a file is after `before`."""
    return Where(name, before.count("\n") + 1, len(before) - before.rfind("\n"))


def _extent(children: tuple[Node, ...]) -> tuple[int, int]:
    """Add up the size and depth of a collection."""
    return 1 + sum(child.size for child in children), 1 + max((child.depth for child in children), default=0)


class _Composer:
    """Makes the tree of one stream of parser's events."""

    def __init__(self, events: Iterator[Any], name: str) -> None:
        self.events = events
        self.name = name
        self.anchors: dict[str, Node | None] = {}
        self.values = 0
        self.last = Where(name, 1, 1)

    def document(self) -> Node:
        root: Node = Scalar("", True, Where(self.name, 1, 1))
        documents = 0
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self.refusal(event, "a second document begins here, but there can be only one", "Remove this '---'.")
                root = self.node(next(self.events), 0)
        return root

    def node(self, event: Any, depth: int) -> Node:
        """Read the value that begins with an event."""
        if isinstance(event, AliasEvent):
            node = self.alias(event)
            if depth + node.depth > MAX_DEPTH:
                raise self.too_deep(event)
            return node
        if depth > MAX_DEPTH:
            raise self.too_deep(event)
        if event.anchor:
            self.anchors[event.anchor] = None
        node = self.value(event, depth)
        if node.size > MAX_VALUES:
            raise self.too_many(event)
        if event.anchor:
            self.anchors[event.anchor] = node
        return node

    def value(self, event: Any, depth: int) -> Node:
        self.values += 1
        if self.values > MAX_VALUES:
            raise self.too_many(event)
        self.last = where = self.where(event)
        if isinstance(event, ScalarEvent):
            return Scalar(event.value, event.style in (None, ""), where, (event.end_mark.line + 1, event.end_mark.column + 1))
        if isinstance(event, SequenceStartEvent):
            items = tuple(self.until(SequenceEndEvent, depth))
            return Items(items, where, *_extent(items))
        nodes = tuple(self.until(MappingEndEvent, depth))
        pairs = tuple(zip(nodes[::2], nodes[1::2], strict=True))
        return Pairs(pairs, where, *_extent(nodes))

    def until(self, end: type, depth: int) -> Iterator[Node]:
        """Read values up to the end of the collection they are in."""
        for event in self.events:
            if isinstance(event, end):
                return
            yield self.node(event, depth + 1)

    def alias(self, event: Any) -> Node:
        name = event.anchor[:60]
        if event.anchor not in self.anchors:
            raise self.refusal(event, f"*{name} refers to a value that is not there", "Write the value out.")
        node = self.anchors[event.anchor]
        if node is None:
            raise self.refusal(event, f"*{name} refers to the value that it is itself a part of", "Write the value out.")
        return node

    def where(self, event: Any) -> Where:
        return Where(self.name, event.start_mark.line + 1, event.start_mark.column + 1)

    def refusal(self, event: Any, message: str, hint: str) -> InvalidFeedstock:
        return invalid([Problem(message, self.where(event), hint, "PFM001")])

    def too_deep(self, event: Any) -> InvalidFeedstock:
        return self.refusal(event, f"values are nested more than {MAX_DEPTH} deep here", "Write it flatter.")

    def too_many(self, event: Any) -> InvalidFeedstock:
        file = PurePath(self.name).name
        message = f"there are more than {MAX_VALUES:,} values here, which no {file} needs"
        return self.refusal(event, message, f"Keep data in files of its own, beside {file}, and use no aliases of aliases.")
