"""Tables fit the width that there is, and what is in them cannot play tricks on a terminal."""

from __future__ import annotations

from pangeo_forge.cli.tables import format_facts, format_table

HEADER = ("ID", "STATE", "SIZE")
ROWS = [("20261124-nemo", "succeeded", "1.5 MB"), ("20261123-ice", "failed", "-")]


def test_cells_stand_under_their_column():
    assert format_table(HEADER, ROWS, right="SIZE").splitlines() == [
        "ID             STATE        SIZE",
        "20261124-nemo  succeeded  1.5 MB",
        "20261123-ice   failed          -",
    ]


def test_a_table_that_just_fits_is_a_table():
    assert format_table(HEADER, ROWS, width=32) == format_table(HEADER, ROWS)


def test_a_table_that_does_not_fit_is_a_list_of_facts():
    assert format_table(HEADER, ROWS, width=31).splitlines() == [
        "20261124-nemo",
        "  state  succeeded",
        "  size   1.5 MB",
        "20261123-ice",
        "  state  failed",
        "  size   -",
    ]


def test_a_table_without_rows_is_its_header():
    assert format_table(HEADER, []) == "ID  STATE  SIZE"


def test_what_would_move_the_cursor_is_shown_instead():
    assert format_table(("NAME",), [("a\x1b[2Jb",)]).splitlines() == ["NAME", "a\\x1b[2Jb"]


def test_facts_that_are_not_known_are_left_out():
    assert format_facts([("state", "failed"), ("commit", None), ("source", "")]) == "state  failed"


def test_a_fact_of_several_lines_stays_in_its_column():
    assert format_facts([("error", "one\ntwo")], indent=2) == "  error  one\n         two"
