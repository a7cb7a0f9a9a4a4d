"""The servers that other tests stand on do what their docstrings say."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import fsspec
import pytest
import sqlalchemy

from servers.faulty import LOGIN_PAGE, MISSING, busy, reset, slow, truncated
from servers.rclone import serve_http

pytestmark = pytest.mark.server

CONTENT = bytes(range(256)) * 40


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    bucket = tmp_path / "served" / "bucket"
    bucket.mkdir(parents=True)
    (bucket / "a.bin").write_bytes(CONTENT)
    return bucket


def get(url: str, **headers: str) -> bytes:
    with urlopen(Request(url, headers=headers), timeout=10) as answer:
        return answer.read()


def test_http_serves_ranges(http_server, folder):
    assert get(f"{http_server(folder).url}/a.bin", Range="bytes=10-19") == CONTENT[10:20]


def test_http_opens_by_fsspec(http_server, folder):
    with fsspec.open(f"{http_server(folder).url}/a.bin") as file:
        file.seek(1000)
        assert file.read(5) == CONTENT[1000:1005]


def test_two_servers_stand_side_by_side(http_server, folder):
    assert http_server(folder).url != http_server(folder).url


def test_a_server_is_gone_after_its_context(folder):
    with serve_http(folder) as served:
        host, port = served.url.removeprefix("http://").split(":")
    with socket.socket() as probe:
        assert probe.connect_ex((host, int(port))) != 0


def test_ftp_opens_by_fsspec(ftp_server, folder):
    served = ftp_server(folder)
    with fsspec.open(f"{served.url}/a.bin", **served.storage_options) as file:
        assert file.read() == CONTENT


def test_s3_reads_and_writes_by_fsspec(s3_server, folder):
    served = s3_server(folder.parent)
    with fsspec.open("s3://bucket/new/b.bin", "wb", **served.storage_options) as file:
        file.write(CONTENT)
    assert (folder / "new" / "b.bin").read_bytes() == CONTENT
    with fsspec.open("s3://bucket/a.bin", **served.storage_options) as file:
        assert file.read() == CONTENT


def test_postgres_answers(postgres_url):
    engine = sqlalchemy.create_engine(postgres_url)
    with engine.connect() as connection:
        assert connection.execute(sqlalchemy.text("select 1 + 1")).scalar() == 2
    engine.dispose()


def test_a_faulty_server_that_is_told_nothing_serves_files_and_ranges(faulty_server, folder):
    server = faulty_server(folder)
    assert get(f"{server.url}/a.bin") == CONTENT
    assert get(f"{server.url}/a.bin", Range="bytes=-3") == CONTENT[-3:]
    with fsspec.open(f"{server.url}/a.bin", block_size=512) as file:
        file.seek(2000)
        assert file.read(5) == CONTENT[2000:2005]


def test_a_faulty_server_counts_requests_by_path(faulty_server, folder):
    server = faulty_server(folder)
    get(f"{server.url}/a.bin")
    get(f"{server.url}/a.bin", Range="bytes=0-9")
    with pytest.raises(HTTPError):
        get(f"{server.url}/b.bin")
    assert (server.count("/a.bin"), server.count("/b.bin"), server.count()) == (2, 1, 3)
    assert [(request.range, request.status) for request in server.requests("/a.bin")] == [(None, 200), ("bytes=0-9", 206)]


def test_a_missing_file_is_404_for_good(faulty_server, folder):
    server = faulty_server(folder)
    server.misbehave("/a.bin", MISSING)
    for _ in range(3):
        with pytest.raises(HTTPError) as caught:
            get(f"{server.url}/a.bin")
        caught.value.close()
        assert caught.value.code == 404


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_refuses_and_then_serves(faulty_server, folder, status):
    server = faulty_server(folder)
    server.misbehave("/a.bin", busy(2, status=status, retry_after=7))
    for _ in range(2):
        with pytest.raises(HTTPError) as caught:
            get(f"{server.url}/a.bin")
        caught.value.close()
        assert (caught.value.code, caught.value.headers["Retry-After"]) == (status, "7")
    assert get(f"{server.url}/a.bin") == CONTENT


def test_a_connection_is_reset_in_the_middle_of_the_body_and_then_is_not(faulty_server, folder):
    server = faulty_server(folder)
    server.misbehave("/a.bin", reset(1, after=100))
    with pytest.raises(ConnectionResetError):
        get(f"{server.url}/a.bin")
    assert get(f"{server.url}/a.bin") == CONTENT


def test_a_login_page_is_html_with_status_200(faulty_server, folder):
    server = faulty_server(folder)
    server.misbehave("/a.bin", LOGIN_PAGE)
    with urlopen(f"{server.url}/a.bin") as answer:
        assert (answer.status, answer.headers.get_content_type()) == (200, "text/html")
        assert b"Please log in" in answer.read()


def test_a_truncated_file_says_that_it_is_shorter(faulty_server, folder):
    server = faulty_server(folder)
    server.misbehave("/a.bin", truncated(100))
    assert get(f"{server.url}/a.bin") == CONTENT[:100]
    assert get(f"{server.url}/a.bin", Range="bytes=90-200") == CONTENT[90:100]


def test_a_slow_body_takes_its_time(faulty_server, folder):
    server = faulty_server(folder)
    server.misbehave("/a.bin", slow(bytes_per_s=len(CONTENT) * 2))
    began = time.monotonic()
    assert get(f"{server.url}/a.bin") == CONTENT
    assert time.monotonic() - began >= 0.4


def test_faults_are_forgotten_on_request(faulty_server, folder):
    server = faulty_server(folder)
    server.misbehave("/a.bin", MISSING)
    server.behave()
    assert get(f"{server.url}/a.bin") == CONTENT
