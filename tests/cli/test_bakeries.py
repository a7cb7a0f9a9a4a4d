"""``pangeo-forge bakeries``."""

from __future__ import annotations

import json
import re


def test_list_shows_the_built_in_bakery(forge, forge_home):
    ended = forge("bakeries", "list")
    assert (ended.returncode, ended.stderr) == (0, "")
    header, line = ended.stdout.splitlines()
    assert header.split() == ["ID", "ENGINE", "TARGET", "DESCRIPTION"]
    assert re.split("  +", line) == ["local", "local", f"{forge_home}/bakery", "This machine, with a folder of your own as the store"]


def test_list_is_a_list_for_machines(forge, forge_home):
    assert json.loads(forge("bakeries", "list", "--json").stdout) == [
        {
            "id": "local",
            "description": "This machine, with a folder of your own as the store",
            "engine": "local",
            "environment": "all",
            "target": f"{forge_home}/bakery",
            "public": None,
        }
    ]


def test_show_shows_one(forge, forge_home):
    ended = forge("bakeries", "show", "local")
    assert ended.returncode == 0
    assert ended.stdout.splitlines() == [
        "id           local",
        "description  This machine, with a folder of your own as the store",
        "engine       local",
        f"target       {forge_home}/bakery",
        "environment  all of yours",
    ]


def test_show_is_an_object_for_machines(forge):
    assert json.loads(forge("bakeries", "show", "local", "--json").stdout) == json.loads(forge("bakeries", "list", "--json").stdout)[0]


def test_show_of_a_bakery_that_there_is_not_names_those_that_there_are(forge):
    ended = forge("bakeries", "show", "remote")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "error: there is no bakery 'remote'; there is: local\nhint: `pangeo-forge bakeries list` shows them all.\n"
