"""What runs when a module is imported, and what names come from."""

from __future__ import annotations

import ast

import pytest

from pangeo_forge.lint.code.executed import find_executed
from pangeo_forge.lint.code.modules import Module
from pangeo_forge.lint.code.scopes import Scope
from pangeo_forge.lint.files.texts import Text


def module(code: str, name: str = "recipe") -> Module:
    path = f"{name.replace('.', '/')}.py"
    return Module.parse(name, Text(path, path, code))


def calls(code: str, **others: str) -> list[tuple[str, int, tuple[str, ...]]]:
    """Name the calls that importing a module makes, with the line of its own that leads there, and through what."""
    modules = {"recipe": module(code), **{name: module(text, name) for name, text in others.items()}}
    found = find_executed([modules["recipe"]], modules)
    return [(executed.name, executed.site.lineno, executed.through) for executed in found if isinstance(executed.node, ast.Call)]


def names(code: str, **others: str) -> list[str]:
    return [name for name, _, _ in calls(code, **others)]


@pytest.mark.parametrize(
    "code",
    [
        "hit()",
        "x = [hit() for i in y]",
        "if x:\n    hit()",
        "if x:\n    pass\nelse:\n    hit()",
        "for i in hit():\n    pass",
        "while x:\n    hit()",
        "try:\n    hit()\nexcept x:\n    pass",
        "with x:\n    hit()",
        "with hit() as y:\n    pass",
        "match x:\n    case 1:\n        hit()",
        "class A:\n    b = hit()",
        "class A:\n    @hit()\n    def f(self): pass",
        "@hit()\ndef f(): pass",
        "def f(a=hit()): pass",
        "def f(*, a=hit()): pass",
        "f = lambda a=hit(): 1",
        "x = f'{hit()}'",
        "if __name__ == '__main__':\n    pass\nelse:\n    hit()",
    ],
)
def test_the_module_s_own_level_runs(code):
    assert names(code) == ["hit"]


@pytest.mark.parametrize(
    "code",
    [
        "def f():\n    hit()",
        "async def f():\n    hit()",
        "f = lambda: hit()",
        "class A:\n    def f(self):\n        hit()",
        "if __name__ == '__main__':\n    hit()",
        "if '__main__' == __name__:\n    hit()",
        "if __name__ == '__main__' and x:\n    hit()",
        "import typing\nif typing.TYPE_CHECKING:\n    hit()",
    ],
)
def test_functions_and_scripts_do_not(code):
    assert names(code) == []


@pytest.mark.parametrize(
    ("code", "through"),
    [
        ("def f():\n    hit()\nf()", ("f",)),
        ("def f():\n    hit()\nx = [f() for i in y]", ("f",)),
        ("def f():\n    hit()\ndef g():\n    return f()\ng()", ("g", "f")),
        ("async def f():\n    hit()\nrun(f())", ("f",)),
        ("class A:\n    def __init__(self):\n        self.f()\n    def f(self):\n        hit()\nA()", ("A", "f")),
        ("class A:\n    def __post_init__(self):\n        hit()\nA()", ("A",)),
        ("class A:\n    def f(self):\n        hit()\na = A()\na.f()", ("f",)),
        ("class A:\n    @staticmethod\n    def f():\n        hit()\nA.f()", ("f",)),
        ("from functools import lru_cache\n@lru_cache(1)\ndef f():\n    hit()\nf()", ("f",)),
        ("def f():\n    def g():\n        hit()\n    g()\nf()", ("f", "g")),
    ],
)
def test_the_module_s_own_functions_are_followed(code, through):
    line = code.count("\n") + 1
    assert ("hit", line, through) in calls(code)


@pytest.mark.parametrize(
    "code",
    [
        "import apache_beam as beam\n@beam.ptransform_fn\ndef f(pcoll):\n    hit()\nf()",
        "def f():\n    hit()\nx = f",
        "def f():\n    def g():\n        hit()\nf()",
        "class A:\n    def f(self):\n        hit()\nA()",
    ],
)
def test_what_is_only_handed_on_is_not_followed(code):
    assert "hit" not in names(code)


@pytest.mark.parametrize("statement", ["from helpers import f", "from .helpers import f", "from helpers import f as f"])
def test_functions_of_another_module_of_the_feedstock_are_followed(statement):
    assert "requests.get" in names(f"{statement}\nf()", helpers="import requests\ndef f():\n    requests.get(1)\n")


def test_functions_that_call_each_other_end():
    assert names("def f():\n    g()\ndef g():\n    f()\nf()") == ["f", "g", "f"]


def test_each_function_is_followed_once():
    assert names("def f():\n    hit()\nf()\nf()\nf()").count("hit") == 1


def test_a_long_chain_of_functions_ends():
    code = "".join(f"def f{number}(): f{number + 1}()\n" for number in range(2_000))
    assert len(names(code + "f0()")) < 10


@pytest.mark.parametrize(
    ("code", "origin"),
    [
        ("import s3fs\nfs = s3fs.S3FileSystem(anon=True)\nfs.glob", "s3fs.S3FileSystem().glob"),
        ("from fsspec import filesystem as make\nmake('s3').glob", "fsspec.filesystem().glob"),
        ("import requests\nwith requests.Session() as session:\n    pass\nsession.get", "requests.Session().get"),
        ("from os import environ\nenviron", "os.environ"),
        ("open", "builtins.open"),
        ("def open(): pass\nopen", "open"),
        ("from rich import print\nprint", "rich.print"),
        ("a = b\nb = a\na", "a"),
        ("x = {}\nx['a'].get", "?.get"),
        ("fs = 1\nfs = 2\nfs.glob", "fs.glob"),
    ],
)
def test_an_expression_is_followed_to_where_it_comes_from(code, origin):
    read = module(code)
    assert isinstance(last := read.tree.body[-1], ast.Expr)
    assert Scope(read).origin(last.value) == origin


def test_a_parameter_comes_from_nowhere():
    code = "import requests\ndef f(requests):\n    requests.get(1)\nf(1)"
    assert names(code) == ["f", "?.get"]
