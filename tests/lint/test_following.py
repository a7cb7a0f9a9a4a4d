"""From names to the expressions that they may stand for, where they are used."""

from __future__ import annotations

import ast

import pytest

from lint.recipe_modules import draft_with


def meaning(tmp_path, code, **others):
    """Say what the module's `sst` may stand for, in the end, as code; with a question mark where that hangs on something."""
    draft = draft_with(tmp_path, code, **others)
    values = draft.follower.named(draft.modules["recipe"], "sst")
    found = [inner for value in values for inner in draft.follower.follow(value)]
    return sorted(ast.unparse(value.node) + ("" if value.is_certain else " ?") for value in found)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("a = 1\nsst = a", ["1"]),
        ("a = 1\nsst = a\na = 2", ["1"]),
        ("a = 1\na = a + 1\nsst = a", ["a + 1"]),
        ("sst: int = 1", ["1"]),
        ("a, sst = 1, 2", ["2"]),
        ("a = sst = 1", ["1"]),
        ("b = (sst := 1)", ["1"]),
        ("with open('x') as f:\n    a = 1\nsst = a", ["1"]),
        ("sst = a = 1\nif a:\n    b = 2\nelse:\n    sst = b", ["1 ?", "b ?"]),
    ],
)
def test_a_name_stands_for_what_it_was_bound_to_last(tmp_path, code, expected):
    assert meaning(tmp_path, code) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("if x:\n    sst = 1\nelse:\n    sst = 2", ["1 ?", "2 ?"]),
        ("sst = 1\nif x:\n    sst = 2", ["1 ?", "2 ?"]),
        ("try:\n    sst = 1\nexcept OSError:\n    sst = 2", ["1 ?", "2 ?"]),
        ("sst = 1 if x else 2", ["1 ?", "2 ?"]),
        ("for x in y:\n    sst = 1", ["1 ?"]),
        ("sst = 1\nwhile x:\n    a = sst\n    sst = 2\nsst = a", ["1 ?", "2 ?"]),
        ("match x:\n    case 1:\n        sst = 1\n    case _:\n        sst = 2", ["1 ?", "2 ?"]),
    ],
)
def test_where_it_hangs_on_something_all_are_given_with_a_doubt(tmp_path, code, expected):
    assert meaning(tmp_path, code) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("if x:\n    a = 1\n    sst = a\nelse:\n    a = 2", ["1 ?"]),
        ("if x:\n    a = 1\nelse:\n    a = 2\n    sst = a", ["2 ?"]),
        ("a = 0\nfor x in y:\n    a = 1\n    sst = a", ["1 ?"]),
        ("a = 0\nif x:\n    a = 1\nelif z:\n    sst = a", ["0 ?"]),
    ],
)
def test_what_another_branch_binds_is_not_meant(tmp_path, code, expected):
    assert meaning(tmp_path, code) == expected


@pytest.mark.parametrize("code", ["sst = a", "for a in b:\n    pass\nsst = a", "a, b = f()\nsst = a", "from b import *\nsst = a"])
def test_a_name_of_which_nothing_is_known_stands_for_itself(tmp_path, code):
    assert meaning(tmp_path, code) == ["a"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("def f():\n    return 1\nsst = f()", ["1"]),
        ("def f(a, b=2, *, c=3):\n    return b\nsst = f(1)", ["2"]),
        ("def f(a, b=2):\n    return b\nsst = f(1, 3)", ["3"]),
        ("def f(a, b=2):\n    return b\nsst = f(b=4, a=1)", ["4"]),
        ("def f(a):\n    a = a + 1\n    return a\nsst = f(1)", ["a + 1"]),
        ("def f(a):\n    if a:\n        return 1\n    return 2\nsst = f(0)", ["1 ?", "2 ?"]),
        ("def f(a):\n    def g():\n        return a\n    return g()\nsst = f(1)", ["1"]),
        ("a = 1\ndef f():\n    return a\nsst = f()\na = 2", ["1"]),
        ("a = 1\ndef f():\n    return a\ndef g():\n    return f()\nsst = g()\na = 2", ["1"]),
        ("def f(*a):\n    return a\nsst = f(1)", ["a"]),
        ("def f(a):\n    return a\nsst = f(*b)", ["a"]),
    ],
)
def test_calls_of_the_modules_own_functions_are_followed(tmp_path, code, expected):
    assert meaning(tmp_path, code) == expected


@pytest.mark.parametrize(
    "code",
    [
        "def f():\n    yield 1\nsst = f()",
        "def f():\n    pass\nsst = f()",
        "@cache\ndef f():\n    return 1\nsst = f()",
        "async def f():\n    return 1\nsst = f()",
        "def f():\n    return f()\nsst = f()",
    ],
)
def test_functions_that_do_more_than_return_are_not(tmp_path, code):
    assert meaning(tmp_path, code) == ["f()"]


def test_what_a_module_beside_it_defines_is_followed(tmp_path):
    common = "a = 1\ndef make(x):\n    return x\n"
    assert meaning(tmp_path / "1", "from common import a\nsst = a", common=common) == ["1"]
    assert meaning(tmp_path / "2", "import common\nsst = common.a", common=common) == ["1"]
    assert meaning(tmp_path / "3", "from common import make as f\nsst = f(2)", common=common) == ["2"]
    assert meaning(tmp_path / "4", "from .common import a\nsst = a", common=common) == ["1"]
    assert meaning(tmp_path / "5", "from elsewhere import a\nsst = a", common=common) == ["a"]


def test_a_name_that_is_shadowed_is_not_the_imported_one(tmp_path):
    draft = draft_with(tmp_path, "from pandas import Timestamp\ndef Timestamp():\n    return 1\nsst = Timestamp()\nother = list()\n")
    (value,) = draft.follower.named(draft.modules["recipe"], "sst")
    assert draft.follower.called(value) is None
    (other,) = draft.follower.named(draft.modules["recipe"], "other")
    assert draft.follower.called(other) == "list"


@pytest.mark.parametrize(
    "code",
    [
        "a = 1\n" + "a = a + 1\n" * 5000 + "sst = a\n",
        "def f(x):\n    return f(x)\nsst = f(1)\n",
        "".join(f"def f{number}():\n    return f{number + 1}() if x else f{number + 1}()\n" for number in range(500)) + "sst = f0()\n",
        "".join(f"a{number} = a{number + 1} if x else a{number + 2}\n" for number in reversed(range(2000))) + "sst = a0\n",
    ],
)
def test_no_code_takes_long_to_follow(tmp_path, code):
    meaning(tmp_path, code)
