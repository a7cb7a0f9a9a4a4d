"""``pangeo-forge runs list``, ``show`` and ``logs`` of runs that are over."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

WHEN = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC"


@pytest.fixture
def runs(forge, baked) -> Callable[..., Any]:
    """Run ``pangeo-forge runs`` where `sst` was tested and `broken` was run."""
    return lambda *arguments: forge("runs", *arguments, PANGEO_FORGE_HOME=str(baked / "home"))


@pytest.fixture
def ids(runs) -> dict[str, str]:
    """The runs' ids by their recipes."""
    return {run["recipe_id"]: run["id"] for run in json.loads(runs("list", "--json").stdout)}


def test_list_shows_the_newest_first(runs, ids):
    ended = runs("list")
    assert (ended.returncode, ended.stderr) == (0, "")
    header, *lines = [re.sub(r"[\d.]+ s", "T", line).split() for line in ended.stdout.splitlines()]
    assert header == ["ID", "STATE", "KIND", "FEEDSTOCK", "TOOK", "STORED"]
    assert lines[0] == [ids["broken"], "failed", "full", "nemo", "T", "-"]
    assert lines[1][:5] == [ids["sst"], "succeeded", "test", "nemo", "T"]
    assert lines[1][6] == "kB"


def test_list_of_nothing_says_so(forge):
    ended = forge("runs", "list")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "There are no such runs.\n", "")
    assert forge("runs", "list", "--json").stdout == "[]\n"


@pytest.mark.parametrize(
    ("arguments", "recipes"),
    [
        (["--state", "failed"], ["broken"]),
        (["--state", "running"], []),
        (["--feedstock", "nemo"], ["broken", "sst"]),
        (["--feedstock", "ocean"], []),
        (["--limit", "1"], ["broken"]),
    ],
)
def test_list_can_be_narrowed(runs, arguments, recipes):
    assert [run["recipe_id"] for run in json.loads(runs("list", *arguments, "--json").stdout)] == recipes


def test_list_refuses_a_state_that_there_is_not(runs):
    ended = runs("list", "--state", "done")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == ("error: 'done' is not a state of a run\nhint: Write one of: queued, running, succeeded, failed, cancelled.\n")


def test_show_tells_all_of_a_run(runs, ids, baked):
    ended = runs("show", ids["sst"])
    assert (ended.returncode, ended.stderr) == (0, "")
    facts = dict(re.split("  +", line, maxsplit=1) for line in ended.stdout.splitlines())
    expected = {
        "run": re.escape(ids["sst"]),
        "state": "succeeded",
        "recipe": r"sst \(pruned\)",
        "feedstock": "nemo",
        "source": "nemo",
        "bakery": "local, engine local",
        "target": re.escape(f"{baked}/home/bakery/test/nemo/{ids['sst']}/sst.zarr"),
        "started": WHEN,
        "ended": WHEN,
        "inputs": "2",
        "written": r"1\.9 MB uncompressed in 6 chunks",
        "stored": r"\d+ kB",
        "took": r"[\d.]+ s, [\d.]+ s of processor time",
        "memory": r"\d+ MB at most",
        "folder": re.escape(f"{baked}/home/runs/{ids['sst']}") + " on .+",
    }
    assert list(facts) == list(expected)
    assert [name for name, pattern in expected.items() if not re.fullmatch(pattern, facts[name])] == []


def test_show_tells_why_a_run_failed(runs, ids):
    text = runs("show", ids["broken"]).stdout
    assert re.search(r"^error: /.*_grid-T\.nc: fail failed: KeyError: ", text, re.MULTILINE)
    assert "Traceback" not in text
    assert "Traceback (most recent call last):" in runs("show", ids["broken"], "--verbose").stdout


@pytest.mark.parametrize("command", ["show", "logs"])
def test_the_traceback_that_is_kept_with_a_run_has_the_author_s_lines_and_none_of_ours(runs, ids, baked, command):
    frames = re.findall(r'File "(.+)", line \d+, in (.+)', runs(command, ids["broken"], "--verbose").stdout)
    assert (f"{baked}/nemo/recipe.py", "fail") in frames
    assert any("/xarray/" in file for file, _ in frames)
    assert not any("/pangeo_forge/" in file for file, _ in frames)


def test_show_with_verbose_tells_the_exact_versions(runs, ids):
    assert re.search(r"^  zarr \d+\.\d+", runs("show", ids["sst"], "--verbose").stdout, re.MULTILINE)
    assert "zarr 3" not in runs("show", ids["sst"]).stdout


def test_show_is_an_object_for_machines(runs, ids):
    run = json.loads(runs("show", ids["sst"], "--json").stdout)
    assert (run["id"], run["state"], run["pruned"], run["inputs"]) == (ids["sst"], "succeeded", True, 2)
    assert run["environment"]["zarr"]


def test_the_beginning_of_an_id_is_enough_if_it_is_the_only_one(runs, ids):
    assert json.loads(runs("show", ids["sst"][:-2], "--json").stdout)["id"] == ids["sst"]
    ended = runs("show", "2")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == (f"error: more than one run's id begins with '2': {ids['sst']}, {ids['broken']}\nhint: Write more of the id.\n")


@pytest.mark.parametrize("command", ["show", "logs", "resume", "cancel"])
def test_a_run_that_there_is_not_is_used_wrongly(runs, command):
    ended = runs(command, "nothing")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "error: there is no run 'nothing'\nhint: `pangeo-forge runs list` shows them all.\n"


def test_logs_tell_what_happened_and_when(runs, ids):
    ended = runs("logs", ids["sst"])
    assert (ended.returncode, ended.stderr) == (0, "")
    lines = [re.sub(r"[\d.]+ s$", "T", line) for line in ended.stdout.splitlines()]
    assert [line for line in lines if not re.match(r"\d\d:\d\d:\d\d  ", line)] == []
    words = [line[10:] for line in lines]
    assert re.fullmatch(rf"\d{{4}}-\d\d-\d\d run {ids['sst']}: sst \(pruned\) into /.*/sst\.zarr", words[0])
    assert words[1:] == [
        "sst: 2 inputs, native recipe",
        "inspect   0/2 tasks  begins",
        "inspect   ends after T",
        "prepare   0/1 tasks  begins",
        "note: the inputs differ in the attributes TimeStamp, file_name, name, timeStamp: these are left out",
        "prepare   ends after T",
        "store     0/3 tasks  begins",
        "store     ends after T",
        "finalize  0/1 tasks  begins",
        "finalize  ends after T",
        "check     0/3 tasks  begins",
        "check     ends after T",
        "run succeeded",
    ]


def test_logs_with_verbose_tell_every_task(runs, ids):
    assert len(re.findall(r"store +task \d ends after", runs("logs", ids["sst"], "--verbose").stdout)) == 3


def test_logs_tell_why_a_run_failed(runs, ids):
    lines = runs("logs", ids["broken"]).stdout.splitlines()
    assert [line[10:] for line in lines[-3:-2]] == ["run failed"]
    assert "fail failed: KeyError" in lines[-2]


def test_logs_for_machines_are_the_journal(runs, ids, baked):
    assert runs("logs", ids["sst"], "--json").stdout == (baked / "home" / "runs" / ids["sst"] / "journal.jsonl").read_text()


def test_logs_of_a_run_that_is_over_end_even_if_they_are_followed(runs, ids):
    assert runs("logs", ids["sst"], "--follow").stdout == runs("logs", ids["sst"]).stdout
    assert runs("logs", ids["sst"], "--follow", "--json").stdout == runs("logs", ids["sst"], "--json").stdout


def test_logs_show_what_the_recipe_printed(forge, make_feedstock):
    folder = make_feedstock("sst=sst")
    (folder / "recipe.py").write_text((folder / "recipe.py").read_text() + "\nprint('hello from the recipe')\n")
    run = json.loads(forge("recipe", "test", folder, "--json").stdout)["run"]["id"]
    assert forge("runs", "logs", run, "--worker").stdout == "hello from the recipe\n"
    assert forge("runs", "logs", run, "--worker", "--follow").stdout == "hello from the recipe\n"


def test_logs_of_a_worker_are_not_json(runs, ids):
    ended = runs("logs", ids["sst"], "--worker", "--json")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert json.loads(ended.stderr)["error"]["message"] == "what a worker prints is not JSON"


def test_a_run_that_has_succeeded_is_not_resumed(runs, ids):
    ended = runs("resume", ids["sst"])
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == (
        f"error: run {ids['sst']} cannot be resumed: it has succeeded\nhint: To make the dataset anew, start a new run with --overwrite.\n"
    )


def test_a_run_that_is_over_is_not_cancelled(runs, ids):
    ended = runs("cancel", ids["broken"])
    assert (ended.returncode, ended.stdout, ended.stderr) == (2, "", f"error: run {ids['broken']} is not running: it has failed\n")


def test_a_run_of_this_machine_is_not_given_up(runs, ids):
    ended = runs("cancel", "--gone", ids["broken"])
    assert (ended.returncode, ended.stdout, ended.stderr) == (2, "", f"error: run {ids['broken']} is not running: it has failed\n")


def test_a_database_that_cannot_be_reached_is_told_without_its_password(forge):
    ended = forge("runs", "list", PANGEO_FORGE_DATABASE="postgresql+psycopg://me:secret@127.0.0.1:1/runs")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("error: ")
    assert "secret" not in ended.stderr
