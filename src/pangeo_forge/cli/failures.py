"""What goes wrong, as text for people or JSON for machines, and as an exit code."""

from __future__ import annotations

import json
import sys
import traceback
from typing import Any, TextIO

from pangeo_forge.cli.terminal import find_width, paint, tell, wrap
from pangeo_forge.errors import ForgeError, Problem, RunCancelled
from pangeo_forge.types import printable

#: Where faults of ours are reported.
_REPORT = "Please report it, with what --verbose shows, at https://github.com/pangeo-forge/pangeo-forge-orchestrator/issues."

CANCELLED = 130


def exit_code(error: BaseException) -> int:
    """Give the exit code that belongs to an error: 1 the work failed, 2 used wrongly, 130 cancelled."""
    if isinstance(error, RunCancelled):
        return CANCELLED
    return error.exit_code if isinstance(error, ForgeError) else 1


def as_forge_error(error: Exception) -> ForgeError:
    """Take an exception as it is if it is one of ours; else it is a bug, and is made to look like one."""
    if isinstance(error, ForgeError):
        return error
    detail = "".join(traceback.format_exception(error))
    return ForgeError(f"unexpected {type(error).__name__}: {error}", hint=f"This is a fault of pangeo-forge. {_REPORT}", detail=detail)


def show_error(error: ForgeError, *, as_json: bool, verbose: bool) -> None:
    """Write an error to standard error.

    Parameters
    ----------
    error : ForgeError
    as_json : bool
        As one line of JSON, ``{"error": …}``, in which nothing is left out.
    verbose : bool
        With its detail.
    """
    tell(json.dumps({"error": error.to_dict()}) if as_json else format_error(error, sys.stderr, verbose=verbose))


def format_error(error: ForgeError, stream: TextIO, *, verbose: bool) -> str:
    """Write an error as people read it: what and where in the first line, each problem on its own, what to do next in the end."""
    lines = [f"error: {error}{_format_code(error)}"]
    if len(error.problems) != 1 or error.problems[0].message != error.message:
        lines += [line for problem in error.problems for line in _format_problem(problem)]
    lines += [f"note: {note}" for note in getattr(error, "__notes__", ())]
    if verbose and error.detail:
        lines += ["", *error.detail.rstrip().splitlines(), ""]
    if error.hint:
        lines.append(f"hint: {error.hint}")
    width = find_width(stream)
    return "\n".join(_paint_label(wrap(printable(line), width, indent=_indent_of(line)), stream) for line in lines)


def _format_problem(problem: Problem) -> list[str]:
    return [f"  {problem}{_format_code(problem)}", *([f"    {problem.hint}"] if problem.hint else [])]


def _format_code(problem: Problem | ForgeError) -> str:
    return f" [{problem.code}]" if problem.code else ""


def _indent_of(line: str) -> str:
    return " " * (len(line) - len(line.lstrip()) + 2)


def _paint_label(line: str, stream: TextIO) -> str:
    for label, style in (("error:", "red"), ("hint:", "cyan")):
        if line.startswith(label):
            return paint(label, style, stream) + line[len(label) :]
    return line


def format_recorded(record: dict[str, Any], stream: TextIO, *, verbose: bool) -> str:
    """Write an error that was kept with a run."""
    return format_error(ForgeError.from_dict(record), stream, verbose=verbose)
