"""Running the server until it is told to stop."""

from __future__ import annotations

import errno
import signal
import socket
import threading
import webbrowser
from collections.abc import Callable
from types import FrameType

import uvicorn

from pangeo_forge.catalog.library import Library
from pangeo_forge.catalog.sources.trust import Trust
from pangeo_forge.catalog.storage.tree import Tree
from pangeo_forge.errors import UsageError
from pangeo_forge.settings import Settings
from pangeo_forge.web.app import make_app


def serve(tree: Tree, trust: Trust, *, host: str, port: int, announce: Callable[[str], None], open_browser: bool) -> None:
    """Serve a catalogue, until Ctrl-C or SIGTERM.

    Parameters
    ----------
    tree : Tree
        The catalogue.
    trust : Trust
        Where its datasets may lie, and how far their references are followed.
    host, port : str, int
        Where to listen; a port of 0 is any that is free.
    announce : callable
        Is told the address, once it is listened to.
    open_browser : bool
        Whether to show it to the user at once.

    Raises
    ------
    UsageError
        If the port is taken, or the host is no address of this machine.
    """
    try:
        listener = socket.create_server((host, port))
    except OSError as error:
        of_port = error.errno in (errno.EADDRINUSE, errno.EACCES)
        hint = "Choose another port: --port 0 takes any." if of_port else "A host is an address of this machine: 127.0.0.1, or 0.0.0.0."
        raise UsageError(f"{host}:{port} cannot be listened to: {error.strerror}", hint=hint) from None
    with listener:
        address = f"http://{host}:{listener.getsockname()[1]}/"
        announce(address)
        if open_browser:
            threading.Timer(0.5, webbrowser.open, [address]).start()
        app = make_app(Library(tree), Settings.load().home / "pictures", trust)
        # uvicorn ends by the signal that it got, once all is answered: so that processes that draw are seen to, this must not be sudden.
        signal.signal(signal.SIGTERM, _end)
        uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
