"""Variables of the environment that a recipe reads: PFR031."""

from __future__ import annotations

import pytest

from lint.recipe_modules import at, find


@pytest.mark.parametrize(
    ("code", "level", "message"),
    [
        ("protocol = os.environ['PROTOCOL'] or 'https'", "warning", "the module cannot be imported where `PROTOCOL` is not set"),
        (
            "x = os.environ['GITHUB_RUN_ID']",
            "warning",
            "`GITHUB_RUN_ID` is set where a service runs workflows only: anywhere else, this fails",
        ),
        ("def f():\n    return os.environ['SCRATCH']", "hint", "`SCRATCH` must be set on every worker that runs this function"),
        ("def f():\n    return os.environ['SCRATCH']\nf()", "warning", "the module cannot be imported where `SCRATCH` is not set"),
        (
            "if os.getenv('GITHUB_ACTIONS') == 'true':\n    x = 1",
            "hint",
            "by `GITHUB_ACTIONS`, the recipe is another one where a service runs workflows than elsewhere",
        ),
        ("x = os.environ('arm_username')", "error", "`os.environ` is called as a function, which it is not"),
    ],
)
def test_what_is_read_is_told_by_what_comes_of_it(tmp_path, code, level, message):
    (found,) = find(tmp_path, "PFR031", f"import os\n{code}\n")
    assert (found.level, found.message) == (level, message)


def test_the_place_is_that_of_the_look_up(tmp_path):
    (found,) = find(tmp_path, "PFR031", "from os import environ\nprotocol = environ['PROTOCOL'] or 'https'\n")
    assert (at(found), found.end) == ((2, 12), (2, 31))
    assert found.help == 'Give it a default: `os.environ.get("PROTOCOL", …)`.'


def test_a_call_of_environ_is_told_how_to_look_up(tmp_path):
    (found,) = find(tmp_path, "PFR031", "import os\nx = os.environ('arm_username')\n")
    assert found.help == "Write `os.environ['arm_username']`."


def test_the_credentials_of_a_module_are_one_hint(tmp_path):
    code = "import os\nuser = os.environ['EARTHDATA_USERNAME']\nword = os.environ['EARTHDATA_PASSWORD']\n"
    (found,) = find(tmp_path, "PFR031", code)
    assert (found.level, at(found)) == ("hint", (2, 8))
    assert found.message == "the recipe needs `EARTHDATA_USERNAME` and `EARTHDATA_PASSWORD` in the environment of whoever imports it"


def test_a_function_that_is_called_on_a_service_only_may_read_what_is_set_there(tmp_path):
    code = "import os\ndef f():\n    return os.environ['GITHUB_SHA']\nif os.getenv('GITHUB_ACTIONS'):\n    f()\n"
    (found,) = find(tmp_path, "PFR031", code)
    assert found.message == "by `GITHUB_SHA` and `GITHUB_ACTIONS`, the recipe is another one where a service runs workflows than elsewhere"


@pytest.mark.parametrize(
    "code",
    [
        "x = os.environ.get('PROTOCOL', 'https')",
        "x = os.getenv('PROTOCOL')",
        "os.environ['PROTOCOL'] = 'https'",
        "del os.environ['PROTOCOL']",
        "try:\n    x = os.environ['PROTOCOL']\nexcept KeyError:\n    x = 'https'",
        "if 'PROTOCOL' in os.environ:\n    x = os.environ['PROTOCOL']",
        "x = os.environ['PROTOCOL'] if 'PROTOCOL' in os.environ else 'https'",
        "env = os.environ.copy()",
        "x = os.environ[name]",
        "environ = {'A': 1}\nx = environ['A']",
    ],
)
def test_what_does_without_the_variable_is_none(tmp_path, code):
    assert find(tmp_path, "PFR031", f"import os\n{code}\n") == ()
