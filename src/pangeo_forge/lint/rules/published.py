"""Whether the stores that ``catalog.yaml`` lists are there, for everybody, and as new as the recipe."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from pangeo_forge.errors import UsageError
from pangeo_forge.feedstocks.git import GitFailed, run_git
from pangeo_forge.feedstocks.problems import shorten
from pangeo_forge.feedstocks.yaml import Scalar
from pangeo_forge.lint.drafts import Draft
from pangeo_forge.lint.files.catalogfile import Store
from pangeo_forge.lint.findings import Finding, Level
from pangeo_forge.lint.rule import Need, Rule
from pangeo_forge.lint.servers.published import Published, State, find_published
from pangeo_forge.types import redact_text

#: A catalogue of more is looked at in part.
_MOST_STORES = 10
_FILE_ENGINES = frozenset({"netcdf4", "h5netcdf", "scipy", "cfgrib", "rasterio", "pydap"})


class NoStore(Rule):
    """There is no store where `catalog.yaml` says that one is.

    Looked for are the objects that describe a store: `zarr.json` and `.zmetadata` of Zarr, the references of kerchunk, the branches of
    Icechunk. Of a long list, the first ten stores are looked at. What cannot be asked is said, and is no fault of the feedstock.
    """

    code = "PFC004"
    name = "no-store"
    level = Level.ERROR
    needs = Need.NETWORK
    message = "{fault}"
    help = "{advice}"

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Ask for each store."""
        told: set[str] = set()
        for store, url, published in _find_stores(draft):
            described = _describe(store, url, published)
            if described and described[1] not in told:
                level, fault, advice = described
                told.add(fault)
                yield self.found(url.where, end=url.end, level=level, fault=fault, advice=advice)


class PrivateStore(Rule):
    """A store can be read with credentials only, or is not there.

    Object stores do not say which of the two it is. A catalogue shows what everybody can read; `public: false` says that a store is
    not meant for everybody.
    """

    code = "PFC005"
    name = "private-store"
    level = Level.WARNING
    needs = Need.NETWORK
    message = "nobody without credentials can read the store {url} (status {status})"
    help = "Make it public, or write `public: false`."

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Ask for each store without credentials."""
        for store, url, published in _find_stores(draft):
            if published.state is State.FORBIDDEN and not store.is_private:
                yield self.found(url.where, end=url.end, url=_show(url), status=published.what)


class OldStore(Rule):
    """A store is older than the recipe that makes it.

    What it holds may not be what the recipe makes today. Compared are the time of making that stores carry in their attributes
    (`pangeo_forge_build_timestamp`) and the last commit that changed a module. A commit may well have changed nothing of the data.
    """

    code = "PFC009"
    name = "old-store"
    level = Level.HINT
    needs = Need.NETWORK
    message = "the store is of {built:%Y-%m-%d}, but the recipe was changed on {changed:%Y-%m-%d}"
    help = "Bake it again, if the change was one of the data."

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Compare the two times."""
        dated = [(url, published.built) for _, url, published in _find_stores(draft) if published.built]
        changed = _find_change(draft) if dated else None
        for url, built in dated:
            if changed and built and built < changed:
                yield self.found(url.where, end=url.end, built=built, changed=changed)


def _find_stores(draft: Draft) -> Iterator[tuple[Store, Scalar, Published]]:
    stores = [store for store in draft.catalog.stores if store.url and "://" in store.url.text] if draft.catalog else []
    urls = [store.url for store in stores if store.url][:_MOST_STORES]
    found = find_published(draft.servers, [url.text for url in urls]) if urls else []
    yield from zip(stores[:_MOST_STORES], urls, found, strict=True)


def _show(url: Scalar) -> str:
    return shorten(redact_text(url.text), 120)


def _describe(store: Store, url: Scalar, published: Published) -> tuple[Level, str, str] | None:
    """Say what is wrong with what is at an address, and what to do."""
    if published.state is State.UNKNOWN:
        return Level.HINT, f"the store was not checked: {published.what}", ""
    if published.state is State.NOTHING:
        fault = f"there is no Zarr, Icechunk or kerchunk store at {_show(url)}"
        return Level.ERROR, fault, "Write where it is now, or leave it out."
    if published.state is State.FILE and store.engine not in _FILE_ENGINES:
        advice = "Write what it is opened with: `xarray_open_kwargs: {engine: h5netcdf}`."
        return Level.WARNING, f"{_show(url)} is {published.what}, and no store", advice
    return None


def _find_change(draft: Draft) -> datetime | None:
    """Say when a module was last changed, as git knows it; None where it does not, or has only a part of the history."""
    paths = [module.text.path for module in draft.modules.values()]
    try:
        if not paths or run_git("rev-parse", "--is-shallow-repository", folder=draft.folder) != "false":
            return None
        told = run_git("log", "-1", "--format=%cI", "--", *paths, folder=draft.folder)
        return datetime.fromisoformat(told) if told else None
    except (GitFailed, UsageError, ValueError, OSError):
        return None
