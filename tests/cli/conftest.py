"""Feedstocks on real data, the command as a process of its own, and a terminal to run it in."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).resolve().parents[2]

#: Recipes for the three months of NEMO, in `{archive}`; each file takes as long as $WAIT says, and, once there is a store at $HELD_STORE,
#: as long as the file $HELD_BY is there.
RECIPES = """
import os
import time

import xarray as xr

from pangeo_forge.recipes import ConcatDim, FilePattern, ZarrRecipe

MONTHS = ("20150101-20150201", "20150201-20150301", "20150301-20150401")


def make_url(time_counter):
    return f"{archive}/nemo_1m_{{time_counter}}_grid-T.nc"


def set_time(ds, source):
    time.sleep(float(os.environ.get("WAIT", "0")))
    while os.path.exists(os.environ.get("HELD_BY", "")) and os.path.exists(os.environ["HELD_STORE"]):
        time.sleep(0.02)
    return ds.assign_coords(time_counter=ds.time_centered.variable).drop_vars("time_centered")


def fail(ds, source):
    return ds["no such variable"]


def make(preprocess, variables):
    dropped = {{"tos", "bounds_lon", "bounds_lat"}} - set(variables)
    return ZarrRecipe(
        FilePattern(make_url, ConcatDim("time_counter", MONTHS)),
        preprocess=preprocess,
        target_chunks={{"time_counter": 1}},
        open_kwargs={{"drop_variables": sorted(dropped)}},
    )


sst = make(set_time, ["tos"])
broken = make(fail, ["tos"])
several = {{"january": make(set_time, ["tos"]), "bounds": make(set_time, ["bounds_lon"])}}
"""


def write_feedstock(folder: Path, archive: str | Path, *entries: str) -> Path:
    """Write a feedstock; an entry is ``id=object`` or, for a dictionary, ``=object``."""
    folder.mkdir(parents=True)
    lines = ['title: "Months of NEMO"', "recipes:"]
    for entry in entries:
        recipe_id, _, name = entry.partition("=")
        lines += [f'  - id: "{recipe_id}"', f'    object: "recipe:{name}"'] if recipe_id else [f'  - dict_object: "recipe:{name}"']
    (folder / "meta.yaml").write_text("\n".join([*lines, ""]))
    (folder / "recipe.py").write_text(RECIPES.format(archive=archive))
    return folder


@pytest.fixture
def make_feedstock(tmp_path: Path, samples: Path) -> Callable[..., Path]:
    """Write a feedstock on the NEMO months: ``make_feedstock("sst=sst", "broken=broken")`` is the folder ``nemo``."""
    return lambda *entries, name="nemo", archive=samples / "NEMO": write_feedstock(tmp_path / name, archive, *entries)


@pytest.fixture(scope="session")
def baked(tmp_path_factory: pytest.TempPathFactory, samples: Path) -> Path:
    """A folder whose ``home`` remembers a test of `sst` and then a run of `broken`, which failed. To be read only."""
    folder = tmp_path_factory.mktemp("baked")
    write_feedstock(folder / "nemo", samples / "NEMO", "sst=sst", "broken=broken")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PANGEO_FORGE_")}
    for arguments, code in ((["test", "nemo", "sst"], 0), (["run", "nemo", "broken"], 1)):
        command = [sys.executable, "-m", "pangeo_forge", "recipe", *arguments]
        ended = subprocess.run(command, cwd=folder, env=inherited | {"PANGEO_FORGE_HOME": str(folder / "home")}, capture_output=True)
        assert ended.returncode == code, ended.stderr
    return folder


class Running:
    """The command while it runs, in a process group of its own as a shell starts it; what it writes goes to files."""

    def __init__(self, command: list[str], environ: dict[str, str], folder: Path) -> None:
        self._files = [folder / "stdout", folder / "stderr"]
        with self._files[0].open("w") as stdout, self._files[1].open("w") as stderr:
            self.process = subprocess.Popen(command, env=environ, stdout=stdout, stderr=stderr, start_new_session=True)

    @property
    def stdout(self) -> str:
        """What was written to standard output so far."""
        return self._files[0].read_text()

    @property
    def stderr(self) -> str:
        """What was written to standard error so far."""
        return self._files[1].read_text()

    def wait_for(self, pattern: str, timeout: float = 120) -> str:
        """Wait until a pattern is found in what was written, and return what was found."""
        until = time.monotonic() + timeout
        while True:
            ended = self.process.poll() is not None
            if match := re.search(pattern, self.stdout + self.stderr):
                return match[0]
            assert not ended, f"{pattern!r} never came, but {self.stdout}{self.stderr}"
            assert time.monotonic() < until, f"{pattern!r} has not come yet, but {self.stdout}{self.stderr}"
            time.sleep(0.02)

    def interrupt(self) -> None:
        """Do what Ctrl-C does: a signal to the whole process group."""
        os.killpg(self.process.pid, signal.SIGINT)

    def wait(self, timeout: float = 120) -> int:
        """Wait for the end, and return the exit code."""
        return self.process.wait(timeout)

    def close(self) -> None:
        """End the command, if it has not."""
        _end(self.process)


@pytest.fixture
def start(forge_environ: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Running]]:
    """Start the command without waiting for it: ``start("recipe", "run", folder, WAIT="1")``."""
    with ExitStack() as stack:

        def begin(*arguments: str | Path, **environ: str) -> Running:
            command = [sys.executable, "-m", "pangeo_forge", *map(str, arguments)]
            running = Running(command, forge_environ | environ, tmp_path_factory.mktemp("running"))
            stack.callback(running.close)
            return running

        yield begin


def _end(process: subprocess.Popen[Any]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)  # so that it ends its worker as well
    process.wait(timeout=60)


class Terminal:
    """A command on a terminal of its own: what it writes is kept in `output`."""

    def __init__(self, command: list[str], environ: dict[str, str], columns: int) -> None:
        self.output = ""
        self._descriptor, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        # The command's process takes the terminal for its own, so that Ctrl-C on it is a signal to the command.
        take = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
        files: dict[str, Any] = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
        self.process = subprocess.Popen([sys.executable, "-c", take, *command], env=environ, start_new_session=True, **files)
        os.close(theirs)

    def read_until(self, pattern: str, timeout: float = 120) -> None:
        """Read until something that was not looked for before is written."""
        begin, until = len(self.output), time.monotonic() + timeout
        while not re.search(pattern, self.output[begin:]):
            assert time.monotonic() < until, f"{pattern!r} never came, but {self.output!r}"
            assert self._read(), f"{pattern!r} never came, but {self.output!r}"

    def read_for(self, seconds: float) -> None:
        """Read what is written, if anything is within this time."""
        if select.select([self._descriptor], [], [], seconds)[0]:
            self._read()

    def press(self, key: str) -> None:
        """Press a key, such as ``"\\x03"``, Ctrl-C."""
        os.write(self._descriptor, key.encode())

    def wait(self) -> int:
        """Read to the end, and return the exit code."""
        while self._read():
            pass
        return self.process.wait(timeout=30)

    def close(self) -> None:
        """End the command and the terminal."""
        _end(self.process)
        os.close(self._descriptor)

    def _read(self) -> bool:
        if not select.select([self._descriptor], [], [], 60)[0]:
            return False
        try:
            data = os.read(self._descriptor, 65536)
        except OSError:  # Linux's way to say that nobody has the other end open
            return False
        self.output += data.decode(errors="replace")
        return bool(data)


@pytest.fixture
def terminal(forge_environ: dict[str, str]) -> Iterator[Callable[..., Terminal]]:
    """Run the command on a terminal: ``terminal("recipe", "test", folder, columns=60)``."""
    with ExitStack() as stack:

        def run(*arguments: str | Path, columns: int = 80, **environ: str) -> Terminal:
            inherited = {name: value for name, value in forge_environ.items() if name not in ("NO_COLOR", "COLUMNS")}
            command = [sys.executable, "-m", "pangeo_forge", *map(str, arguments)]
            terminal = Terminal(command, inherited | {"TERM": "xterm-256color"} | environ, columns)
            stack.callback(terminal.close)
            return terminal

        yield run
