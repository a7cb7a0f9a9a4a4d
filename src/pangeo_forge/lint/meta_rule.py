"""Rules about what ``meta.yaml`` says, and what they have in common: places in it, and keys that are not there."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import islice

from pangeo_forge.errors import Where
from pangeo_forge.feedstocks.nodes import Field, Fields, is_empty, misspelt
from pangeo_forge.feedstocks.yaml import Items, Pairs, Scalar
from pangeo_forge.lint.drafts import Draft
from pangeo_forge.lint.files.metafile import MetaFile
from pangeo_forge.lint.findings import Finding
from pangeo_forge.lint.rule import Rule

#: More findings of one rule have one cause.
_MOST = 50


class MetaRule(Rule):
    """A rule about what ``meta.yaml`` says; it is silent where the file cannot be read."""

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look at ``meta.yaml``, if there is one and it describes a feedstock."""
        return islice(self.check_meta(draft.meta, draft), _MOST) if draft.meta and draft.meta.model else ()

    @abstractmethod
    def check_meta(self, meta: MetaFile, draft: Draft) -> Iterable[Finding]:
        """Find every place of a ``meta.yaml`` that has the fault."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of the file that a finding is about."""

    where: Where
    end: tuple[int, int] | None


def mark_key(field: Field) -> Mark:
    """Mark a key."""
    return Mark(field.key_where, field.key_end)


def mark_value(field: Field) -> Mark:
    """Mark a value, or its key where nothing is written after it."""
    return mark_key(field) if is_empty(field.value) else Mark(field.value.where, getattr(field.value, "end", None))


def mark_start(mapping: Pairs) -> Mark:
    """Mark the first key of a mapping."""
    first = mapping.pairs[0][0] if mapping.pairs else None
    return Mark(mapping.where, first.end if isinstance(first, Scalar) else None)


def mark_absent(meta: MetaFile, key: str) -> Mark:
    """Mark the key at the top that nothing is written after, or the start of the file where there is no such key."""
    if key in meta.fields:
        return mark_value(meta.fields[key])
    return mark_start(meta.root) if meta.root else Mark(meta.text.at(1, 1), None)


def text_of(fields: Fields, key: str) -> Scalar | None:
    """Give the text under a key; None where there is none, or something else."""
    value = fields[key].value if key in fields else None
    return value if isinstance(value, Scalar) and value.text.strip() and not value.is_null else None


def is_missing(fields: Fields, key: str, known: Collection[str]) -> bool:
    """Whether nothing is written under a key, nor under one that was probably meant to be it, which is a fault of its own.

    Parameters
    ----------
    fields : dict of Field
        The mapping that it should be in.
    key : str
        What is looked for.
    known : collection of str
        The keys that mean something in the mapping.
    """
    if key not in fields:
        return misspelt(fields, key, frozenset(known)) is None
    value = fields[key].value
    if isinstance(value, Scalar):
        return value.is_null or not value.text.strip()
    return not (value.items if isinstance(value, Items) else value.pairs)
