"""What a dataset's page is made of: a map, facts, code, tables. What datasets say of themselves is shown as text, whatever it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.table import Table
from rich.text import Text
from textual.app import RenderResult
from textual.content import Content
from textual.highlight import highlight
from textual.widgets import DataTable, Static

from pangeo_forge.catalog.snippets import Snippet
from pangeo_forge.catalog.views import Box, Fact, Sheet
from pangeo_forge.tui.world import draw_world
from pangeo_forge.types import printable


class WorldMap(Static):
    """A map of the world that shows where a dataset is.

    Parameters
    ----------
    boxes : sequence of Box
        The areas.
    """

    COMPONENT_CLASSES = {"map--land", "map--area"}  # noqa: RUF012  (textual's)

    def __init__(self, boxes: Sequence[Box] = (), *, id: str | None = None) -> None:  # noqa: A002  (textual's name)
        super().__init__(id=id)
        self._boxes = tuple(boxes)

    def show_boxes(self, boxes: Sequence[Box]) -> None:
        """Show other areas."""
        self._boxes = tuple(boxes)
        self.refresh()

    def render(self) -> RenderResult:
        """Draw it as large as there is room."""
        land, area = self.get_component_rich_style("map--land"), self.get_component_rich_style("map--area")
        drawn = Text(no_wrap=True)
        for number, row in enumerate(draw_world(self.size.width, self.size.height, self._boxes)):
            drawn.append("\n" if number else "")
            for run in row:
                drawn.append(run.text, area if run.is_area else land)
        return drawn


class Code(Static, can_focus=True):
    """Code that opens a dataset, which is copied when it has the focus.

    Parameters
    ----------
    key : str
        Which of the dataset's assets it opens.
    snippet : Snippet
    executed : str, optional
        When it last worked, or why it does not.
    """

    def __init__(self, key: str, snippet: Snippet, executed: str | None = None) -> None:
        super().__init__(highlight(printable(snippet.code), language=snippet.language))
        self.snippet = snippet
        self.border_title = Content(printable(f"{snippet.title} ({key})"))
        self.border_subtitle = Content(printable(executed or ""))


def make_facts(facts: Iterable[Fact]) -> Table:
    """Make a table of facts, each with its name."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for fact in facts:
        url = f"\n{printable(fact.url)}" if fact.url and fact.url != fact.text else ""
        table.add_row(Text(printable(fact.name)), Text(printable(fact.text) + url))
    return table


def tell_state(sheet: Sheet) -> list[Fact]:
    """Say what a dataset was when it was last checked, and what was found."""
    badge = sheet.card.badge
    if not badge.state:
        return []
    found = [f"{finding.message}. {finding.hint or ''}".strip() for finding in sheet.findings if finding.weight != "note"]
    return [Fact("State", "\n".join([f"{badge.state} on {badge.day}", *found]))]


def fill_variables(table: DataTable[Text], sheet: Sheet) -> None:
    """Write a dataset's variables and dimensions into a table."""
    table.add_columns("NAME", "DESCRIPTION", "UNIT", "DIMENSIONS", "SHAPE", "CHUNKS", "TYPE")
    for row in sorted(sheet.variables, key=lambda row: not row.is_data):
        name = Text(printable(row.name), style="bold" if row.is_data else "")
        table.add_row(name, *_cells(row.description, row.unit, row.dimensions, row.shape, row.chunks, row.type))


def fill_dimensions(table: DataTable[Text], sheet: Sheet) -> None:
    """Write what the dimensions span into a table."""
    table.add_columns("DIMENSION", "EXTENT", "STEP", "UNIT", "DESCRIPTION")
    for row in sheet.dimensions:
        table.add_row(*_cells(row.name, row.extent, row.step, row.unit, row.description))


def _cells(*texts: str) -> list[Text]:
    return [Text(_shorten(printable(text).replace("\n", " "))) for text in texts]


def _shorten(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"
