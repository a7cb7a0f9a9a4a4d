"""Ctrl-C and ``runs cancel``: the run ends at once, is remembered as cancelled, and goes on where it stopped."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from contextlib import suppress

import numpy as np
import pytest
import xarray as xr

pytestmark = pytest.mark.slow

SLOWLY = {"WAIT": "1"}


def begin(start, folder, *arguments):
    """Begin a run, and give it and its id when its last long stage has begun."""
    running = start("recipe", "run", folder, "--workers", "1", *arguments, **SLOWLY)
    run_id = running.wait_for(r"(?<=^run )\S+(?=:)")
    running.wait_for("store +0/4 tasks +begins")
    return running, run_id


def state(forge, run_id) -> str:
    return json.loads(forge("runs", "show", run_id, "--json").stdout)["state"]


def test_ctrl_c_cancels_and_says_how_to_resume_and_resume_finishes(forge, start, make_feedstock, forge_home, nemo_files):
    running, run_id = begin(start, make_feedstock("sst=sst"))
    running.interrupt()
    assert running.wait(20) == 130
    assert running.stdout == ""
    assert running.stderr.splitlines()[-2:] == [
        "error: the run was cancelled",
        f"hint: `pangeo-forge runs resume {run_id}` goes on where it stopped.",
    ]
    assert state(forge, run_id) == "cancelled"

    ended = forge("runs", "resume", run_id)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("sst is baked.\n")
    lines = ended.stderr.splitlines()
    assert lines[0] == f"run {run_id}, attempt 2: sst into {forge_home}/bakery/nemo/sst.zarr"
    assert "inspect   3/3 tasks  done before" in lines
    assert state(forge, run_id) == "succeeded"
    with xr.open_zarr(forge_home / "bakery" / "nemo" / "sst.zarr") as ds:
        expected = []
        for file in nemo_files:
            with xr.open_dataset(file, decode_times=False) as one:
                expected.append(one.tos.values)
        np.testing.assert_array_equal(ds.tos.values, np.concatenate(expected))


def test_ctrl_c_again_and_again_is_no_traceback(forge, start, make_feedstock):
    running, run_id = begin(start, make_feedstock("sst=sst"))
    while running.process.poll() is None:
        running.interrupt()
        with suppress(subprocess.TimeoutExpired):
            running.wait(0.05)
    assert running.process.returncode == 130
    assert "Traceback" not in running.stderr
    assert f"`pangeo-forge runs resume {run_id}` goes on where it stopped." in running.stderr
    assert state(forge, run_id) == "cancelled"


def test_ctrl_c_leaves_the_recipes_that_have_not_begun(start, make_feedstock):
    running, run_id = begin(start, make_feedstock("sst=sst", "=several"), "sst", "bounds")
    running.interrupt()
    assert running.wait(20) == 130
    assert running.stderr.splitlines()[-3:] == [
        "not begun: bounds",
        "error: the run was cancelled",
        f"hint: `pangeo-forge runs resume {run_id}` goes on where it stopped.",
    ]


def test_a_question_can_be_interrupted(start, make_feedstock, tmp_path):
    folder = make_feedstock("sst=sst")
    mark = tmp_path / "loaded"
    (folder / "recipe.py").write_text((folder / "recipe.py").read_text() + f"\nopen({str(mark)!r}, 'w').close()\n")
    running = start("recipe", "plan", folder, WAIT="30")
    while not mark.exists():
        assert running.process.poll() is None
        time.sleep(0.05)
    running.interrupt()
    assert running.wait(20) == 130
    assert (running.stdout, running.stderr) == ("", "error: the run was cancelled\n")


def test_machines_are_told_of_a_cancelled_run_as_well(start, make_feedstock, forge):
    running = start("recipe", "run", make_feedstock("sst=sst"), "--json", **SLOWLY)
    wait_until_running(forge)
    running.interrupt()
    assert running.wait(20) == 130
    (outcome,) = json.loads(running.stdout)
    assert (outcome["run"]["state"], outcome["error"]["kind"]) == ("cancelled", "RunCancelled")
    assert json.loads(running.stderr) == {"error": outcome["error"]}


def wait_until_running(forge) -> str:
    for _ in range(100):
        if found := json.loads(forge("runs", "list", "--state", "running", "--json").stdout):
            return found[0]["id"]
    raise AssertionError("no run began")


def test_another_process_can_cancel_a_run(forge, start, make_feedstock):
    running, run_id = begin(start, make_feedstock("sst=sst"))
    ended = forge("runs", "cancel", run_id)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == f"run {run_id} is cancelled\n`pangeo-forge runs resume {run_id}` goes on where it stopped.\n"
    assert running.wait(20) == 130


def test_a_second_run_into_the_same_target_is_refused(forge, start, make_feedstock, forge_home):
    folder = make_feedstock("sst=sst")
    running, run_id = begin(start, folder)
    ended = forge("recipe", "run", folder)
    assert (ended.returncode, ended.stdout) == (1, "")
    first, hint = ended.stderr.splitlines()
    place = re.escape(f"{forge_home}/bakery/nemo/sst.zarr")
    assert re.fullmatch(rf"error: {place} is being written by run {run_id} \(process {running.process.pid}, since .* UTC\)", first)
    assert hint == f"hint: Wait until it has ended, or cancel it: `pangeo-forge runs cancel {run_id}`."


def test_logs_are_followed_to_the_end_of_the_run(start, make_feedstock):
    running, run_id = begin(start, make_feedstock("sst=sst"))
    following = start("runs", "logs", run_id, "--follow")
    following.wait_for("store +0/4 tasks +begins")
    assert "run succeeded" not in following.stdout
    assert running.wait(60) == 0
    assert following.wait(20) == 0
    assert following.stdout.splitlines()[-1].endswith("  run succeeded")


def test_a_follower_can_be_interrupted_and_the_run_goes_on(start, make_feedstock, forge):
    running, run_id = begin(start, make_feedstock("sst=sst"))
    following = start("runs", "logs", run_id, "--follow")
    following.wait_for("store +0/4 tasks +begins")
    following.interrupt()
    assert following.wait(20) == 130
    assert following.stderr == "error: interrupted\n"
    assert running.wait(60) == 0


def test_a_run_whose_command_was_killed_can_be_resumed(start, make_feedstock, forge):
    running, run_id = begin(start, make_feedstock("sst=sst"))
    running.process.send_signal(signal.SIGKILL)
    running.wait(20)
    shown = forge("runs", "show", run_id).stdout
    assert re.search(r"^state +failed$", shown, re.MULTILINE)
    assert shown.splitlines()[-2:] == [
        "error: the machine or the process that watched over the run went away before the run had ended",
        f"hint: `pangeo-forge runs resume {run_id}` goes on where it stopped.",
    ]
    assert forge("runs", "resume", run_id).returncode == 0
