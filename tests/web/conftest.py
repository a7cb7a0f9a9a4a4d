"""A catalogue of a few datasets, served by a real server on loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from playwright.sync_api import Browser, Page, expect

from pangeo_forge.api.cataloguing import create_catalog, open_tree
from pangeo_forge.catalog.library import Library
from pangeo_forge.web.app import make_app
from servers.asgi import serve_app
from servers.browser import find_chromium, start_browser

expect.set_options(timeout=30_000)


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


def serve(target: Path) -> AbstractContextManager[str]:
    """Serve a catalogue; what is entered is the address."""
    return serve_app(make_app(Library(open_tree(target))))


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


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = find_chromium()
    if program is None:
        pytest.skip("there is no chromium: apt-get install chromium")
    with start_browser(program) as started:
        yield started


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    """A page that fails its test if its console complains, or if anything leaves this machine."""
    context = browser.new_context(base_url=site, viewport={"width": 1200, "height": 900})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    faults: list[str] = []
    opened = context.new_page()
    opened.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("request", lambda request: None if request.url.startswith((site, "data:")) else faults.append(request.url))
    yield opened
    context.close()
    assert faults == []


@pytest.fixture
def plain_page(browser: Browser, site: str) -> Iterator[Page]:
    """A page without JavaScript."""
    context = browser.new_context(base_url=site, java_script_enabled=False)
    yield context.new_page()
    context.close()
