"""The program in the terminal: the list of datasets, and the ways from there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Footer, Input, Static
from textual.worker import get_current_worker

from pangeo_forge.catalog.health.record import find_current
from pangeo_forge.catalog.index.search import Line, Query
from pangeo_forge.catalog.library import Library
from pangeo_forge.catalog.views import Sheet, make_sheet
from pangeo_forge.errors import UsageError
from pangeo_forge.tui.dataset import copy_code, first_code, show_dataset
from pangeo_forge.tui.faults import UNREADABLE, describe_fault
from pangeo_forge.tui.help import HelpScreen
from pangeo_forge.tui.listing import DatasetList, Listing
from pangeo_forge.tui.parts import WorldMap, make_facts, tell_state
from pangeo_forge.tui.queries import read_query
from pangeo_forge.types import printable

#: How long after the last key a search begins, seconds.
_PAUSE_S = 0.12


class Browser(App[None]):
    """Shows a catalogue.

    Parameters
    ----------
    library : Library
        The catalogue.
    """

    TITLE = "pangeo-forge"
    CSS_PATH = "browser.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012  (textual's)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "help", "Help", key_display="?"),
        Binding("q", "quit", "Quit"),
    ]

    def __init__(self, library: Library) -> None:
        super().__init__()
        self._library = library

    def on_mount(self) -> None:
        """Begin with the list."""
        self.push_screen(ListScreen(self._library))

    def action_help(self) -> None:
        """Explain the keys and how one searches."""
        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen())


class ListScreen(Screen[None]):
    """The list of datasets, searched as one types, with a glance at the one that the cursor is on.

    Parameters
    ----------
    library : Library
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "Search", key_display="/", priority=True),  # the next key may be there already, and is for the field
        Binding("c", "copy", "Copy the code"),
        Binding("escape", "clear", "All", show=False),
    ]

    @dataclass
    class Found(Message):
        """A search has ended."""

        query: Query
        title: str
        listing: Listing

    @dataclass
    class Failed(Message):
        """The catalogue could not be read."""

        error: Exception

    @dataclass
    class Read(Message):
        """A dataset was read, to glance at."""

        line: Line
        sheet: Sheet

    def __init__(self, library: Library) -> None:
        super().__init__()
        self._library = library
        self._sheet: Sheet | None = None
        self._waiting: Timer | None = None
        self._sought: Query | None = None

    def compose(self) -> ComposeResult:
        """Lay the page out."""
        yield Static("", id="title", markup=False)
        yield Input(placeholder="words, variable:NAME, bbox:W,S,E,N, datetime:2000/2010", id="search", select_on_focus=False)
        yield Static("reading the catalogue …", id="state", markup=False)
        with Horizontal(id="body"):
            yield DatasetList(id="datasets")
            with VerticalScroll(id="glimpse", can_focus=False):
                yield WorldMap(id="glimpse-map")
                yield Static(id="glimpse-title", markup=False)
                yield Static(id="glimpse-facts", markup=False)
        yield Footer()

    def on_mount(self) -> None:
        """Show everything at first."""
        self.set_focus(self.query_one(DatasetList))
        self._search(Query())

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search for what is typed, once nothing more is typed for a moment."""
        if self._waiting is not None:
            self._waiting.stop()
        self._waiting = self.set_timer(_PAUSE_S, partial(self._search_for, event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Search at once, if a search is due, and go on in the list; what is pressed twice chooses the first that is found."""
        datasets = self.query_one(DatasetList)
        if self.focused is datasets:  # it was on its way when the list got the keyboard
            datasets.action_choose()
            return
        self._hurry(event.value)
        if self._sought is not None:
            datasets.wait()
        self.set_focus(datasets)

    def _hurry(self, text: str) -> None:
        """Begin the search that is due."""
        if self._waiting is not None:
            self._waiting.stop()
            self._search_for(text)

    def _search_for(self, text: str) -> None:
        """Search for what is typed, or say why that cannot be done."""
        self._waiting = None
        try:
            query = read_query(text)
        except UsageError as error:
            self._sought = None  # whatever is found of what was typed before
            self._say(describe_fault(error), is_fault=True)
            return
        self._search(query)

    def _search(self, query: Query) -> None:
        self._sought = query
        self.run_worker(partial(self._find, query), group="search", exclusive=True, thread=True)

    def _find(self, query: Query) -> None:
        """Search in a thread; whoever was overtaken says nothing."""
        worker = get_current_worker()
        try:
            index = self._library.index
            found: Message = self.Found(query, self._library.title, Listing(index, index.find(query)))
        except UNREADABLE as error:
            found = self.Failed(error)
        if not worker.is_cancelled:
            self.post_message(found)

    def on_list_screen_found(self, message: Found) -> None:
        """Show what was found, unless something else is sought by now."""
        if message.query is not self._sought:
            return
        self._sought = None
        count = len(message.listing.rows)
        self.query_one("#title", Static).update(Content(printable(message.title)))
        self._say(f"{count:,} datasets" if count != 1 else "1 dataset")
        if not count:
            self._say("Nothing was found. Every word must stand somewhere in a dataset's title, description, keywords or variables.")
            self._glimpse(None)
        self.query_one(DatasetList).show_found(message.listing)

    def on_list_screen_failed(self, message: Failed) -> None:
        """Say why the catalogue cannot be read."""
        self._sought = None
        self._say(describe_fault(message.error), is_fault=True)

    def _say(self, text: str, *, is_fault: bool = False) -> None:
        state = self.query_one("#state", Static)
        state.set_class(is_fault, "-fault")
        state.update(Content(printable(text)))

    def on_dataset_list_highlighted(self, message: DatasetList.Highlighted) -> None:
        """Read the dataset that the cursor is on, to glance at it."""
        self.run_worker(partial(self._read, message.line), group="glimpse", exclusive=True, thread=True)

    def _read(self, line: Line) -> None:
        worker = get_current_worker()
        try:
            item, known = self._library.read_item(line.collection, line.id), self._library.read_health()
        except UNREADABLE as error:
            self.post_message(self.Failed(error))
            return
        if item is not None and not worker.is_cancelled:
            self.post_message(self.Read(line, make_sheet(item, 1, find_current(known, item))))

    def on_list_screen_read(self, message: Read) -> None:
        """Show the dataset at a glance."""
        if self.query_one(DatasetList).current == message.line:
            self._glimpse(message.sheet)

    def _glimpse(self, sheet: Sheet | None) -> None:
        self._sheet = sheet
        self.query_one("#glimpse").set_class(sheet is None, "-empty")
        if sheet is None:
            return
        self.query_one("#glimpse-map", WorldMap).show_boxes(sheet.card.boxes)
        self.query_one("#glimpse-title", Static).update(Content(printable(sheet.card.title)))
        shown = [fact for fact in sheet.facts if fact.name in ("Time", "Place", "Size", "Licence", "Providers")]
        self.query_one("#glimpse-facts", Static).update(make_facts([*tell_state(sheet), *shown]))

    def on_dataset_list_chosen(self, message: DatasetList.Chosen) -> None:
        """Open the page of a dataset; while a search is due or goes on, that of the first which it finds."""
        datasets = self.query_one(DatasetList)
        self._hurry(self.query_one(Input).value)
        if self._sought is not None:
            datasets.wait()
            datasets.action_choose()
            return
        show_dataset(self, self._library, message.line)

    def action_search(self) -> None:
        """Go to the search field."""
        self.set_focus(self.query_one(Input))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave a slash to the search field where that has the keyboard."""
        return not (action == "search" and isinstance(self.focused, Input))

    def action_clear(self) -> None:
        """Leave the search field; once more, and everything is shown again."""
        field, datasets = self.query_one(Input), self.query_one(DatasetList)
        if self.focused is datasets:
            field.value = ""
        self.set_focus(datasets)

    def action_copy(self) -> None:
        """Copy the code that opens the dataset that the cursor is on."""
        copy_code(self, first_code(self._sheet) if self._sheet else None)

    def key_down(self) -> None:
        """Go from the search field into the list."""
        if isinstance(self.focused, Input):
            self.set_focus(self.query_one(DatasetList))
