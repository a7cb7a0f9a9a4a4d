"""Whether what ``meta.yaml`` says of the bakery can be understood."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pangeo_forge.feedstocks.nodes import Field, Fields, read_fields
from pangeo_forge.feedstocks.problems import shorten
from pangeo_forge.feedstocks.yaml import Items, Pairs
from pangeo_forge.lint.drafts import Draft
from pangeo_forge.lint.files.metafile import MetaFile
from pangeo_forge.lint.findings import Edit, Finding, Level
from pangeo_forge.lint.meta_rule import MetaRule, mark_key, text_of
from pangeo_forge.lint.rule import ReadingRule

_NUMBER = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,6})?")
_MEMORY = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,6})?\s?(?:[kKMGTP]i?B?|B|bytes)")
_CORES = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,6})?(?:m|\s?(?:v?cpus?|cores?))?", re.IGNORECASE)
#: From so many on, these are no cores, but the 1024ths of one that the service of 2021 counted in.
_PARTS_OF_A_CORE = 256


class SeveralBakeries(MetaRule):
    """`bakeries` is written, where one `bakery` is read.

    The first format of 2021 (ADR 0002) had a list of bakeries. There was never more than one in it, and all later tools look for
    `bakery`. A list of one is rewritten by `--fix`; of several you have to choose one.

    Bad (`meta.yaml`):

    ```yaml
    title: Sea surface temperature
    recipes:
      - id: sst
        object: "recipe:sst"
    bakeries:
      - id: local
    ```

    Good (`meta.yaml`):

    ```yaml
    title: Sea surface temperature
    recipes:
      - id: sst
        object: "recipe:sst"
    bakery:
      id: local
    ```
    """

    code = "PFM053"
    name = "several-bakeries"
    level = Level.WARNING
    message = "`bakeries` is `bakery` today, and holds one"
    help = "Write `bakery:`, and under it the `id` of {which}."
    fixable = True

    def check_meta(self, meta: MetaFile, draft: Draft) -> Iterable[Finding]:
        """Look for the key."""
        field = meta.fields.get("bakeries")
        if field:
            mark = mark_key(field)
            several = isinstance(field.value, Items) and len(field.value.items) > 1
            fix = () if several or "bakery" in meta.fields else _rename(field, meta)
            yield self.found(mark.where, end=mark.end, fix=fix, which="the one that is meant" if several else "the bakery")


def _rename(field: Field, meta: MetaFile) -> tuple[Edit, ...]:
    """Rename the key, and take the mark of a list before its one mapping away."""
    text = meta.text
    start = (field.key_where.line or 1, field.key_where.column or 1)
    if field.key_end is None or text.text[text.offset(start) : text.offset(field.key_end)] != "bakeries":
        return ()
    renamed = Edit(text.path, start, field.key_end, "bakery")
    if not isinstance(field.value, Items):
        return (renamed,)
    dash = (field.value.where.line or 1, field.value.where.column or 1)
    (item,) = field.value.items or (None,)
    behind = (dash[0], dash[1] + 1)
    if text.text[text.offset(dash) : text.offset(behind)] != "-" or not isinstance(item, Pairs) or item.where.line != dash[0]:
        return ()
    return (renamed, Edit(text.path, dash, behind, " "))


class UnclearResources(MetaRule):
    """What a worker needs is written without a unit, or in no numbers.

    `memory: 4096` is read as MB, and might be meant as anything else. `cpu: 1024` is one core in the counting of the service of 2021,
    and a thousand of them elsewhere.

    Bad (`meta.yaml`):

    ```yaml
    title: Sea surface temperature
    recipes:
      - id: sst
        object: "recipe:sst"
    bakery:
      id: local
      resources:
        memory: 4096
        cpu: 1024
    ```

    Good (`meta.yaml`):

    ```yaml
    title: Sea surface temperature
    recipes:
      - id: sst
        object: "recipe:sst"
    bakery:
      id: local
      resources:
        memory: 4 GB
        cpu: 1
    ```
    """

    code = "PFM054"
    name = "unclear-resources"
    level = Level.HINT
    message = "{fault}"
    help = "Write {advice}."

    def check_meta(self, meta: MetaFile, draft: Draft) -> Iterable[Finding]:
        """Look at the resources of each bakery."""
        for key in ("bakery", "bakeries"):
            for _, fields in meta.mappings(key):
                resources = fields["resources"].value if "resources" in fields else None
                if isinstance(resources, Pairs):
                    yield from self._check_resources(read_fields(resources, []))

    def _check_resources(self, fields: Fields) -> Iterable[Finding]:
        doubts = [(scalar, doubt) for key in _DOUBTS if (scalar := text_of(fields, key)) and (doubt := _DOUBTS[key](scalar.text.strip()))]
        if doubts:
            first = doubts[0][0]
            level = Level.WARNING if any(doubt.is_nonsense for _, doubt in doubts) else Level.HINT
            fault, advice = ", and ".join(doubt.fault for _, doubt in doubts), " and ".join(doubt.advice for _, doubt in doubts)
            yield self.found(first.where, end=first.end, level=level, fault=fault, advice=advice)


@dataclass(frozen=True, slots=True)
class _Doubt:
    """What is not clear about an amount, and how to write it."""

    fault: str
    advice: str
    is_nonsense: bool = False


def _doubt_memory(text: str) -> _Doubt | None:
    if _MEMORY.fullmatch(text):
        return None
    if _NUMBER.fullmatch(text):
        return _Doubt(f"`memory` is {text} without a unit, which is read as MB", f"`memory: {text} MB`")
    return _Doubt(f"`memory` is {shorten(text)}, which is no amount", "`memory: 4 GB`, say,", is_nonsense=True)


def _doubt_cpu(text: str) -> _Doubt | None:
    if not _CORES.fullmatch(text):
        return _Doubt(f"`cpu` is {shorten(text)}, which is no number of cores", "`cpu: 1`, say", is_nonsense=True)
    if _NUMBER.fullmatch(text) and float(text) >= _PARTS_OF_A_CORE:
        return _Doubt(f"`cpu` is {text}, which is read as 1024ths of a core", f"`cpu: {float(text) / 1024:.3g}`")
    return None


_DOUBTS = {"memory": _doubt_memory, "cpu": _doubt_cpu}


class NoBakeryId(ReadingRule):
    """A bakery is described, but not named.

    Bad (`meta.yaml`):

    ```yaml
    title: Sea surface temperature
    recipes:
      - id: sst
        object: "recipe:sst"
    bakery:
      target: scratch
    ```

    Good (`meta.yaml`):

    ```yaml
    title: Sea surface temperature
    recipes:
      - id: sst
        object: "recipe:sst"
    bakery:
      id: local
      target: scratch
    ```
    """

    code = "PFM056"
    name = "no-bakery-id"
    level = Level.ERROR
