"""Credentials in a repository's URL reach the server, and nobody else."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pangeo_forge.errors import ForgeError
from pangeo_forge.feedstocks.feedstock import Feedstock

PASSWORD = "s3cret:with%colon"
QUOTED = "s3cret%3Awith%25colon"


@dataclass
class Seen:
    """What a server heard, and what the arguments of all processes were at that moment."""

    url: str = ""
    authorizations: list[str] = field(default_factory=list)
    arguments: list[bytes] = field(default_factory=list)


@pytest.fixture
def server() -> Iterator[Seen]:
    seen = Seen()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.authorizations.append(self.headers.get("Authorization", ""))
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    seen.arguments.append(path.read_bytes())
                except OSError:  # the process has ended
                    continue
            self.send_error(403)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        seen.url = f"http://me:{QUOTED}@127.0.0.1:{http.server_address[1]}/owner/repository.git"
        yield seen
        http.shutdown()


@pytest.mark.server
def test_a_password_in_a_url_is_sent_but_is_in_no_argument_and_no_message(server: Seen, tmp_path: Path) -> None:
    with pytest.raises(ForgeError) as caught:
        Feedstock.load(server.url, checkouts=tmp_path)
    assert server.authorizations[0] == "Basic " + base64.b64encode(f"me:{PASSWORD}".encode()).decode()
    assert any(b"git" in arguments for arguments in server.arguments)
    assert not [arguments for arguments in server.arguments if b"s3cret" in arguments]
    assert "s3cret" not in str(caught.value.to_dict())
