"""What only servers know: users, repositories, inputs; and what only this machine knows: its bakeries."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import urlsplit

from pangeo_forge.errors import Where
from pangeo_forge.feedstocks.problems import listing, nearest, shorten
from pangeo_forge.feedstocks.yaml import Scalar
from pangeo_forge.lint.code.modules import Module
from pangeo_forge.lint.code.urls import Url
from pangeo_forge.lint.drafts import Draft, Layout
from pangeo_forge.lint.findings import Finding, Level
from pangeo_forge.lint.rule import Need, Rule
from pangeo_forge.lint.servers.github import GitHub
from pangeo_forge.lint.servers.questions import Answer, NoAnswer, Outcome, Request
from pangeo_forge.types import redact_text

_ORGANISATION = "pangeo-forge"
_LOGIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})")
_REPOSITORY = re.compile(r"[A-Za-z0-9._-]{1,100}")
_MOST_LOGINS = 20

_MOST_INPUTS = 3
#: What begins the address of a file of data, with nothing to be filled in. OPeNDAP gives no files, and queries make servers work.
_DATA = re.compile(r"https?://[^\s{}<>%*?#\[\]]+\.(?:nc[34]?|cdf|h5|he5|hdf5?|grib2?|grb2?|tiff?)", re.IGNORECASE)
_SERVICES = re.compile(r"/(?:dodsC|opendap|hyrax|thredds/dap|dap[24]?|ncss|wcs|wms|erddap)/", re.IGNORECASE)
_HTML = re.compile(rb"\s{0,100}<(?:!doctype html|html|head|\?xml[^>]{0,200}>\s{0,100}<!doctype html)", re.IGNORECASE)


class TakenName(Rule):
    """There is a feedstock of this name already.

    A folder `recipes/<name>` becomes the repository `pangeo-forge/<name>-feedstock` when it is accepted. Where that is there, the
    recipe is lost in it, or another one is overwritten.
    """

    code = "PFS011"
    name = "taken-name"
    level = Level.ERROR
    needs = Need.NETWORK
    message = "{fault}"
    help = "{advice}"

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Ask GitHub for the repository."""
        if draft.layout is not Layout.STAGED or not _REPOSITORY.fullmatch(draft.name):
            return
        repository = f"{_ORGANISATION}/{draft.name}-feedstock"
        (found,) = GitHub.load().find(draft.servers, [f"repos/{repository}"])
        where = Where(draft.show(""))
        if isinstance(found, str):
            yield self.found(where, level=Level.HINT, fault=f"whether there is {repository} already was not checked: {found}", advice="")
        elif found:
            advice = "Change that feedstock by a pull request, or rename the folder."
            yield self.found(where, fault=f"there is a repository {repository} already", advice=advice)


class UnknownUser(Rule):
    """A maintainer's name on GitHub is nobody's.

    Maintainers are asked and told by that name. It may be misspelt, or have been changed.
    """

    code = "PFM044"
    name = "unknown-user"
    level = Level.WARNING
    needs = Need.NETWORK
    message = "{fault}"
    help = "{advice}"

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Ask GitHub for each maintainer."""
        logins = list(_find_logins(draft))[:_MOST_LOGINS]
        found = GitHub.load().find(draft.servers, [f"users/{login.text.strip()}" for login in logins]) if logins else []
        told: set[str] = set()
        for login, answer in zip(logins, found, strict=True):
            name = login.text.strip()
            if isinstance(answer, str) and answer not in told:
                told.add(answer)
                fault = f"whether there is a user {name} on GitHub was not checked: {answer}"
                yield self.found(login.where, end=login.end, level=Level.HINT, fault=fault, advice="")
            elif answer is False:
                yield self.found(
                    login.where, end=login.end, fault=f"there is no user {name} on GitHub", advice="Write the name as it is in the profile."
                )


class UnknownBakery(Rule):
    """The bakery is none that this machine knows.

    A run without `--bakery` looks for it and stops. Elsewhere there may be one of that name: this is for whoever operates the bakeries.
    """

    code = "PFM052"
    name = "unknown-bakery"
    level = Level.WARNING
    needs = Need.NETWORK
    message = "there is no bakery {bakery} on this machine; there is: {known}"
    help = "{advice}"

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Compare the ids with those of the bakeries here."""
        from pangeo_forge.bakeries.database import list_bakeries
        from pangeo_forge.settings import Settings

        mappings = [*draft.meta.mappings("bakery"), *draft.meta.mappings("bakeries")] if draft.meta else []
        known = [bakery.id for bakery in list_bakeries(Settings.load())] if mappings else []
        for _, fields in mappings:
            value = fields["id"].value if "id" in fields else None
            if isinstance(value, Scalar) and not value.is_null and value.text.strip() not in known:
                close = nearest(value.text.strip(), known)
                advice = f"Did you mean `{close}`?" if close else "`pangeo-forge bakeries list` shows those that there are."
                yield self.found(value.where, end=value.end, bakery=shorten(value.text.strip()), known=listing(known), advice=advice)


class UnreadableInput(Rule):
    """An input cannot be read where the recipe looks for it.

    Looked at are a few of the addresses of files that stand in the modules in full. An archive that answers with a page of HTML wants
    a login, or says that the file is gone, and what is baked is that page. A server that does not answer now is no fault of the recipe.
    """

    code = "PFR039"
    name = "unreadable-input"
    level = Level.WARNING
    needs = Need.NETWORK
    message = "{fault}"
    help = "{advice}"

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Read the beginnings of a few inputs."""
        sample = _sample([(module, url) for module in draft.modules.values() for url in draft.urls[module.name] if _is_file(url)])
        requests = [Request(url.text, (("Range", "bytes=0-999"),)) for _, url in sample]
        told: set[str] = set()
        for (module, url), outcome in zip(sample, draft.servers.ask(requests), strict=True):
            described = _describe(url.text, outcome)
            if described and described[1] not in told:
                level, fault, advice = described
                told.add(fault)
                yield self.found(module.at(url.node), end=module.end_of(url.node), level=level, fault=fault, advice=advice)


def _find_logins(draft: Draft) -> Iterator[Scalar]:
    told = set()
    for _, fields in draft.meta.mappings("maintainers") if draft.meta else []:
        value = fields["github"].value if "github" in fields else None
        if isinstance(value, Scalar) and not value.is_null and _LOGIN.fullmatch(value.text.strip()) and value.text.strip() not in told:
            told.add(value.text.strip())
            yield value


def _is_file(url: Url) -> bool:
    return url.is_complete and bool(_DATA.fullmatch(url.text)) and not _SERVICES.search(url.text)


def _sample(found: Sequence[tuple[Module, Url]]) -> list[tuple[Module, Url]]:
    """Choose a few, from the first to the last, of which no two are the same."""
    different = list({url.text: (module, url) for module, url in reversed(found)}.values())[::-1]
    count = min(_MOST_INPUTS, len(different))
    return [different[round(step * (len(different) - 1) / max(count - 1, 1))] for step in range(count)]


def _describe(url: str, outcome: Outcome) -> tuple[Level, str, str] | None:
    """Say what is wrong with an input, and what to do."""
    host = urlsplit(url).hostname
    if isinstance(outcome, NoAnswer):
        return Level.HINT, f"the input was not checked: {outcome.reason}", ""
    if outcome.status in (404, 410):
        advice = "Look for where the archive keeps it now."
        return Level.WARNING, f"{host} has no file {shorten(redact_text(url), 120)} (status {outcome.status})", advice
    if outcome.status in (200, 206, 416):
        return _describe_body(host, outcome)
    if outcome.status in (401, 403):
        return Level.HINT, f"the input was not checked: {host} wants a login (status {outcome.status})", ""
    return Level.HINT, f"the input was not checked: {host} answered with the status {outcome.status}", ""


def _describe_body(host: str | None, answer: Answer) -> tuple[Level, str, str] | None:
    if not _HTML.match(answer.body):
        return None
    advice = "Read it with what the archive wants: a login, a token, another address."
    return Level.WARNING, f"{host} answers with a page of HTML where data should be, as one that wants a login", advice
