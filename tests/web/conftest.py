"""A catalogue of a few datasets, served by a real server on loopback."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
import pytest
import uvicorn
import xarray as xr

from pangeo_forge.api.cataloguing import create_catalog, open_tree
from pangeo_forge.catalog.library import Library
from pangeo_forge.web.app import make_app


def write_store(path: Path, *, west: float = 0.0, year: int = 2000, **attrs: str) -> None:
    lat, lon = ("lat", [10.0, 11.0], {"units": "degrees_north"}), ("lon", [west, west + 1], {"units": "degrees_east"})
    times = np.array([f"{year}-01-01", f"{year}-07-01"], "M8[ns]")
    values = np.arange(8.0).reshape(2, 2, 2)
    ds = xr.Dataset(
        {"sst": (("time", "lat", "lon"), values, {"standard_name": "sea_surface_temperature", "units": "K"})},
        {"time": times, "lat": lat, "lon": lon},
        attrs,
    )
    ds.to_zarr(path, mode="w", consolidated=False)


@pytest.fixture(scope="session")
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("served")
    write_store(root / "atlantic.zarr", west=-30, year=1990, title="The Atlantic")
    write_store(root / "pacific.zarr", west=179.5, year=2000, title="The Pacific, across the antimeridian")
    write_store(root / "europe.zarr", west=10, year=2010, title="Europe <script>alert(1)</script>", history="<img src=x onerror=alert(1)>")
    create_catalog(root, title="Three datasets")
    return root


@contextmanager
def serve(target: Path) -> Iterator[str]:
    """Serve a catalogue, and give the address."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(make_app(Library(open_tree(target))), log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@pytest.fixture(scope="session")
def site(target: Path) -> Iterator[str]:
    """The address of a server of the catalogue."""
    with serve(target) as address:
        yield address


@pytest.fixture
def serve_catalog() -> Iterator[Callable[[Path], str]]:
    """Serve a catalogue of the test's own: ``serve_catalog(folder)`` is the address."""
    with ExitStack() as stack:
        yield lambda folder: stack.enter_context(serve(folder))
