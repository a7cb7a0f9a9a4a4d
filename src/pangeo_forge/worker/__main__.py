"""The process in which a feedstock's code runs: reads a job from standard input, writes events to standard output."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import NoReturn, TextIO

from pangeo_forge.errors import ForgeError, Interruption, RunCancelled
from pangeo_forge.worker.events import Event, WorkerEnded, to_line
from pangeo_forge.worker.job import Job

_ASK_AGAIN_S = 1.0
_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)


def main() -> int:
    """Do one job; return 0 if it was done, else 1."""
    out = _take_standard_output()

    def tell(event: Event) -> None:
        try:
            out.write(to_line(event) + "\n")
            out.flush()
        except BrokenPipeError:  # nobody is there to keep the journal
            os._exit(1)

    for number in _STOPPING:
        signal.signal(number, _cancel)
    try:
        from pangeo_forge.worker.jobs import run_job
        from pangeo_forge.worker.warming import warm_up

        warm_up()
        job = Job.from_dict(json.load(sys.stdin))
        if job.log:
            _write_errors_to(job.log)
        result = run_job(job, tell)
    except _Cancelled:
        for number in _STOPPING:
            signal.signal(number, signal.SIG_IGN)
        cancelled = RunCancelled("the run was cancelled", hint="Go on with `pangeo-forge runs resume`.")
        tell(WorkerEnded(error=cancelled.to_dict()))
        return 1
    except ForgeError as error:
        tell(WorkerEnded(error=error.to_dict()))
        return 1
    except BaseException as error:
        from pangeo_forge.worker.jobs import explain_unexpected

        record = explain_unexpected(error)
        print(record["detail"], file=sys.stderr)
        tell(WorkerEnded(error=record))
        return 1
    tell(WorkerEnded(result=result))
    return 0


def _take_standard_output() -> TextIO:
    """Keep standard output for events; what libraries and the recipe print goes to standard error."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return out


def _write_errors_to(path: str) -> None:
    """Let standard error, and what is printed, go to a file."""
    with Path(path).open("ab") as log:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
            os.dup2(log.fileno(), stream.fileno())


class _Cancelled(Interruption):
    """Somebody asked the run to stop."""


def _cancel(number: int, frame: FrameType | None) -> NoReturn:
    """Stop the work where it is, and again after a while: raised within a callback of the interpreter's, an exception is lost."""
    signal.setitimer(signal.ITIMER_REAL, _ASK_AGAIN_S)
    raise _Cancelled


if __name__ == "__main__":
    code = main()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)  # the last word is said; to take the interpreter apart first would only cost time
