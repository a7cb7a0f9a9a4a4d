"""A dataset's page: its place on a map, variables, xarray's summary, attributes, versions, and the code that opens it."""

from __future__ import annotations

import shutil
from pathlib import Path

from pangeo_forge.api.cataloguing import open_tree
from pangeo_forge.catalog.library import Library
from tui.conftest import HOSTILE, fill
from tui.screen import User, browse

OPEN, VARIABLES, XARRAY, ATTRIBUTES, VERSIONS = (("right",) * number for number in range(1, 6))


async def open_first(user: User) -> None:
    await user.sees("3 datasets", "An institute")
    await user.press("enter")
    await user.sees("Overview", "How to cite")


def test_enter_opens_a_page_and_escape_goes_back(library: Library):
    async def story(user: User) -> None:
        await open_first(user)
        await user.sees("An institute (producer)", "30.5°W to 28.5°W")
        await user.press("escape")
        await user.sees("3 datasets")

    browse(library, story)


def test_the_page_has_the_variables_and_what_the_dimensions_span(library: Library):
    async def story(user: User) -> None:
        await open_first(user)
        await user.press(*VARIABLES)
        await user.sees("sst", "time, lat, lon", "2 × 2 × 2", "float64", "-30 to -29", "degrees_east")

    browse(library, story)


def test_the_page_has_the_code_which_is_copied(library: Library, stores: Path):
    async def story(user: User) -> None:
        await open_first(user)
        await user.press(*OPEN)
        await user.sees("Python: xarray (data)", "xr.open_dataset", "atlantic.zarr")
        await user.press("c")
        assert str(stores / "atlantic.zarr") in user.app.clipboard

    browse(library, story)


def test_xarrays_own_summary_is_shown(library: Library):
    async def story(user: User) -> None:
        await open_first(user)
        await user.press(*XARRAY)
        await user.sees("<xarray.Dataset>", "Data variables:", "made by hand")

    browse(library, story)


def test_a_dataset_that_cannot_be_opened_says_why(tmp_path: Path):
    root = fill(tmp_path / "stores")
    shutil.rmtree(root / "atlantic.zarr")

    async def story(user: User) -> None:
        await open_first(user)
        await user.press(*XARRAY)
        await user.sees("The dataset cannot be opened here.", "TargetError", "atlantic.zarr")

    browse(Library(open_tree(root)), story)


def test_attributes_are_text_whatever_they_say(library: Library):
    async def story(user: User) -> None:
        await user.sees("3 datasets", "An institute")
        await user.press("down")
        await user.press("enter")
        await user.sees("How to cite")
        await user.press(*ATTRIBUTES)
        await user.sees("[@click=app.quit]press me[/]\\x1b]0;title\\x07", HOSTILE.replace("\x1b", "\\x1b").replace("\x07", "\\x07"))

    browse(library, story)


def test_the_page_has_the_versions(library: Library):
    async def story(user: User) -> None:
        await open_first(user)
        await user.press(*VERSIONS)
        await user.sees("VERSION", "1990-01-01 to 1990-07-01")
        await user.press("enter")
        await user.sees("How to cite")

    browse(library, story)


def test_a_terminal_of_eighty_columns_shows_all_of_it(library: Library):
    async def story(user: User) -> None:
        await user.sees("3 datasets")
        await user.press("enter")
        await user.sees("Overview", "Versions", "⣿")
        for expected in ("xr.open_dataset", "DESCRIPTION", "<xarray.Dataset>", "made by hand", "VERSION"):
            await user.press("right")
            await user.sees(expected)

    browse(library, story, size=(80, 24))
