"""An error is one line of what and where, its problems, and what to do next; all else only if it is asked for."""

from __future__ import annotations

import io
import json

import pytest

from pangeo_forge.cli.failures import as_forge_error, exit_code, format_error, show_error
from pangeo_forge.cli.terminal import wrap
from pangeo_forge.errors import CheckFailed, InvalidFeedstock, Problem, RunCancelled, SourceError, UsageError, Where

ERROR = InvalidFeedstock(
    "meta.yaml cannot be worked with",
    hint="See the documentation.",
    detail="the library's own words",
    problems=[Problem("there is no title", Where("meta.yaml", 1, 1), "Write one."), Problem("an id is missing", Where("meta.yaml", 4, 3))],
)


def format_plainly(error, *, verbose=False):
    return format_error(error, io.StringIO(), verbose=verbose).splitlines()


def test_an_error_is_a_line_its_problems_and_a_hint():
    assert format_plainly(ERROR) == [
        "error: meta.yaml cannot be worked with",
        "  meta.yaml:1:1: there is no title",
        "    Write one.",
        "  meta.yaml:4:3: an id is missing",
        "hint: See the documentation.",
    ]


def test_where_comes_before_what():
    assert format_plainly(SourceError("is not there", where="https://host/a.nc")) == ["error: https://host/a.nc: is not there"]


def test_the_detail_is_shown_only_if_it_is_asked_for():
    assert "the library's own words" not in format_plainly(ERROR)
    assert "the library's own words" in format_plainly(ERROR, verbose=True)


def test_a_second_error_is_a_note():
    error = SourceError("is not there")
    error.add_note("the database is locked as well")
    assert format_plainly(error) == ["error: is not there", "note: the database is locked as well"]


def test_what_a_server_says_cannot_play_tricks_on_a_terminal():
    assert format_plainly(SourceError("it says \x1b]0;pwned\x07")) == ["error: it says \\x1b]0;pwned\\x07"]


def test_json_leaves_nothing_out(capsys):
    show_error(ERROR, as_json=True, verbose=False)
    assert json.loads(capsys.readouterr().err) == {"error": ERROR.to_dict()}


@pytest.mark.parametrize(("error", "code"), [(CheckFailed("x"), 1), (UsageError("x"), 2), (RunCancelled("x"), 130), (KeyError("a bug"), 1)])
def test_an_error_has_an_exit_code(error, code):
    assert exit_code(error) == code


def test_a_bug_looks_like_one():
    try:
        {}["nothing"]
    except KeyError as error:
        found = as_forge_error(error)
    first, last = format_plainly(found)
    assert first == "error: unexpected KeyError: 'nothing'"
    assert last.startswith("hint: This is a fault of pangeo-forge. Please report it, with what --verbose shows, at https://")
    assert "Traceback (most recent call last):" in format_plainly(found, verbose=True)


def test_lines_break_between_words_and_not_in_a_command():
    text = "hint: `pangeo-forge runs resume 1234` goes on where it stopped."
    assert wrap(text, 40, indent="  ").splitlines() == ["hint: `pangeo-forge runs resume 1234`", "  goes on where it stopped."]


def test_a_path_that_is_too_long_for_a_line_is_not_broken():
    assert wrap("into /a/very/long/path/of/a/store.zarr", 10).splitlines() == ["into", "/a/very/long/path/of/a/store.zarr"]
