"""Run a command and say what it and all its descendants took: ``python measure.py OUT.json COMMAND…``

It is a process of its own, and the one to which orphaned descendants fall, so that none of them escapes the sum.
"""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

SAMPLING_S = 0.05
_PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process and its descendants took.

    Parameters
    ----------
    wall_s, cpu_s : float
        From start to end; user and system time of all processes.
    peak_bytes : int
        The most memory that all of them held at a time: the sum of their proportional set sizes, in which a page that
        several share counts once, sampled every 50 ms.
    code : int
        The command's exit code.
    ended : float
        When it ended, seconds since 1970.
    """

    wall_s: float
    cpu_s: float
    peak_bytes: int
    code: int
    ended: float


class CommandFailed(Exception):
    """A measured command failed; the message is the end of what it wrote."""


def measure(command: Sequence[str], environ: Mapping[str, str], *, log: Path, codes: tuple[int, ...] = (0,)) -> Usage:
    """Run a command, which must end with one of `codes`, in a process tree of its own and measure it; what it prints goes to `log`."""
    report = log.with_suffix(".usage.json")
    with log.open("wb") as output:
        measured = [sys.executable, __file__, str(report), *command]
        subprocess.run(measured, env=dict(environ), stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=True)
    usage = Usage(**json.loads(report.read_text()))
    if usage.code not in codes:
        raise CommandFailed(f"{' '.join(command)} ended with {usage.code}: {log.read_text()[-2000:]}")
    return usage


def run(command: Sequence[str]) -> Usage:
    """Run a command from this process, which must have no other children."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    ended = threading.Event()
    peak: list[int] = [0]
    sampler = threading.Thread(target=_sample, args=(os.getpid(), ended, peak))
    began = time.perf_counter()
    process = subprocess.Popen(command)
    sampler.start()
    cpu_s, wall_s, code = 0.0, 0.0, 1
    while True:
        try:
            pid, status, use = os.wait4(-1, 0)
        except ChildProcessError:
            break
        cpu_s += use.ru_utime + use.ru_stime
        if pid == process.pid:
            wall_s, code, ended_at = time.perf_counter() - began, os.waitstatus_to_exitcode(status), time.time()
            process.returncode = code
    ended.set()
    sampler.join()
    return Usage(round(wall_s, 3), round(cpu_s, 3), peak[0], code, ended_at)


def _sample(root: int, ended: threading.Event, peak: list[int]) -> None:
    while not ended.wait(SAMPLING_S):
        peak[0] = max(peak[0], sum(_proportional_size(pid) for pid in _descendants(root)))


def _descendants(root: int) -> list[int]:
    """List the processes below one, without itself."""
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        for task in _children_files(pid):
            try:
                children = [int(child) for child in task.read_text().split()]
            except OSError:
                continue
            found += children
            waiting += children
    return found


def _children_files(pid: int) -> list[Path]:
    try:
        return [task / "children" for task in Path(f"/proc/{pid}/task").iterdir()]
    except OSError:
        return []


def _proportional_size(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(asdict(run(sys.argv[2:]))))
