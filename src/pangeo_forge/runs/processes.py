"""Processes of this machine: which is which, who belongs to a worker, how much memory they hold, and how to be rid of them.

Linux tells all of it in ``/proc``. Elsewhere ``ps`` tells most.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_BOOT = _PROC / "sys/kernel/random/boot_id"
_DEAD = ("Z", "X", "x")


@dataclass(frozen=True, slots=True)
class Process:
    """One process as the system describes it.

    Parameters
    ----------
    pid, group, session : int
        Its number, and those of the leaders of its group and session (0 where that is not known).
    is_dead : bool
        Whether it has ended, and only waits for its parent to be told.
    begun : str
        When it began, in the system's own words: a later process of the same number began at another time.
    cpu_s : float
        Processor time so far (0.0 where that is not known).
    """

    pid: int
    group: int
    session: int
    is_dead: bool
    begun: str
    cpu_s: float = 0.0


def this_host() -> str:
    """Name this machine."""
    return socket.gethostname()


def identify(pid: int) -> str | None:
    """Give a mark that tells a living process from any other that ever has the same number, also after the machine was started anew.

    None if there is no such process, or it has ended.
    """
    process = describe(pid)
    return None if process is None or process.is_dead else _mark(process)


def is_alive(pid: int, mark: str | None) -> bool:
    """Tell whether a process lives that `identify` once gave this mark (without a mark: whether any process of this number lives)."""
    current = identify(pid)
    return current is not None and mark in (None, current)


def _mark(process: Process) -> str:
    return f"{_boot_id()}:{process.begun}"


def _boot_id() -> str:
    return _BOOT.read_text().strip() if _BOOT.exists() else ""


def describe(pid: int) -> Process | None:
    """Describe a process, or None if there is no such process."""
    return _from_proc(pid) if _BOOT.exists() else _from_ps(pid)


def _from_proc(pid: int) -> Process | None:
    try:
        # The second word, the program's name in parentheses, may hold anything.
        words = (_PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:  # it has ended meanwhile
        return None
    state, _, group, session = words[:4]
    ticks = int(words[11]) + int(words[12])
    return Process(pid, int(group), int(session), state in _DEAD, begun=words[19], cpu_s=ticks / os.sysconf("SC_CLK_TCK"))


def _from_ps(pid: int) -> Process | None:
    words = _ask_ps("-o", "pgid=,stat=,lstart=", "-p", str(pid)).split()
    if not words:
        return None
    return Process(pid, int(words[0]), 0, words[1][0] in _DEAD, begun=" ".join(words[2:]))


def _ask_ps(*options: str) -> str:
    # It ends with 1 where there is no such process, and says nothing: that is an answer too.
    environment = {**os.environ, "LC_ALL": "C"}
    return subprocess.run(["ps", *options], capture_output=True, text=True, check=False, env=environment).stdout


def members(leader: int) -> Iterator[Process]:
    """Yield the living processes of a session or group, by its leader's number; the leader itself need not live any more."""
    pids = (int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit()) if _BOOT.exists() else _pids_from_ps(leader)
    for pid in pids:
        process = describe(pid)
        if process is not None and not process.is_dead and leader in (process.group, process.session):
            yield process


def _pids_from_ps(leader: int) -> Iterator[int]:
    for line in _ask_ps("-A", "-o", "pid=,pgid=").splitlines():
        pid, group = line.split()
        if int(group) == leader:
            yield int(pid)


def memory_of(pid: int) -> int:
    """Measure how much memory a process holds, bytes; 0 if it has ended.

    What it shares with others is divided among them (the proportional set size), so that the sum over processes counts nothing twice;
    where the system does not tell that, all that is resident.
    """
    if not _BOOT.exists():
        return int(_ask_ps("-o", "rss=", "-p", str(pid)).strip() or 0) * 1024
    try:
        for line in (_PROC / str(pid) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
        return int((_PROC / str(pid) / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:  # it has ended meanwhile
        return 0


def kill_all(leader: int) -> None:
    """Kill every process of a leader's group and session. The leader's number must still be its own (not yet waited for)."""
    with suppress(ProcessLookupError, PermissionError):  # nobody is left in the group (the second is how macOS says it)
        os.killpg(leader, signal.SIGKILL)
    for process in members(leader):
        _kill(process.pid)


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):  # it has ended meanwhile
        os.kill(pid, signal.SIGKILL)


def end_leftovers(leader: int, mark: str | None, *, patience_s: float = 5.0) -> bool:
    """Kill what is left of a worker whose parent is gone, and tell whether nothing is left.

    Parameters
    ----------
    leader, mark
        The worker's number and what `identify` said of it.
    patience_s : float
        How long to wait for killed processes to be gone, seconds.
    """
    boot, _, begun = (mark or "").rpartition(":")
    leading = describe(leader)
    if mark is None or boot != _boot_id() or (leading is not None and leading.begun != begun):
        return True  # the machine was started anew, or the number is another's by now: then all of the worker's are gone
    deadline = time.monotonic() + patience_s
    while remaining := list(members(leader)):
        if time.monotonic() > deadline:
            return False
        try:
            for process in remaining:
                _kill(process.pid)
        except PermissionError:  # another user's
            return False
        time.sleep(0.02)
    return True


class Meter:
    """Keeps the most memory that a worker's processes and this one held together, and the processor time that they took.

    Parameters
    ----------
    leader : int
        The worker's number.
    """

    def __init__(self, leader: int) -> None:
        self.peak_memory = 0
        self._leader = leader
        self._cpu_s: dict[int, float] = {}
        self._due = 0.0

    @property
    def cpu_s(self) -> float:
        """Processor time of the worker's processes, as far as it was seen, seconds."""
        return sum(self._cpu_s.values())

    def sample_when_due(self) -> None:
        """Measure, if half a second has passed since the last time, or less often if that took more than a twentieth of a core."""
        begun = time.monotonic()
        if begun < self._due:
            return
        cpu_begun = time.thread_time()
        held = 0
        for process in members(self._leader):
            held += memory_of(process.pid)
            self._cpu_s[process.pid] = process.cpu_s
        if held:
            self.peak_memory = max(self.peak_memory, held + memory_of(os.getpid()))
        self._due = begun + max(0.5, 20 * (time.thread_time() - cpu_begun))
