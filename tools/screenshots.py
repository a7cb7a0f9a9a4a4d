"""Make the pictures of the catalogue that the documentation shows: real files, a real server, a real browser, the terminal's program.

    python tools/screenshots.py            writes docs/images/*.png and *.svg

Needs Chromium and the test group (iris-sample-data, playwright).
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT / "tests"))

import iris_sample_data
import pyproj  # noqa: F401  (before the libraries for GRIB, which have a PROJ of another version)
import xarray as xr
from PIL import Image
from playwright.sync_api import Browser, Page

from pangeo_forge.api.cataloguing import create_catalog, open_tree
from pangeo_forge.catalog.library import Library
from pangeo_forge.web.app import make_app
from servers.asgi import serve_app
from servers.browser import find_chromium, start_browser
from tui.screen import User, sitting_before

IMAGES = PROJECT / "docs" / "images"

#: Files, and what their datasets are called.
DATASETS = {
    "ostia": ("ostia_monthly.nc", "Sea surface temperature along the equator"),
    "a1b": ("A1B_north_america.nc", "North America in scenario A1B"),
    "nemo": ("NEMO/nemo_1m_20150101-20150201_grid-T.nc", "An ocean on a curvilinear grid"),
    "msg": ("toa_brightness_stereographic.nc", "Clouds seen from a satellite"),
    "rotated": ("rotated_pole.nc", "Pressure on a rotated grid"),
}


def write_datasets(folder: Path) -> None:
    """Write the files as Zarr."""
    for name, (file, title) in DATASETS.items():
        with xr.open_dataset(Path(iris_sample_data.path) / file, decode_timedelta=False) as ds:
            for variable in ds.variables.values():
                kept = ("units", "calendar", "dtype", "_FillValue", "scale_factor", "add_offset")
                variable.encoding = {key: value for key, value in variable.encoding.items() if key in kept}
            ds.assign_attrs(title=title).to_zarr(folder / f"{name}.zarr")


def serve(folder: Path) -> AbstractContextManager[str]:
    """Serve the catalogue of a folder; what is entered is the address."""
    return serve_app(make_app(Library(open_tree(folder)), folder / "pictures"))


@contextmanager
def look(browser: Browser, address: str, width: int, scheme: str = "light") -> Iterator[Page]:
    """Open a page, and wait until all of its pictures are there."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.goto(address)
    for picture in page.locator("img").all():
        picture.scroll_into_view_if_needed()
        picture.evaluate("async (image) => { await image.decode(); }")
    page.wait_for_load_state("networkidle")
    page.evaluate("scrollTo(0, 0)")
    yield page
    context.close()


def keep(page: Page, name: str, height: int | None = None, selector: str | None = None) -> None:
    """Keep a page or a part of it, in 128 colours."""
    path = IMAGES / f"{name}.png"
    if selector:
        page.locator(selector).screenshot(path=path)
    else:
        page.screenshot(path=path, clip={"x": 0, "y": 0, "width": page.viewport_size["width"], "height": height}, full_page=True)
    Image.open(path).convert("RGB").quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path.relative_to(PROJECT)}: {path.stat().st_size:,} bytes")


async def draw_terminal(folder: Path) -> None:
    """Keep what `catalog browse` shows: its list, and a dataset's page."""
    async with sitting_before(Library(open_tree(folder)), (112, 30)) as user:
        await user.sees("5 datasets", "Licence")
        await user.press("down")
        keep_terminal(user, "catalog-browse")
        await user.press("enter")
        await user.sees("Overview", "Version")
        await user.press("right", "right")
        await user.sees("DESCRIPTION", "EXTENT")
        keep_terminal(user, "catalog-browse-variables")


def keep_terminal(user: User, name: str) -> None:
    """Keep what is on the screen, without the address of a font that a browser would fetch."""
    path = IMAGES / f"{name}.svg"
    drawn = re.sub(r"@font-face {.*?}", "", user.app.export_screenshot(title="pangeo-forge catalog browse"), flags=re.DOTALL)
    assert "https://" not in drawn.replace("https://www.textualize.io", "")
    path.write_text(drawn, encoding="utf-8")
    print(f"{path.relative_to(PROJECT)}: {path.stat().st_size:,} bytes")


def main() -> None:
    warnings.simplefilter("ignore")  # what xarray says of old files
    program = find_chromium()
    if program is None:
        raise SystemExit("there is no chromium: apt-get install chromium")
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        write_datasets(Path(folder))
        outcome = create_catalog(folder, title="Sample data")
        assert not outcome.problems, outcome.problems
        asyncio.run(draw_terminal(Path(folder)))
        with serve(Path(folder)) as site, start_browser(program) as browser:
            with look(browser, site, 1000) as page:
                keep(page, "catalog-list", 1150)
            with look(browser, f"{site}/datasets/nemo", 1000, "dark") as page:
                keep(page, "catalog-plot-dark", selector="#plot")


if __name__ == "__main__":
    main()
