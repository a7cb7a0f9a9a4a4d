"""A folder served over HTTP by servers of usual kinds: one that is open to pages of all sites and gives parts of files, and lesser ones."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from servers.asgi import serve_app


def serve_static(folder: Path, *, open_to_all: bool = True) -> AbstractContextManager[str]:
    """Serve a folder with parts of files, to pages of all sites or only to its own; what is entered is the address."""
    middleware = [Middleware(CORSMiddleware, allow_origins=["*"])] if open_to_all else []
    return serve_app(Starlette(routes=[Mount("/", StaticFiles(directory=folder))], middleware=middleware))


class _Whole(SimpleHTTPRequestHandler):
    """Python's own server, which gives whole files only; to pages of all sites."""

    def end_headers(self) -> None:
        self.send_header("Access-Control-Allow-Origin", "*")
        super().end_headers()

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def serve_whole(folder: Path) -> Iterator[str]:
    """Serve a folder by a server that knows no ranges; yields the address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Whole, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
