"""Whether the versions in ``meta.yaml`` mean something, and agree with what is installed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from packaging.version import InvalidVersion, Version

from pangeo_forge.feedstocks.problems import shorten
from pangeo_forge.feedstocks.yaml import Scalar
from pangeo_forge.lint.drafts import Draft, Layout
from pangeo_forge.lint.files.metafile import MetaFile
from pangeo_forge.lint.files.requirements import NAME, Requirement
from pangeo_forge.lint.findings import Finding, Level
from pangeo_forge.lint.meta_rule import MetaRule, mark_key, text_of

_LIBRARY = "pangeo-forge-recipes"
#: By which names a file gives the version of that library.
_KEYS = ("pangeo_forge_version", "pangeo_forge_recipes_version", "pangeo_forge_recipe_version")
_LONGEST = 60
_MAJOR_MINOR = re.compile(r"[0-9]{1,9}\.[0-9]{1,9}")


class IgnoredVersion(MetaRule):
    """There is a `pangeo_notebook_version`, which nothing reads since 2022.

    It named a container image of the service of 2021. Which packages a recipe needs, and in which versions, `requirements.txt` says.

    Bad (`meta.yaml`):

    ```yaml
    title: Sea surface temperature
    pangeo_notebook_version: "2021.07.17"
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
    ```
    """

    code = "PFM050"
    name = "ignored-version"
    level = Level.HINT
    message = "nothing reads `pangeo_notebook_version` since 2022"
    help = f"Remove it, and write what the recipe needs into `{NAME}`."

    def check_meta(self, meta: MetaFile, draft: Draft) -> Iterable[Finding]:
        """Look for the key."""
        field = meta.fields.get("pangeo_notebook_version")
        if field:
            mark = mark_key(field)
            yield self.found(mark.where, end=mark.end)


class OtherVersion(MetaRule):
    """`pangeo_forge_version` is no version, or not the one that `requirements.txt` asks for.

    It is the version of `pangeo-forge-recipes` that the recipes were written for. What is installed is what `requirements.txt` says;
    where the two differ, a reader cannot tell which is meant.

    Bad (`meta.yaml`):

    ```yaml
    title: Sea surface temperature
    pangeo_forge_version: "@my-branch"
    recipes:
      - id: sst
        object: "recipe:sst"
    ```

    Good (`meta.yaml`):

    ```yaml
    title: Sea surface temperature
    pangeo_forge_version: "0.10.8"
    recipes:
      - id: sst
        object: "recipe:sst"
    ```
    """

    code = "PFM051"
    name = "other-version"
    level = Level.WARNING
    message = "`{key}` is {text}, {fault}"
    help = "{advice}."

    def check_meta(self, meta: MetaFile, draft: Draft) -> Iterable[Finding]:
        """Read the version, and compare it with what is required of the library."""
        for key in _KEYS:
            scalar = text_of(meta.fields, key)
            if scalar:
                yield from self._check_version(key, scalar, draft)

    def _check_version(self, key: str, scalar: Scalar, draft: Draft) -> Iterator[Finding]:
        written = scalar.text.strip()
        version = _read_version(written)
        if version is None:
            advice = f"Write a version, such as `0.10.8`; a branch belongs into `{NAME}`"
            yield self.found(scalar.where, end=scalar.end, key=key, text=shorten(written), fault="which is no version", advice=advice)
            return
        required = draft.requirements.named(_LIBRARY) if draft.requirements else ()
        for other in required:
            if not _allows(other, version):
                fault = f"but {NAME} asks for {_LIBRARY}{other.versions}"
                advice = "Write the version that the recipes were written for in both places"
                yield self.found(scalar.where, end=scalar.end, key=key, text=shorten(written), fault=fault, advice=advice)
                return


def _read_version(text: str) -> Version | None:
    try:
        return Version(text) if len(text) <= _LONGEST else None
    except InvalidVersion:
        return None


def _allows(required: Requirement, version: Version) -> bool:
    """Whether a version may be installed, or, where it is written in short, one that begins so."""
    exact = [spec.version for spec in required.versions if spec.operator in ("==", "===") and not spec.version.endswith(".*")]
    pinned = _read_version(exact[0]) if exact else None
    if pinned:
        return pinned.release[: len(version.release)] == version.release
    begun = ".".join(str(part) for part in version.release)
    candidates = [version.public, *([f"{begun}.9999"] if len(version.release) < 3 else [])]
    return any(required.versions.contains(candidate, prereleases=True) for candidate in candidates)


class OwnVersion(MetaRule):
    """The feedstock's own `id` or `version`, which the first format of 2021 has, is not as that wants it.

    In that format (ADR 0002) `id` is the name of the feedstock's repository, and `version` is two numbers, `MAJOR.MINOR`: the second
    grows with each change, the first when what users of the dataset rely on is no longer there.

    Bad (`meta.yaml`):

    ```yaml
    title: Sea surface temperature
    version: "2.0-beta"
    recipes:
      - id: sst
        object: "recipe:sst"
    ```

    Good (`meta.yaml`):

    ```yaml
    title: Sea surface temperature
    version: "2.0"
    recipes:
      - id: sst
        object: "recipe:sst"
    ```
    """

    code = "PFM060"
    name = "own-version"
    level = Level.HINT
    message = "`{key}` is {text}, but {fault}"
    help = "Write {advice}."

    def check_meta(self, meta: MetaFile, draft: Draft) -> Iterable[Finding]:
        """Look at both keys; the name is compared where the folder's is the repository's to be."""
        version = text_of(meta.fields, "version")
        if version and not _MAJOR_MINOR.fullmatch(version.text.strip()):
            advice = '`version: "1.0"`, say, or leave it out: nothing reads it'
            fault = "the version of a feedstock is two numbers, MAJOR.MINOR"
            yield self.found(version.where, end=version.end, key="version", text=shorten(version.text.strip()), fault=fault, advice=advice)
        own = text_of(meta.fields, "id")
        if own and draft.layout is Layout.STAGED and own.text.strip().removesuffix("-feedstock") != draft.name:
            fault, advice = f"the folder is named {shorten(draft.name)}", f"`id: {draft.name}`, or leave it out: nothing reads it"
            yield self.found(own.where, end=own.end, key="id", text=shorten(own.text.strip()), fault=fault, advice=advice)
