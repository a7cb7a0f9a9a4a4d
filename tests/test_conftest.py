"""What all tests lean on: no test leaves this machine, and in continuous integration none is passed over in silence."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest


def test_a_connection_to_another_machine_is_refused_by_the_guard():
    with socket.socket() as connection, pytest.raises(RuntimeError, match="loopback only"):
        connection.connect(("192.0.2.1", 80))


def test_a_name_of_another_machine_is_not_looked_up():
    with pytest.raises(socket.gaierror, match="no other machine"):
        socket.create_connection(("archive.example.org", 80))


SKIPPING = """
import pytest
def test_allowed():
    pytest.skip("needs ../shared: it is not there")
def test_forbidden():
    pytest.skip({reason!r})
"""


@pytest.mark.parametrize(
    ("reason", "ci", "workers", "code"),
    [("no time", "true", 0, 1), ("no time", "true", 1, 1), ("no time", "", 0, 0), ("needs ../shared: gone", "true", 0, 0)],
)
def test_a_skip_fails_the_session_in_continuous_integration_only(tmp_path, forge_environ, reason, ci, workers, code):
    conftest = Path(__file__).parent / "conftest.py"
    (tmp_path / "conftest.py").write_text(conftest.read_text())
    (tmp_path / "test_it.py").write_text(SKIPPING.format(reason=reason))
    environ = forge_environ | {"CI": ci, "PYTHONPATH": str(conftest.parent)}
    command = [sys.executable, "-m", "pytest", "-c", "/dev/null", "--rootdir", str(tmp_path), "-n", str(workers), str(tmp_path)]
    ended = subprocess.run(command, env=environ, cwd=tmp_path, capture_output=True, text=True)
    assert ended.returncode == code, ended.stdout
    assert ("test_forbidden: no time" in ended.stdout) == (code == 1)
