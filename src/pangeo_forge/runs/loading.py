"""The parent's view of a worker that runs a module's code: whether it takes too long, and where it was when it died in it."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from pathlib import Path

from pangeo_forge.errors import Where
from pangeo_forge.worker.events import Event, LoadingEnded, LoadingStarted

#: No module may take longer, whatever the worker says.
_LONGEST_S = 7 * 86400.0
#: How the interpreter writes a frame where it is killed, or was told to say where it is (Python's `faulthandler`).
_FRAME = re.compile(r'^  File "(?P<file>.+)", line (?P<line>\d+) in .*', re.MULTILINE)
_DUMP = re.compile(r"^(Timeout \(|Fatal Python error: )", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class CutOff:
    """A worker that ended while code of a module ran.

    Parameters
    ----------
    module : str
        The module.
    folder : str
        The feedstock's.
    timeout_s : float
        How long the code might take, seconds.
    is_overdue : bool
        Whether it took longer, so that the worker was killed.
    """

    module: str
    folder: str
    timeout_s: float
    is_overdue: bool

    def find_lines(self, log: str) -> tuple[str, ...]:
        """Find which lines of the feedstock's code were executed, and what they called, in what the interpreter wrote in the end.

        Returns
        -------
        tuple of str
            As the interpreter writes them, the innermost first; none where it wrote nothing.
        """
        dumps = [match.start() for match in _DUMP.finditer(log)]
        frames = list(_FRAME.finditer(log, dumps[-1])) if dumps else []
        outermost = max((number for number, frame in enumerate(frames) if self._is_own(frame)), default=-1)
        return tuple(frame[0] for frame in frames[: outermost + 1])

    def find_place(self, log: str) -> Where | None:
        """Find the innermost of those lines that is the feedstock's own."""
        for line in self.find_lines(log):
            frame = _FRAME.match(line)
            if frame is not None and self._is_own(frame):
                return Where(frame["file"], int(frame["line"]))
        return None

    def _is_own(self, frame: re.Match[str]) -> bool:
        return Path(frame["file"]).is_relative_to(self.folder)


class LoadingWatch:
    """Keeps an eye on how long code of a module runs.

    Parameters
    ----------
    folder : str
        The feedstock's.
    grace_s : float
        How much longer it may take: the worker ends it by itself where it can, and then knows more.
    """

    def __init__(self, folder: str, grace_s: float) -> None:
        self._folder = folder
        self._grace_s = grace_s
        self._running: LoadingStarted | None = None
        self._deadline = 0.0
        self._is_overdue = False

    def heed(self, event: Event) -> None:
        """Take note of what the worker tells."""
        match event:
            case LoadingStarted():
                self._running = event
                self._deadline = time.monotonic() + min(max(event.timeout_s, 0.0), _LONGEST_S) + self._grace_s
            case LoadingEnded():
                self._running = None

    def is_over(self) -> bool:
        """Tell whether a module's code still runs, and may not any more."""
        self._is_overdue = self._is_overdue or (self._running is not None and time.monotonic() > self._deadline)
        return self._is_overdue

    def cut_off(self) -> CutOff | None:
        """Say what was running when the worker ended, if it was code of a module."""
        running = self._running
        return CutOff(running.module, self._folder, running.timeout_s, self._is_overdue) if running is not None else None
