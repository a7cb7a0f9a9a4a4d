"""Patterns, their dimensions and keys, told from their text."""

from __future__ import annotations

import ast

import pytest

from lint.recipe_modules import BEAM, draft_with
from pangeo_forge.lint.code.dependencies import find_dependencies
from pangeo_forge.lint.code.file_patterns import count_keys, find_slice, read_pattern


def named(tmp_path, code):
    draft = draft_with(tmp_path, BEAM + code)
    (value,) = draft.follower.named(draft.modules["recipe"], "sst")
    return draft.follower, value


@pytest.mark.parametrize(
    ("code", "dimensions", "is_complete"),
    [
        ("sst = pattern", [True], True),
        ("sst = pattern_from_file_sequence(urls, 'time')", [True], True),
        (
            "dims = MergeDim('v', ['a']), 1\nmerge = MergeDim('v', ['a'])\nsst = FilePattern(f, merge, ConcatDim('time', x))",
            [False, True],
            True,
        ),
        ("sst = FilePattern(f, *[ConcatDim('time', x)])", [], False),
        ("sst = FilePattern(f, unknown, ConcatDim('time', x))", [True], False),
    ],
)
def test_the_dimensions_of_a_pattern_are_read(tmp_path, code, dimensions, is_complete):
    pattern = read_pattern(*named(tmp_path, code))
    assert [dimension.is_concat for dimension in pattern.dimensions] == dimensions
    assert pattern.is_complete is is_complete


@pytest.mark.parametrize("code", ["sst = unknown()", "sst = {}", "from elsewhere import FilePattern\nsst = FilePattern(f)"])
def test_what_is_no_pattern_is_none(tmp_path, code):
    assert read_pattern(*named(tmp_path, code)) is None


@pytest.mark.parametrize(
    ("keys", "count"),
    [
        ("[1, 2, 3]", 3),
        ("('a', 'b')", 2),
        ("range(5)", 5),
        ("range(1990, 2020)", 30),
        ("list(range(3))", 3),
        ("[f'{year}' for year in range(3)]", 3),
        ("[year for year in range(3) if year]", None),
        ("[*x, 1]", None),
        ("range(n)", None),
        ("range(1, n)", None),
        ("x", None),
    ],
)
def test_keys_are_counted_where_they_are_written_out(tmp_path, keys, count):
    assert count_keys(*named(tmp_path, f"sst = {keys}")) == count


@pytest.mark.parametrize(
    ("keys", "is_cut"),
    [
        ("x[:2]", True),
        ("x[0:10]", True),
        ("list(x[:2])", True),
        ("sorted(x)[:2]", True),
        ("[f'{y}' for y in x[:2]]", True),
        ("x[:11]", False),
        ("x[:-1]", False),
        ("x[1:2]", False),
        ("x[::2]", False),
        ("x[:n]", False),
        ("x[2]", False),
        ("x", False),
    ],
)
def test_the_first_few_of_some_keys_are_told_from_others(tmp_path, keys, is_cut):
    found = find_slice(*named(tmp_path, f"sst = {keys}"), longest=10)
    assert (found is not None) is is_cut


def test_what_a_value_hangs_on_is_found_through_names_functions_and_loops(tmp_path):
    code = (
        "a = first()\nb = [second(a)]\nfor c in third():\n    b += [fourth()]\n"
        "def f(x, time=fifth()):\n    def inner():\n        return sixth()\n    return inner() + b[0]\n"
        "sst = FilePattern(f, ConcatDim('time', [x for x in b]), fsspec_open_kwargs={'headers': token()})\nunrelated = seventh()\n"
    )
    follower, value = named(tmp_path, code)
    calls = {ast.unparse(piece.node.func) for piece in find_dependencies(follower, [value]) if isinstance(piece.node, ast.Call)}
    assert calls >= {"first", "second", "fourth", "sixth"}
    assert not calls & {"token", "seventh"}


def test_a_variable_of_an_inner_scope_is_not_the_name_outside(tmp_path):
    follower, value = named(
        tmp_path, "time = clock()\nsst = FilePattern(lambda time: f'{time}', ConcatDim('time', [time for time in x]))\n"
    )
    calls = {ast.unparse(piece.node.func) for piece in find_dependencies(follower, [value]) if isinstance(piece.node, ast.Call)}
    assert calls == {"FilePattern", "ConcatDim"}
