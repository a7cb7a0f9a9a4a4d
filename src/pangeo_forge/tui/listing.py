"""The list of datasets: of a hundred thousand only those that are seen are asked for."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from pangeo_forge.catalog.index.search import Index, Line
from pangeo_forge.types import format_size, printable

_PER_PAGE = 100
_PAGES_KEPT = 30
_GAP = "  "


@dataclass(frozen=True, slots=True)
class Listing:
    """What a search found.

    Parameters
    ----------
    index : Index
        In which the datasets are looked up.
    rows : sequence of int
        Their places in it.
    """

    index: Index
    rows: Sequence[int]

    def read_page(self, number: int) -> list[Line]:
        """Look up some datasets that follow each other."""
        return self.index.describe(self.rows[number * _PER_PAGE : (number + 1) * _PER_PAGE])


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the list: what it is called, what it shows, and how wide it is."""

    name: str
    show: Callable[[Line], str]
    width: int
    is_right: bool = False

    def fit(self, text: str) -> str:
        """Make a text as wide as the column."""
        missing = self.width - cell_len(text)
        if missing >= 0:
            return " " * missing + text if self.is_right else text + " " * missing
        return set_cell_size(text, self.width - 1) + "…"


def columns_of_datasets(width: int) -> list[_Column]:
    """Choose the columns for a list of a width: the narrower it is, the fewer."""
    fixed = [_Column("TIME", _describe_time, 24)] if width >= 60 else []
    if width >= 90:
        fixed.append(_Column("SIZE", lambda line: format_size(line.bytes), 9, is_right=True))
    rest = width - sum(column.width + len(_GAP) for column in fixed) - 2
    if width < 110:
        return [_Column("TITLE", lambda line: line.title, rest), *fixed]
    names = rest // 3
    return [
        _Column("TITLE", lambda line: line.title, rest - names - len(_GAP)),
        _Column("VARIABLES", lambda line: ", ".join(line.variables), names),
        *fixed,
    ]


def columns_of_versions(width: int) -> list[_Column]:
    """Choose the columns for a list of versions."""
    fixed = [_Column("TIME", _describe_time, 24), _Column("SIZE", lambda line: format_size(line.bytes), 9, is_right=True)]
    rest = width - sum(column.width + len(_GAP) for column in fixed) - 2
    return [_Column("VERSION", lambda line: line.version or line.id, rest), *fixed]


def _describe_time(line: Line) -> str:
    start, end = _day(line.start), _day(line.end)
    return start if start == end else f"{start} to {end}"


def _day(time: datetime) -> str:
    return f"{time.year:04}-{time.month:02}-{time.day:02}"


class DatasetList(ScrollView, can_focus=True):
    """The list of what was found, with a cursor.

    Parameters
    ----------
    columns : callable
        Chooses the columns for a width.
    id : str, optional
        Textual's.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"list--head", "list--cursor", "list--cursor-away", "list--faint"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Look at it"),
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "leaf(-1)", "Page up", show=False),
        Binding("pagedown,space", "leaf(1)", "Page down", show=False),
        Binding("home,g", "move(-1_000_000_000)", "First", show=False),
        Binding("end,G", "move(1_000_000_000)", "Last", show=False),
    ]

    cursor: reactive[int] = reactive(0)

    @dataclass
    class Highlighted(Message):
        """The cursor is on a dataset."""

        line: Line

    @dataclass
    class Chosen(Message):
        """The user wants to look at a dataset."""

        line: Line

    @dataclass
    class _Read(Message):
        """Some datasets were looked up."""

        listing: Listing
        number: int
        lines: list[Line]

    def __init__(self, columns: Callable[[int], list[_Column]] = columns_of_datasets, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._columns = columns
        self._listing: Listing | None = None
        self._pages: OrderedDict[int, list[Line]] = OrderedDict()
        self._asked: set[int] = set()
        self._is_chosen = False

    @property
    def current(self) -> Line | None:
        """The dataset that the cursor is on, once it is known."""
        return self._line(self.cursor)

    def wait(self) -> None:
        """Show nothing until something else is found; what is chosen meanwhile is the first of that."""
        self._listing, self._is_chosen = None, False
        self._pages.clear()
        self.refresh()

    def show_found(self, listing: Listing) -> None:
        """Show what was found, from the beginning."""
        self._listing, self._asked = listing, set()
        self._is_chosen = self._is_chosen and len(listing.rows) > 0
        self._pages.clear()
        self.virtual_size = Size(self.scrollable_content_region.width, len(listing.rows) + 1)
        self.scroll_to(0, 0, animate=False)
        self.set_reactive(DatasetList.cursor, 0)
        self._ask(0)
        self.refresh()

    def _line(self, number: int) -> Line | None:
        if self._listing is None or not 0 <= number < len(self._listing.rows):
            return None
        page, place = divmod(number, _PER_PAGE)
        if page not in self._pages:
            self._ask(page)
            return None
        self._pages.move_to_end(page)
        return self._pages[page][place]

    def _ask(self, page: int) -> None:
        """Look datasets up, but not while the terminal waits."""
        if self._listing is None or page in self._asked or page * _PER_PAGE >= max(len(self._listing.rows), 1):
            return
        self._asked.add(page)
        self.run_worker(partial(self._read_page, self._listing, page), group="pages", thread=True)

    def _read_page(self, listing: Listing, number: int) -> None:
        self.post_message(self._Read(listing, number, listing.read_page(number)))

    def on_dataset_list__read(self, message: _Read) -> None:
        """Take what was looked up, unless something else is shown by now."""
        message.stop()
        if message.listing is not self._listing:
            return
        self._pages[message.number] = message.lines
        if len(self._pages) > _PAGES_KEPT:
            self._asked.discard(self._pages.popitem(last=False)[0])
        if self.cursor // _PER_PAGE == message.number:
            self._tell()
            if self._is_chosen:
                self.action_choose()
        self.refresh()

    def _tell(self) -> None:
        line = self.current
        if line is not None:
            self.post_message(self.Highlighted(line))

    def watch_cursor(self) -> None:
        """Keep the cursor in sight, and tell what it is on."""
        self._is_chosen = False
        self.scroll_to_region(Region(0, self.cursor, 1, 2), animate=False, force=True)
        self._tell()
        self.refresh()

    def validate_cursor(self, cursor: int) -> int:
        """Keep the cursor in the list."""
        count = len(self._listing.rows) if self._listing else 0
        return max(0, min(cursor, count - 1))

    def action_move(self, by: int) -> None:
        """Move the cursor."""
        self.cursor += by

    def action_leaf(self, by: int) -> None:
        """Move the cursor by what is seen at once."""
        self.cursor += by * max(self.scrollable_content_region.height - 2, 1)

    def action_choose(self) -> None:
        """Look at the dataset that the cursor is on, as soon as it is known."""
        line = self.current
        self._is_chosen = line is None
        if line is not None:
            self.post_message(self.Chosen(line))

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to where the mouse is; look at the dataset if it is there already."""
        number = event.y - 1 + self.scroll_offset.y
        if event.y < 1 or self._listing is None or number >= len(self._listing.rows):
            return
        if number == self.cursor:
            self.action_choose()
        self.cursor = number

    def on_resize(self) -> None:
        """Fit the rows to the width."""
        self.virtual_size = Size(self.scrollable_content_region.width, (len(self._listing.rows) if self._listing else 0) + 1)
        self.refresh()

    def on_focus(self) -> None:
        """Show the cursor as the keyboard's."""
        self.refresh()

    def on_blur(self) -> None:
        """Show the cursor as one that waits."""
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw a row: names of columns above, datasets below."""
        columns = self._columns(self.scrollable_content_region.width)
        if y == 0:
            return self._draw([column.fit(column.name) for column in columns], self.get_component_rich_style("list--head"))
        number = y - 1 + self.scroll_offset.y
        if self._listing is None or number >= len(self._listing.rows):
            return Strip.blank(self.scrollable_content_region.width, self.rich_style)
        style, line = self._style(number), self._line(number)
        if line is None:
            return self._draw(["…"], style + self.get_component_rich_style("list--faint", partial=True))
        return self._draw([column.fit(printable(column.show(line)).replace("\n", " ")) for column in columns], style)

    def _style(self, number: int) -> Style:
        if number != self.cursor:
            return self.rich_style
        return self.get_component_rich_style("list--cursor" if self.has_focus else "list--cursor-away")

    def _draw(self, cells: list[str], style: Style) -> Strip:
        return Strip([Segment(f" {_GAP.join(cells)}", style)]).adjust_cell_length(self.scrollable_content_region.width, style)
