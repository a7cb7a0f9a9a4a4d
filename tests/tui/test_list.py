"""The list: searched as one types, with a glance at where the cursor is."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from pangeo_forge.api.cataloguing import open_tree
from pangeo_forge.catalog.index.search import Index, Query
from pangeo_forge.catalog.library import Library
from pangeo_forge.tui.listing import DatasetList
from tui.screen import User, browse


def test_all_datasets_are_listed_with_the_catalogues_title(library: Library):
    async def story(user: User) -> None:
        await user.sees("Three seas", "3 datasets", "The Atlantic", "1990-01-01 to 1990-07-01", "The Pacific, across the antimeridian")

    browse(library, story)


def test_the_list_is_searched_while_one_types(library: Library):
    async def story(user: User) -> None:
        await user.sees("3 datasets")
        await user.press("slash")
        await user.type("paci")
        await user.sees("1 dataset\n", "The Pacific")
        await user.sees_no("The Atlantic")

    browse(library, story)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("bbox:170,0,-170,20", "The Pacific"),
        ("datetime:1990", "The Atlantic"),
        ("variable:sea_surface_temperature atlantic", "The Atlantic"),
    ],
)
def test_filters_are_typed_like_the_options_of_search(library: Library, typed: str, found: str):
    async def story(user: User) -> None:
        await user.sees("3 datasets")
        await user.press("slash")
        await user.type(typed)
        await user.sees("1 dataset\n", found)

    browse(library, story)


def test_a_filter_that_is_not_typed_to_its_end_is_told_and_leaves_the_list(library: Library):
    async def story(user: User) -> None:
        await user.sees("3 datasets")
        await user.press("slash")
        await user.type("bbox:-30,3")
        await user.sees("the bounding box '-30,3' has 2 numbers, not four", "The Atlantic", "The Pacific")

    browse(library, story)


def test_nothing_found_is_said(library: Library):
    async def story(user: User) -> None:
        await user.sees("3 datasets")
        await user.press("slash")
        await user.type("nowhere")
        await user.sees("Nothing was found")
        await user.press("down", "c")
        await user.sees("There is no code that opens it")

    browse(library, story)


def test_escape_leaves_the_search_field_and_then_shows_everything(library: Library):
    async def story(user: User) -> None:
        await user.sees("3 datasets")
        await user.press("slash")
        await user.type("paci")
        await user.sees("1 dataset\n")
        await user.press("escape", "escape")
        await user.sees("3 datasets")

    browse(library, story)


def test_the_cursor_shows_a_dataset_at_a_glance(library: Library):
    async def story(user: User) -> None:
        await user.sees("3 datasets", "An institute (producer)")
        await user.press("down", "down")
        await user.sees("179°E to 179°W")

    browse(library, story)


def test_a_narrow_terminal_has_the_list_alone(library: Library):
    async def story(user: User) -> None:
        await user.sees("3 datasets", "The Atlantic")
        assert "Place" not in user.seen

    browse(library, story, size=(60, 20))


def test_the_code_is_copied_from_the_list(library: Library, stores: Path):
    async def story(user: User) -> None:
        await user.sees("An institute")
        await user.press("c")
        await user.sees("is copied")
        copied: dict[str, object] = {}
        exec(user.app.clipboard, copied)
        assert copied["ds"].attrs["title"] == "The Atlantic"

    browse(library, story)


def test_the_mouse_opens_what_it_is_pressed_on_twice(library: Library):
    async def story(user: User) -> None:
        await user.sees("3 datasets", "An institute")
        await user.pilot.click(DatasetList, offset=(5, 3))
        await user.sees("179°E to 179°W")
        await user.pilot.click(DatasetList, offset=(5, 3))
        await user.sees("Overview", "Warm water.")

    browse(library, story)


def test_markup_and_escapes_of_a_title_are_text(library: Library):
    async def story(user: User) -> None:
        await user.sees("Europe [bold red]loud[/bold red] \\x1b[31mred\\x07")

    browse(library, story, size=(200, 30))


def test_the_help_tells_the_keys_and_how_to_search(library: Library):
    async def story(user: User) -> None:
        await user.sees("3 datasets")
        await user.press("question_mark")
        await user.sees("copy the code", "datetime:1990/2020")
        await user.press("escape")
        await user.sees_no("datetime:1990/2020")

    browse(library, story)


def test_a_search_that_was_overtaken_changes_nothing(stores: Path, monkeypatch: pytest.MonkeyPatch):
    goes_on, is_waiting = threading.Event(), threading.Event()
    find = Index.find

    def find_slowly(index: Index, query: Query) -> list[int]:
        if query.words == ("slow",):
            is_waiting.set()
            goes_on.wait(60)
            return []
        return find(index, query)

    monkeypatch.setattr(Index, "find", find_slowly)

    async def story(user: User) -> None:
        await user.sees("3 datasets")
        await user.press("slash")
        await user.type("slow")
        await user.waits_for(is_waiting.is_set, "the first search")
        await user.press("home", "ctrl+k")
        await user.type("pacific")
        await user.sees("1 dataset\n", "The Pacific")
        goes_on.set()
        await user.app.workers.wait_for_complete()
        await user.pilot.pause()
        assert "1 dataset\n" in user.seen

    browse(Library(open_tree(stores)), story)


def test_a_catalogue_without_an_index_is_said_so(tmp_path: Path):
    (tmp_path / "catalog.json").write_text("{}")

    async def story(user: User) -> None:
        await user.sees("has no index.parquet")

    browse(Library(open_tree(tmp_path)), story)


def test_enter_pressed_in_haste_opens_what_was_searched_for(library: Library):
    async def story(user: User) -> None:
        await user.sees("3 datasets")
        await user.press("slash")
        await user.type("pacific")
        await user.press("enter", "enter")
        await user.sees("Overview", "The Pacific")

    browse(library, story)


@pytest.mark.parametrize("keys", [("enter", "enter"), ("down", "enter")])
def test_keys_that_are_hit_all_at_once_open_what_was_searched_for(library: Library, keys: tuple[str, ...]):
    async def story(user: User) -> None:
        await user.sees("3 datasets")
        user.hit("slash", *"pacific", *keys)
        await user.sees("Overview", "The Pacific")

    browse(library, story)


@pytest.mark.parametrize("keys", [("enter", "enter"), ("down", "enter")])
def test_enter_waits_for_the_search_that_is_under_way(stores: Path, monkeypatch: pytest.MonkeyPatch, keys: tuple[str, ...]):
    goes_on, is_waiting = threading.Event(), threading.Event()
    find = Index.find

    def find_slowly(index: Index, query: Query) -> list[int]:
        if query.words:
            is_waiting.set()
            goes_on.wait(60)
        return find(index, query)

    monkeypatch.setattr(Index, "find", find_slowly)

    async def story(user: User) -> None:
        await user.sees("3 datasets")
        await user.press("slash")
        await user.type("pacific")
        await user.waits_for(is_waiting.is_set, "the search")
        await user.press(*keys)
        assert "Overview" not in user.seen
        goes_on.set()
        await user.sees("Overview", "The Pacific")

    browse(Library(open_tree(stores)), story)


@pytest.mark.server
def test_a_catalogue_on_a_web_server_is_browsed(stores: Path, http_server: Any):
    async def story(user: User) -> None:
        await user.sees("3 datasets", "The Atlantic")
        await user.press("enter")
        await user.sees("Overview", "An institute")

    browse(Library(open_tree(f"{http_server(stores).url}/catalog")), story)


@pytest.mark.server
def test_a_catalogue_in_a_bucket_is_browsed(stores: Path, s3_server: Any):
    async def story(user: User) -> None:
        await user.sees("3 datasets", "The Atlantic")
        await user.press("enter")
        await user.sees("Overview", "An institute")

    served = s3_server(stores.parent)
    browse(Library(open_tree(f"s3://{stores.name}", served.storage_options)), story)
