"""Whether the keys of ``meta.yaml`` mean something, and whether their values are texts to every reader."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from pangeo_forge.feedstocks.nodes import Field, Fields
from pangeo_forge.feedstocks.problems import nearest
from pangeo_forge.feedstocks.yaml import Items, Scalar
from pangeo_forge.lint.drafts import Draft
from pangeo_forge.lint.files.mappings import RECIPE, SHAPES, Shape, find_mappings
from pangeo_forge.lint.files.metafile import MetaFile
from pangeo_forge.lint.files.yaml_types import read_as_yaml_1_1
from pangeo_forge.lint.findings import Edit, Finding, Level
from pangeo_forge.lint.rule import Rule

#: More of them have one cause.
_MOST = 25
#: No known key is longer than this by far.
_LONGEST = 60
#: Keys that begin so are nobody's but their author's.
_PRIVATE = ("x-", "x_", ".", "_")


class UnquotedText(Rule):
    """A text is written in a way that YAML 1.1 takes for a number, a truth value or a date.

    It is read here as it is written. The older tools read YAML 1.1: to them `2021.10` is the number 2021.1, `1:30` is 90, `010` is 8,
    `no` is false, and `2021-10-01` is a date, no text at all. Quotes make it a text everywhere.

    Bad (`meta.yaml`):

    ```yaml
    title: Sea surface temperature
    pangeo_forge_version: 0.10
    recipes:
      - id: on
        object: "recipe:sst"
    ```

    Good (`meta.yaml`):

    ```yaml
    title: Sea surface temperature
    pangeo_forge_version: "0.10"
    recipes:
      - id: "on"
        object: "recipe:sst"
    ```
    """

    code = "PFM004"
    name = "unquoted-text"
    level = Level.HINT
    message = "`{key}` is a text, but {text} without quotes is {kind} in YAML 1.1"
    help = 'Write "{text}".'
    fixable = True

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look at the values that are texts."""
        meta = draft.meta
        if meta is None:
            return
        for shape, fields in find_mappings(meta, (*SHAPES, RECIPE)):
            for field in _texts(shape, fields):
                for scalar in _scalars(field):
                    yield from self._check_text(field.key, scalar, meta)

    def _check_text(self, key: str, scalar: Scalar, meta: MetaFile) -> Iterator[Finding]:
        kind = read_as_yaml_1_1(scalar.text) if scalar.plain else None
        start = (scalar.where.line or 1, scalar.where.column or 1)
        if kind is None or scalar.end is None or meta.text.text[meta.text.offset(start) : meta.text.offset(scalar.end)] != scalar.text:
            return  # a text, or one with a tag or anchor in front
        fix = Edit(meta.text.path, start, scalar.end, f'"{scalar.text}"')
        yield self.found(scalar.where, end=scalar.end, fix=[fix], key=key, text=scalar.text, kind=kind)


class UnknownKey(Rule):
    """A key is misspelt, or stands where nothing reads it.

    What stands under it is lost without a word: a misspelt `maintainers` leaves the feedstock without any. A key that is much like a
    known one, or belongs elsewhere in the file, is a warning; any other is a hint. Nothing is said of keys that are written for
    people and known to be, such as `citation`, nor of those that begin with `x-`.

    Bad (`meta.yaml`):

    ```yaml
    title: Sea surface temperature
    recipes:
      - id: sst
        object: "recipe:sst"
    maintaners:
      - name: Ada Lovelace
        github: ada
    license: CC-BY-4.0
    ```

    Good (`meta.yaml`):

    ```yaml
    title: Sea surface temperature
    recipes:
      - id: sst
        object: "recipe:sst"
    maintainers:
      - name: Ada Lovelace
        github: ada
    provenance:
      license: CC-BY-4.0
    ```
    """

    code = "PFM005"
    name = "unknown-key"
    level = Level.WARNING
    message = "the key `{key}` means nothing in {place}"

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look at all mappings but the entries of ``recipes``, and at the first of many unknown keys only."""
        return islice(self._find(draft.meta), _MOST) if draft.meta and draft.meta.model else ()

    def _find(self, meta: MetaFile) -> Iterator[Finding]:
        noted = {problem.where for problem in meta.problems}
        for shape, fields in find_mappings(meta):
            known = shape.keys | shape.personal
            for field in fields.values():
                if field.key not in known and field.key_where not in noted and not field.key.startswith(_PRIVATE):
                    yield self._report(field, shape, fields)

    def _report(self, field: Field, shape: Shape, fields: Fields) -> Finding:
        level, hint = _explain(field.key, shape, fields)
        return self.found(field.key_where, end=field.key_end, level=level, help=hint, key=field.key[:_LONGEST], place=shape.name)


class FirstFormat(Rule):
    """Keys are spelt as in the first format of 2021.

    The decision that the format began with (ADR 0002) has some keys that no later tool took over. One kind of file is as good as
    another, but these keys have other names today, or nothing reads them.

    Bad (`meta.yaml`):

    ```yaml
    title: Sea surface temperature
    pangeo_forge_metadata_spec_version: "0.1"
    pangeo_forge_recipes_version: "0.9.2"
    recipes:
      - id: sst
        object: "recipe:sst"
    ```

    Good (`meta.yaml`):

    ```yaml
    title: Sea surface temperature
    pangeo_forge_version: "0.9.2"
    recipes:
      - id: sst
        object: "recipe:sst"
    ```
    """

    code = "PFM006"
    name = "first-format"
    level = Level.HINT
    message = "this is spelt as in the first format of 2021: {facts}"
    help = "Spell them as today, or remove them."

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Name all such keys at the first of them."""
        fields = draft.meta.fields if draft.meta else {}
        old = [field for field in fields.values() if field.key in _FIRST_FORMAT]
        if old:
            facts = "; ".join(f"`{field.key}` {_FIRST_FORMAT[field.key]}" for field in old)
            yield self.found(old[0].key_where, end=old[0].key_end, facts=facts)


_FIRST_FORMAT = {
    "pangeo_forge_recipes_version": "is `pangeo_forge_version` today",
    "pangeo_forge_recipe_version": "is `pangeo_forge_version` today",
    "pangeo_forge_metadata_spec_version": "is read by nothing",
}


def _texts(shape: Shape, fields: Fields) -> Iterator[Field]:
    return (field for field in fields.values() if field.key in shape.texts)


def _scalars(field: Field) -> list[Scalar]:
    nodes = field.value.items if isinstance(field.value, Items) else (field.value,)
    return [node for node in nodes if isinstance(node, Scalar)]


def _explain(key: str, shape: Shape, fields: Fields) -> tuple[Level, str]:
    """Say how bad an unknown key is, and what was probably meant."""
    if key in shape.homes:
        return Level.WARNING, f"Write it {shape.homes[key]}."
    close = nearest(key, sorted(shape.keys - fields.keys())) if len(key) <= _LONGEST else None
    if close:
        return Level.WARNING, f"Did you mean `{close}`?"
    return Level.HINT, f"Nothing reads it. If it is meant for people, or for a program of yours, `x-{key[:_LONGEST]}` says so."
