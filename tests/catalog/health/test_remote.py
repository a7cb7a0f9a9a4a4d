"""Datasets on servers are asked as browsers and libraries ask; a server that is slow, lies or hangs is told from one that is well."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fsspec
import icechunk
import numpy as np
import pytest
import xarray as xr

from catalog.health.stores import enter, write_store
from pangeo_forge.api.cataloguing import create_catalog
from pangeo_forge.api.checking import check_catalog
from pangeo_forge.catalog.health.findings import Finding, Health
from servers.faulty import LOGIN_PAGE, FaultyServer, slow
from servers.rclone import Served
from servers.scripted import Reply, Scripted
from servers.static import serve_static, serve_whole

pytestmark = pytest.mark.server


def check_at(root: Path, href: str, *, timeout_s: float = 60, **way: Any) -> Health:
    """Check a dataset that a catalogue says is at an address."""
    enter(root, href, **way)
    return check_catalog(root, timeout_s=timeout_s).datasets["sst"]


def the_finding(health: Health) -> Finding:
    (finding,) = health.findings
    return finding


@pytest.fixture
def store(tmp_path: Path) -> Path:
    write_store(tmp_path / "served" / "sst.zarr", consolidated=True)
    return tmp_path / "served"


def test_a_dataset_on_a_server_that_is_open_to_all_is_healthy(tmp_path: Path, store: Path) -> None:
    with serve_static(store) as url:
        health = check_at(tmp_path, f"{url}/sst.zarr")
    assert (health.state, health.findings) == ("healthy", ())
    assert health.chunks["data"] == ("sst/c/0/0/0", "sst/c/1/0/0")


def test_a_server_that_is_closed_to_browsers_degrades_a_dataset(tmp_path: Path, store: Path) -> None:
    with serve_static(store, open_to_all=False) as url:
        health = check_at(tmp_path, f"{url}/sst.zarr")
    assert (health.state, the_finding(health).check) == ("degraded", "browser")
    assert "sends no Access-Control-Allow-Origin" in the_finding(health).message


def test_a_server_that_gives_whole_files_only_serves_plain_chunks_well(tmp_path: Path, store: Path) -> None:
    with serve_whole(store) as url:
        assert check_at(tmp_path, f"{url}/sst.zarr").state == "healthy"


def test_a_server_that_gives_whole_files_only_cannot_serve_shards(tmp_path: Path) -> None:
    write_store(tmp_path / "served" / "sst.zarr", consolidated=True, chunks=(1, 2, 2), shards=(2, 2, 2))
    with serve_whole(tmp_path / "served") as url:
        health = check_at(tmp_path, f"{url}/sst.zarr")
    assert "the server gives no parts of files (Range requests), which reading this needs" in [each.message for each in health.findings]
    assert health.state != "healthy"


def test_a_chunk_that_a_server_has_no_more_is_named(tmp_path: Path, store: Path) -> None:
    with serve_static(store) as url:
        assert check_at(tmp_path, f"{url}/sst.zarr").state == "healthy"
        (store / "sst.zarr" / "sst" / "c" / "1" / "0" / "0").unlink()
        health = check_catalog(tmp_path).datasets["sst"]
    assert "are gone or empty, and read as missing values: sst/c/1/0/0" in the_finding(health).message


@pytest.mark.parametrize(
    ("status", "said"), [(403, "the server answers 403 (Forbidden)"), (404, "the server answers 404 (Not Found)"), (503, "answers 503")]
)
def test_a_server_that_refuses_says_so(tmp_path: Path, scripted_server: Callable[[], Scripted], status: int, said: str) -> None:
    server = scripted_server()
    server.otherwise = Reply(status)
    health = check_at(tmp_path, f"{server.url}/sst.zarr")
    assert (health.state, said in the_finding(health).message) == ("broken", True)


def test_a_page_to_log_in_is_no_data(tmp_path: Path, store: Path, faulty_server: Callable[[Path], FaultyServer]) -> None:
    server = faulty_server(store)
    server.misbehave("/sst.zarr/zarr.json", LOGIN_PAGE)
    finding = the_finding(check_at(tmp_path, f"{server.url}/sst.zarr"))
    assert finding.message == "the server gives a page for people where data should be, such as one to log in"


def test_addresses_that_lead_in_a_circle_end(tmp_path: Path, scripted_server: Callable[[], Scripted]) -> None:
    server = scripted_server()
    server.otherwise = Reply(302, headers={"Location": "/again"})
    assert "the server answers 302 (" in the_finding(check_at(tmp_path, f"{server.url}/sst.zarr")).message


def test_a_server_that_is_not_there_cannot_be_reached(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    finding = the_finding(check_at(tmp_path, f"http://127.0.0.1:{port}/sst.zarr"))
    assert finding.message.startswith("the server cannot be reached (")


def test_a_server_that_never_answers_is_waited_for_as_long_as_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        health = check_at(tmp_path, f"http://127.0.0.1:{listener.getsockname()[1]}/sst.zarr", timeout_s=5)
    assert (health.state, the_finding(health).message) == ("broken", "asking whether it is there took longer than 5 s")


def test_a_server_that_never_ends_an_answer_is_left(tmp_path: Path, store: Path, faulty_server: Callable[[Path], FaultyServer]) -> None:
    server = faulty_server(store)
    server.misbehave("/sst.zarr/zarr.json", slow(10))
    health = check_at(tmp_path, f"{server.url}/sst.zarr", timeout_s=8)
    assert health.state == "broken"
    assert the_finding(health).message.endswith("took longer than 8 s")


def test_a_repository_on_a_web_server_needs_a_library_that_reads_there(tmp_path: Path) -> None:
    repository = icechunk.Repository.create(icechunk.local_filesystem_storage(str(tmp_path / "served" / "sst.icechunk")))
    session = repository.writable_session("main")
    xr.Dataset({"sst": ("x", np.ones(3))}).to_zarr(session.store, consolidated=False)
    snapshot = session.commit("Write")
    with serve_static(tmp_path / "served") as url:
        health = check_at(tmp_path, f"{url}/sst.icechunk", form="icechunk", snapshot=snapshot)
    assert health.state == ("healthy" if hasattr(icechunk, "http_storage") else "unknown"), health.findings


@pytest.fixture
def bucket(tmp_path: Path, s3_server: Callable[[Path], Served]) -> Served:
    """A catalogue in `tmp_path` of a store on S3 that needs keys."""
    write_store(tmp_path / "served" / "bucket" / "sst.zarr")
    served = s3_server(tmp_path / "served")
    create_catalog("s3://bucket", tmp_path / "catalog", storage_options=served.storage_options, output_options={"auto_mkdir": False})
    return served


def test_on_s3_snippets_are_executed_with_the_keys_that_they_leave_to_the_reader(tmp_path: Path, bucket: Served) -> None:
    health = check_catalog(tmp_path, storage_options=bucket.storage_options).datasets["sst"]
    assert (health.state, health.findings) == ("healthy", ())
    assert health.snippets["data"].worked


def test_keys_are_taken_from_the_configuration_of_fsspec(tmp_path: Path, bucket: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(fsspec.config.conf, "s3", dict(bucket.storage_options))
    assert check_catalog(tmp_path).datasets["sst"].state == "healthy"


def test_without_keys_nothing_is_known(tmp_path: Path, bucket: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    health = check_catalog(tmp_path).datasets["sst"]
    assert health.state == "unknown"


def test_what_is_gone_from_s3_is_named_and_no_secret_told(tmp_path: Path, bucket: Served) -> None:
    check_catalog(tmp_path, storage_options=bucket.storage_options)
    filesystem = fsspec.filesystem("s3", **bucket.storage_options)
    filesystem.rm("bucket/sst.zarr/sst/c/1/0/0")
    health = check_catalog(tmp_path, storage_options=bucket.storage_options).datasets["sst"]
    assert "read as missing values: sst/c/1/0/0" in the_finding(health).message
    filesystem.rm("bucket/sst.zarr", recursive=True)
    assert check_catalog(tmp_path, storage_options=bucket.storage_options).datasets["sst"].state == "broken"
    wrong = {**bucket.storage_options, "secret": "not-the-right-one"}
    check_catalog(tmp_path, storage_options=wrong)
    kept = (tmp_path / "catalog" / "health.json").read_text()
    assert not any(secret in kept for secret in (bucket.storage_options["key"], bucket.storage_options["secret"], "not-the-right-one"))
