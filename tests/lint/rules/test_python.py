"""Whether a module is Python, and whether its names are defined: PFR001 and PFR004."""

from __future__ import annotations

import sys

import pytest

from lint.feedstocks import write
from lint.recipe_modules import BEAM, NATIVE, at, draft_with, find
from pangeo_forge.lint.linter import lint_draft
from pangeo_forge.lint.options import Options

MEANT = {
    "name with a hyphen": ("modis-lai = (\n    1\n)\n", (1, 1), (1, 10), "a name cannot hold a hyphen, which means minus"),
    "function with a hyphen": ("def make-url(time):\n    pass\n", (1, 5), (1, 13), "a name cannot hold a hyphen, which means minus"),
    "name with a digit": ("1degree = 3\n", (1, 1), (1, 8), "a name cannot begin with a digit"),
    "print of Python 2": ('x = 1\nprint "hello"\n', (2, 1), (2, 14), "this is Python 2: `print` is a function now"),
    "raise of Python 2": ('raise ValueError, "no"\n', (1, 1), (1, 23), "this is Python 2: an exception is called now"),
    "exec of Python 2": ('exec "x = 1"\n', (1, 1), (1, 13), "this is Python 2: `exec` is a function now"),
    "except of Python 2": (
        "try:\n    pass\nexcept ValueError, error:\n    pass\n",
        (3, 1),
        (3, 26),
        "what an `except` catches is named by `as`, and several kinds of it stand in parentheses",
    ),
    "magic of a notebook": ("import os\n%matplotlib inline\n", (2, 1), (2, 19), "this is a command of a notebook, not Python"),
    "shell of a notebook": ("!pip install xarray\n", (1, 1), (1, 20), "this is a command of a notebook, not Python"),
    "question of a notebook": ("ds?\n", (1, 1), (1, 4), "this is a command of a notebook, not Python"),
    "address": ("x = 1\nhttps://example.org/a?b=%2F&dl=1\n", (2, 1), (2, 33), "this is an address, not Python"),
    "field of a template": ("name = {{ cookiecutter.name }}_1\n", (1, 8), (1, 31), "a field of a template was not filled in"),
    "statement of a template": ("{% if x %}\n", (1, 1), (1, 11), "a field of a template was not filled in"),
    "merge": (
        "a = 1\n<<<<<<< HEAD\nb = 1\n=======\nb = 2\n>>>>>>> main\n",
        (2, 1),
        (2, 13),
        "the marks of a merge that was not finished are left in the file",
    ),
    "tabs": ("if 1:\n        x = 1\n\ty = 2\n", (3, 1), None, "tabs and spaces are mixed in the indentation"),
}


@pytest.mark.parametrize(("code", "start", "end", "message"), MEANT.values(), ids=MEANT)
def test_a_syntax_error_is_said_in_the_words_of_who_made_it(tmp_path, code, start, end, message):
    (found,) = find(tmp_path, "PFR001", code)
    assert (found.message, at(found)) == (message, start)
    assert found.end == end or end is None
    assert found.help
    assert found.level == "error"


@pytest.mark.parametrize(
    ("code", "start", "hint"),
    [
        ("x = foo(1,\n  2\ny = 3\n", (1, 8), "The bracket that opens here is closed nowhere."),
        ("x = (1]\n", (1, 7), "Count the brackets, from the line that this one begins on."),
        ("x = 'abc\n", (1, 5), "The text that begins here has no closing quotes."),
        ("x = “a”\n", (1, 5), "Type the line anew: quotes, dashes and spaces of typeset text are no Python."),
        ("for i in x:\ny = 1\n", (2, 1), "Lines of one block begin in one column."),
        ("x = 007\n", (1, 5), "Write the number without the zeros in front, or as a text."),
        ("# ä\nx = ('ä'\n", (2, 5), "The bracket that opens here is closed nowhere."),
    ],
)
def test_python_s_own_words_come_with_a_hint(tmp_path, code, start, hint):
    (found,) = find(tmp_path, "PFR001", code)
    assert found.message.startswith("this is not valid Python: ")
    assert (at(found), found.help) == (start, hint)


@pytest.mark.parametrize("code", ["type Year = int\n", "def first[T](items):\n    pass\n", "class Box[T]:\n    pass\n"])
def test_what_only_a_newer_python_reads_is_said_so_on_an_older_one(tmp_path, code):
    told = ["Python 3.12 reads this, but recipes run on Python 3.11 as well"] if sys.version_info < (3, 12) else []
    assert [found.message for found in find(tmp_path, "PFR001", code)] == told


@pytest.mark.parametrize(
    ("code", "start", "reason"),
    [
        ("data = 1\nreturn data\n", (2, 1), "'return' outside function"),
        ("x = 1\nawait x\n", (2, 1), "'await' outside function"),
        ("def f(a, a):\n    pass\n", (1, 10), "duplicate argument 'a' in function definition"),
    ],
)
def test_what_the_grammar_allows_and_python_refuses_is_an_error(tmp_path, code, start, reason):
    (found,) = find(tmp_path, "PFR001", code)
    assert found.message == f"this is not valid Python: {reason}"
    assert at(found) == start


def test_nothing_is_run_to_find_that_out(tmp_path):
    find(tmp_path, "PFR001", f"open({str(tmp_path / 'traces')!r}, 'w')\n")
    assert not (tmp_path / "traces").exists()


@pytest.mark.parametrize("code", ["def f():\n    '''<<<<<<< HEAD'''\n", "x = a-b == 1\n", "x: dict = {1: {2}}\n", "print(1)\n"])
def test_what_looks_like_a_fault_in_valid_python_is_none(tmp_path, code):
    assert find(tmp_path, "PFR001", code) == ()


# Names.


@pytest.mark.parametrize(
    ("code", "place", "message", "hint"),
    [
        ("years = np.arange(3)\n", (1, 9), "`np` is not defined", "Add `import numpy as np`."),
        ("def url(time):\n    return os.path.join('a', time)\n", (2, 12), "`os` is not defined", "Add `import os`."),
        ("variabel = 1\nx = [variable, variable]\n", (2, 6), "`variable` is not defined (it is used 2 times)", "Did you mean `variabel`?"),
        ("def url(tiem):\n    return f'{time}.nc'\n", (2, 15), "`time` is not defined", "Did you mean `tiem`?"),
        ("x = len(options)\noptions = 1\n", (1, 9), "`options` is used before line 2 defines it", "Move the definition up."),
        ("display(1)\n", (1, 1), "`display` is defined in a notebook only", "Delete the line: a module has nothing to show."),
        ("def f():\n    ds = 1\n    return ds\nprint(ds)\n", (4, 7), "`ds` is not defined", ""),
    ],
)
def test_an_undefined_name_is_an_error_with_what_was_meant(tmp_path, code, place, message, hint):
    found = find(tmp_path, "PFR004", code)[0]
    assert (at(found), found.message, found.help) == (place, message, hint)
    assert found.level == "error"


def test_the_mark_covers_the_name_in_a_line_that_is_not_ascii(tmp_path):
    (found,) = find(tmp_path, "PFR004", "é = 'äö'; x = undefined\n")
    assert (at(found), found.end) == ((1, 15), (1, 24))


@pytest.mark.parametrize(("dialect", "package"), [(BEAM, "pangeo_forge_recipes.patterns"), (NATIVE, "pangeo_forge.recipes")])
def test_a_missing_class_is_imported_from_where_the_module_imports(tmp_path, dialect, package):
    (found,) = find(tmp_path, "PFR004", dialect.replace("MergeDim, ", "") + 'x = MergeDim("x", [1])\n')
    assert found.help == f"Add `from {package} import MergeDim`."


def test_a_name_that_a_function_binds_later_is_a_warning(tmp_path):
    (found,) = find(tmp_path, "PFR004", "x = 1\ndef f():\n    print(x)\n    x = 2\n")
    assert (found.message, found.level) == ("`x` is read before this function assigns it", "warning")


def test_what_only_a_script_uses_is_a_warning(tmp_path):
    (found,) = find(tmp_path, "PFR004", 'sst = 1\nif __name__ == "__main__":\n    print(pipeline)\n')
    assert found.level == "warning"


@pytest.mark.parametrize(
    "code",
    [
        "from somewhere import *\nx = anything\n",
        "globals()['x'] = 1\nprint(x)\n",
        "exec('x = 1')\nprint(x)\n",
        "def f(ds: 'xr.Dataset') -> 'DataTree': pass\n",
        "from __future__ import annotations\ndef f(ds: xr.Dataset) -> DataTree: pass\n",
        "try:\n    unicode\nexcept NameError:\n    unicode = str\n",
        "def f():\n    global cache\n    cache = 1\nf()\nprint(cache)\n",
        "print([last := i for i in range(3)], last, __file__, __name__)\n",
        "def f():\n    '''\n    >>> nowhere_defined\n    '''\n",
        "class A:\n    b = 1\n    c = [b]\n",
    ],
)
def test_names_that_may_be_defined_are_none(tmp_path, code):
    assert find(tmp_path, "PFR004", code) == ()


def test_a_star_import_of_a_module_of_the_feedstock_is_followed(tmp_path):
    (found,) = find(tmp_path, "PFR004", "from helpers import *\nx = known\ny = unknown\nz = _hidden\n", helpers="known = 1\n_hidden = 1\n")[
        :1
    ]
    assert found.message == "`unknown` is not defined"


def test_what_a_configuration_of_the_runner_finds_defined_is_no_fault(tmp_path):
    write(
        tmp_path, {"config.py": 'c.Bake.prune = True\nc.Bake.bakery_class = "local"\n', "meta.yaml": "title: A list of stores that exist\n"}
    )
    draft = draft_with(tmp_path / "other", "sst = 1\n")
    assert lint_draft(draft, Options(select=("PFR004",))).findings == ()
    assert find(tmp_path / "third", "PFR004", "import config\n", config="c.Bake.prune = True\n") == ()


def test_a_flood_of_undefined_names_is_cut_off(tmp_path):
    code = "".join(f"undefined_{number}\n" for number in range(1_000))
    assert len(find(tmp_path, "PFR004", code)) == 25
