"""Whether ``meta.yaml`` says what the dataset is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pangeo_forge.feedstocks.problems import shorten
from pangeo_forge.feedstocks.reading import KEYS
from pangeo_forge.lint.drafts import Draft
from pangeo_forge.lint.files.metafile import MetaFile
from pangeo_forge.lint.findings import Finding, Level
from pangeo_forge.lint.meta_rule import Mark, MetaRule, is_missing, mark_absent, mark_key, mark_value, text_of
from pangeo_forge.lint.vocabularies.placeholders import is_placeholder

_WANTED = {
    "title": "`title: …`, what the dataset is in a few words",
    "description": "`description: …`, what it is in a sentence or two",
}
#: A shorter description says no more than the title.
_SHORTEST = 10


class NoDescription(MetaRule):
    """The dataset has no title or no description.

    They are what people see of it in a catalogue, and what they find it by. A catalogue in the format of STAC must have a description.

    Bad (`meta.yaml`):

    ```yaml
    title: Sea surface temperature
    recipes:
      - id: sst
        object: "recipe:sst"
    ```

    Good (`meta.yaml`):

    ```yaml
    title: Sea surface temperature
    description: Daily means on a grid of a quarter of a degree, from satellites and ships
    recipes:
      - id: sst
        object: "recipe:sst"
    ```
    """

    code = "PFM030"
    name = "no-description"
    level = Level.WARNING
    message = "{fault}"
    help = "Write {advice}."

    def check_meta(self, meta: MetaFile, draft: Draft) -> Iterable[Finding]:
        """Look for both keys, and at how long the description is."""
        missing = [key for key in _WANTED if is_missing(meta.fields, key, KEYS)]
        if missing:
            mark = _place(meta, missing)
            advice = ", and ".join(_WANTED[key] for key in missing)
            yield self.found(mark.where, end=mark.end, fault=f"there is no {' and no '.join(missing)}", advice=advice)
        if "description" not in missing:
            yield from self._check_length(meta)

    def _check_length(self, meta: MetaFile) -> Iterator[Finding]:
        description = text_of(meta.fields, "description")
        if description and len(description.text.strip()) < _SHORTEST and not is_placeholder(description.text):
            fault = f"the description {shorten(description.text)} tells nobody what the dataset is"
            yield self.found(description.where, end=description.end, level=Level.HINT, fault=fault, advice=_WANTED["description"])


def _place(meta: MetaFile, missing: list[str]) -> Mark:
    """Mark the key that nothing is written after, or the one that should stand beside it, or the start of the file."""
    for key in (*missing, *_WANTED):
        if key in meta.fields:
            return mark_value(meta.fields[key]) if key in missing else mark_key(meta.fields[key])
    return mark_absent(meta, missing[0])
