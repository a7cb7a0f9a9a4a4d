"""On a terminal each stage has a row that fits, whatever the terminal's width."""

from __future__ import annotations

import pytest
from rich.console import Console

from pangeo_forge.cli.progress.live import View, format_row
from pangeo_forge.cli.progress.stages import StageProgress
from pangeo_forge.worker.events import RecipeLoaded, RunStarted, StageStarted


def store(*, done: int = 12, seconds: float | None = None) -> StageProgress:
    return StageProgress("store", 24, done, 0, 0.0, writes=True, nbytes=187_000_000, seconds=seconds)


def row(width: int, **options) -> str:
    return format_row(store(**options), 3.0, width).plain


def test_a_row_has_a_bar_a_count_bytes_a_rate_and_the_time_left():
    assert row(80) == "store     ━━━━━━━━━━━━──────────── 12/24  187 MB  62.3 MB/s  3.0 s left"


def test_a_narrow_row_has_a_short_bar():
    assert row(60) == "store     ━━━━━━────── 12/24  187 MB  62.3 MB/s  3.0 s left"


def test_a_narrower_row_keeps_the_time_left():
    assert row(40) == "store     12/24  62.3 MB/s  3.0 s left"


def test_an_ended_row_tells_bytes_and_seconds():
    assert row(80, done=24, seconds=3.1) == "store     ━━━━━━━━━━━━━━━━━━━━━━━━ 24/24  187 MB in 3.1 s"


@pytest.mark.parametrize("width", range(30, 121))
def test_a_row_is_never_wider_than_the_terminal(width):
    assert len(row(width)) <= width


def test_counts_stand_under_each_other_and_leave_room_for_ctrl_c():
    view = View()
    view.stages.add(StageStarted(stage="inspect", tasks=1200), 0.0)
    view.stages.add(StageStarted(stage="prepare", tasks=1), 0.0)
    console = Console(width=60, force_terminal=True, color_system=None)
    with console.capture() as captured:
        console.print(view)
    assert [line.rstrip() for line in captured.get().splitlines()] == [
        "inspect   ──────────── 0/1,200",
        "prepare   ────────────     0/1",
    ]


def test_a_view_says_what_it_waits_for_until_the_recipe_is_loaded():
    view = View()
    view.add(RunStarted(run_id="a", attempt=1, job={}))
    assert view.waiting_for == "loading the recipe"
    view.add(RecipeLoaded(recipe_id="sst", dialect="native", inputs=3, versions={}))
    assert view.waiting_for is None
