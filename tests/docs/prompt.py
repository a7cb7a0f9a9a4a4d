"""Python's own prompt, open from a page's first block for it to the last."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

#: Runs each file that is named on standard input by doctest, all with the same names, and ends what it prints with a mark.
_DRIVER = """
import doctest, sys
known = {}
flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE | doctest.REPORT_NDIFF
for path in map(str.strip, sys.stdin):
    with open(path) as file:
        test = doctest.DocTestParser().get_doctest(file.read(), known, "session", "page", 0)
    doctest.DocTestRunner(verbose=False, optionflags=flags).run(test, clear_globs=False)
    known.update(test.globs)
    print("\\0", flush=True)
"""


class Prompt:
    """A Python that is asked one block after the other.

    Parameters
    ----------
    folder : Path
        Where it runs.
    environ : dict of str to str
        Its environment variables.
    """

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        command = [sys.executable, "-c", _DRIVER]
        self._process = subprocess.Popen(
            command, cwd=folder, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.kill()
        self._process.communicate()

    def ask(self, session: Path) -> str:
        """Type a session, and give what differs from what it shows; nothing if all is so."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{session}\n")
        self._process.stdin.flush()
        lines: list[str] = []
        for line in self._process.stdout:
            if line.startswith("\0"):
                return "".join(line for line in lines if line.strip())
            lines.append(line)
        return "".join([*lines, "Python has ended"])
