"""Which server it was that did not answer."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from types import TracebackType

#: How libraries call it that a server cannot be reached, or does not give what it should. They need not be installed.
_NAMES = frozenset(
    {
        "ClientConnectionError",
        "ClientResponseError",
        "ConnectError",
        "ConnectTimeout",
        "EndpointConnectionError",
        "HTTPError",
        "HTTPStatusError",
        "MaxRetryError",
        "NoCredentialsError",
        "ReadTimeout",
        "URLError",
    }
)
_URL = re.compile(r"\b(?:https?|ftp|s3|gs)://(?:[^\s/@'\"]*@)?(?P<host>[\w.-]+)")
_HOST = re.compile(r"\bhost[ =]+'?(?P<host>[\w.-]+)'?")


def find_host(error: BaseException) -> str | None:
    """Name the host that an exception is about, if it says that one could not be reached or did not answer well.

    Where no text names it, the variables of the functions that were at work are looked at.
    """
    chain = list(_chain(error))
    if not any(_is_of_connections(one) for one in chain):
        return None
    for one in chain:
        if match := _URL.search(_text(one)) or _HOST.search(_text(one)):
            return match["host"]
    return next((host for one in chain if (host := _host_in_frames(one.__traceback__))), "a server")


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        yield one
        one = one.__cause__ or one.__context__


def _is_of_connections(error: BaseException) -> bool:
    if isinstance(error, socket.gaierror | ConnectionError | TimeoutError):
        return True
    return any(kind.__name__ in _NAMES for kind in type(error).__mro__)


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # of its own `__str__`
        return ""


def _host_in_frames(rest: TracebackType | None) -> str | None:
    found = None
    while rest is not None:
        variables = rest.tb_frame.f_locals
        host = variables.get("host") or getattr(variables.get("self"), "host", None)
        found = host if isinstance(host, str) and host else found
        rest = rest.tb_next
    return found
