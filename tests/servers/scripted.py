"""An HTTP server that answers each path as it is told, and remembers what it was asked; among others as GitHub's API does."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered, after some seconds perhaps."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    after_s: float = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that came; names of headers are in lower case."""

    path: str
    headers: Mapping[str, str]


@dataclass
class Scripted:
    """The test's end of a running server: its address, what it answers by path, and what it was asked."""

    url: str
    replies: dict[str, Reply]
    otherwise: Reply = field(default_factory=lambda: Reply(404))
    asked: list[Asked] = field(default_factory=list)


@contextmanager
def serve_scripted(replies: Mapping[str, Reply] | None = None) -> Iterator[Scripted]:
    """Answer at a port of the kernel's choice."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            scripted.asked.append(Asked(self.path, {name.lower(): value for name, value in self.headers.items()}))
            reply = scripted.replies.get(path, scripted.otherwise)
            time.sleep(reply.after_s)
            try:
                self.send_response(reply.status)
                for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(reply.body)
            except OSError:  # nobody waits any more
                return

        def log_message(self, *args: Any) -> None:
            """Say nothing: the test reads `asked`."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        scripted = Scripted(f"http://127.0.0.1:{server.server_address[1]}", dict(replies or {}))
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield scripted
        finally:
            server.shutdown()
            thread.join()


# As GitHub's API answers, by its published description.

_DOCUMENTATION = "https://docs.github.com/rest"
LIMITS = {"X-RateLimit-Limit": "60", "X-RateLimit-Used": "1", "X-RateLimit-Resource": "core", "X-RateLimit-Reset": "1767225600"}


def user(login: str) -> Reply:
    """The answer to ``GET /users/{login}``."""
    return _github(200, {"login": login, "id": 1, "node_id": "MDQ6VXNlcjE=", "type": "User", "site_admin": False, "public_repos": 2})


def repository(owner: str, name: str) -> Reply:
    """The answer to ``GET /repos/{owner}/{repo}``."""
    return _github(200, {"id": 1, "name": name, "full_name": f"{owner}/{name}", "private": False, "owner": {"login": owner}})


def not_found() -> Reply:
    """The answer where there is nothing that the asker may see."""
    return _github(404, {"message": "Not Found", "documentation_url": _DOCUMENTATION, "status": "404"})


def bad_credentials() -> Reply:
    """The answer to a token that is not valid."""
    return _github(401, {"message": "Bad credentials", "documentation_url": _DOCUMENTATION, "status": "401"})


def limit_exceeded(status: int = 403) -> Reply:
    """The answer when too much was asked."""
    said = {"message": "API rate limit exceeded for 203.0.113.7.", "documentation_url": _DOCUMENTATION}
    return _github(status, said, {"X-RateLimit-Remaining": "0"})


def secondary_limit(status: int = 403) -> Reply:
    """The answer when too much was asked at once."""
    said = {"message": "You have exceeded a secondary rate limit.", "documentation_url": _DOCUMENTATION}
    return _github(status, said, {"X-RateLimit-Remaining": "50", "Retry-After": "60"})


def _github(status: int, said: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Reply:
    sent = {"Content-Type": "application/json; charset=utf-8", **LIMITS, "X-RateLimit-Remaining": "59", **(headers or {})}
    return Reply(status, json.dumps(said).encode(), sent)
