"""How far references are followed for others: into the target, where its keeper says, and to what our own runs have read."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from pangeo_forge.bakeries.targets import same_place
from pangeo_forge.errors import UsageError
from pangeo_forge.settings import Settings

if TYPE_CHECKING:
    from pangeo_forge.catalog.sources.trust import Trust
    from pangeo_forge.catalog.storage.tree import Tree


#: For so many seconds the list of runs is not asked for again.
_REMEMBERED_S = 10


def make_trust(tree: Tree | None, references_to: Sequence[str] = (), *, target: str | None = None) -> Trust:
    """Say whom the keeper of a catalogue believes.

    Parameters
    ----------
    tree : Tree, optional
        The catalogue that leads to the datasets; None where they are found in the target itself.
    references_to : sequence of str
        Where references may lead as well, besides what ``PANGEO_FORGE_REFERENCES_TO`` says: folders, and beginnings of URLs.
    target : str, optional
        The target; by default the one that the catalogue says it is of.
    """
    from pangeo_forge.catalog.sources.trust import Trust, find_target
    from pangeo_forge.plans.reach import make_roots

    for place in references_to:
        _check_root(place)
    return Trust(
        roots=make_roots(*Settings.load().references_to, *references_to),
        target=target if target is not None or tree is None else find_target(tree),
        is_remote=tree is not None and not tree.is_local,
        find_inputs=_find_inputs,
    )


def _check_root(place: str) -> None:
    """Refuse what allows nothing, so that nobody waits for its effect."""
    hint = "Name a folder that is there, or the beginning of a URL: s3://bucket."
    if not place.strip():
        raise UsageError("--references-to is empty", hint=hint)
    if "://" in place:
        return
    folder = os.path.realpath(Path(place).expanduser())
    if folder == "/":
        raise UsageError("--references-to names the whole disk, which is never allowed", hint="Name the folders that may be read.")
    if not os.path.exists(folder):  # noqa: PTH110
        raise UsageError(f"--references-to names {place}, which is not there", hint=hint)


def _find_inputs(href: str) -> tuple[str, ...]:
    """Find where the files are that our runs have read which wrote to a place: an Icechunk repository keeps what it held before."""
    folders = _list_folders(Settings.load().database, int(time.monotonic() // _REMEMBERED_S)).get(same_place(href), ())
    return tuple(dict.fromkeys(root for folder in folders for root in _find_roots(folder)))


@lru_cache(maxsize=1)
def _list_folders(database: str, moment: int) -> dict[str, list[str]]:
    """Give the folders of the full runs to each place, as a database has them at a moment."""
    from pangeo_forge.runs.records import RunRecords

    folders: dict[str, list[str]] = {}
    for run in RunRecords(database).list(state="succeeded"):
        if not run.pruned:
            folders.setdefault(same_place(run.target), []).append(run.folder)
    return folders


@lru_cache(maxsize=1000)
def _find_roots(folder: str) -> tuple[str, ...]:
    from pangeo_forge.catalog.entering.handing import read_manifest

    try:
        return _gather(_read_urls(read_manifest(Path(folder))))
    except OSError:  # the run's folder is gone, or it listed none
        return ()


def _read_urls(manifest: bytes) -> list[str]:
    import io

    import pyarrow.parquet as pq

    return [str(url) for url in pq.read_table(io.BytesIO(manifest), columns=["url"])["url"].to_pylist()]


def _gather(urls: Sequence[str]) -> tuple[str, ...]:
    """Name the folder that all files of this machine have in common, or those that they are in; and the buckets or servers of others."""
    from pangeo_forge.plans.reach import make_roots, name_protocol

    folders = sorted({os.path.dirname(path) for path in make_roots(*(url for url in urls if name_protocol(url) == "file"))})  # noqa: PTH120
    common = os.path.commonpath(folders) if folders else "/"
    elsewhere = {"/".join(url.split("/")[:3]) for url in urls if name_protocol(url) != "file"}
    return (*([common] if common != "/" else folders), *sorted(elsewhere))
