"""A catalogue is checked as its readers use it: what is broken is named, with what to do, and is kept beside the catalogue."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from catalog.health.stores import enter, write_store
from pangeo_forge.api.cataloguing import create_catalog, open_tree
from pangeo_forge.api.checking import check_catalog
from pangeo_forge.api.picturing import illustrate_catalog
from pangeo_forge.catalog.health.findings import Finding, Health
from pangeo_forge.catalog.health.record import read_health
from pangeo_forge.errors import UsageError


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """A catalogued target with one store, of which nothing is wrong."""
    root = tmp_path / "target"
    write_store(root / "sst.zarr")
    create_catalog(root)
    return root


def check_one(target: Path) -> Health:
    return check_catalog(target).datasets["sst"]


def the_finding(health: Health) -> Finding:
    (finding,) = health.findings
    return finding


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_a_dataset_that_opens_and_can_be_read_is_healthy(tmp_path: Path, zarr_format: int) -> None:
    write_store(tmp_path / "sst.zarr", zarr_format=zarr_format)
    create_catalog(tmp_path)
    health = check_one(tmp_path)
    assert (health.state, health.findings) == ("healthy", ())
    assert health.snippets["data"].worked == health.checked or health.snippets["data"].worked < health.checked


def test_a_store_that_is_gone_is_broken(target: Path) -> None:
    shutil.rmtree(target / "sst.zarr")
    health = check_one(target)
    assert (health.state, the_finding(health).message) == ("broken", "there is nothing any more")
    assert health.snippets["data"].fault == "there is nothing any more"


def test_chunks_that_are_deleted_are_named_though_reading_them_is_no_error(target: Path) -> None:
    assert check_one(target).state == "healthy"
    (target / "sst.zarr" / "sst" / "c" / "1" / "0" / "0").unlink()
    for _ in range(2):  # nor is it forgotten that they were there
        assert "are gone or empty, and read as missing values: sst/c/1/0/0" in the_finding(check_one(target)).message


def test_chunks_that_were_never_written_are_no_fault(tmp_path: Path) -> None:
    write_store(tmp_path / "sst.zarr")
    (tmp_path / "sst.zarr" / "sst" / "c" / "1" / "0" / "0").unlink()
    create_catalog(tmp_path)
    assert check_one(tmp_path).state == "healthy"


def test_a_dataset_none_of_whose_chunks_was_ever_seen_is_degraded(tmp_path: Path) -> None:
    write_store(tmp_path / "sst.zarr")
    shutil.rmtree(tmp_path / "sst.zarr" / "sst" / "c")
    create_catalog(tmp_path)
    health = check_one(tmp_path)
    assert health.state == "degraded"
    assert the_finding(health).message == "there are no chunks: they are lost, or all values of sst are the fill value"


def test_a_dataset_whose_corners_are_empty_is_healthy(tmp_path: Path) -> None:
    """Land, say: a chunk of nothing but missing values is not written."""
    values = np.full((3, 3), np.nan)
    values[1, 1] = 1.0
    xr.Dataset({"sst": (("y", "x"), values)}).to_zarr(tmp_path / "sst.zarr", consolidated=False, encoding={"sst": {"chunks": (1, 1)}})
    create_catalog(tmp_path)
    assert not (tmp_path / "sst.zarr" / "sst" / "c" / "0").exists()
    health = check_one(tmp_path)
    assert (health.state, health.findings) == ("healthy", ())


def test_a_chunk_that_is_cut_off_is_broken(target: Path) -> None:
    chunk = target / "sst.zarr" / "sst" / "c" / "0" / "0" / "0"
    chunk.write_bytes(chunk.read_bytes()[:10])
    finding = the_finding(check_one(target))
    assert (finding.check, finding.weight) == ("values", "broken")
    assert finding.message.startswith("values of sst cannot be read: ")


def test_metadata_that_are_cut_off_are_told_as_what_they_are(target: Path) -> None:
    metadata = target / "sst.zarr" / "zarr.json"
    metadata.write_bytes(metadata.read_bytes()[:20])
    health = check_one(target)
    assert the_finding(health).message.startswith("it does not open: ")
    assert health.snippets["data"].fault


def test_a_variable_that_is_gone_is_named(target: Path) -> None:
    shutil.rmtree(target / "sst.zarr" / "sst")
    assert "variables that the catalogue tells of are gone: sst" in [finding.message for finding in check_one(target).findings]


def test_a_store_that_was_written_again_is_degraded_until_it_is_described_again(target: Path) -> None:
    metadata = target / "sst.zarr" / "zarr.json"
    metadata.write_text(metadata.read_text() + "\n")
    health = check_one(target)
    assert (health.state, the_finding(health).check) == ("degraded", "catalogue")
    create_catalog(target)
    assert check_one(target).state == "healthy"


def test_a_snippet_that_fails_where_the_store_opens_is_told_from_a_broken_store(tmp_path: Path) -> None:
    write_store(tmp_path / "sst.zarr")
    enter(tmp_path, tmp_path / "sst.zarr", "kerchunk-json")
    finding = the_finding(check_one(tmp_path))
    assert finding.check == "snippet"
    assert finding.message.startswith("the snippet fails, and the store itself opens: ")


def test_files_beside_the_data_are_asked_for_as_well(target: Path) -> None:
    illustrate_catalog(target)
    assert check_one(target).findings == ()
    for picture in (target / "catalog" / "sst").glob("*-overview.png"):
        picture.unlink()
    health = check_one(target)
    assert (health.state, the_finding(health).message) == ("degraded", "a file beside the data: there is nothing any more")
    assert the_finding(health).where.endswith("-overview.png")


def test_datasets_of_the_target_that_the_catalogue_lacks_are_named(target: Path) -> None:
    write_store(target / "deep" / "er.zarr")
    checkup = check_catalog(target)
    assert [stray.where for stray in checkup.strays] == [str(target / "deep" / "er.zarr")]
    assert checkup.datasets["sst"].state == "healthy"


def test_they_are_looked_for_in_another_place_if_one_is_named(target: Path, tmp_path: Path) -> None:
    create_catalog(target, tmp_path / "elsewhere")
    write_store(target / "other.zarr")
    assert check_catalog(tmp_path / "elsewhere").strays == ()
    (stray,) = check_catalog(tmp_path / "elsewhere", target=target).strays
    assert stray.where == str(target / "other.zarr")


def test_what_is_found_is_kept_beside_the_catalogue_which_stays_as_it_is(target: Path) -> None:
    before = {path: path.read_bytes() for path in (target / "catalog").rglob("*.json") if path.name != "health.json"}
    health = check_one(target)
    assert read_health(open_tree(target)) == {"sst": health}
    assert {path: path.read_bytes() for path in before} == before


def test_a_check_of_some_datasets_leaves_what_is_known_of_the_others(target: Path) -> None:
    write_store(target / "ssh.zarr")
    create_catalog(target)
    check_catalog(target)
    shutil.rmtree(target / "sst.zarr")
    assert set(check_catalog(target, ["ssh"]).datasets) == {"ssh"}
    assert {name: health.state for name, health in read_health(open_tree(target)).items()} == {"ssh": "healthy", "sst": "healthy"}


def test_a_snippet_that_fails_keeps_the_date_on_which_it_last_worked(target: Path) -> None:
    worked = check_one(target).snippets["data"].worked
    shutil.rmtree(target / "sst.zarr")
    executed = check_one(target).snippets["data"]
    assert (executed.worked, executed.fault) == (worked, "there is nothing any more")


def test_a_dataset_that_is_unknown_is_refused_with_those_that_are_like_it(target: Path) -> None:
    with pytest.raises(UsageError) as refused:
        check_catalog(target, ["sts"])
    assert (refused.value.message, refused.value.hint) == ("the catalogue has no dataset 'sts'", "Is it sst?")


def test_values_that_would_run_code_are_not_read(tmp_path: Path) -> None:
    """Zarr 2 has a codec for Python's pickles, which numcodecs refuses to read; xarray reads the values of indexes when it opens."""
    write_store(tmp_path / "sst.zarr", zarr_format=2)
    create_catalog(tmp_path)
    trap = tmp_path / "sprung"
    store = tmp_path / "sst.zarr"
    (store / ".zmetadata").unlink()
    metadata = json.loads((store / "time" / ".zarray").read_text())
    pickled = {"dtype": "|O", "fill_value": "", "filters": [{"id": "vlen-utf8"}, {"id": "pickle"}], "compressor": None}
    (store / "time" / ".zarray").write_text(json.dumps({**metadata, **pickled}))
    (store / "time" / "0").write_bytes(b"cposix\nsystem\n(S'touch " + str(trap).encode() + b"'\ntR.")
    assert "unpickling" in the_finding(check_one(tmp_path)).message
    assert not trap.exists()


@pytest.mark.parametrize("lost", ["collection.json", "sst-*.json"])
def test_a_file_that_the_catalogue_lacks_is_a_finding_of_its_dataset(target: Path, lost: str) -> None:
    (path,) = (target / "catalog" / "sst").glob(lost)
    path.unlink()
    health = check_one(target)
    finding = the_finding(health)
    assert (health.state, finding.message) == ("degraded", "this file of the catalogue is gone or damaged")
    assert finding.hint == "Write it again with `pangeo-forge catalog create`."


@pytest.mark.parametrize(("damage", "told"), [(Path.unlink, "has no index.parquet"), (lambda path: path.write_bytes(b""), "is damaged")])
def test_an_index_that_is_gone_or_damaged_is_told_in_a_line(target: Path, damage: Callable[[Path], None], told: str) -> None:
    damage(target / "catalog" / "index.parquet")
    with pytest.raises(UsageError, match=told):
        check_catalog(target)
