"""One question to one server, over HTTP: to an address that was looked at before, with an end in time and size."""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from collections.abc import Mapping
from functools import cache
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from pangeo_forge.lint.servers.hosts import Allowed, Refused, resolve
from pangeo_forge.lint.servers.questions import Answer, NoAnswer, Request

_MOST_REDIRECTS = 4
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PORTS = {"http": 80, "https": 443}
_SECRET = frozenset({"authorization", "cookie"})
_HEADERS = {"User-Agent": "pangeo-forge (recipe lint)", "Accept-Encoding": "identity", "Connection": "close"}
#: What stands for itself in an address.
_PATH = "/%:@!$&'()*+,;=~"
_QUERY = f"{_PATH}?[]"
_PIECE = 16_384


class Exchange:
    """A question on its way, which another thread may break off."""

    def __init__(self, request: Request, allowed: Allowed, deadline: float) -> None:
        self.request = request
        self.allowed = allowed
        self.deadline = deadline
        self._socket: socket.socket | None = None

    def run(self) -> Answer | NoAnswer:
        """Ask, and follow where the server points to."""
        host = ""
        try:
            url = urlsplit(self.request.url)
            headers = dict(self.request.headers)
            for _ in range(_MOST_REDIRECTS + 1):
                host = url.hostname or ""
                answer = self._ask(url, headers)
                if answer.status not in _REDIRECTS or "location" not in answer.headers:
                    return answer
                then = urlsplit(urljoin(url.geturl(), answer.headers["location"]))
                if then.netloc != url.netloc or then.scheme != url.scheme:
                    headers = {name: value for name, value in headers.items() if name.lower() not in _SECRET}
                url = then
            return NoAnswer(f"{host} points from one address to the next without end")
        except (OSError, http.client.HTTPException, ValueError, Refused) as error:
            return NoAnswer(_explain(error, host))

    def abort(self) -> None:
        """Break it off."""
        if self._socket is not None:
            try:
                self._socket.shutdown(socket.SHUT_RDWR)
            except OSError:  # it is closed already
                return

    def _ask(self, url: SplitResult, headers: Mapping[str, str]) -> Answer:
        if url.scheme not in _PORTS or not url.hostname:
            raise Refused("the address is not one of http or https")
        self._left()
        port = url.port or _PORTS[url.scheme]
        connection = self._connect(url.scheme, url.hostname, port)
        try:
            target = quote(url.path or "/", safe=_PATH) + (f"?{quote(url.query, safe=_QUERY)}" if url.query else "")
            connection.request("GET", target, headers={**_HEADERS, **headers})
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, found, self._read(answer))
        finally:
            connection.close()

    def _connect(self, scheme: str, host: str, port: int) -> http.client.HTTPConnection:
        """Connect to an address that was looked at, whatever the name stands for by then."""
        connected = self._connect_to(resolve(host, port, self.allowed), port)
        self._socket = connected
        connection: http.client.HTTPConnection
        if scheme == "https":
            connection = http.client.HTTPSConnection(host, port, context=_certificates())
            connection.sock = self._socket = _certificates().wrap_socket(connected, server_hostname=host)
        else:
            connection = http.client.HTTPConnection(host, port)
            connection.sock = connected
        return connection

    def _connect_to(self, addresses: list[str], port: int) -> socket.socket:
        """Connect to the first address that answers."""
        for address in addresses[:-1]:
            try:
                return socket.create_connection((address, port), timeout=self._left() / 2)
            except OSError:  # the machine has others
                continue
        return socket.create_connection((addresses[-1], port), timeout=self._left())

    def _read(self, answer: http.client.HTTPResponse) -> bytes:
        body = b""
        while len(body) < self.request.most and not answer.isclosed():  # with it goes the socket
            if self._socket is not None:
                self._socket.settimeout(self._left())
            piece = answer.read1(min(_PIECE, self.request.most - len(body)))
            if not piece:
                break
            body += piece
        return body

    def _left(self) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


@cache
def _certificates() -> ssl.SSLContext:
    return ssl.create_default_context()


def _explain(error: Exception, host: str) -> str:
    """Say why there is no answer."""
    if isinstance(error, Refused):
        return str(error)
    if isinstance(error, socket.gaierror):
        return f"{host} cannot be found"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate of {host} is not valid"
    if isinstance(error, TimeoutError):
        return f"{host} did not answer in time"
    if isinstance(error, ConnectionRefusedError):
        return f"{host} refuses the connection"
    if isinstance(error, OSError):
        return f"{host} cannot be reached: {error.strerror or type(error).__name__}"
    return f"{host} does not answer as HTTP asks for" if isinstance(error, http.client.HTTPException) else "the address cannot be read"
