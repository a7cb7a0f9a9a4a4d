"""On a real terminal progress is live, fits, and Ctrl-C on the keyboard works."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.slow

ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def rows(output: str) -> list[str]:
    """Split what was written to a terminal into what stood on its rows, one after the other."""
    return [line.rstrip() for line in re.split(r"[\r\n]+", ESCAPE.sub("", output)) if line.strip()]


def test_bars_are_drawn_again_and_again_and_stay(terminal, make_feedstock):
    screen = terminal("recipe", "run", make_feedstock("sst=sst"), WAIT="0.5")
    assert screen.wait() == 0
    seen = rows(screen.output)
    stores = [row for row in seen if row.startswith("store ")]
    assert len(set(stores)) > 2
    assert re.fullmatch(r"store     ━{24} 4/4  2\.4 MB in [\d.]+ s", stores[-1])
    assert any("─" in row and "left" in row for row in seen)
    assert "\x1b[1A" in screen.output  # the cursor goes up to draw over what stands there
    last = max(number for number, row in enumerate(seen) if row.startswith("inspect "))
    assert [row.split()[0] for row in seen[last : last + 7]] == ["inspect", "prepare", "store", "finalize", "check", "sst", "target"]


def test_what_is_loaded_is_told_while_it_is(terminal, make_feedstock):
    screen = terminal("recipe", "test", make_feedstock("sst=sst"))
    assert screen.wait() == 0
    assert any(row.endswith(" loading the recipe …") for row in rows(screen.output))


@pytest.mark.parametrize("columns", [40, 60, 80])
def test_rows_fit_the_terminal(terminal, make_feedstock, columns):
    screen = terminal("recipe", "run", make_feedstock("sst=sst"), columns=columns, WAIT="0.2")
    assert screen.wait() == 0
    stages = [row for row in rows(screen.output) if re.match(r"(inspect|prepare|store|finalize|check) ", row)]
    assert stages
    assert [row for row in stages if len(row) > columns - 3] == []


def test_no_colours_if_the_user_wants_none(terminal, make_feedstock):
    screen = terminal("recipe", "test", make_feedstock("sst=sst"), NO_COLOR="1")
    assert screen.wait() == 0
    assert re.findall(r"\x1b\[(?:3[0-9]|9[0-9])m|\x1b\[1;3[0-9]m", screen.output) == []


def test_colours_if_there_is_nothing_against_them(terminal, make_feedstock):
    screen = terminal("recipe", "list", make_feedstock("sst=sst") / "nothing")
    assert screen.wait() == 2
    assert "\x1b[1;31merror:\x1b[0m there is no folder" in screen.output
    assert "\x1b[36mhint:\x1b[0m " in screen.output


def test_a_dumb_terminal_has_plain_lines(terminal, make_feedstock):
    screen = terminal("recipe", "test", make_feedstock("sst=sst"), TERM="dumb")
    assert screen.wait() == 0
    assert "\x1b" not in screen.output
    assert re.search(r"^store     3/3 tasks  1\.9 MB in ", screen.output, re.MULTILINE)


def test_ctrl_c_on_the_keyboard_cancels(terminal, make_feedstock, forge):
    screen = terminal("recipe", "run", make_feedstock("sst=sst"), "--workers", "1", WAIT="2")
    screen.read_until("store ")
    screen.press("\x03")
    assert screen.wait() == 130
    *_, error, first, rest = rows(screen.output)
    assert error == "error: the run was cancelled"
    assert re.fullmatch(r"hint: `pangeo-forge runs resume \S+` goes on where it stopped\.", f"{first} {rest.strip()}")
    assert "Traceback" not in screen.output


def test_tables_that_do_not_fit_become_lists(terminal, forge):
    screen = terminal("bakeries", "list", columns=60)
    assert screen.wait() == 0
    assert [row.split()[0] for row in rows(screen.output)] == ["local", "engine", "target", "description"]
