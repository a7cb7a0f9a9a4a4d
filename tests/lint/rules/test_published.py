"""The stores that catalog.yaml lists are looked for as everybody finds them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import xarray as xr

from lint.feedstocks import lint, write_good
from pangeo_forge.lint.findings import Finding, Level
from pangeo_forge.lint.options import Options
from pangeo_forge.lint.servers.hosts import PRIVATE_NETWORKS
from pangeo_forge.lint.servers.published import _to_http
from servers.faulty import LOGIN_PAGE, Fault

ONLINE = Options(select=("PFC004", "PFC005", "PFC009"), online=True)

CATALOG = """\
meta_yaml_url: https://github.com/example/sst-feedstock/blob/main/feedstock/meta.yaml
tags: [ocean]
stores:
  - id: sst
    url: {url}
"""


@pytest.fixture(autouse=True)
def loopback(monkeypatch):
    """Whoever runs the linter allows this machine to be asked."""
    monkeypatch.setenv(PRIVATE_NETWORKS, "127.0.0.0/8")
    for name in ("GITHUB_API_URL", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def published(tmp_path):
    """A folder of stores of all kinds."""
    folder = tmp_path / "published"
    dataset = xr.Dataset({"sst": ("time", [1.0, 2.0])}, attrs={"pangeo_forge_build_timestamp": "2024-03-01T12:00:00+00:00"})
    dataset.to_zarr(folder / "v3.zarr", zarr_format=3, consolidated=False)
    dataset.to_zarr(folder / "v2.zarr", zarr_format=2, consolidated=True)
    dataset.to_zarr(folder / "v2-alone.zarr", zarr_format=2, consolidated=False)
    write(folder / "references.json", json.dumps({"version": 1, "refs": {".zgroup": '{"zarr_format": 2}'}}))
    write(folder / "old-references.json", json.dumps({".zgroup": '{"zarr_format": 2}', "sst/0": ["a.nc", 0, 100]}))
    write(folder / "references.parquet" / ".zmetadata", json.dumps({"metadata": {".zgroup": {"zarr_format": 2}}, "record_size": 10_000}))
    write(folder / "ice1" / "refs" / "branch.main" / "ref.json", '{"snapshot":"1CECHNKREP0F1RSTCMT0"}')
    write(folder / "ice2" / "repo", "ICE🧊CHUNKic-2.3.1")
    write(folder / "data.nc", "\x89HDF...")
    write(folder / "empty" / "readme.txt", "nothing")
    return folder


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("latin-1") if text.startswith("\x89") else text.encode())


def find(root: Path, url: str, more: str = "") -> list[Finding]:
    return list(lint(write_good(root / "feedstock-repository", {"feedstock/catalog.yaml": CATALOG.replace("{url}", url) + more}), ONLINE))


def shown(findings: list[Finding]) -> list[str]:
    return [f"{finding.code} {finding.level} {finding.where.line}:{finding.where.column} {finding.message}" for finding in findings]


@pytest.mark.parametrize(
    "name",
    ["v3.zarr", "v3.zarr/", "v2.zarr", "v2-alone.zarr", "references.json", "old-references.json", "references.parquet", "ice1", "ice2"],
)
def test_stores_of_all_kinds_are_found(tmp_path, published, http_server, name):
    assert find(tmp_path, f"{http_server(published).url}/{name}") == []


@pytest.mark.parametrize("name", ["nowhere.zarr", "empty", "gone.json", "gone.nc"])
def test_nothing_where_a_store_should_be_is_an_error(tmp_path, published, http_server, name):
    url = f"{http_server(published).url}/{name}"
    assert shown(find(tmp_path, url)) == [f"PFC004 error 5:10 there is no Zarr, Icechunk or kerchunk store at '{url}'"]


def test_a_file_of_data_is_no_store(tmp_path, published, http_server):
    url = f"{http_server(published).url}/data.nc"
    (found,) = find(tmp_path, url)
    assert shown([found]) == [f"PFC004 warning 5:10 '{url}' is a NetCDF or HDF5 file, and no store"]
    assert found.help == "Write what it is opened with: `xarray_open_kwargs: {engine: h5netcdf}`."
    assert find(tmp_path, url, "    xarray_open_kwargs:\n      engine: netcdf4\n") == []


def test_pages_are_no_stores(tmp_path, published, faulty_server):
    server = faulty_server(published)
    for name in ("zarr.json", ".zmetadata", ".zgroup", ".zarray", "repo", "refs/branch.main/ref.json"):
        server.misbehave(f"/page/{name}", LOGIN_PAGE)
    server.misbehave("/page", LOGIN_PAGE)
    assert [finding.code for finding in find(tmp_path, f"{server.url}/page")] == ["PFC004"]


@pytest.mark.parametrize("status", [401, 403])
def test_a_store_that_is_not_for_everybody_is_a_warning(tmp_path, published, scripted_server, status):
    server = scripted_server()
    server.otherwise = type(server.otherwise)(status)
    url = f"{server.url}/private.zarr"
    (found,) = find(tmp_path, url)
    assert shown([found]) == [f"PFC005 warning 5:10 nobody without credentials can read the store '{url}' (status {status})"]
    assert find(tmp_path, url, "    public: false\n") == []


def test_a_folder_whose_listing_is_forbidden_is_no_private_store(tmp_path, published, faulty_server):
    server = faulty_server(published)
    server.misbehave("/nowhere", Fault(status=403))
    assert [finding.code for finding in find(tmp_path, f"{server.url}/nowhere")] == ["PFC004"]


@pytest.mark.parametrize("status", [400, 429, 500, 503])
def test_a_server_in_trouble_is_a_hint(tmp_path, published, scripted_server, status):
    server = scripted_server()
    server.otherwise = type(server.otherwise)(status)
    assert shown(find(tmp_path, f"{server.url}/a.zarr")) == [
        f"PFC004 hint 5:10 the store was not checked: the server answered with the status {status}"
    ]


def test_a_server_that_cannot_be_found_is_one_hint(tmp_path):
    more = "  - id: other\n    url: https://data.example.org/b.zarr\n"
    assert shown(find(tmp_path, "https://data.example.org/a.zarr", more)) == [
        "PFC004 hint 5:10 the store was not checked: data.example.org cannot be found"
    ]


def test_a_protocol_that_cannot_be_asked_is_a_hint(tmp_path):
    assert shown(find(tmp_path, "abfs://container/a.zarr")) == [
        "PFC004 hint 5:10 the store was not checked: what is at abfs:// cannot be asked without credentials"
    ]


def test_a_catalogue_cannot_make_the_linter_ask_a_cloud_for_its_secrets(tmp_path):
    (found,) = find(tmp_path, "http://169.254.169.254/latest/a.zarr")
    assert found.level is Level.HINT
    assert found.message == "the store was not checked: 169.254.169.254 is not asked: its address is one that no archive has"


def test_a_long_list_is_looked_at_in_part(tmp_path, published, faulty_server):
    server = faulty_server(published)
    more = "".join(f"  - id: s{number}\n    url: {server.url}/{number}/v3.zarr\n" for number in range(30))
    assert len(find(tmp_path, f"{server.url}/v3.zarr", more)) == 9


def test_a_store_is_asked_for_once(tmp_path, published, faulty_server):
    server = faulty_server(published)
    find(tmp_path, f"{server.url}/v3.zarr")
    assert sorted(request.path for request in server.requests()) == ["/v3.zarr/.zmetadata", "/v3.zarr/zarr.json"]


# Object stores.


@pytest.mark.parametrize(
    ("url", "http"),
    [
        ("s3://bucket/a/b.zarr/", "https://bucket.s3.amazonaws.com/a/b.zarr"),
        ("s3://my.bucket/b.zarr", "https://s3.amazonaws.com/my.bucket/b.zarr"),
        ("gs://bucket/b.zarr", "https://storage.googleapis.com/bucket/b.zarr"),
        ("https://data.example.org/b.zarr", "https://data.example.org/b.zarr"),
        ("abfs://container/b.zarr", None),
        ("simplecache::s3://bucket/b.zarr", None),
    ],
)
def test_object_stores_are_read_as_everybody_reads_them(url, http):
    assert _to_http(url, {}) == http


def test_an_object_store_of_one_s_own_is_asked_where_its_variable_says(tmp_path, published, http_server, monkeypatch):
    monkeypatch.delenv(PRIVATE_NETWORKS)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"{http_server(published.parent).url}/")
    assert find(tmp_path, "s3://published/v3.zarr") == []
    assert [finding.code for finding in find(tmp_path, "s3://published/gone.zarr")] == ["PFC004"]


def test_a_store_behind_keys_is_not_read_by_the_keys_of_this_machine(tmp_path, published, s3_server, monkeypatch):
    served = s3_server(published.parent)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", served.storage_options["client_kwargs"]["endpoint_url"])
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", served.storage_options["key"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", served.storage_options["secret"])
    (found,) = find(tmp_path, "s3://published/v3.zarr")
    assert (found.level, found.message) == (Level.HINT, "the store was not checked: the server answered with the status 400")


# PFC009.


def commit(root: Path, date: str) -> None:
    environ = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date, "HOME": str(root), "PATH": "/usr/bin:/bin:/usr/local/bin"}
    for arguments in (["init", "-q"], ["add", "."], ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "commit", "-qm", "recipe"]):
        subprocess.run(["git", *arguments], cwd=root, env=environ, check=True)


@pytest.mark.parametrize("name", ["v3.zarr", "v2.zarr"])
def test_a_store_that_is_older_than_the_recipe_is_a_hint(tmp_path, published, http_server, name):
    root = write_good(tmp_path / "repository", {"feedstock/catalog.yaml": CATALOG.replace("{url}", f"{http_server(published).url}/{name}")})
    commit(root, "2024-05-02T10:00:00+02:00")
    assert shown(list(lint(root, ONLINE))) == ["PFC009 hint 5:10 the store is of 2024-03-01, but the recipe was changed on 2024-05-02"]


@pytest.mark.parametrize("date", ["2024-02-01T10:00:00Z", None])
def test_a_store_that_is_newer_or_has_no_history_is_no_finding(tmp_path, published, http_server, date):
    url = f"{http_server(published).url}/v3.zarr"
    root = write_good(tmp_path / "repository", {"feedstock/catalog.yaml": CATALOG.replace("{url}", url)})
    if date:
        commit(root, date)
    assert lint(root, ONLINE) == ()


def test_a_part_of_the_history_tells_nothing(tmp_path, published, http_server):
    url = f"{http_server(published).url}/v3.zarr"
    root = write_good(tmp_path / "repository", {"feedstock/catalog.yaml": CATALOG.replace("{url}", url)})
    commit(root, "2024-05-02T10:00:00Z")
    subprocess.run(["git", "clone", "-q", "--depth=1", f"file://{root}", str(tmp_path / "shallow")], check=True)
    assert lint(tmp_path / "shallow", ONLINE) == ()
