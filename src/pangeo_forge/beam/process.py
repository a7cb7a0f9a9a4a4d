"""The process in which Beam runs, from its start to the end of all that it started."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pangeo_forge.beam.order import Order
from pangeo_forge.errors import EngineError, UsageError

_PROGRAM = "pangeo_forge_beam"
_TICK_S = 1.0
_OWN_VARIABLES = ("PYTHONPATH", "PYTHONHOME", "PYTHONSAFEPATH", "VIRTUAL_ENV")


class BeamProcess:
    """A process that runs one recipe by Beam, in another Python's environment.

    It leads a group of its own, and ends with all of the group when nobody holds the other end of its standard input. It is killed in
    the end, so that Beam would leave its temporary files behind: they lie in a folder of their own, which is removed.

    Parameters
    ----------
    python : Path
        The Python of an environment with Apache Beam and pangeo-forge-recipes.
    order : Order
        What to run.
    environment : mapping
        Its environment variables, but for those that say where this Python finds its modules.

    Raises
    ------
    EngineError
        If it cannot be started.
    UsageError
        If the order cannot be written as JSON.
    """

    def __init__(self, python: Path, order: Order, environment: Mapping[str, str]) -> None:
        text = _as_json(order)
        self._parent = os.getppid()
        variables = {name: value for name, value in environment.items() if name not in _OWN_VARIABLES}
        variables["PYTHONPATH"] = str(Path(__file__).parent)
        self._temporary = tempfile.TemporaryDirectory(prefix="pangeo-forge-", ignore_cleanup_errors=True)
        variables["TMPDIR"] = self._temporary.name
        try:
            self._process = subprocess.Popen(
                [python, "-P", "-m", _PROGRAM],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=variables,
                process_group=0,
                bufsize=0,
            )
        except OSError as error:
            self._temporary.cleanup()
            raise EngineError(f"Apache Beam cannot be started: {python}: {error.strerror}", detail=repr(error)) from error
        self._send(text)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        # Whatever happened: Beam keeps nothing that it could save, and its own processes may outlive it.
        with contextlib.suppress(ProcessLookupError, PermissionError):  # nobody is left in the group
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()
        self._temporary.cleanup()

    def go_on(self) -> None:
        """Let it build and run what it has loaded."""
        self._send("{}")

    def has_spoken(self, patience_s: float) -> bool:
        """Wait until it says something, or ends; tell whether it did."""
        assert self._process.stdout is not None
        return bool(select.select([self._process.stdout], [], [], patience_s)[0])

    def listen(self) -> Iterator[dict[str, Any]]:
        """Yield what it says, until it ends.

        Raises
        ------
        EngineError
            If it ends without having said how the recipe went, or if this process's own parent is gone.
        """
        said: dict[str, Any] = {}
        rest = b""
        while data := self._read():
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                said = json.loads(line)
                yield said
        if said.get("said") not in ("ended", "failed", "refused"):
            raise _sudden_death(self._process.wait())

    def _read(self) -> bytes:
        """Read some of what it says, however long that takes; nothing if it has ended."""
        assert self._process.stdout is not None
        while not self.has_spoken(_TICK_S):
            if os.getppid() != self._parent:  # Beam may be silent for hours, and nobody would notice
                raise EngineError("the process that watched the run is gone")
        return os.read(self._process.stdout.fileno(), 1 << 16)

    def _send(self, text: str) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # how it ended tells why
            self._process.stdin.write(text.encode() + b"\n")


def _as_json(order: Order) -> str:
    try:
        return json.dumps(order.to_dict())
    except TypeError as error:
        raise UsageError(
            f"the options of the run cannot be handed to Apache Beam: {error}",
            hint="Use only texts, numbers, booleans, lists and dictionaries in storage options.",
        ) from error


def _sudden_death(code: int) -> EngineError:
    if code == -signal.SIGKILL:
        hint = "Beam holds what passes between steps in memory. Take fewer workers, or a machine with more."
        return EngineError("Apache Beam was killed by SIGKILL, most likely because the machine ran out of memory", hint=hint)
    how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
    return EngineError(f"Apache Beam {how} before it said how the recipe went", hint="The run's log has what it wrote.")
