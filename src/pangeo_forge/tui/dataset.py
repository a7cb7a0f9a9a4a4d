"""A dataset's page."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, ScrollableContainer, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import DataTable, Footer, Static, TabbedContent, TabPane

from pangeo_forge.catalog.health.findings import Health
from pangeo_forge.catalog.health.record import find_current
from pangeo_forge.catalog.index.search import Line, Query
from pangeo_forge.catalog.library import Library
from pangeo_forge.catalog.snippets import Snippet
from pangeo_forge.catalog.storage.hrefs import resolve
from pangeo_forge.catalog.views import Fact, Sheet, make_sheet
from pangeo_forge.tui.faults import UNREADABLE, describe_fault
from pangeo_forge.tui.listing import DatasetList, Listing, columns_of_versions
from pangeo_forge.tui.parts import Code, WorldMap, fill_dimensions, fill_variables, make_facts, tell_state
from pangeo_forge.types import printable, redact_text


class DatasetScreen(Screen[None]):
    """A page of one version of a dataset.

    Parameters
    ----------
    library : Library
    item : mapping
        The version's Item.
    versions : Listing
        All versions of the dataset, the newest first.
    health : Health, optional
        What was found when this version was last checked.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace", "app.pop_screen", "Back"),
        Binding("c", "copy", "Copy the code"),
        Binding("left", "turn(-1)", "Pages", key_display="← →", priority=True),
        Binding("right", "turn(1)", "Next page", show=False, priority=True),
        Binding("shift+left", "shift(-1)", "Shift left", show=False),
        Binding("shift+right", "shift(1)", "Shift right", show=False),
    ]

    @dataclass
    class Opened(Message):
        """The dataset was opened, or could not be."""

        shown: str

    def __init__(self, library: Library, item: Mapping[str, Any], versions: Listing, health: Health | None) -> None:
        super().__init__()
        self._library = library
        self._item = item
        self._versions = versions
        self._is_asked = False
        self._sheet = make_sheet(item, len(versions.rows), health)

    def compose(self) -> ComposeResult:
        """Lay the page out."""
        card = self._sheet.card
        yield Static(Content(printable(card.title)), id="title")
        with TabbedContent(id="tabs"):
            with TabPane("Overview", id="overview"), VerticalScroll(classes="page"):
                yield from self._compose_overview()
            with TabPane("Open", id="open"), VerticalScroll(classes="page"):
                yield from (Code(key, snippet, self._sheet.executed.get(key)) for key, snippet in self._sheet.snippets)
            with TabPane("Variables", id="variables"), Vertical():
                yield DataTable(id="variables-table", cursor_type="row", zebra_stripes=True)
                yield DataTable(id="dimensions-table", cursor_type="row", zebra_stripes=True)
            with TabPane("xarray", id="xarray"), ScrollableContainer(classes="page"):
                yield Static("opening it …", id="summary", markup=False)
            with TabPane("Attributes", id="attributes"), VerticalScroll(classes="page"):
                yield Static(make_facts(Fact(name, text) for name, text in self._sheet.attributes))
            with TabPane("Versions", id="versions"):
                yield DatasetList(columns_of_versions, id="versions-list")
        yield Footer()

    def _compose_overview(self) -> ComposeResult:
        sheet = self._sheet
        with Horizontal(id="glance"):
            yield Static(make_facts([*tell_state(sheet), *map(self._locate, sheet.facts)]), id="facts")
            yield WorldMap(sheet.card.boxes, id="map")
        if sheet.description != sheet.card.title:
            yield Static(Content(printable(sheet.description)), id="description")
        yield Static(make_facts([Fact("How to cite", sheet.citation)]), id="citation")

    def _locate(self, fact: Fact) -> Fact:
        """Say where a file is that the catalogue keeps."""
        return replace(fact, url=resolve(fact.url, self._library.tree.href(str(self._item["collection"])))) if fact.url else fact

    def on_mount(self) -> None:
        """Fill the tables."""
        fill_variables(self.query_one("#variables-table", DataTable), self._sheet)
        fill_dimensions(self.query_one("#dimensions-table", DataTable), self._sheet)
        self.query_one("#versions-list", DatasetList).show_found(self._versions)

    def on_tabbed_content_tab_activated(self, event: TabbedContent.TabActivated) -> None:
        """Give the new tab the keyboard, and open the dataset once somebody wants to see it."""
        event.pane.query("Code, DataTable, DatasetList, .page").first().focus()
        if event.pane.id == "xarray" and not self._is_asked:
            self._is_asked = True
            threading.Thread(target=self._open, daemon=True).start()  # whoever quits does not wait for it

    def _open(self) -> None:
        self.post_message(self.Opened(summarize(self._item)))

    def on_dataset_screen_opened(self, message: Opened) -> None:
        """Show xarray's summary."""
        self.query_one("#summary", Static).update(Content(printable(message.shown)))

    def action_turn(self, by: int) -> None:
        """Go to the next tab, or the one before."""
        tabs = self.query_one(TabbedContent)
        names = [pane.id or "" for pane in tabs.query(TabPane)]
        tabs.active = names[(names.index(tabs.active) + by) % len(names)]

    def action_shift(self, by: int) -> None:
        """Move what is wider than the screen."""
        if self.focused is not None:
            self.focused.scroll_relative(x=20 * by, animate=False)

    def action_copy(self) -> None:
        """Copy the code that has the focus, or else the first."""
        focused = self.focused
        copy_code(self, focused.snippet if isinstance(focused, Code) else first_code(self._sheet))

    def on_dataset_list_chosen(self, message: DatasetList.Chosen) -> None:
        """Look at another version."""
        show_dataset(self, self._library, message.line)


def show_dataset(screen: Screen[Any], library: Library, line: Line) -> None:
    """Open the page of a dataset of a list; it is read in a thread, as the catalogue may be far away."""

    def read() -> None:
        try:
            item = library.read_item(line.collection, line.id)
            index = library.index
            health = find_current(library.read_health(), item) if item else None
            versions = Listing(index, index.find(Query(collections=(line.collection,), all_versions=True)))
        except UNREADABLE as error:
            screen.app.call_from_thread(screen.notify, describe_fault(error), severity="error", markup=False)
            return
        if item is None:
            screen.app.call_from_thread(screen.notify, "It is not in the catalogue any more.", severity="warning")
        else:
            screen.app.call_from_thread(screen.app.push_screen, DatasetScreen(library, item, versions, health))

    screen.run_worker(read, group="dataset", exclusive=True, thread=True)


def first_code(sheet: Sheet) -> Snippet | None:
    """Give the most usual code that opens a dataset."""
    return next((snippet for _, snippet in sheet.snippets), None)


def copy_code(screen: Screen[Any], snippet: Snippet | None) -> None:
    """Put code on the clipboard."""
    if snippet is None:
        screen.notify("There is no code that opens it.", severity="warning")
        return
    screen.app.copy_to_clipboard(snippet.code)
    screen.notify(printable(f"{snippet.title}: the code that opens it is copied"), markup=False)


def summarize(item: Mapping[str, Any]) -> str:
    """Give xarray's own summary of an Item's dataset; where it cannot be opened, why.

    What lies there was written by anybody: whatever it raises is a fact about it, and is shown.
    """
    from pangeo_forge.api.opening import open as open_dataset

    try:
        with open_dataset(item) as dataset:
            return repr(dataset)
    except Exception as error:
        return redact_text(f"The dataset cannot be opened here.\n\n{type(error).__name__}: {error}")
