"""Whether something is left of the template that a feedstock was begun with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pangeo_forge.feedstocks.problems import shorten
from pangeo_forge.feedstocks.yaml import Scalar
from pangeo_forge.lint.drafts import Draft
from pangeo_forge.lint.files.metafile import MetaFile
from pangeo_forge.lint.findings import Finding, Level
from pangeo_forge.lint.meta_rule import text_of
from pangeo_forge.lint.rule import Rule
from pangeo_forge.lint.vocabularies.placeholders import find_in_url, is_placeholder

#: The mappings and their keys that templates fill; of roles, licences and versions other rules say that they are none.
_KEYS = (
    ((), ("title", "description", "id")),
    (("recipes",), ("id",)),
    (("provenance", "providers"), ("name", "description", "url")),
    (("provenance", "license_link"), ("title", "url")),
    (("maintainers",), ("name", "orcid", "github", "email")),
    (("bakery",), ("id",)),
)
#: What nobody misses.
_OPTIONAL = frozenset({"orcid", "email", "url"})


class Placeholder(Rule):
    """A text of the template is still there, or a note that something is to be written.

    It becomes a part of the catalogue, and of the dataset, as it stands.

    Bad (`meta.yaml`):

    ```yaml
    title: Sea surface temperature
    description: TODO
    recipes:
      - id: sst
        object: "recipe:sst"
    maintainers:
      - name: Your Full Name
        github: your-github-username
    ```

    Good (`meta.yaml`):

    ```yaml
    title: Sea surface temperature
    description: Daily means on a grid of a quarter of a degree, from satellites and ships
    recipes:
      - id: sst
        object: "recipe:sst"
    maintainers:
      - name: Ada Lovelace
        github: ada
    ```
    """

    code = "PFS013"
    name = "placeholder"
    level = Level.HINT
    message = "{text} waits to be replaced"
    help = "{advice}."

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look at the texts of ``meta.yaml`` and at the addresses in the modules."""
        if draft.meta and draft.meta.model:
            yield from self._check_meta(draft.meta)
        for module in draft.modules.values():
            for url in draft.urls[module.name]:
                part = find_in_url(url.text)
                if part:
                    advice = "Write the address that the files are read from"
                    yield self.found(module.at(url.node), end=module.end_of(url.node), text=f"`{part}` in the address", advice=advice)

    def _check_meta(self, meta: MetaFile) -> Iterator[Finding]:
        for key, scalar in _find_texts(meta):
            if is_placeholder(scalar.text):
                advice = f"Write the `{key}`{', or leave it out' if key in _OPTIONAL else ''}"
                yield self.found(scalar.where, end=scalar.end, text=shorten(" ".join(scalar.text.split())), advice=advice)


def _find_texts(meta: MetaFile) -> Iterator[tuple[str, Scalar]]:
    for path, keys in _KEYS:
        for fields in [fields for _, fields in meta.mappings(*path)] if path else [meta.fields]:
            for key in keys:
                scalar = text_of(fields, key)
                if scalar:
                    yield key, scalar
