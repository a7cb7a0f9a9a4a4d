"""Catalogues in the forms of others, out and in."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from pangeo_forge.api.cataloguing import name_catalog, open_tree
from pangeo_forge.api.jobs import make_storage
from pangeo_forge.api.reaching import writing
from pangeo_forge.api.trusting import make_trust
from pangeo_forge.errors import TargetError, UsageError
from pangeo_forge.types import redact_url

if TYPE_CHECKING:
    from pangeo_forge.catalog.entering.place import Outcome
    from pangeo_forge.catalog.faces.face import Face
    from pangeo_forge.catalog.storage.tree import Tree

#: The forms that a catalogue can be written in.
Form = Literal["geoparquet", "intake", "json-ld", "leap"]


def export_catalog(
    catalog: str | Path,
    form: Form,
    output: str | Path,
    *,
    storage_options: Mapping[str, Any] | None = None,
    output_options: Mapping[str, Any] | None = None,
) -> Face:
    """Write a catalogue in another form, as one file.

    Parameters
    ----------
    catalog : str or Path
        Its folder, its ``catalog.json``, or the target that it is in.
    form : str
        ``"geoparquet"`` (STAC GeoParquet, of all versions), ``"intake"`` (YAML), ``"json-ld"`` (schema.org's DataCatalog) or ``"leap"``
        (the JSON of LEAP's catalogue); these three tell of the newest version of each dataset.
    output : str or Path
        The file, a path or an fsspec URL; one that is there is replaced.
    storage_options, output_options : mapping, optional
        fsspec's, of the two.

    Returns
    -------
    Face
        With the datasets that the form cannot tell of.

    Raises
    ------
    UsageError
        If there is no catalogue, or no such form, or the file is ``-``.
    TargetError
        If the file cannot be written.
    """
    import fsspec

    from pangeo_forge.catalog.index.table import read_index
    from pangeo_forge.catalog.storage import files
    from pangeo_forge.catalog.storage.tree import INDEX

    if form not in get_args(Form):
        raise UsageError(f"there is no form {form!r}", hint=f"There are {', '.join(get_args(Form))}.")
    if str(output) == "-":
        raise UsageError("a catalogue is exported to a file, not to standard output", hint="Name the file, or ./- if it is called so.")
    tree = open_tree(catalog, storage_options)
    title, description = tree.read_words() or ("", "")
    rows = read_index(Path(tree.fetch(INDEX)).read_bytes(), ["item", "latest", "collection"])
    rows.sort(key=lambda row: str(row["collection"]))
    face = _find_maker(form)(title, description, _read_items(tree, rows, newest=form != "geoparquet"))
    where = make_storage(str(output), output_options, "output")
    try:
        filesystem, path = fsspec.url_to_fs(where.url, **where.options)
        files.replace(filesystem, path, face.content)
    except OSError as error:
        raise TargetError(f"cannot be written: {error.strerror or error}", where=redact_url(str(output))) from None
    return face


def _read_items(tree: Tree, rows: list[dict[str, Any]], *, newest: bool) -> list[dict[str, Any]]:
    from pangeo_forge.catalog.storage.hrefs import resolve_all

    return [resolve_all(json.loads(row["item"]), tree.href(row["collection"])) for row in rows if row["latest"] or not newest]


def _find_maker(form: Form) -> Callable[[str, str, list[dict[str, Any]]], Face]:
    if form == "geoparquet":
        from pangeo_forge.catalog.faces.geoparquet import make_geoparquet

        return make_geoparquet
    if form == "intake":
        from pangeo_forge.catalog.faces.intake import make_intake

        return make_intake
    if form == "leap":
        from pangeo_forge.catalog.faces.leap import make_leap

        return make_leap
    from pangeo_forge.catalog.faces.linked_data import make_linked_data

    return make_linked_data


def _ignore(done: int, of: int) -> None:
    """Tell nobody."""


def import_catalog(
    listing: str | Path,
    output: str | Path,
    *,
    storage_options: Mapping[str, Any] | None = None,
    output_options: Mapping[str, Any] | None = None,
    title: str | None = None,
    progress: Callable[[int, int], None] = _ignore,
) -> Outcome:
    """Describe the stores that a catalogue of LEAP lists, and enter them in a catalogue, beside what that has already.

    Parameters
    ----------
    listing : str or Path
        LEAP's JSON, a path or a URL.
    output : str or Path
        The folder of the catalogue, a path or an fsspec URL; it is made if it is not there.
    storage_options, output_options : mapping, optional
        fsspec's, of the two.
    title : str, optional
        What the catalogue is called, where it is made.
    progress : callable
        Is told how many of how many stores are described.

    Returns
    -------
    Outcome
        With the stores that could not be described.

    Raises
    ------
    UsageError
        If there is no such list.
    TargetError
        If the catalogue cannot be written.
    """
    import fsspec

    from pangeo_forge.catalog.entering.importing import import_stores
    from pangeo_forge.catalog.faces.leap_lists import read_leap
    from pangeo_forge.catalog.storage.tree import Tree

    where, written = make_storage(str(listing), storage_options, "list"), make_storage(str(output), output_options, "output")
    shown = redact_url(str(listing))
    try:
        filesystem, path = fsspec.url_to_fs(where.url, **where.options)
        content = filesystem.cat_file(path)
    except OSError as error:
        raise UsageError(f"{shown} cannot be read: {error.strerror or error}", hint="Name a file or a URL.") from None
    read = read_leap(content, shown)
    name, description = title or name_catalog(where.url)[0], f"The datasets that {shown} lists."
    trust = replace(make_trust(None), is_remote="://" in where.url)  # a list of this machine is its keeper's word
    with writing(written.url):
        tree = Tree(*fsspec.url_to_fs(written.url, **written.options))
        outcome = import_stores(read.stores, tree, title=name, description=description, progress=progress, trust=trust)
    return replace(outcome, problems=(*read.faults, *outcome.problems))
