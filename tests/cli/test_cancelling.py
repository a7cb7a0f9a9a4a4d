"""Ctrl-C and ``runs cancel``: the run ends at once, is remembered as cancelled, and goes on where it stopped."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from cli.conftest import Running

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Held:
    """A run that is held at its last long stage."""

    running: Running
    id: str
    held_by: Path

    def let_go(self) -> None:
        """Let the run go on."""
        self.held_by.unlink()


@pytest.fixture
def begin(start: Callable[..., Running], forge_home: Path, tmp_path: Path) -> Callable[..., Held]:
    """Begin a run of the recipe `sst`, and give it when its last long stage has begun: there it stays until it is let go."""

    def run(folder: Path, *arguments: str) -> Held:
        held_by = tmp_path / "held"
        held_by.touch()
        store = forge_home / "bakery" / "nemo" / "sst.zarr" / "zarr.json"
        held = start("recipe", "run", folder, "--workers", "1", *arguments, HELD_BY=str(held_by), HELD_STORE=str(store))
        run_id = held.wait_for(r"(?<=^run )\S+(?=:)")
        held.wait_for("store +0/4 tasks +begins")
        return Held(held, run_id, held_by)

    return run


def state(forge, run_id) -> str:
    return json.loads(forge("runs", "show", run_id, "--json").stdout)["state"]


def test_ctrl_c_cancels_and_says_how_to_resume_and_resume_finishes(forge, begin, make_feedstock, forge_home, nemo_files):
    run = begin(make_feedstock("sst=sst"))
    run.running.interrupt()
    assert run.running.wait() == 130
    assert run.running.stdout == ""
    assert run.running.stderr.splitlines()[-2:] == [
        "error: the run was cancelled",
        f"hint: `pangeo-forge runs resume {run.id}` goes on where it stopped.",
    ]
    assert state(forge, run.id) == "cancelled"

    ended = forge("runs", "resume", run.id)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("sst is baked.\n")
    lines = ended.stderr.splitlines()
    assert lines[0] == f"run {run.id}, attempt 2: sst into {forge_home}/bakery/nemo/sst.zarr"
    assert "inspect   3/3 tasks  done before" in lines
    assert state(forge, run.id) == "succeeded"
    with xr.open_zarr(forge_home / "bakery" / "nemo" / "sst.zarr") as ds:
        expected = []
        for file in nemo_files:
            with xr.open_dataset(file, decode_times=False) as one:
                expected.append(one.tos.values)
        np.testing.assert_array_equal(ds.tos.values, np.concatenate(expected))


def test_ctrl_c_again_and_again_is_no_traceback(forge, begin, make_feedstock):
    run = begin(make_feedstock("sst=sst"))
    while run.running.process.poll() is None:
        run.running.interrupt()
        with suppress(subprocess.TimeoutExpired):
            run.running.wait(0.05)
    assert run.running.process.returncode == 130
    assert "Traceback" not in run.running.stderr
    assert f"`pangeo-forge runs resume {run.id}` goes on where it stopped." in run.running.stderr
    assert state(forge, run.id) == "cancelled"


def test_ctrl_c_leaves_the_recipes_that_have_not_begun(begin, make_feedstock):
    run = begin(make_feedstock("sst=sst", "=several"), "sst", "bounds")
    run.running.interrupt()
    assert run.running.wait() == 130
    assert run.running.stderr.splitlines()[-3:] == [
        "not begun: bounds",
        "error: the run was cancelled",
        f"hint: `pangeo-forge runs resume {run.id}` goes on where it stopped.",
    ]


def test_a_question_can_be_interrupted(start, make_feedstock, tmp_path):
    folder = make_feedstock("sst=sst")
    mark = tmp_path / "loaded"
    (folder / "recipe.py").write_text((folder / "recipe.py").read_text() + f"\nopen({str(mark)!r}, 'w').close()\n")
    running = start("recipe", "plan", folder, WAIT="1000")
    while not mark.exists():
        assert running.process.poll() is None
        time.sleep(0.05)
    running.interrupt()
    assert running.wait() == 130
    assert (running.stdout, running.stderr) == ("", "error: the run was cancelled\n")


def test_machines_are_told_of_a_cancelled_run_as_well(start, make_feedstock, forge):
    running = start("recipe", "run", make_feedstock("sst=sst"), "--json", WAIT="1000")
    wait_until_running(forge)
    running.interrupt()
    assert running.wait() == 130
    (outcome,) = json.loads(running.stdout)
    assert (outcome["run"]["state"], outcome["error"]["kind"]) == ("cancelled", "RunCancelled")
    assert json.loads(running.stderr) == {"error": outcome["error"]}


def wait_until_running(forge) -> str:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        if found := json.loads(forge("runs", "list", "--state", "running", "--json").stdout):
            return found[0]["id"]
    raise AssertionError("no run began")


def test_another_process_can_cancel_a_run(forge, begin, make_feedstock):
    run = begin(make_feedstock("sst=sst"))
    ended = forge("runs", "cancel", run.id)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == f"run {run.id} is cancelled\n`pangeo-forge runs resume {run.id}` goes on where it stopped.\n"
    assert run.running.wait() == 130


def test_a_second_run_into_the_same_target_is_refused(forge, begin, make_feedstock, forge_home):
    folder = make_feedstock("sst=sst")
    run = begin(folder)
    ended = forge("recipe", "run", folder)
    assert (ended.returncode, ended.stdout) == (1, "")
    first, hint = ended.stderr.splitlines()
    place = re.escape(f"{forge_home}/bakery/nemo/sst.zarr")
    assert re.fullmatch(rf"error: {place} is being written by run {run.id} \(process {run.running.process.pid}, since .* UTC\)", first)
    assert hint == f"hint: Wait until it has ended, or cancel it: `pangeo-forge runs cancel {run.id}`."


def test_logs_are_followed_to_the_end_of_the_run(begin, start, make_feedstock):
    run = begin(make_feedstock("sst=sst"))
    following = start("runs", "logs", run.id, "--follow")
    following.wait_for("store +0/4 tasks +begins")
    assert "run succeeded" not in following.stdout
    run.let_go()
    assert run.running.wait() == 0
    assert following.wait() == 0
    assert following.stdout.splitlines()[-1].endswith("  run succeeded")


def test_a_follower_can_be_interrupted_and_the_run_goes_on(begin, start, make_feedstock, forge):
    run = begin(make_feedstock("sst=sst"))
    following = start("runs", "logs", run.id, "--follow")
    following.wait_for("store +0/4 tasks +begins")
    following.interrupt()
    assert following.wait() == 130
    assert following.stderr == "error: interrupted\n"
    run.let_go()
    assert run.running.wait() == 0


def test_a_run_whose_command_was_killed_can_be_resumed(begin, make_feedstock, forge):
    run = begin(make_feedstock("sst=sst"))
    run.running.process.send_signal(signal.SIGKILL)
    run.running.wait()
    shown = forge("runs", "show", run.id).stdout
    assert re.search(r"^state +failed$", shown, re.MULTILINE)
    assert shown.splitlines()[-2:] == [
        "error: the machine or the process that watched over the run went away before the run had ended",
        f"hint: `pangeo-forge runs resume {run.id}` goes on where it stopped.",
    ]
    assert forge("runs", "resume", run.id).returncode == 0
