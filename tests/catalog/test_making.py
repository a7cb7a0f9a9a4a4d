"""Making a catalogue: of what anybody wrote, only what is new is opened, and a reader never sees half of it."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
import zarr

import pangeo_forge.catalog.entering.describing as describing
from pangeo_forge.api.cataloguing import Search, create_catalog, open_tree, search_catalog, validate_catalog
from pangeo_forge.catalog.health.record import read_health
from pangeo_forge.errors import UsageError


def write_store(path: Path, name: str = "sst", zarr_format: int = 3, **attrs: str) -> None:
    lat, lon = ("lat", [0.0, 1.0], {"units": "degrees_north"}), ("lon", [10.0, 11.0], {"units": "degrees_east"})
    ds = xr.Dataset({name: (("lat", "lon"), np.ones((2, 2)))}, {"lat": lat, "lon": lon}, attrs)
    ds.to_zarr(path, mode="w", zarr_format=zarr_format, consolidated=zarr_format == 2)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """A target with stores at several depths, of both formats."""
    root = tmp_path / "target"
    write_store(root / "a.zarr", title="Sea surface")
    write_store(root / "deep" / "er" / "b.zarr", "tas", zarr_format=2)
    write_store(root / "no_suffix", "pr")
    (root / "notes.txt").write_text("not a dataset")
    return root


def read_links(folder: Path) -> set[Path]:
    """Follow all links from the root of a catalogue; a link that leads nowhere raises."""
    seen: set[Path] = set()
    waiting = [folder / "catalog.json"]
    while waiting:
        path = waiting.pop()
        seen.add(path.resolve())
        links = json.loads(path.read_text())["links"]
        waiting += [path.parent / link["href"] for link in links if link["rel"] in ("child", "item")]
    return seen


def read_newest(target: Path, collection: str) -> str:
    (item,) = search_catalog(target, Search(collections=[collection])).items
    return str(item["id"])


def find_collections(folder: Path) -> set[str]:
    return {item["collection"] for item in search_catalog(folder, Search(), limit=1000).items}


def test_stores_are_found_wherever_they_lie(target: Path) -> None:
    outcome = create_catalog(target)
    assert (outcome.described, outcome.unchanged, outcome.problems) == (3, 0, ())
    assert find_collections(target / "catalog") == {"a", "deep.er.b", "no_suffix"}


def test_every_object_is_valid_and_every_link_leads_somewhere(target: Path) -> None:
    create_catalog(target)
    assert all(verdict.faults == () for _, verdict in validate_catalog(target))
    assert len(read_links(target / "catalog")) == 1 + 3 + 3


def test_what_has_not_changed_is_not_opened_again(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    create_catalog(target)
    write_store(target / "a.zarr", title="Another")
    opened = []
    read = describing.read_entry
    monkeypatch.setattr(describing, "read_entry", lambda *args: (opened.append(args[1]), read(*args))[1])
    outcome = create_catalog(target)
    assert opened == ["a"]
    assert (outcome.described, outcome.unchanged) == (1, 2)


def test_a_dataset_that_was_written_again_gets_another_item_and_keeps_its_collection(target: Path) -> None:
    create_catalog(target)
    first = json.loads((target / "catalog" / "a" / "collection.json").read_text())
    store = target / "a.zarr"
    shutil.rmtree(store)
    write_store(store, title="Again")
    later = time.time() + 100
    for path in store.rglob("zarr.json"):
        os.utime(path, (later, later))
    create_catalog(target)
    collection = json.loads((target / "catalog" / "a" / "collection.json").read_text())
    assert collection["title"] == "Again"
    assert collection["created"] == first["created"]
    assert sum(link["rel"] == "item" for link in collection["links"]) == 2
    assert search_catalog(target, Search(words=["a"], collections=["a"])).matched == 1
    assert search_catalog(target, Search(collections=["a"], all_versions=True)).matched == 2


def test_the_snippets_of_what_is_new_are_executed(target: Path) -> None:
    create_catalog(target)
    first = read_health(open_tree(target))
    assert all(health.snippets["data"].worked for health in first.values())
    assert set(first) == {"a", "deep.er.b", "no_suffix"}
    write_store(target / "a.zarr", title="Another")
    shutil.rmtree(target / "no_suffix")
    create_catalog(target)
    second = read_health(open_tree(target))
    assert (second["a"].item, second["deep.er.b"]) == (read_newest(target, "a"), first["deep.er.b"])
    assert "no_suffix" not in second


def test_a_dataset_that_is_gone_leaves_the_catalogue(target: Path) -> None:
    create_catalog(target)
    shutil.rmtree(target / "a.zarr")
    assert create_catalog(target).gone == 1
    assert find_collections(target) == {"deep.er.b", "no_suffix"}
    assert not list((target / "catalog" / "a").glob("*.json"))


def test_a_target_that_is_a_dataset_itself_is_catalogued_elsewhere_only(target: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a dataset itself"):
        create_catalog(target / "a.zarr")
    assert sorted(path.name for path in (target / "a.zarr").iterdir()) == ["lat", "lon", "sst", "zarr.json"]
    for described in (1, 0):
        assert create_catalog(target / "a.zarr", tmp_path / "out").described == described
    (item,) = search_catalog(tmp_path / "out", Search()).items
    assert item["assets"]["data"]["href"] == str(target / "a.zarr")


@pytest.mark.server
def test_a_web_server_is_catalogued_elsewhere_and_says_what_it_lists(target: Path, tmp_path: Path, http_server: Any) -> None:
    zarr.consolidate_metadata(target / "a.zarr")
    url = http_server(target).url
    with pytest.raises(UsageError, match="a web server takes no files"):
        create_catalog(url)
    with pytest.raises(UsageError, match=r"nothing can be listed at .*/nowhere"):
        create_catalog(f"{url}/nowhere", tmp_path / "out")


def test_a_broken_dataset_is_named_and_stops_no_other(target: Path) -> None:
    (target / "a.zarr" / "zarr.json").write_text("{ not json")
    outcome = create_catalog(target)
    ((place, why),) = outcome.problems
    assert place == f"{target}/a.zarr"
    assert "cannot be described" in why
    assert find_collections(target) == {"deep.er.b", "no_suffix"}


def test_many_datasets_are_described_by_several_processes(tmp_path: Path) -> None:
    for number in range(15):
        write_store(tmp_path / f"{number}.zarr")
    told = []
    outcome = create_catalog(tmp_path, workers=2, progress=lambda done, of: told.append((done, of)))
    assert outcome.described == 15
    assert told[-1] == (15, 15)


@pytest.mark.parametrize("name", ["..", "a b", "né", "<script>alert(1)<", "x" * 200, "a.b"])
def test_odd_names_stay_within_the_catalogue(tmp_path: Path, name: str) -> None:
    target = tmp_path / "target"
    write_store(target / f"{name}.zarr" if name != ".." else target / "...zarr")
    create_catalog(target, tmp_path / "out" / "catalog")
    assert len(read_links(tmp_path / "out" / "catalog")) == 3
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["catalog"]


def test_two_places_never_share_an_id(tmp_path: Path) -> None:
    write_store(tmp_path / "a.b" / "c.zarr")
    write_store(tmp_path / "a" / "b.c.zarr")
    create_catalog(tmp_path)
    assert len(find_collections(tmp_path)) == 2


@pytest.mark.slow
def test_a_catalogue_whose_making_is_killed_stays_readable_and_is_finished_next_time(tmp_path: Path) -> None:
    target = tmp_path / "target"
    for number in range(10):
        write_store(target / f"old{number}.zarr")
    create_catalog(target)
    before = find_collections(target)
    for number in range(40):
        write_store(target / f"new{number}.zarr")
    command = [sys.executable, "-m", "pangeo_forge", "catalog", "create", str(target), "--workers", "1"]
    random.seed(4)
    for attempt in range(20):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(random.uniform(0.3, 4.0))
        process.send_signal(signal.SIGKILL)
        process.wait()
        read_links(target / "catalog")
        assert find_collections(target) >= before, attempt
    subprocess.run(command, check=True, capture_output=True)
    assert len(find_collections(target)) == 50
    assert len(read_links(target / "catalog")) == 1 + 50 + 50
    assert not list((target / "catalog").glob(".making/*"))


@pytest.fixture
def catalogued(target: Path) -> Path:
    """A catalogued target, one of whose datasets has two versions."""
    create_catalog(target)
    write_store(target / "a.zarr", title="Another")
    create_catalog(target)
    return target


def read_all(folder: Path) -> dict[Path, str]:
    return {path: path.read_text() for path in folder.rglob("*.json")}


@pytest.mark.parametrize("lost", ["catalog.json", "a/collection.json", "a/a-*.json", "deep.er.b/*.json"])
@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_text("{")], ids=["deleted", "damaged"])
def test_files_that_are_lost_are_written_again_without_opening_a_dataset(catalogued: Path, lost: str, damage: Any) -> None:
    folder = catalogued / "catalog"
    was = read_all(folder)
    for path in folder.glob(lost):
        damage(path)
    assert read_all(folder) != was
    assert create_catalog(catalogued).described == 0
    assert {path: json.loads(text) for path, text in read_all(folder).items()} == {path: json.loads(text) for path, text in was.items()}


@pytest.mark.parametrize("size", [0, 100])
def test_a_damaged_index_is_told_in_a_line_and_made_again(target: Path, size: int) -> None:
    create_catalog(target)
    index = target / "catalog" / "index.parquet"
    index.write_bytes(index.read_bytes()[:size])
    with pytest.raises(UsageError, match=r"index.parquet, is damaged$"):
        search_catalog(target, Search())
    assert create_catalog(target).described == 3
    assert find_collections(target) == {"a", "deep.er.b", "no_suffix"}


@pytest.mark.parametrize(("lost", "tellers"), [("collection.json", {"catalog.json", "index.parquet"}), ("a-*.json", {"index.parquet"})])
def test_links_that_lead_nowhere_are_faults(target: Path, lost: str, tellers: set[str]) -> None:
    create_catalog(target)
    (path,) = (target / "catalog" / "a").glob(lost)
    path.unlink()
    faults = {name: fault.message for name, verdict in validate_catalog(target) for fault in verdict.faults}
    assert tellers <= set(faults)
    assert all(
        message == f"leads to ./{path.relative_to(target / 'catalog')}, which is not there"
        for name, message in faults.items()
        if name in tellers
    )


def test_what_is_no_json_is_a_fault(target: Path) -> None:
    create_catalog(target)
    (target / "catalog" / "a" / "collection.json").write_text("{")
    (found,) = [(name, verdict.faults[0].message) for name, verdict in validate_catalog(target) if verdict.faults]
    assert found == ("a/collection.json", "is no JSON object")
