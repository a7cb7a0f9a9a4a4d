"""An HTTP server that serves a folder (with ranges) and misbehaves on the paths it is told to, as real archives do.

It is a process of its own, so that a test may fork and kill as it likes, and it ends when the test's end of its pipe closes. Run as a
script it takes commands, one JSON object a line, on standard input, and answers each with one line.
"""

from __future__ import annotations

import json
import re
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What goes wrong with a path, for the first `times` requests of it (None: for all).

    Parameters
    ----------
    status : int
        Answer with this code (``404``, ``429``, ``503``) and no file, if not 0.
    retry_after : int, optional
        With `status`: the seconds of a ``Retry-After`` header.
    reset_after : int, optional
        Promise the whole body, send so many bytes of it and reset the connection.
    page : str, optional
        Answer 200 with this HTML instead of the file.
    size : int, optional
        Serve the file as though it ended after so many bytes.
    bytes_per_s : int, optional
        Send the body no faster than this.
    """

    status: int = 0
    retry_after: int | None = None
    reset_after: int | None = None
    page: str | None = None
    size: int | None = None
    bytes_per_s: int | None = None
    times: int | None = None


NO_FAULT = Fault()
MISSING = Fault(status=404)
LOGIN_PAGE = Fault(page="<!DOCTYPE html>\n<html><head><title>Log in</title></head><body><form>Please log in.</form></body></html>\n")


def busy(times: int, *, status: int = 503, retry_after: int | None = None) -> Fault:
    """Refuse the first requests with 503 (or 429), then serve."""
    return Fault(status=status, times=times, retry_after=retry_after)


def reset(times: int | None = None, *, after: int = 1000) -> Fault:
    """Reset the connection in the middle of the body, for the first requests."""
    return Fault(reset_after=after, times=times)


def truncated(size: int) -> Fault:
    """Serve only the first bytes, as a file whose upload broke off."""
    return Fault(size=size)


def slow(bytes_per_s: int) -> Fault:
    """Send bodies slowly."""
    return Fault(bytes_per_s=bytes_per_s)


@dataclass(frozen=True, slots=True)
class Request:
    """A request that was received: its range is the header's text, or None."""

    method: str
    path: str
    range: str | None
    status: int


class FaultyServer:
    """The test's end of a running server."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.url: str = self._read()["url"]

    def misbehave(self, path: str, fault: Fault) -> None:
        """Let a path (``"/a.nc"``) go wrong from now on; a second fault of a path comes after the first is used up."""
        self._ask({"do": "misbehave", "path": path, "fault": asdict(fault)})

    def behave(self) -> None:
        """Forget all faults."""
        self._ask({"do": "behave"})

    def requests(self, path: str | None = None) -> list[Request]:
        """List the requests so far, of one path or of all, in the order in which they were answered."""
        seen = [Request(**record) for record in self._ask({"do": "requests"})["requests"]]
        return [request for request in seen if path is None or request.path == path]

    def count(self, path: str | None = None) -> int:
        """Count the requests so far, of one path or of all."""
        return len(self.requests(path))

    def _ask(self, command: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the faulty server ended with {self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def serve_faulty(folder: Path) -> Iterator[FaultyServer]:
    """Serve a folder over HTTP, at a port of the kernel's choice, with faults to be asked for."""
    command = [sys.executable, str(Path(__file__).resolve()), str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield FaultyServer(process)
        finally:
            process.terminate()


# From here on: the server's process.


@dataclass
class _State:
    folder: Path
    faults: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def fault_of(self, path: str, method: str) -> Fault:
        """Take the path's next fault; a HEAD has no body that could break, so it does not use up one of those."""
        with self.lock:
            queue = self.faults.get(path, [])
            if not queue:
                return NO_FAULT
            fault = Fault(**queue[0])
            if fault.times is not None and (fault.status or method == "GET"):
                queue[0]["times"] -= 1
                if queue[0]["times"] <= 0:
                    queue.pop(0)
            return fault


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    state: _State


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def log_message(self, *args: Any) -> None:
        """Say nothing: the test reads `requests`."""

    def _answer(self) -> None:
        path = self.path.partition("?")[0]
        fault = self.server.state.fault_of(path, self.command)
        if fault.status:
            self._send(fault.status, b"", retry_after=fault.retry_after)
        elif fault.page is not None:
            self._send(200, fault.page.encode(), content_type="text/html; charset=utf-8")
        else:
            self._send_file(path, fault)

    def _send_file(self, path: str, fault: Fault) -> None:
        file = self.server.state.folder / path.lstrip("/")
        if not file.is_file():
            self._send(404, b"")
            return
        body = file.read_bytes()[: fault.size]
        span = _parse_range(self.headers.get("Range"), len(body))
        if span is None:
            self._send(200, body, fault=fault)
        elif span[0] >= len(body):
            self._send(416, b"", content_range=f"bytes */{len(body)}")
        else:
            start, stop = span
            self._send(206, body[start:stop], fault=fault, content_range=f"bytes {start}-{stop - 1}/{len(body)}")

    def _send(
        self,
        status: int,
        body: bytes,
        *,
        content_type: str = "application/octet-stream",
        content_range: str | None = None,
        retry_after: int | None = None,
        fault: Fault = NO_FAULT,
    ) -> None:
        state = self.server.state
        with state.lock:
            state.requests.append(Request(self.command, self.path.partition("?")[0], self.headers.get("Range"), status))
        self.send_response(status, HTTPStatus(status).phrase)
        headers = {"Content-Type": content_type, "Content-Length": len(body), "Accept-Ranges": "bytes"}
        headers |= {"Content-Range": content_range} if content_range else {}
        headers |= {"Retry-After": retry_after} if retry_after is not None else {}
        for name, value in headers.items():
            self.send_header(name, str(value))
        self.end_headers()
        if self.command != "HEAD":
            self._send_body(body, fault)

    def _send_body(self, body: bytes, fault: Fault) -> None:
        for piece in _pieces(body if fault.reset_after is None else body[: fault.reset_after], fault.bytes_per_s):
            self.wfile.write(piece)
            self.wfile.flush()
        if fault.reset_after is not None:
            self._reset()

    def _reset(self) -> None:
        """Close with a reset: a socket that lingers for no time drops what it holds and says so."""
        time.sleep(0.05)  # what was sent should arrive before the reset does
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True


def _pieces(body: bytes, bytes_per_s: int | None) -> Iterator[bytes]:
    if bytes_per_s is None:
        yield body
        return
    step = max(1, bytes_per_s // 10)
    for start in range(0, len(body), step):
        yield body[start : start + step]
        time.sleep(0.1)


def _parse_range(header: str | None, size: int) -> tuple[int, int] | None:
    """Read a ``Range`` header of one range: ``(start, stop)``, or None for the whole file."""
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", header or "")
    if match is None or match.group(1) == match.group(2) == "":
        return None
    first, last = match.groups()
    if first == "":
        return max(0, size - int(last)), size
    return int(first), min(int(last) + 1, size) if last else size


def _obey(state: _State, command: dict[str, Any]) -> dict[str, Any]:
    with state.lock:
        if command["do"] == "misbehave":
            state.faults.setdefault(command["path"], []).append(command["fault"])
        elif command["do"] == "behave":
            state.faults.clear()
        elif command["do"] == "requests":
            return {"requests": [asdict(request) for request in state.requests]}
        else:
            raise ValueError(f"no such command: {command}")
        return {}


def _main(folder: str) -> None:
    server = _Server(("127.0.0.1", 0), _Handler)
    server.state = _State(Path(folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps({"url": f"http://127.0.0.1:{server.server_address[1]}"}), flush=True)
    for line in sys.stdin:
        print(json.dumps(_obey(server.state, json.loads(line))), flush=True)


if __name__ == "__main__":
    _main(sys.argv[1])
