"""What went wrong, told from the recipe's own line on."""

from __future__ import annotations

import re
import traceback
from dataclasses import dataclass
from typing import Any

_BEGIN = "Traceback (most recent call last):\n"
_FRAME = re.compile(r'^  File "(?P<file>.+)", line (?P<line>\d+)(?:, in (?P<function>.+))?$')
_WHILE = re.compile(r" \[while running '(?P<step>.*?)(?:-ptransform-\d+)?'\]", re.DOTALL)
#: Beam makes this of an exception that cannot be made of a text alone.
_WRAPPED = re.compile(r"^RuntimeError: (?=[\w.]+(?:Error|Exception|Exit|Interrupt|Timeout)\b)")
#: Files whose frames tell a recipe's author nothing.
_BEAM = ("/apache_beam/", "apache_beam/runners/", "/pangeo_forge_beam/")


class Refused(Exception):
    """The recipe cannot be run here; the message says why."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True)
class _Frame:
    file: str
    line: int
    function: str
    text: str

    def is_in(self, folder: str) -> bool:
        return self.file.startswith(folder.rstrip("/") + "/")


@dataclass(frozen=True)
class _Block:
    """One traceback of several that were raised from one another."""

    frames: tuple[_Frame, ...]
    error: str

    def since(self, folder: str) -> tuple[_Frame, ...]:
        """Give the frames from the first one in a folder on."""
        places = [number for number, frame in enumerate(self.frames) if frame.is_in(folder)]
        return self.frames[places[0] :] if places else ()

    def format(self, frames: tuple[_Frame, ...]) -> str:
        return f"{_BEGIN}{''.join(frame.text for frame in frames)}{self.error}\n"


def describe_failure(error: BaseException, folder: str) -> dict[str, Any]:
    """Describe an exception, whether it was raised here or is told by Beam, which knows its text only.

    Parameters
    ----------
    error : BaseException
    folder : str
        That of the recipe's modules.

    Returns
    -------
    dict
        ``type``, ``message``, ``step`` (Beam's name of it), ``traceback`` from the recipe's own code on, and of its last line
        there ``file``, ``line`` and ``function``, or None.
    """
    told = str(error)
    text = told if _BEGIN in told else "".join(traceback.format_exception(type(error), error, error.__traceback__))
    blocks = _read(text)
    step = _WHILE.search(text)
    block = next((block for block in reversed(blocks) if block.since(folder)), blocks[-1] if blocks else _Block((), told))
    frames = block.since(folder)
    own = [frame for frame in frames if frame.is_in(folder)]
    name, _, message = block.error.partition(": ")
    return {
        "type": name.rpartition(".")[2],
        "message": message,
        "step": step["step"] if step else None,
        "file": own[-1].file if own else None,
        "line": own[-1].line if own else None,
        "function": own[0].function if own else None,
        "traceback": block.format(frames or _without_beam(block.frames)),
    }


def _without_beam(frames: tuple[_Frame, ...]) -> tuple[_Frame, ...]:
    kept = tuple(frame for frame in frames if not any(part in frame.file for part in _BEAM))
    return kept or frames


def _read(text: str) -> list[_Block]:
    """Read the tracebacks of a text."""
    blocks = []
    for part in text.split(_BEGIN)[1:]:
        frames: list[_Frame] = []
        lines = part.splitlines(keepends=True)
        at = 0
        while at < len(lines) and lines[at].startswith("  "):
            found = _FRAME.match(lines[at].rstrip("\n"))
            if found:
                frames.append(_Frame(found["file"], int(found["line"]), found["function"] or "", lines[at]))
            elif frames:
                last = frames.pop()
                frames.append(_Frame(last.file, last.line, last.function, last.text + lines[at]))
            at += 1
        error = "".join(lines[at:]).split("\nDuring handling of the above")[0].split("\nThe above exception was")[0]
        blocks.append(_Block(tuple(frames), _WRAPPED.sub("", _WHILE.sub("", error).strip())))
    return blocks
