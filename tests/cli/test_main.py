"""The command as a whole: it explains itself, starts fast, and ends as it should."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest

import pangeo_forge

COMMANDS = [
    *(f"recipe {name}" for name in ("list", "plan", "lint", "test", "run", "catalog", "init")),
    "create-feedstock",
    "schema meta",
    *(f"runs {name}" for name in ("list", "show", "logs", "resume", "cancel")),
    *(f"env {name}" for name in ("list", "create", "prune")),
    *(f"bakeries {name}" for name in ("list", "show")),
    *(f"catalog {name}" for name in ("create", "validate", "check", "export", "import", "push", "search", "serve", "browse")),
]


def listed(help_text: str) -> list[str]:
    """Name the commands that a help text lists."""
    _, _, rest = help_text.partition("\nCommands:\n")
    return [match[1] for line in rest.splitlines() if (match := re.match(r"  ([a-z-]+)  ", line))]


def test_the_version_is_the_packages(forge):
    assert forge("--version").stdout == f"pangeo-forge {pangeo_forge.__version__}\n"


def test_help_lists_every_command(forge):
    groups = listed(forge("--help").stdout)
    found = [f"{group} {name}".strip() for group in groups for name in (listed(forge(group, "--help").stdout) or [""])]
    assert found == COMMANDS


def test_help_documents_the_exit_codes(forge):
    text = forge("--help").stdout
    assert [re.search(rf"^ +{code} +\S", text, re.MULTILINE) is not None for code in (0, 1, 2, 130)] == [True] * 4


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_examples(forge, command):
    ended = forge(*command.split(), "--help")
    assert ended.returncode == 0
    assert ended.stdout.startswith(f"Usage: pangeo-forge {command} ")
    assert "Examples:" in ended.stdout
    assert f"    pangeo-forge {command} " in ended.stdout + " "
    assert ("--json" in ended.stdout) == (command != "catalog browse")  # which is for people only
    assert "--verbose" in ended.stdout


@pytest.mark.parametrize("command", ["recipe list", "recipe plan", "recipe test", "recipe run", "create-feedstock"])
def test_help_says_what_a_source_may_be(forge, command):
    text = " ".join(forge(*command.split(), "--help").stdout.split())
    assert "a folder, the path of its meta.yaml, or a git URL" in text


@pytest.mark.parametrize("arguments", [[], ["recipe"], ["schema"], ["runs"], ["bakeries"]])
def test_without_a_command_the_help_is_shown(forge, arguments):
    ended = forge(*arguments)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == forge(*arguments, "--help").stdout


@pytest.mark.parametrize(
    ("arguments", "error", "path"),
    [
        (["bake"], "No such command 'bake'.", "pangeo-forge"),
        (["recipe", "tset", "x"], "No such command 'tset'.", "pangeo-forge recipe"),
        (["recipe", "list"], "Missing argument 'SOURCE'.", "pangeo-forge recipe list"),
        (["runs", "list", "--limit", "0"], "Invalid value for '--limit': ", "pangeo-forge runs list"),
        (["recipe", "run", "x", "--workers", "0"], "Invalid value for '--workers': ", "pangeo-forge recipe run"),
    ],
)
def test_a_wrong_command_line_is_told_in_two_lines(forge, arguments, error, path):
    ended = forge(*arguments)
    assert (ended.returncode, ended.stdout) == (2, "")
    first, hint = ended.stderr.splitlines()
    assert first.startswith(f"error: {error}")
    assert hint == f"hint: `{path} --help` shows how it is used."


def test_a_wrong_command_line_is_json_for_machines(forge):
    ended = forge("recipe", "list", "--json")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert json.loads(ended.stderr) == {
        "error": {
            "kind": "UsageError",
            "message": "Missing argument 'SOURCE'.",
            "hint": "`pangeo-forge recipe list --help` shows how it is used.",
            "where": None,
            "detail": None,
            "problems": [],
            "code": None,
        }
    }


def test_a_wrong_setting_names_the_variable(forge):
    ended = forge("bakeries", "list", PANGEO_FORGE_WORKERS="many")
    assert ended.returncode == 2
    assert ended.stderr == (
        "error: PANGEO_FORGE_WORKERS: 'many' is not a size; write a number and a unit, such as '100MB'\n"
        "hint: Set PANGEO_FORGE_WORKERS to a number, or unset it.\n"
    )


def test_what_a_reader_does_not_want_any_more_is_no_error(forge_environ):
    command = f"{sys.executable} -m pangeo_forge --help | head -1"
    ended = subprocess.run(["bash", "-c", command], env=forge_environ, capture_output=True, text=True)
    assert (ended.stdout, ended.stderr) == ("Usage: pangeo-forge [OPTIONS] COMMAND [ARGS]...\n", "")


def test_a_terminal_that_knows_few_characters_is_no_error(forge):
    ended = forge("recipe", "list", "nichts-für-ungut", PYTHONIOENCODING="ascii")
    assert ended.returncode == 2
    assert ended.stderr.startswith("error: there is no folder or file 'nichts-f\\xfcr-ungut'")


@pytest.mark.parametrize(
    ("words", "completions"),
    [
        ("pangeo-forge ru", ["runs"]),
        ("pangeo-forge runs re", ["resume"]),
        ("pangeo-forge runs list --state f", ["failed"]),
        ("pangeo-forge recipe run x --engine l", ["local"]),
        ("pangeo-forge bakeries show ", ["local"]),
        ("pangeo-forge runs show ", []),
    ],
)
def test_the_shell_is_told_how_a_word_may_go_on(forge_environ, words, completions):
    count = len(words.split(" ")) - 1
    asked = {"_PANGEO_FORGE_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(count)}
    ended = subprocess.run([sys.executable, "-m", "pangeo_forge"], env=forge_environ | asked, capture_output=True, text=True)
    assert (ended.stdout.split(), ended.stderr) == (completions, "")


def test_a_bug_is_a_short_line_and_with_verbose_a_traceback(forge, tmp_path):
    # A module that takes the place of one of ours, and is broken: a bug of ours in the eyes of the command.
    (tmp_path / "sitecustomize.py").write_text("import pangeo_forge.api.bakeries as b\ndel b.list_bakeries\n")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    ended = forge("bakeries", "list", PYTHONPATH=path)
    assert (ended.returncode, ended.stdout) == (1, "")
    first, hint = ended.stderr.splitlines()
    assert first == "error: unexpected AttributeError: module 'pangeo_forge.api.bakeries' has no attribute 'list_bakeries'"
    assert hint.startswith("hint: This is a fault of pangeo-forge. Please report it, with what --verbose shows, at https://")
    assert "Traceback (most recent call last):" in forge("bakeries", "list", "--verbose", PYTHONPATH=path).stderr
