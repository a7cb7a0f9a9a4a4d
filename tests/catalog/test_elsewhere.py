"""Catalogues and their datasets on S3 and on web servers: made, searched, checked, served and opened as those on a disk are."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

import pangeo_forge as pf
from pangeo_forge.api.cataloguing import Search, create_catalog, open_tree, search_catalog
from pangeo_forge.api.checking import check_catalog
from pangeo_forge.api.configuring import use_storage_options
from pangeo_forge.catalog.library import Library
from pangeo_forge.errors import UsageError
from pangeo_forge.web.app import make_app
from servers.asgi import serve_app
from servers.rclone import Served
from strangers import SECRET, make_references, write_json, write_parquet, write_secret

pytestmark = pytest.mark.server

Forge = Callable[..., subprocess.CompletedProcess[str]]


def write_store(path: Path) -> Path:
    lat, lon = ("lat", [0.0, 1.0], {"units": "degrees_north"}), ("lon", [10.0, 11.0], {"units": "degrees_east"})
    ds = xr.Dataset({"sst": (("lat", "lon"), np.arange(4.0).reshape(2, 2))}, {"lat": lat, "lon": lon}, {"title": "Made up"})
    ds.to_zarr(path, consolidated=True)
    return path


@pytest.fixture
def bucket(tmp_path: Path) -> Path:
    """The folder that is served as the bucket ``bucket``, with one store."""
    write_store(tmp_path / "served" / "bucket" / "sst.zarr")
    return tmp_path / "served" / "bucket"


@pytest.fixture
def s3(bucket: Path, s3_server: Callable[[Path], Served]) -> Served:
    return s3_server(bucket.parent)


@pytest.fixture
def options_file(s3: Served, tmp_path: Path) -> Path:
    (tmp_path / "options.json").write_text(json.dumps({"s3": s3.storage_options}))
    return tmp_path / "options.json"


def holds_keys(folder: Path, served: Served) -> bool:
    secrets = [str(served.storage_options[name]).encode() for name in ("key", "secret")]
    return any(secret in path.read_bytes() for path in folder.rglob("*") if path.is_file() for secret in secrets)


@contextmanager
def serving(catalog: str, environ: dict[str, str], *arguments: str) -> Iterator[str]:
    """Run the server as a command, and give its address."""
    command = [sys.executable, "-m", "pangeo_forge", "catalog", "serve", catalog, "--port", "0", "--json", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ) as process:
        try:
            assert process.stdout
            yield json.loads("".join(process.stdout.readline() for _ in range(3)))["url"]
        finally:
            process.terminate()


def get(url: str) -> bytes:
    with urllib.request.urlopen(url) as answer:
        content: bytes = answer.read()
    return content


# Commands.


def test_keys_of_a_file_describe_stores_on_s3_in_a_folder_and_check_them(
    forge: Forge, s3: Served, options_file: Path, tmp_path: Path
) -> None:
    made = forge("catalog", "create", "s3://bucket", "--output", tmp_path / "catalog", "--storage-options", options_file)
    assert (made.returncode, made.stdout) == (0, "1 described, 0 unchanged, 0 gone\n"), made.stderr
    assert not holds_keys(tmp_path / "catalog", s3)
    asset = json.loads((tmp_path / "catalog" / "sst" / "collection.json").read_text())["assets"]["data"]
    assert asset["href"] == "s3://bucket/sst.zarr"
    assert asset["xarray:storage_options"]["client_kwargs"]["endpoint_url"] == s3.storage_options["client_kwargs"]["endpoint_url"]
    without = forge("catalog", "check", tmp_path / "catalog")
    assert (without.returncode, without.stdout.splitlines()[-1]) == (0, "1 unknown")
    checked = forge("catalog", "check", tmp_path / "catalog", "--storage-options", options_file)
    assert (checked.returncode, checked.stdout) == (0, "1 healthy\n"), checked.stderr
    assert not holds_keys(tmp_path / "catalog", s3)


@pytest.mark.slow
def test_keys_of_the_environment_make_search_and_serve_a_catalogue_on_s3(
    forge: Forge, forge_environ: dict[str, str], s3: Served, bucket: Path
) -> None:
    environ = {"FSSPEC_S3": json.dumps(s3.storage_options)}
    made = forge("catalog", "create", "s3://bucket", **environ)
    assert (made.returncode, made.stdout) == (0, "1 described, 0 unchanged, 0 gone\n"), made.stderr
    assert not holds_keys(bucket / "catalog", s3)
    found = forge("catalog", "search", "s3://bucket", "made", "--json", **environ)
    assert json.loads(found.stdout)["matched"] == 1
    with serving("s3://bucket", forge_environ | environ) as address:
        assert b"Made up" in get(f"{address}datasets/sst")
        assert json.loads(get(f"{address}datasets/sst/plot.json"))["text"] == "sst: mostly 0 to 3"
        assert b"xr-wrap" in get(f"{address}datasets/sst/repr")


def test_stores_of_a_disk_are_described_on_s3(forge: Forge, s3: Served, options_file: Path, tmp_path: Path) -> None:
    store = write_store(tmp_path / "stores" / "here.zarr")
    made = forge("catalog", "create", tmp_path / "stores", "--output", "s3://bucket/catalog", "--storage-options", options_file)
    assert (made.returncode, made.stdout) == (0, "1 described, 0 unchanged, 0 gone\n"), made.stderr
    page = search_catalog("s3://bucket/catalog", Search(), storage_options=s3.storage_options)
    assert [item["assets"]["data"]["href"] for item in page.items] == [str(store)]
    valid = forge("catalog", "validate", "s3://bucket/catalog", "--storage-options", options_file, "--json")
    assert (valid.returncode, json.loads(valid.stdout)["objects"]) == (0, 3), valid.stderr
    written = forge(
        "catalog", "export", "s3://bucket/catalog", "--as", "intake", "-o", tmp_path / "intake.yaml", "--storage-options", options_file
    )
    assert (written.returncode, written.stdout) == (0, "1 dataset written\n"), written.stderr


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("key: nobody-may-see-this", "the storage options are no JSON"),
        ('["nobody-may-see-this"]', "the storage options do not say which protocol they are of"),
        ('{"key": "nobody-may-see-this"}', "the storage options do not say which protocol they are of"),
    ],
)
def test_storage_options_of_another_form_are_refused_without_repeating_them(tmp_path: Path, content: str, fault: str) -> None:
    (tmp_path / "options").write_text(content)
    with pytest.raises(UsageError, match=fault) as caught:
        use_storage_options(tmp_path / "options")
    assert "nobody-may-see-this" not in f"{caught.value} {caught.value.hint}"


# A web server.


@pytest.mark.slow
def test_a_catalogue_on_a_web_server_is_searched_checked_and_served(bucket: Path, tmp_path: Path, http_server: Any) -> None:
    url = http_server(bucket).url
    assert create_catalog(url, bucket / "catalog").problems == ()
    page = search_catalog(f"{url}/catalog", Search(words=["made"]))
    assert [item["assets"]["data"]["href"] for item in page.items] == [f"{url}/sst.zarr"]
    checkup = check_catalog(f"{url}/catalog")
    assert checkup.unkept == "a web server takes no files"
    assert [finding.check for finding in checkup.datasets["sst"].findings] == ["browser"]  # its server sends nothing for other sites
    with serve_app(make_app(Library(open_tree(f"{url}/catalog")))) as address:
        assert b"Made up" in get(f"{address}/datasets/sst")
        assert json.loads(get(f"{address}/datasets/sst/plot.json"))["text"] == "sst: mostly 0 to 3"


# References.


@pytest.mark.parametrize("form", ["json", "parquet"])
def test_references_on_a_web_server_open_with_the_files_beside_them(bucket: Path, form: str, http_server: Any) -> None:
    url = http_server(bucket).url
    write_secret(bucket / "files")
    refs = make_references(sst=f"{url}/files/secret")
    path = write_json(bucket / "refs.json", refs) if form == "json" else write_parquet(bucket / "refs.parquet", refs)
    assert pf.open(f"{url}/{path.name}").sst.values.tobytes() == SECRET


@pytest.mark.parametrize("form", ["json", "parquet"])
def test_references_on_s3_are_described_checked_and_opened_with_the_files_beside_them(
    bucket: Path, tmp_path: Path, form: str, s3: Served
) -> None:
    write_secret(bucket / "files")
    refs = make_references(lat="s3://bucket/files/secret", sst="s3://bucket/files/secret")
    path = write_json(bucket / "refs.json", refs) if form == "json" else write_parquet(bucket / "refs.parquet", refs)
    options = s3.storage_options
    assert create_catalog("s3://bucket", storage_options=options).problems == ()
    checkup = check_catalog("s3://bucket", storage_options=options)
    assert {name: health.findings for name, health in checkup.datasets.items()} == {"sst": (), "refs": ()}
    for what in (f"s3://bucket/{path.name}", "s3://bucket/catalog/refs/collection.json"):
        assert pf.open(what, storage_options=options).sst.values.tobytes() == SECRET
