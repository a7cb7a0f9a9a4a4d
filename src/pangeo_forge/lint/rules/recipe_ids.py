"""Whether the ids of recipes can be parts of addresses, and are told apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pangeo_forge.feedstocks.entries import id_fault, safe_id
from pangeo_forge.feedstocks.nodes import Field, Fields
from pangeo_forge.feedstocks.problems import shorten
from pangeo_forge.feedstocks.yaml import Scalar
from pangeo_forge.lint.drafts import Draft
from pangeo_forge.lint.findings import Finding, Level
from pangeo_forge.lint.rule import ReadingRule, Rule
from pangeo_forge.lint.vocabularies.ids import LONGEST, criticize

_KEPT = "if nothing is written under it yet: the id is a part of the dataset's address"
#: An id that lost more characters is no longer that.
_MOST_LOST = 5


class DuplicateId(ReadingRule):
    """Two recipes have the same id.

    Each would write to the place of the other, and naming the id says of neither which is meant.

    Bad (`meta.yaml`):

    ```yaml
    recipes:
      - id: sst
        object: "recipe:sst"
      - id: sst
        object: "recipe:sst"
    ```

    Good (`meta.yaml`):

    ```yaml
    recipes:
      - id: sst
        object: "recipe:sst"
      - id: sst-again
        object: "recipe:sst"
    ```
    """

    code = "PFM016"
    name = "duplicate-id"
    level = Level.ERROR


class UnsafeId(ReadingRule):
    """An id is not made of small letters, digits, `-`, `_` and `.` alone.

    An id becomes a part of the dataset's address, of a job's name and of commands. What has a meaning there (slashes, wildcards,
    braces, quotes) is an error. Spaces and other characters are warnings: they are written otherwise in a URL. Capital letters are a
    hint: some disks take them for small ones, and names of jobs cannot have them. An id is not changed by `--fix`, as datasets
    that are there already would be looked for elsewhere.

    Bad (`meta.yaml`):

    ```yaml
    recipes:
      - id: "sst/daily"
        object: "recipe:sst"
    ```

    Good (`meta.yaml`):

    ```yaml
    recipes:
      - id: sst-daily
        object: "recipe:sst"
    ```
    """

    code = "PFM017"
    name = "unsafe-id"
    level = Level.ERROR

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Report what is refused, and look at the other ids; those of datasets that are there already can only be as they are."""
        yield from super().check(draft)
        for text, field, fields in _find_ids(draft):
            criticism = criticize(text) if not id_fault(text) else None
            if criticism and (criticism[0] is Level.WARNING or _has_object(fields)):
                level, fault = criticism
                hint = f"Write {_suggest(text)}, {_KEPT}."
                yield self.found(field.where, end=_end(field), level=level, help=hint, message=f"the id {shorten(text)} {fault}")


class LongId(Rule):
    """An id is longer than the names that jobs may have.

    Kubernetes and Dataflow take 63 characters at most. What is named after the recipe is cut off there, so that two long ids that
    begin in the same way cannot be told apart in lists of jobs.

    Bad (`meta.yaml`):

    ```yaml
    recipes:
      - id: sea-surface-temperature-daily-mean-of-the-first-ten-metres-of-the-ocean
        object: "recipe:sst"
    ```

    Good (`meta.yaml`):

    ```yaml
    recipes:
      - id: sst-daily-mean
        object: "recipe:sst"
    ```
    """

    code = "PFM018"
    name = "long-id"
    level = Level.WARNING
    message = "the id has {length} characters, more than the {most} that the name of a job may have"
    help = f"Shorten it, {_KEPT}."

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look at the ids of recipes; those of datasets that are there already name no jobs."""
        for text, field, fields in _find_ids(draft):
            if len(text) > LONGEST and not id_fault(text) and _has_object(fields):
                yield self.found(field.where, end=_end(field), length=len(text), most=LONGEST)


def _find_ids(draft: Draft) -> Iterator[tuple[str, Field, Fields]]:
    for _, fields in draft.meta.mappings("recipes") if draft.meta else ():
        field = fields.get("id")
        if field and isinstance(field.value, Scalar) and not field.value.is_null:
            yield field.value.text, field, fields


def _suggest(text: str) -> str:
    other = safe_id(text).lower()
    return f"`id: {other}`, say" if abs(len(other) - len(text)) < _MOST_LOST else "small letters, digits, `-`, `_` and `.` alone"


def _has_object(fields: Fields) -> bool:
    return "object" in fields or "module" in fields


def _end(field: Field) -> tuple[int, int] | None:
    return field.value.end if isinstance(field.value, Scalar) else None
