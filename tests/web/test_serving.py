"""The server as a command."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

pytestmark = [pytest.mark.server, pytest.mark.slow]


@pytest.mark.parametrize("request_to_stop", [signal.SIGINT, signal.SIGTERM])
def test_the_command_tells_its_address_serves_and_ends_when_it_is_told(target: Path, request_to_stop: signal.Signals) -> None:
    command = [sys.executable, "-m", "pangeo_forge", "catalog", "serve", str(target), "--port", "0", "--json"]
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ) as process:
        try:
            assert process.stdout
            told = "".join(process.stdout.readline() for _ in range(3))
            with urllib.request.urlopen(f"{json.loads(told)['url']}stac/") as answer:
                assert json.load(answer)["title"] == "Three datasets"
            with urllib.request.urlopen(f"{json.loads(told)['url']}datasets/europe/plot.png") as answer:
                assert answer.read(4) == b"\x89PNG"
            process.send_signal(request_to_stop)
            _, complaint = process.communicate()
        finally:
            process.kill()
    assert ("Traceback" in complaint, "leaked" in complaint) == (False, False)


def test_a_port_that_is_taken_is_said_so(target: Path, site: str) -> None:
    command = [sys.executable, "-m", "pangeo_forge", "catalog", "serve", str(target), "--port", site.rpartition(":")[2], "--no-browser"]
    ended = subprocess.run(command, capture_output=True, text=True)
    assert ended.returncode == 2
    assert "cannot be listened to" in ended.stderr
