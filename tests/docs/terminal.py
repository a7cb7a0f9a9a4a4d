"""A terminal that commands are typed into, one after the other, and what is seen on it in the end."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sysconfig
import termios
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pyte

COLUMNS = 500
_ROWS = 2000

#: Opens the terminal as its own, does what was typed, and keeps for the next command the folder, the variables and the exit code.
_SHELL = """
exec 0<>"$1" 1>&0 2>&0
cd "$(cat "$2/folder")"; . "$2/variables"; (exit "$(cat "$2/code")")
eval "$3"
echo $? >"$2/code"; pwd >"$2/folder"; export -p >"$2/variables"
"""


class Shell:
    """A user's shell, with what it remembers between two commands.

    Parameters
    ----------
    folder : Path
        Where the first command runs.
    memory : Path
        An empty folder of the shell's own.
    environ : dict of str to str
        The variables of the first command.
    """

    def __init__(self, folder: Path, memory: Path, environ: Mapping[str, str]) -> None:
        self._memory = memory
        self.environ = {**environ, "PATH": f"{sysconfig.get_path('scripts')}:{environ['PATH']}", "TERM": "xterm-256color"}
        for name in ("COLUMNS", "LINES", "NO_COLOR"):
            self.environ.pop(name, None)
        (memory / "folder").write_text(str(folder))
        (memory / "variables").write_text("")
        (memory / "code").write_text("0")

    @property
    def folder(self) -> Path:
        """Where the next command runs."""
        return Path((self._memory / "folder").read_text().strip())

    def run(self, command: str, *, interrupt_at: str | None = None, timeout_s: float = 180) -> str:
        """Run a command, and give what is then seen on the terminal.

        Parameters
        ----------
        command : str
            As it is typed.
        interrupt_at : str, optional
            Press Ctrl-C as soon as this is seen.
        timeout_s : float
            How long the command may take, seconds.
        """
        ours, theirs = pty.openpty()
        fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, COLUMNS, 0, 0))
        arguments = ["bash", "-c", _SHELL, "bash", os.ttyname(theirs), str(self._memory), command]
        process = subprocess.Popen(arguments, env=self.environ, start_new_session=True, stdin=subprocess.DEVNULL)
        try:
            written = _read(ours, theirs, process, interrupt_at, time.monotonic() + timeout_s)
        finally:
            process.kill()
            process.wait()
            os.close(ours)
        return show(written)

    @contextmanager
    def serve(self, command: str, *, until: str, timeout_s: float = 30) -> Iterator[None]:
        """Let a command go on in the background while the body runs, which begins when the command has written what matches `until`."""
        log = self._memory / f"server-{time.monotonic_ns()}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(["bash", "-c", f"exec {command}"], env=self.environ, cwd=self.folder, stdout=output, stderr=output)
        try:
            _wait(process, log, until, time.monotonic() + timeout_s)
            yield
        finally:
            process.terminate()
            process.wait()


def _wait(process: subprocess.Popen[bytes], log: Path, until: str, ends: float) -> None:
    while not re.search(until, log.read_text()):
        if process.poll() is not None or time.monotonic() > ends:
            raise AssertionError(f"it did not write {until!r}, but:\n{log.read_text()}")
        time.sleep(0.02)


def _read(ours: int, theirs: int, process: subprocess.Popen[bytes], interrupt_at: str | None, ends: float) -> bytes:
    written = b""
    while True:
        if select.select([ours], [], [], 0.05)[0]:
            written += os.read(ours, 65536)
            if interrupt_at is not None and interrupt_at.encode() in written:
                os.write(ours, b"\x03")
                interrupt_at = None
        elif process.poll() is not None:
            break
        if time.monotonic() > ends:
            raise AssertionError(f"it takes too long; so far it has written:\n{show(written)}")
    os.close(theirs)
    return written


def show(written: bytes) -> str:
    """Say what is seen on a terminal in the end, without colours."""
    screen = pyte.Screen(COLUMNS, _ROWS)
    pyte.ByteStream(screen).feed(written)
    return "\n".join(line.rstrip() for line in screen.display).strip("\n")
