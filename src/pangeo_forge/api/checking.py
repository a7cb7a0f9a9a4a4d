"""Checking the datasets of catalogues: whether they are there, open as their snippets say, and hold what they did."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pangeo_forge.api.cataloguing import FOLDER, find_target, folders_of_tests, open_tree
from pangeo_forge.api.configuring import find_configured
from pangeo_forge.api.jobs import Storage
from pangeo_forge.api.trusting import make_trust
from pangeo_forge.bakeries.database import list_bakeries
from pangeo_forge.bakeries.targets import same_place
from pangeo_forge.errors import UsageError
from pangeo_forge.settings import Settings

if TYPE_CHECKING:
    from pangeo_forge.catalog.health.checking import Checkup, Subject
    from pangeo_forge.catalog.health.findings import Finding, Health
    from pangeo_forge.catalog.storage.tree import Tree

#: How many datasets are looked at at once, at least: mostly one waits for servers.
_AT_ONCE = 4


def _ignore(done: int, of: int, dataset: str, health: Health) -> None:
    """Tell nobody."""


def check_catalog(
    catalog: str | Path,
    datasets: Sequence[str] = (),
    *,
    target: str | Path | None = None,
    storage_options: Mapping[str, Any] | None = None,
    workers: int | None = None,
    timeout_s: float = 60,
    references_to: Sequence[str] = (),
    progress: Callable[[int, int, str, Health], None] = _ignore,
) -> Checkup:
    """Look at the datasets of a catalogue as their readers do, and keep what is found beside it.

    Parameters
    ----------
    catalog : str or Path
        The catalogue's folder, its ``catalog.json``, or the target that it is in.
    datasets : sequence of str
        Which ones, by their ids; by default all.
    target : str or Path, optional
        A folder, an fsspec URL or a bakery's id, in which datasets are looked for that the catalogue has not; by default the folder that
        the catalogue is in, where all datasets are checked.
    storage_options : mapping, optional
        fsspec's, of the datasets, such as keys. What is not given is as the bakery has it, and fsspec is configured.
    workers : int, optional
        How many datasets are looked at at once.
    timeout_s : float
        How long the look at one asset may take.
    references_to : sequence of str
        Where references may lead besides the target, folders or beginnings of URLs.
    progress : callable
        Is told how many of how many were looked at, the last one's id, and what it is.

    Raises
    ------
    UsageError
        If there is no such catalogue, dataset or target.
    """
    from pangeo_forge.catalog.health.checking import Manner, check, read_subjects

    settings, tree = Settings.load(), open_tree(catalog, storage_options)
    subjects = read_subjects(tree)
    chosen = [_get(subjects, name) for name in dict.fromkeys(datasets)] or list(subjects.values())
    place = _find_place(tree, subjects, target, storage_options, settings) if target or not datasets else None
    manner = Manner(
        workers=workers or max(_AT_ONCE, settings.workers),
        timeout_s=timeout_s,
        trust=make_trust(tree, references_to),
        find_options=lambda href: _find_options(href, storage_options or {}, settings),
    )
    checkup = check(tree, chosen, manner, progress)
    return replace(checkup, strays=tuple(_find_strays(place, subjects, settings))) if place else checkup


def _get(subjects: Mapping[str, Subject], name: str) -> Subject:
    if name in subjects:
        return subjects[name]
    near = get_close_matches(name, subjects, 3)
    hint = f"Is it {' or '.join(near)}?" if near else "`pangeo-forge catalog search` lists them."
    raise UsageError(f"the catalogue has no dataset {name!r}", hint=hint)


def _find_place(
    tree: Tree,
    subjects: Mapping[str, Subject],
    target: str | Path | None,
    storage_options: Mapping[str, Any] | None,
    settings: Settings,
) -> Storage | None:
    """Find where to look for datasets that the catalogue has not: web servers do not list what they have."""
    if target is not None:
        return find_target(target, storage_options, settings)
    url = tree.href("").rstrip("/")
    if not url.endswith(f"/{FOLDER}") or url.startswith(("http://", "https://")):
        return None
    root = url.removesuffix(f"/{FOLDER}")
    hrefs = (str(asset["href"]) for subject in subjects.values() for asset in subject.item["assets"].values())
    return Storage(url=root, options=tree.filesystem.storage_options) if any(href.startswith(f"{root}/") for href in hrefs) else None


def _find_strays(place: Storage, subjects: Mapping[str, Subject], settings: Settings) -> list[Finding]:
    import fsspec

    from pangeo_forge.catalog.health.checking import find_orphans
    from pangeo_forge.catalog.sources.finding import Walk

    filesystem, root = fsspec.url_to_fs(place.url, **place.options)
    if not filesystem.exists(root):
        raise UsageError(f"there is no target {place.url}", hint="Name a folder, a URL or a bakery: `pangeo-forge bakeries list`.")
    return find_orphans(Walk(filesystem, root, folders_of_tests(place.url, settings)), place.url, subjects.values())


def _find_options(href: str, given: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """Find fsspec's options of a place: as it is configured, as the bakery has them that the place belongs to, as they are given."""
    targets = [bakery.target for bakery in list_bakeries(settings)]
    of_bakery = next((each.storage_options for each in targets if same_place(href).startswith(f"{same_place(each.url)}/")), {})
    return {**find_configured(href), **of_bakery, **(given if "://" in href else {})}
