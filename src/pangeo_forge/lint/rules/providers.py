"""Whether ``meta.yaml`` says where the data come from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pangeo_forge.feedstocks.documents import ProvenanceDocument, ProviderDocument, keys_of
from pangeo_forge.feedstocks.nodes import Fields
from pangeo_forge.feedstocks.problems import shorten
from pangeo_forge.feedstocks.reading import KEYS
from pangeo_forge.feedstocks.yaml import Items, Pairs, Scalar
from pangeo_forge.lint.drafts import Draft
from pangeo_forge.lint.files.metafile import MetaFile
from pangeo_forge.lint.files.rewriting import replace_text
from pangeo_forge.lint.findings import Edit, Finding, Level
from pangeo_forge.lint.meta_rule import MetaRule, is_missing, mark_absent, mark_key, mark_start, mark_value, text_of
from pangeo_forge.lint.vocabularies.placeholders import is_placeholder
from pangeo_forge.lint.vocabularies.roles import MEANINGS, read_role

_PROVENANCE = keys_of(ProvenanceDocument)
_PROVIDER = keys_of(ProviderDocument)
#: No name of a host that somebody forgot the `https://` of, with its path, is longer.
_LONGEST_HOST = 200
_PAGE = re.compile(r"https?://[^\s/]+(?:/\S*)?", re.IGNORECASE)
_DOI = re.compile(r"(?:doi:\s?)?(?P<doi>10\.[0-9]{4,9}/\S+)", re.IGNORECASE)
_HOST = re.compile(r"(?:[\w-]{1,63}\.){1,8}[a-z]{2,18}(?:/\S*)?", re.IGNORECASE)


class NoProvenance(MetaRule):
    """It is not said who made the data.

    Who finds the dataset wants to know whose data they are and whom to cite, and a catalogue wants to give credit.

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
    recipes:
      - id: sst
        object: "recipe:sst"
    provenance:
      providers:
        - name: Met Office
          description: The national meteorological service of the United Kingdom
          roles: [producer, licensor]
          url: https://www.metoffice.gov.uk
      license: OGL-UK-3.0
    ```
    """

    code = "PFM031"
    name = "no-provenance"
    level = Level.WARNING
    message = "{fault}"
    help = "Write {advice}."

    def check_meta(self, meta: MetaFile, draft: Draft) -> Iterable[Finding]:
        """Look for both keys, unless they are written in the wrong place, which is another fault."""
        if {"providers", "license"} & meta.fields.keys():
            return
        if is_missing(meta.fields, "provenance", KEYS):
            mark = mark_absent(meta, "provenance")
            fault = "there is no provenance: nobody learns who made the data, nor what may be done with them"
            yield self.found(mark.where, end=mark.end, fault=fault, advice=_PROVENANCE_ADVICE)
            return
        for _, fields in meta.mappings("provenance")[:1]:
            if is_missing(fields, "providers", _PROVENANCE):
                mark = mark_value(fields["providers"]) if "providers" in fields else mark_key(meta.fields["provenance"])
                fault = "no providers are named: nobody learns who made the data"
                yield self.found(mark.where, end=mark.end, fault=fault, advice=_PROVIDERS_ADVICE)


_PROVIDERS_ADVICE = "under `provenance:` the key `providers:`, and under it for each of them `- name: …`, with `roles` and `url`"
_PROVENANCE_ADVICE = "`provenance:`, and under it `providers:`, with `- name: …` for each of them, and `license: …`"


class PoorProvider(MetaRule):
    """A provider has no name, no description or no page.

    A provider without a name is none in a catalogue in the format of STAC. The page is where people read more of the data: it is
    opened in a browser, so that an address such as `s3://…` belongs in the recipe. These, and the description, are only hints.

    Bad (`meta.yaml`):

    ```yaml
    title: Sea surface temperature
    recipes:
      - id: sst
        object: "recipe:sst"
    provenance:
      providers:
        - name: Met Office
          url: s3://met-office-data
      license: OGL-UK-3.0
    ```

    Good (`meta.yaml`):

    ```yaml
    title: Sea surface temperature
    recipes:
      - id: sst
        object: "recipe:sst"
    provenance:
      providers:
        - name: Met Office
          description: The national meteorological service of the United Kingdom
          url: https://www.metoffice.gov.uk
      license: OGL-UK-3.0
    ```
    """

    code = "PFM032"
    name = "poor-provider"
    level = Level.HINT
    message = "{fault}"
    help = "Write {advice}."

    def check_meta(self, meta: MetaFile, draft: Draft) -> Iterable[Finding]:
        """Look at each provider's keys."""
        for node, fields in meta.mappings("provenance", "providers"):
            yield from self._check_keys(node, fields)
            yield from self._check_page(fields)

    def _check_keys(self, node: Pairs, fields: Fields) -> Iterator[Finding]:
        mark = mark_start(node)
        name = text_of(fields, "name")
        if is_missing(fields, "name", _PROVIDER):
            yield self.found(mark.where, end=mark.end, level=Level.ERROR, fault="the provider has no name", advice="`name: …`")
        missing = [key for key in _ADVICE if is_missing(fields, key, _PROVIDER)]
        if missing and not (name and is_placeholder(name.text)):
            who = f"the provider {shorten(name.text.strip())}" if name else "the provider"
            advice = ", and ".join(_ADVICE[key] for key in missing)
            yield self.found(mark.where, end=mark.end, fault=f"{who} has no {' and no '.join(missing)}", advice=advice)

    def _check_page(self, fields: Fields) -> Iterator[Finding]:
        url = text_of(fields, "url")
        if url is None or _PAGE.fullmatch(url.text.strip()) or is_placeholder(url.text):
            return
        text = url.text.strip()
        yield self.found(url.where, end=url.end, fault=f"{shorten(text)} is no address that a browser opens", advice=_suggest_page(text))


_ADVICE = {"description": "`description: …`, who that is", "url": "`url: https://…`, its page or that of the data"}


def _suggest_page(text: str) -> str:
    doi = _DOI.fullmatch(text)
    if doi:
        return f"`https://doi.org/{doi['doi']}`"
    if len(text) < _LONGEST_HOST and _HOST.fullmatch(text):
        return f"`https://{text}`"
    return "the page of the data; where the files are is for the recipe to say"


class UnknownRole(MetaRule):
    """A provider has a role that STAC does not know.

    There are four, and what reads the catalogue knows no others: a `producer` made the data, a `licensor` gives the licence, a
    `processor` made these data of others', and a `host` offers them to be read. A provider may have several. What is only
    another word for one of them, such as `archive` or `Producer`, is replaced by `--fix`; what may mean several is left to you.

    Bad (`meta.yaml`):

    ```yaml
    title: Sea surface temperature
    recipes:
      - id: sst
        object: "recipe:sst"
    provenance:
      providers:
        - name: Met Office
          roles:
            - creator
            - licensor
            - archive
      license: OGL-UK-3.0
    ```

    Good (`meta.yaml`):

    ```yaml
    title: Sea surface temperature
    recipes:
      - id: sst
        object: "recipe:sst"
    provenance:
      providers:
        - name: Met Office
          roles:
            - producer
            - licensor
            - host
      license: OGL-UK-3.0
    ```
    """

    code = "PFM033"
    name = "unknown-role"
    level = Level.WARNING
    message = "{role} is no role of STAC"
    fixable = True

    def check_meta(self, meta: MetaFile, draft: Draft) -> Iterable[Finding]:
        """Look at each provider's roles."""
        for _, fields in meta.mappings("provenance", "providers"):
            value = fields["roles"].value if "roles" in fields else None
            nodes = value.items if isinstance(value, Items) else (value,)
            roles = [node for node in nodes if isinstance(node, Scalar) and not node.is_null and node.text.strip()]
            given = {role.text.strip() for role in roles}
            for role in roles:
                if role.text.strip() not in MEANINGS:
                    yield self._report(role, given, meta)

    def _report(self, role: Scalar, given: set[str], meta: MetaFile) -> Finding:
        meant = read_role(role.text)
        fix: tuple[Edit, ...] = ()
        if isinstance(meant, str):
            is_there = meant in given
            advice = f"Remove it: `{meant}` is there already." if is_there else f"Write `{meant}`."
            fix = () if is_there else replace_text(meta.text, role, meant)
        else:
            choices = ", ".join(f"`{name}` if it {MEANINGS[name]}" for name in meant)
            advice = f"Write {choices}."
        return self.found(role.where, end=role.end, help=advice, fix=fix, role=shorten(role.text.strip()))
