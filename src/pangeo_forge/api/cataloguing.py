"""Catalogues of datasets: made, checked and searched."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pangeo_forge.api.configuring import find_configured
from pangeo_forge.api.jobs import Storage, make_storage
from pangeo_forge.api.reaching import reaching, writing
from pangeo_forge.api.trusting import make_trust
from pangeo_forge.bakeries.database import Bakery, get_bakery, list_bakeries
from pangeo_forge.bakeries.targets import TESTS, PublicEnd, check_public_url, same_place
from pangeo_forge.errors import UsageError
from pangeo_forge.settings import Settings
from pangeo_forge.types import redact_url

if TYPE_CHECKING:
    from pangeo_forge.catalog.entering.place import Outcome
    from pangeo_forge.catalog.health.findings import Health
    from pangeo_forge.catalog.index.search import Page, Query
    from pangeo_forge.catalog.storage.tree import Tree
    from pangeo_forge.catalog.validating import Verdict

#: The folder of a target that its catalogue is in, where no other is named.
FOLDER = "catalog"

#: So many folders up it is looked whether a catalogue is to be written into a dataset: a store, a group, an array, its chunks.
_DEPTH = 4

_WEB = ("http://", "https://")


def _ignore(done: int, of: int) -> None:
    """Tell nobody."""


def create_catalog(
    target: str | Path,
    output: str | Path | None = None,
    *,
    storage_options: Mapping[str, Any] | None = None,
    output_options: Mapping[str, Any] | None = None,
    title: str | None = None,
    public_url: str | None = None,
    catalog_url: str | None = None,
    references_to: Sequence[str] = (),
    workers: int | None = None,
    progress: Callable[[int, int], None] = _ignore,
) -> Outcome:
    """Describe all datasets of a target, and write a STAC catalogue with an index; unchanged datasets are not opened again.

    Parameters
    ----------
    target : str or Path
        A folder, an fsspec URL, or the id of a bakery.
    output : str or Path, optional
        Where the catalogue is to be; by default in the folder ``catalog`` of the target.
    storage_options, output_options : mapping, optional
        fsspec's, of the two; those of the output are by default the target's.
    title : str, optional
        What the catalogue is called.
    public_url : str, optional
        The address at which everybody reads the target, so that each dataset has a second, public way; by default the bakery's, or
        as it was. ``""`` takes these ways away.
    catalog_url : str, optional
        The URL at which the catalogue will be read: its own links are whole then. ``""`` makes them relative. By default they are as they
        were, and relative in a new catalogue.
    references_to : sequence of str
        Where references may lead besides the target, folders or beginnings of URLs.
    workers : int, optional
        How many datasets are described at once; by default one a core.
    progress : callable
        Is told how many of how many datasets are described.

    Returns
    -------
    Outcome
        With what could not be described.

    Raises
    ------
    UsageError
        If there is no such target, or the catalogue can be neither in it nor where it is to be.
    TargetError
        If the target cannot be reached, or the catalogue not be written.
    """
    from pangeo_forge.catalog.entering.making import make_catalog
    from pangeo_forge.catalog.entering.place import Place

    settings = Settings.load()
    where, tree = find_target_and_tree(target, output, storage_options, output_options, settings)
    with reaching(where.url, "target"):
        filesystem, root = _look_at(where)
    with writing(tree.href("").rstrip("/")):
        _refuse_output(tree, where)
        where = _spell(where, tree, settings)
        end = _find_public_end(where.url, public_url, tree, settings)
        tree = replace(tree, base=_choose_base(tree, catalog_url), public_url=end.url if end else None)
        was, said = tree.read_words() or name_catalog(where.url)
    place = Place(
        filesystem=filesystem,
        root=root,
        url=where.url,
        storage_options=where.options,
        public_end=end,
        passed_over=folders_of_tests(where.url, settings),
        trust=make_trust(None, references_to, target=where.url),
    )
    with writing(tree.href("").rstrip("/")):
        return make_catalog(place, tree, title=title or was, description=said, workers=workers or settings.workers, progress=progress)


def _look_at(where: Storage) -> tuple[Any, str]:
    """Make sure that a target is a folder, or a dataset itself; give its file system, and its place there."""
    import fsspec

    from pangeo_forge.catalog.sources.finding import Walk

    filesystem, root = fsspec.url_to_fs(where.url, **where.options)
    if not filesystem.exists(root):
        raise _no_target(where.url)
    on_the_web = where.url.startswith(_WEB)  # where all is a file
    if not on_the_web and not filesystem.isdir(root) and Walk(filesystem, root).find() is None:
        raise UsageError(
            f"{where.url} is a file, and no folder of stores",
            hint="Name the folder that the Zarr stores lie in; `pangeo-forge recipe init` begins a recipe that makes a store of files.",
        )
    return filesystem, root


def _choose_base(tree: Tree, url: str | None) -> str | None:
    """Say at which URL a catalogue will be read: where the user says, or where it was read before; None for relative addresses."""
    if url is None:
        return tree.read_base()
    return check_public_url(url, "the catalogue's URL").removesuffix("/catalog.json") if url else None


def _spell(where: Storage, tree: Tree, settings: Settings) -> Storage:
    """Write a target as its catalogue or its bakery does, if it is the same place: links lead there, and other spellings are the same."""
    told = [tree.read_target(), *(bakery.target.url for bakery in list_bakeries(settings))]
    url = next((url for url in told if url and same_place(url) == same_place(where.url)), where.url)
    return Storage(url=url, options=where.options)


def _refuse_output(tree: Tree, where: Storage) -> None:
    """Refuse to write a catalogue into a dataset, or to take a catalogue for a target."""
    from pangeo_forge.catalog.sources.finding import Walk

    folder = tree.root.rstrip("/")
    for _ in range(_DEPTH):
        if Walk(tree.filesystem, folder).find() is not None:
            raise UsageError(
                f"{folder} is a dataset itself, in which no catalogue belongs",
                hint="Name the folder that it lies in, or say by --output where its catalogue is to be.",
            )
        folder = folder.rpartition("/")[0]
    told = replace(tree, root=tree.root.rstrip("/").rpartition("/")[0]).read_target() if tree.root.endswith(f"/{FOLDER}") else None
    if told and same_place(told) != same_place(where.url):
        raise UsageError(f"{where.url} is a catalogue itself", hint=f"Name the target that it is of, {told}.")


def _find_public_end(url: str, public_url: str | None, tree: Tree, settings: Settings) -> PublicEnd | None:
    """Say where everybody reads a target: where the user says or, of a bakery's, where that says; else where it was read before."""
    if public_url is not None:
        return PublicEnd(url, check_public_url(public_url, "the public URL")) if public_url else None
    ends = (bakery.target.public_end for bakery in list_bakeries(settings) if same_place(bakery.target.url) == same_place(url))
    was = tree.read_public_url()
    return next((end for end in ends if end), None) or (PublicEnd(url, was) if was else None)


def find_target_and_tree(
    target: str | Path,
    output: str | Path | None,
    storage_options: Mapping[str, Any] | None,
    output_options: Mapping[str, Any] | None,
    settings: Settings,
) -> tuple[Storage, Tree]:
    """Find a target, and where its catalogue is or is to be."""
    import fsspec

    from pangeo_forge.catalog.storage.tree import Tree

    where = find_target(target, storage_options, settings)
    written = _find_output(where, output, output_options, settings)
    if written.url.startswith(_WEB):
        raise UsageError(
            f"a catalogue cannot be written to {redact_url(written.url)}: a web server takes no files",
            hint="Say by --output where it is to be: a folder, or a bucket.",
        )
    with reaching(written.url, "output"):
        return where, Tree(*fsspec.url_to_fs(written.url, **written.options))


def _no_target(url: str) -> UsageError:
    if url.startswith(_WEB):
        return UsageError(
            f"nothing can be listed at {redact_url(url)}",
            hint="Datasets are found on web servers that list their folders; name others one by one, or their bucket.",
        )
    return UsageError(f"there is no target {url}", hint="Name a folder, a URL or a bakery: `pangeo-forge bakeries list`.")


def _find_output(where: Storage, output: str | Path | None, options: Mapping[str, Any] | None, settings: Settings) -> Storage:
    """Find where a target's catalogue is to be; that of a bakery may be elsewhere."""
    if output is None and settings.catalog and folders_of_tests(where.url, settings):
        return make_storage(settings.catalog, options, "output")
    return make_storage(output or f"{where.url}/{FOLDER}", options or where.options, "output")


def folders_of_tests(url: str, settings: Settings) -> tuple[str, ...]:
    """Name the folders of a bakery's target in which tests are: nobody looks for these."""
    return (TESTS,) if any(same_place(bakery.target.url) == same_place(url) for bakery in list_bakeries(settings)) else ()


def name_catalog(url: str) -> tuple[str, str]:
    """Give the title and the description of a target's catalogue, where nobody gave others."""
    return f"Datasets of {url.rstrip('/').rpartition('/')[2]}", f"The datasets of {url}."


def find_bakery_catalog(
    bakery: Bakery, settings: Settings, output: str | Path | None = None, output_options: Mapping[str, Any] | None = None
) -> tuple[Tree, str]:
    """Find the catalogue of a bakery, and its URL: the one that is named, or that the settings name, or the folder in its target."""
    import fsspec

    from pangeo_forge.catalog.storage.tree import Tree

    named = output or settings.catalog
    options = output_options or ({} if named else bakery.target.storage_options)
    where = make_storage(named or f"{bakery.target.url}/{FOLDER}", options, "catalog")
    return Tree(*fsspec.url_to_fs(where.url, **where.options)), where.url


def find_target(target: str | Path, options: Mapping[str, Any] | None, settings: Settings) -> Storage:
    """Find a target by its path, its URL, or the id of the bakery whose it is."""
    ids = [bakery.id for bakery in list_bakeries(settings)]
    if isinstance(target, str) and target in ids and not Path(target).exists():
        root = get_bakery(target, settings).target
        return Storage(url=root.url, options=options or root.storage_options)
    return make_storage(str(target).removeprefix("file://"), options if options is not None else find_configured(str(target)), "target")


def open_tree(catalog: str | Path, storage_options: Mapping[str, Any] | None = None) -> Tree:
    """Find a catalogue by its folder, its ``catalog.json``, or the target that it is in, by its place or as the id of a bakery.

    Raises
    ------
    UsageError
        If there is none.
    """
    import fsspec

    from pangeo_forge.catalog.storage.tree import ROOT, Tree

    where = _find_catalog_of_bakery(catalog, storage_options) or make_storage(
        str(catalog).removesuffix(ROOT) or ".", storage_options, "catalog"
    )
    with reaching(where.url, "catalogue"):
        filesystem, root = fsspec.url_to_fs(where.url, **where.options)
        for folder in (root.rstrip("/"), f"{root.rstrip('/')}/{FOLDER}"):
            if filesystem.exists(f"{folder}/{ROOT}"):
                return Tree(filesystem, folder)
    raise UsageError(f"there is no catalogue at {where.url}", hint="Make one with `pangeo-forge catalog create`.")


def _find_catalog_of_bakery(catalog: str | Path, options: Mapping[str, Any] | None) -> Storage | None:
    """Find where the catalogue of a bakery is, by the bakery's id; None of what is no such id, or is there as a folder."""
    if not isinstance(catalog, str) or "/" in catalog:
        return None
    settings = Settings.load()
    root = next((bakery.target for bakery in list_bakeries(settings) if bakery.id == catalog), None)
    if root is None or Path(catalog).exists():
        return None
    if settings.catalog:
        return make_storage(settings.catalog, options, "catalog")
    return Storage(url=f"{root.url}/{FOLDER}", options=options or root.storage_options)


def find_default_tree() -> Tree:
    """Find the catalogue of the bakery of this machine, which runs enter their datasets in.

    Raises
    ------
    UsageError
        If there is none yet.
    """
    settings = Settings.load()
    _, url = find_bakery_catalog(get_bakery("local", settings), settings)
    try:
        return open_tree(url)
    except UsageError:
        raise UsageError(
            f"the bakery of this machine has no catalogue yet, at {url}",
            hint="`pangeo-forge recipe run` makes it; or name a catalogue, or make one with `pangeo-forge catalog create`.",
        ) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is searched for, as a user writes it; see `pangeo_forge.catalog.index.search.Query`."""

    words: Sequence[str] = ()
    bbox: str | None = None
    datetime: str | None = None
    variables: Sequence[str] = ()
    collections: Sequence[str] = field(default=())
    all_versions: bool = False
    filter: str | None = None


def make_query(search: Search) -> Query:
    """Read what a user searches for.

    Raises
    ------
    UsageError
        If it cannot be read.
    """
    from pangeo_forge.catalog.filters.reading import read_filter
    from pangeo_forge.catalog.filters.translating import translate
    from pangeo_forge.catalog.index.search import Query, parse_bbox, parse_interval

    start, end = parse_interval(search.datetime) if search.datetime else (None, None)
    return Query(
        words=tuple(word for words in search.words for word in words.split()),
        bbox=parse_bbox(search.bbox) if search.bbox else None,
        start=start,
        end=end,
        variables=tuple(search.variables),
        collections=tuple(search.collections),
        all_versions=search.all_versions,
        filter=translate(read_filter(search.filter)) if search.filter else None,
    )


def search_catalog(
    catalog: str | Path,
    search: Search,
    *,
    limit: int = 20,
    offset: int = 0,
    storage_options: Mapping[str, Any] | None = None,
) -> Page:
    """Find Items in a catalogue's index, the newest first.

    Parameters
    ----------
    catalog : str or Path
        The catalogue's folder, its ``catalog.json``, or the target that it is in.
    search : Search
    limit, offset : int
        How many to return, and how many to pass over.
    storage_options : mapping, optional
        fsspec's, of the catalogue.

    Raises
    ------
    UsageError
        If there is no catalogue, or what is searched for cannot be read.
    """
    from pangeo_forge.catalog.index.search import open_index
    from pangeo_forge.catalog.storage.tree import INDEX

    query = make_query(search)
    tree = open_tree(catalog, storage_options)
    index = open_index(tree.fetch(INDEX))
    try:
        return index.search(query, limit=limit, offset=offset)
    finally:
        index.close()


def read_catalog_health(catalog: str | Path, items: Sequence[Mapping[str, Any]]) -> dict[str, Health]:
    """Read what the last check found of some Items of a catalogue, by their ids; of those that were never looked at nothing."""
    from pangeo_forge.catalog.health.record import find_current, read_records

    known = read_records(open_tree(catalog)) if items else {}
    return {item["id"]: health for item in items if (health := find_current(known, item))}


def validate_catalog(catalog: str | Path, *, schemas: str | Path | None = None) -> Iterator[tuple[str, Verdict]]:
    """Check every object of a catalogue, or one JSON file, against the schemas of STAC and of its extensions.

    Parameters
    ----------
    catalog : str or Path
        A catalogue's folder, or the path of an Item, a Collection or a Catalog.
    schemas : str or Path, optional
        A folder of the schemas of extensions, as ``datacube/v2.3.0/schema.json``; without it the core alone is checked.

    Yields
    ------
    (str, Verdict)
        The path of each object, and what was found.

    Raises
    ------
    UsageError
        If there is nothing to check.
    """
    from pangeo_forge.catalog.validating import SchemaLibrary, check_tree

    folder = Path(schemas) if schemas else None
    if folder and not folder.is_dir():
        raise UsageError(f"there is no folder {folder}", hint="Name the folder that holds the schemas of extensions.")
    library = SchemaLibrary(folder)
    path = Path(catalog)
    if path.is_file() and path.name != "catalog.json":
        yield str(path), library.check(_read_object(path.read_bytes(), str(path)))
        return
    tree = open_tree(catalog)
    yield from check_tree(tree, library)


def _read_object(content: bytes, name: str) -> Mapping[str, Any]:
    try:
        record = json.loads(content)
    except ValueError as error:
        raise UsageError(f"{name} is no JSON: {error}") from None
    if not isinstance(record, dict):
        raise UsageError(f"{name} is no STAC object, but a {type(record).__name__}")
    return record
