"""The servers as pytest's fixtures: each is a function that starts one and leaves the stopping to the test's end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from servers.faulty import FaultyServer, serve_faulty
from servers.postgres import find_postgres, serve_postgres
from servers.rclone import Served, serve_ftp, serve_http, serve_s3
from servers.scripted import Scripted, serve_scripted

Serve = Callable[[Path], Served]


@pytest.fixture
def http_server() -> Iterator[Serve]:
    """Serve a folder over HTTP: ``http_server(folder).url``."""
    with ExitStack() as stack:
        yield lambda folder: stack.enter_context(serve_http(folder))


@pytest.fixture
def ftp_server() -> Iterator[Serve]:
    """Serve a folder over FTP: ``ftp_server(folder).url`` and ``.storage_options``."""
    with ExitStack() as stack:
        yield lambda folder: stack.enter_context(serve_ftp(folder))


@pytest.fixture
def s3_server() -> Iterator[Serve]:
    """Serve a folder as S3, its sub-folders the buckets: ``s3_server(folder).storage_options``, objects at ``s3://sub-folder/name``."""
    with ExitStack() as stack:
        yield lambda folder: stack.enter_context(serve_s3(folder))


@pytest.fixture
def faulty_server() -> Iterator[Callable[[Path], FaultyServer]]:
    """Serve a folder over HTTP with faults: ``faulty_server(folder).misbehave("/a.nc", busy(2))``."""
    with ExitStack() as stack:
        yield lambda folder: stack.enter_context(serve_faulty(folder))


@pytest.fixture
def scripted_server() -> Iterator[Callable[[], Scripted]]:
    """Answer over HTTP as told: ``scripted_server().replies["/a"] = Reply(404)``."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(serve_scripted())


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The SQLAlchemy URL of an empty PostgreSQL database, shared by a session's tests."""
    binaries = find_postgres()
    if binaries is None:
        pytest.skip("needs PostgreSQL's server on this machine (Debian: apt-get install postgresql)")
    with serve_postgres(binaries) as url:
        yield url
