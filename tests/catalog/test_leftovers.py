"""What processes that were killed leave in a catalogue: the next making removes it, and nothing else."""

from __future__ import annotations

import fcntl
import json
import os
import time
from pathlib import Path

import fsspec
import numpy as np
import pytest
import xarray as xr

from pangeo_forge.api.cataloguing import create_catalog
from pangeo_forge.catalog.entering.sweeping import making, sweep
from pangeo_forge.catalog.index.table import make_index
from pangeo_forge.catalog.storage.files import as_json
from pangeo_forge.catalog.storage.tree import INDEX, Tree

DRAFT = ".catalog.json.0123abcd~"


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    """The catalogue of one dataset."""
    xr.Dataset({"sst": ("x", np.ones(3))}).to_zarr(tmp_path / "sst.zarr", consolidated=False)
    create_catalog(tmp_path)
    return tmp_path / "catalog"


def list_files(catalog: Path) -> set[str]:
    return {str(path.relative_to(catalog)) for path in catalog.rglob("*") if path.is_file()}


def write_old(path: Path, content: bytes = b"a part") -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (0, time.time() - 60))


OURS = {"pangeo_forge:bytes": 24}


def make_item(item: str, collection: str, **properties: str) -> bytes:
    return as_json({"type": "Feature", "id": item, "collection": collection, "properties": OURS | properties, "links": []})


def test_drafts_of_those_who_are_dead_are_removed_wherever_they_are(catalog: Path) -> None:
    before = list_files(catalog)
    for name in (DRAFT, "sst/.collection.json.0123abcd~", ".making/.1.parquet.0123abcd~", "inputs/.run.parquet.0123abcd~"):
        write_old(catalog / name)
    create_catalog(catalog.parent)
    assert list_files(catalog) == before


def test_a_draft_that_somebody_writes_is_left(catalog: Path) -> None:
    write_old(catalog / DRAFT)
    with (catalog / DRAFT).open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        create_catalog(catalog.parent)
    assert (catalog / DRAFT).exists()


def test_a_draft_of_this_moment_is_left(catalog: Path) -> None:
    (catalog / DRAFT).write_bytes(b"a part")
    os.utime(catalog / DRAFT, (0, time.time() + 60))
    create_catalog(catalog.parent)
    assert (catalog / DRAFT).exists()


def test_items_collections_and_pictures_that_nothing_leads_to_are_removed(catalog: Path) -> None:
    before = list_files(catalog)
    (catalog / "sst" / "sst-1.json").write_bytes(make_item("sst-1", "sst"))
    (catalog / "sst" / "sst-1-thumbnail.png").write_bytes(b"a picture")
    (catalog / "gone").mkdir()
    (catalog / "gone" / "collection.json").write_bytes(as_json({"type": "Collection", "id": "gone", "links": [], **OURS}))
    create_catalog(catalog.parent)
    assert list_files(catalog) == before


def test_files_of_others_are_left(catalog: Path) -> None:
    others = {
        "sst/notes.json": b'{"type": "FeatureCollection"}',
        "sst/broken.json": b"{ not json",
        "sst/list.json": b"[]",
        "sst/other.json": make_item("another", "sst"),
        "sst/photo.png": b"a picture",
        "extra/sst-1.json": make_item("sst-1", "sst"),
        "theirs/collection.json": as_json({"type": "Collection", "id": "theirs", "links": []}),
        "theirs/one.json": as_json({"type": "Feature", "id": "one", "collection": "theirs", "properties": {}, "links": []}),
        "readme~": b"an editor's",
    }
    for name, content in others.items():
        write_old(catalog / name, content)
    create_catalog(catalog.parent)
    assert list_files(catalog) >= set(others)


def test_while_another_process_makes_the_catalogue_nothing_is_removed(catalog: Path) -> None:
    (catalog / "sst" / "sst-1.json").write_bytes(make_item("sst-1", "sst"))
    with making(Tree(fsspec.filesystem("file"), str(catalog))):
        create_catalog(catalog.parent)
        assert (catalog / "sst" / "sst-1.json").exists()
    create_catalog(catalog.parent)
    assert not (catalog / "sst" / "sst-1.json").exists()


def test_without_locks_only_what_is_a_day_old_is_removed_and_nothing_of_a_run() -> None:
    tree = Tree(fsspec.filesystem("memory"), "/without-locks")
    tree.write(INDEX, make_index([]))
    tree.write("a/a-1.json", make_item("a-1", "a"))
    tree.write("a/a-2.json", make_item("a-2", "a", **{"pangeo_forge:run": "r"}))
    links = [{"rel": "latest-version", "href": "./a-2.json"}]
    tree.write("a/collection.json", as_json({"type": "Collection", "id": "a", "links": links, **OURS}))
    tree.write("b/collection.json", as_json({"type": "Collection", "id": "b", "links": [], **OURS}))
    for file in tree.filesystem.store.values():
        file.modified = file.created = file.created.replace(year=2000)
    tree.write("a/a-3.json", make_item("a-3", "a"))
    assert sweep(tree, time.time()) == []
    names = {name.removeprefix("/without-locks/") for name in tree.filesystem.find("/without-locks")}
    assert names == {INDEX, "a/a-2.json", "a/a-3.json", "a/collection.json"}


def test_what_cannot_be_removed_is_told(catalog: Path) -> None:
    write_old(catalog / DRAFT)

    class ReadOnly(fsspec.get_filesystem_class("file")):  # type: ignore[misc]
        def rm_file(self, path: str) -> None:
            raise PermissionError(13, "Permission denied", path)

    ((place, why),) = sweep(Tree(ReadOnly(skip_instance_cache=True), str(catalog)), time.time())
    assert place == f"{catalog}/{DRAFT}"
    assert "cannot be removed: [Errno 13] Permission denied" in why
    assert json.loads((catalog / "catalog.json").read_text())["type"] == "Catalog"
