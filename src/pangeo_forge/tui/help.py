"""What the keys do, and how one searches."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from pangeo_forge.catalog.views import Fact
from pangeo_forge.tui.parts import make_facts

KEYS = (
    Fact("/", "search; Enter or ↓ goes back to the list"),
    Fact("↑ ↓", "move, also with j and k, Page Up, Page Down, Home and End"),
    Fact("Enter", "look at a dataset"),
    Fact("← →", "turn over its pages; with Shift, move what is wider than the screen"),
    Fact("Tab", "go from one thing to the next, such as from code to code"),
    Fact("c", "copy the code that opens the dataset"),
    Fact("Esc", "go back; in the list: show everything again"),
    Fact("?", "this help"),
    Fact("q", "quit"),
)

SEARCH = (
    Fact("sea ice", "datasets with both words in id, title, description, keywords or variables"),
    Fact("variable:tos", "with a variable of this name or CF standard name"),
    Fact("bbox:-30,30,40,70", "that overlap a box in degrees: west, south, east, north; west is greater across the antimeridian"),
    Fact("datetime:1990/2020", "that overlap a time: 2020, 2019-07/2020-06, ../1990"),
)


class HelpScreen(ModalScreen[None]):
    """The help, above what was there."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape,question_mark,q,enter", "dismiss", "Close")]

    def compose(self) -> ComposeResult:
        """Lay the help out."""
        with VerticalScroll(id="help"):
            yield Static("Keys", classes="heading")
            yield Static(make_facts(KEYS))
            yield Static("Searching", classes="heading")
            yield Static(make_facts(SEARCH))
            yield Static("Copying needs a terminal that lets programs write to the clipboard (OSC 52); most do.", classes="remark")

    def on_click(self) -> None:
        """Close it wherever the mouse is."""
        self.dismiss()
