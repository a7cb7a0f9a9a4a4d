"""Where the output goes to may be full, or not be there."""

from __future__ import annotations

import subprocess
import sys

import pytest


def run(environ: dict[str, str], line: str) -> subprocess.CompletedProcess[str]:
    """Run a line of a shell, in which "$@" is the command."""
    command = ["sh", "-c", line, "sh", sys.executable, "-m", "pangeo_forge"]
    return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("command", ["--version", "--help", "runs list --json", "recipe lint --explain all"])
def test_a_full_disk_is_told_as_that(forge_environ: dict[str, str], command: str) -> None:
    ended = run(forge_environ, f'"$@" {command} >/dev/full')
    assert ended.returncode == 1
    assert "the output cannot be written: No space left on device" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "unexpected" not in ended.stderr


def test_a_closed_output_stops_no_command(forge_environ: dict[str, str]) -> None:
    ended = run(forge_environ, '"$@" runs list >&-')
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
