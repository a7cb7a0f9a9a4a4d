"""Whether ``meta.yaml`` says who looks after the feedstock, and by names that can be looked up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pangeo_forge.feedstocks.authors import read_login
from pangeo_forge.feedstocks.documents import MaintainerDocument, keys_of
from pangeo_forge.feedstocks.problems import shorten
from pangeo_forge.feedstocks.reading import KEYS
from pangeo_forge.feedstocks.yaml import Scalar
from pangeo_forge.lint.drafts import Draft, Layout
from pangeo_forge.lint.files.metafile import MetaFile
from pangeo_forge.lint.files.rewriting import replace_text
from pangeo_forge.lint.findings import Finding, Level
from pangeo_forge.lint.meta_rule import MetaRule, is_missing, mark_absent, mark_start, text_of
from pangeo_forge.lint.vocabularies.orcid import has_valid_checksum, is_orcid, normalize
from pangeo_forge.lint.vocabularies.placeholders import is_placeholder

_KEYS = keys_of(MaintainerDocument)


def _level(draft: Draft) -> Level:
    """Give the level of what cannot be done without where a repository is to be made of the feedstock."""
    return Level.ERROR if draft.layout is Layout.STAGED else Level.WARNING


class NoMaintainer(MetaRule):
    """Nobody is named who looks after the feedstock.

    A feedstock lives as long as somebody answers for it: whoever finds a fault in the dataset wants to know whom to ask, and changes
    want to be reviewed. Among staged recipes it is an error, since the repository that is made of them belongs to the maintainers.

    Bad (`meta.yaml`):

    ```yaml
    title: Sea surface temperature
    recipes:
      - id: sst
        object: "recipe:sst"
    maintainers:
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
    ```
    """

    code = "PFM040"
    name = "no-maintainer"
    level = Level.WARNING
    message = "no maintainer is named"
    help = "Write `maintainers:`, and under it for each person `- name: …` with `github: …`."

    def check_meta(self, meta: MetaFile, draft: Draft) -> Iterable[Finding]:
        """Look for the key, unless a maintainer's own keys stand in its place, which is another fault."""
        if is_missing(meta.fields, "maintainers", KEYS) and not {"github", "orcid"} & meta.fields.keys():
            mark = mark_absent(meta, "maintainers")
            yield self.found(mark.where, end=mark.end, level=_level(draft))


class NoLogin(MetaRule):
    """A maintainer has no login on GitHub.

    By their logins the maintainers are asked to review changes, and may be made owners of the feedstock's repository. Among staged
    recipes it is an error.

    Bad (`meta.yaml`):

    ```yaml
    title: Sea surface temperature
    recipes:
      - id: sst
        object: "recipe:sst"
    maintainers:
      - name: Ada Lovelace
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
    ```
    """

    code = "PFM041"
    name = "no-login"
    level = Level.WARNING
    message = "{who} has no login on GitHub, and cannot be asked to review a change"
    help = "Write `github: …`, the name after `github.com/` in the address of the profile."

    def check_meta(self, meta: MetaFile, draft: Draft) -> Iterable[Finding]:
        """Look for the key in each entry."""
        for node, fields in meta.mappings("maintainers"):
            if is_missing(fields, "github", _KEYS):
                mark = mark_start(node)
                name = text_of(fields, "name")
                who = f"the maintainer {shorten(name.text.strip())}" if name else "the maintainer"
                yield self.found(mark.where, end=mark.end, level=_level(draft), who=who)


class NotLogin(MetaRule):
    """A login on GitHub is written as an address, with an `@`, or cannot be one.

    `@` and `https://github.com/` are taken away by `--fix`. Anything else cannot be looked up.

    Bad (`meta.yaml`):

    ```yaml
    title: Sea surface temperature
    recipes:
      - id: sst
        object: "recipe:sst"
    maintainers:
      - name: Ada Lovelace
        github: "@ada"
    ```

    Good (`meta.yaml`):

    ```yaml
    title: Sea surface temperature
    recipes:
      - id: sst
        object: "recipe:sst"
    maintainers:
      - name: Ada Lovelace
        github: "ada"
    ```
    """

    code = "PFM042"
    name = "not-login"
    level = Level.WARNING
    message = "{text} is {fault}"
    help = "Write {advice}."
    fixable = True

    def check_meta(self, meta: MetaFile, draft: Draft) -> Iterable[Finding]:
        """Look at each maintainer's login."""
        for scalar in _texts(meta, "github"):
            written = scalar.text.strip()
            login = read_login(written)
            if login is None:
                advice = "`github: login`, the name after `github.com/` in the address of the profile"
                yield self.found(scalar.where, end=scalar.end, text=shorten(written), fault="no login that GitHub gives", advice=advice)
            elif login != written:
                fault = "a login with an '@'" if written.startswith("@") else "the address of a profile, not the login"
                fix = replace_text(meta.text, scalar, login)
                yield self.found(scalar.where, end=scalar.end, fix=fix, text=shorten(written), fault=fault, advice=f"`{login}`")


class NotOrcid(MetaRule):
    """An ORCID iD is written as an address, or is none.

    The iD alone is what belongs here, in groups of four digits: `--fix` takes `https://orcid.org/` away. Its last digit is computed
    from the others, so that most slips of the pen show.

    Bad (`meta.yaml`):

    ```yaml
    title: Sea surface temperature
    recipes:
      - id: sst
        object: "recipe:sst"
    maintainers:
      - name: Josiah Carberry
        orcid: https://orcid.org/0000-0002-1825-0097
        github: carberry
    ```

    Good (`meta.yaml`):

    ```yaml
    title: Sea surface temperature
    recipes:
      - id: sst
        object: "recipe:sst"
    maintainers:
      - name: Josiah Carberry
        orcid: 0000-0002-1825-0097
        github: carberry
    ```
    """

    code = "PFM043"
    name = "not-orcid"
    level = Level.WARNING
    message = "{fault}"
    help = "{advice}."
    fixable = True

    def check_meta(self, meta: MetaFile, draft: Draft) -> Iterable[Finding]:
        """Look at each maintainer's iD."""
        for scalar in _texts(meta, "orcid"):
            written = scalar.text.strip()
            orcid = normalize(written)
            shown = shorten(written)
            if orcid is None:
                advice = "Write sixteen digits, such as `0000-0002-1825-0097`, or leave `orcid` out"
                yield self.found(scalar.where, end=scalar.end, fault=f"{shown} is no ORCID iD", advice=advice)
            elif not has_valid_checksum(orcid):
                advice = "Copy it from the profile on https://orcid.org, or leave `orcid` out"
                fault = f"the ORCID iD {shown} is nobody's: its last digit does not follow from the others"
                yield self.found(scalar.where, end=scalar.end, fault=fault, advice=advice)
            elif not is_orcid(written):
                fix = replace_text(meta.text, scalar, orcid)
                fault = f"{shown} is not how an ORCID iD is written here"
                yield self.found(scalar.where, end=scalar.end, fix=fix, fault=fault, advice=f"Write `{orcid}`")


def _texts(meta: MetaFile, key: str) -> Iterator[Scalar]:
    """Give what the maintainers have under a key, but for what waits to be replaced, which is a fault of its own."""
    for _, fields in meta.mappings("maintainers"):
        scalar = text_of(fields, key)
        if scalar and not is_placeholder(scalar.text):
            yield scalar
