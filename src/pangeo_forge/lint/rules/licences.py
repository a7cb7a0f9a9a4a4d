"""Whether ``meta.yaml`` says under which licence the data are, in a way that programs know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pangeo_forge.feedstocks.documents import ProvenanceDocument, keys_of
from pangeo_forge.feedstocks.nodes import Fields
from pangeo_forge.feedstocks.problems import shorten
from pangeo_forge.feedstocks.yaml import Scalar
from pangeo_forge.lint.drafts import Draft
from pangeo_forge.lint.files.metafile import MetaFile
from pangeo_forge.lint.files.rewriting import replace_text
from pangeo_forge.lint.findings import Finding, Level
from pangeo_forge.lint.meta_rule import MetaRule, is_missing, mark_key, mark_value, text_of
from pangeo_forge.lint.vocabularies.licences.licence import Kind, Licence
from pangeo_forge.lint.vocabularies.licences.reading import read_licence

_PROVENANCE = keys_of(ProvenanceDocument)
#: An unclear name may belong to so many that are worth naming.
_MOST = 4
_LISTED = "an identifier of https://spdx.org/licenses"
_LINKED = "`license: other`, and under `license_link:` the `title` and the `url` of the terms"


class LicenceNotSpdx(MetaRule):
    """The licence is not written as an identifier of SPDX.

    What reads a catalogue (to let people search for data that they may use, say) knows licences by the identifiers of
    [SPDX](https://spdx.org/licenses), such as `CC-BY-4.0`. A name that belongs to one of them is replaced by `--fix`; one that may
    belong to several, as `CC-BY` does without a version, is left to you. Words such as "open data" are an honest description, but no
    licence: that is a hint.

    Bad (`meta.yaml`):

    ```yaml
    title: Sea surface temperature
    recipes:
      - id: sst
        object: "recipe:sst"
    provenance:
      providers:
        - name: Met Office
      license: Creative Commons Attribution 4.0 International
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
      license: CC-BY-4.0
    ```
    """

    code = "PFM034"
    name = "licence-not-spdx"
    level = Level.WARNING
    message = "the licence {text} {fault}"
    help = "{advice}."
    fixable = True

    def check_meta(self, meta: MetaFile, draft: Draft) -> Iterable[Finding]:
        """Look at a licence that is stated, and is no address."""
        for scalar, licence in _find_licence(meta):
            written = scalar.text.strip()
            if licence.kind in _FAULTS and licence.ids != (written,):
                level, fault = _FAULTS[licence.kind]
                is_certain = licence.kind in (Kind.SPDX, Kind.NAMED)
                yield self.found(
                    scalar.where,
                    end=scalar.end,
                    level=level,
                    fix=replace_text(meta.text, scalar, licence.ids[0]) if is_certain and " " not in licence.ids[0] else (),
                    text=shorten(written),
                    fault=fault,
                    advice=_advise(licence, meta),
                )


#: Of each way to write a licence that is not as it should be: how bad that is, and why.
_FAULTS = {
    Kind.SPDX: (Level.HINT, "is spelt otherwise in the list of SPDX"),
    Kind.NAMED: (Level.WARNING, "has an identifier, by which programs know it"),
    Kind.UNCLEAR: (Level.WARNING, "does not say exactly which it is"),
    Kind.OPEN: (Level.HINT, "is a description, no identifier: programs cannot tell what it allows"),
    Kind.PROSE: (Level.HINT, "is no identifier of SPDX: programs cannot tell what it allows"),
}


def _advise(licence: Licence, meta: MetaFile) -> str:
    if licence.kind in (Kind.SPDX, Kind.NAMED):
        return f"Write `{licence.ids[0]}`"
    if licence.kind is Kind.UNCLEAR:
        choices = " or ".join(f"`{name}`" for name in licence.ids[:_MOST])
        return f"Write {choices}, whichever the provider means" if len(licence.ids) > 1 else f"Write {choices}, if that is meant"
    if _has_link(meta):
        return "Write `license: other`, since `license_link` says the rest"
    listed = "`CC0-1.0`, if the provider gave up all rights" if licence.kind is Kind.OPEN else f"{_LISTED}, if one is meant"
    return f"Write {listed}; otherwise {_LINKED}"


class NoLicence(MetaRule):
    """It is not said under which licence the data are.

    Without a licence nobody may use the data, by the law of most countries, and a catalogue has to say that it is unknown. Where the
    author writes that it is, this is a hint: it is honest, and perhaps somebody can find it out.

    Bad (`meta.yaml`):

    ```yaml
    title: Sea surface temperature
    recipes:
      - id: sst
        object: "recipe:sst"
    provenance:
      providers:
        - name: Met Office
      license: unknown
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
      license: OGL-UK-3.0
    ```
    """

    code = "PFM035"
    name = "no-licence"
    level = Level.WARNING
    message = "{fault}"
    help = "Write {advice}."

    def check_meta(self, meta: MetaFile, draft: Draft) -> Iterable[Finding]:
        """Look at whether there is a licence, and at words for none."""
        for _, fields in meta.mappings("provenance")[:1]:
            if is_missing(fields, "license", _PROVENANCE) and "license" not in meta.fields:
                yield self._report_missing(fields, meta)
        for scalar, licence in _find_licence(meta):
            if licence.kind is Kind.UNSTATED:
                written = scalar.text.strip()
                level = Level.HINT if written.lower() in _HONEST else Level.WARNING
                advice = f"{_LISTED}; if there is none for it, {_LINKED}"
                yield self.found(
                    scalar.where, end=scalar.end, level=level, fault=f"the licence is {shorten(written)}: {_NOTHING}", advice=advice
                )

    def _report_missing(self, fields: Fields, meta: MetaFile) -> Finding:
        mark = mark_value(fields["license"]) if "license" in fields else mark_key(meta.fields["provenance"])
        if _has_link(meta):
            fault = "there is no licence, only a link to one: programs cannot tell what it allows"
            advice = f"`license: other` under `provenance:`, or {_LISTED}, if it is one of these"
            return self.found(mark.where, end=mark.end, level=Level.HINT, fault=fault, advice=advice)
        advice = f"under `provenance:` the key `license:` with {_LISTED}; if there is none for it, {_LINKED}"
        return self.found(mark.where, end=mark.end, fault=f"there is no licence: {_NOTHING}", advice=advice)


_NOTHING = "nobody learns what may be done with the data"
#: Words of somebody who looked for it.
_HONEST = frozenset({"unknown", "not known", "unclear", "not stated", "not specified", "unspecified"})


class UnlinkedLicence(MetaRule):
    """A licence that SPDX does not list has no link to its text.

    `other` and `proprietary` only say that there are terms; `license_link` says where they can be read.

    Bad (`meta.yaml`):

    ```yaml
    title: Sea surface temperature
    recipes:
      - id: sst
        object: "recipe:sst"
    provenance:
      providers:
        - name: Met Office
      license: proprietary
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
      license: other
      license_link:
        title: Terms of use
        url: https://www.metoffice.gov.uk/about-us/legal
    ```
    """

    code = "PFM036"
    name = "unlinked-licence"
    level = Level.WARNING
    message = "the licence is {text}, but `license_link` does not say where it can be read"
    help = "Write under `provenance:` the key `license_link:`, and under it the `title` and the `url` of the terms."

    def check_meta(self, meta: MetaFile, draft: Draft) -> Iterable[Finding]:
        """Look at licences that say nothing by themselves."""
        for scalar, licence in _find_licence(meta):
            if licence.kind is Kind.UNLISTED and not _has_link(meta):
                yield self.found(scalar.where, end=scalar.end, text=shorten(scalar.text.strip()))


class LicenceIsAddress(MetaRule):
    """The licence is written as the address of its text.

    A catalogue shows a licence by its name, and has a place of its own for the address: `license_link`. The address of a text that
    SPDX has an identifier for is replaced by that with `--fix`.

    Bad (`meta.yaml`):

    ```yaml
    title: Sea surface temperature
    recipes:
      - id: sst
        object: "recipe:sst"
    provenance:
      providers:
        - name: Met Office
      license: https://creativecommons.org/licenses/by/4.0/
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
      license: CC-BY-4.0
    ```
    """

    code = "PFM037"
    name = "licence-is-address"
    level = Level.HINT
    message = "the licence is an address, where an identifier should be"
    help = "Write {advice}."
    fixable = True

    def check_meta(self, meta: MetaFile, draft: Draft) -> Iterable[Finding]:
        """Look at licences that are addresses."""
        for scalar, licence in _find_licence(meta):
            if licence.kind is Kind.ADDRESS:
                known = licence.ids[0] if licence.ids else None
                fix = replace_text(meta.text, scalar, known) if known else ()
                advice = f"`{known}`, whose text is there" if known else _LINKED
                yield self.found(scalar.where, end=scalar.end, fix=fix, advice=advice)


def _find_licence(meta: MetaFile) -> Iterator[tuple[Scalar, Licence]]:
    """Give the licence that is written, if one is."""
    for _, fields in meta.mappings("provenance")[:1]:
        scalar = text_of(fields, "license")
        if scalar:
            yield scalar, read_licence(scalar.text)


def _has_link(meta: MetaFile) -> bool:
    """Whether it is said where the licence can be read, or at least meant to be."""
    link = meta.model.license_link if meta.model else None
    field = meta.field("provenance", "license_link")
    return bool(link and link.url) or (field is not None and isinstance(field.value, Scalar) and not field.value.is_null)
