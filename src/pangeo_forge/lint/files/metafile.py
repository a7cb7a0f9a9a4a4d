"""``meta.yaml`` as it is written: its tree with every place, what could be read of it, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from pangeo_forge.errors import InvalidFeedstock, Problem, Where
from pangeo_forge.feedstocks.meta import Meta
from pangeo_forge.feedstocks.modules import check_modules
from pangeo_forge.feedstocks.nodes import Field, Fields, read_fields
from pangeo_forge.feedstocks.reading import read_meta
from pangeo_forge.feedstocks.yaml import Items, Node, Pairs, parse_yaml
from pangeo_forge.lint.files.texts import NotText, Text


@dataclass(frozen=True)
class MetaFile:
    """A ``meta.yaml``.

    Parameters
    ----------
    text : Text
        Its text; empty where it is none.
    root : Pairs or None
        Its mapping; None where it holds none.
    fields : dict of Field
        The fields of that mapping.
    model : Meta or None
        What it says, as far as it can be read.
    problems : tuple of Problem
        What is wrong with it, each with the code of a rule.
    """

    text: Text
    root: Pairs | None
    fields: Fields
    model: Meta | None
    problems: tuple[Problem, ...]
    _known: dict[int, Fields] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def read(cls, data: bytes, path: str, shown: str, folder: Path) -> MetaFile:
        """Read a file's bytes; modules are looked for in `folder`."""
        try:
            text = Text.decode(data, path, shown)
        except NotText:
            text = Text(path, shown, "")  # what is wrong is said below, with its place
        root: Node | None = None
        try:
            root = parse_yaml(data, shown)
            model, problems = read_meta(root)
        except InvalidFeedstock as error:
            mapping = root if isinstance(root, Pairs) else None
            return cls(text, mapping, read_fields(mapping, []) if mapping else {}, None, error.problems)
        assert isinstance(root, Pairs)
        return cls(text, root, read_fields(root, []), model, (*problems, *check_modules(model, folder)))

    @cached_property
    def ends(self) -> Mapping[Where, tuple[int, int]]:
        """Line and column behind each text of the file, by where it begins."""
        found: dict[Where, tuple[int, int]] = {}
        todo: list[Node] = [self.root] if self.root else []
        while todo:
            node = todo.pop()
            if isinstance(node, Pairs):
                todo.extend(part for pair in node.pairs for part in pair)
            elif isinstance(node, Items):
                todo.extend(node.items)
            elif node.end:
                found[node.where] = node.end
        return found

    def field(self, *keys: str) -> Field | None:
        """Look up a field by its path of keys; None where it is not there."""
        fields, found = self.fields, None
        for key in keys:
            found = fields.get(key)
            if found is None:
                return None
            fields = self._read_fields(found.value) if isinstance(found.value, Pairs) else {}
        return found

    def mappings(self, *keys: str) -> list[tuple[Pairs, Fields]]:
        """Look up the mappings that a field lists; one mapping alone is taken for a list of it."""
        found = self.field(*keys)
        nodes = () if found is None else found.value.items if isinstance(found.value, Items) else (found.value,)
        return [(node, self._read_fields(node)) for node in nodes if isinstance(node, Pairs)]

    def _read_fields(self, node: Pairs) -> Fields:
        """Look up the fields of a mapping of this file, once."""
        if id(node) not in self._known:
            self._known[id(node)] = read_fields(node, [])
        return self._known[id(node)]
