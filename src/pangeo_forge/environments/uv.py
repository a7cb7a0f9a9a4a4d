"""Calling uv, which resolves and installs."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pangeo_forge.errors import EngineError

#: uv trusts certificates of its own unless it is told to trust the machine's, as pip and all else do.
_SYSTEM_CERTIFICATES = ("UV_SYSTEM_CERTS", "UV_NATIVE_TLS")
_INDEXES = ("UV_INDEX", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_NO_INDEX", "UV_CONFIG_FILE")


class UvFailed(Exception):
    """A call of uv failed; the text is what it wrote on its standard error."""


@dataclass(frozen=True, slots=True)
class Uv:
    """How uv is called.

    Parameters
    ----------
    program : str
        Its path.
    environ : mapping
        Its environment variables.
    keeps : tuple of int
        Descriptors that it inherits: locks that last as long as it works, also if this process is killed.
    """

    program: str
    environ: Mapping[str, str]
    keeps: tuple[int, ...] = ()

    def run(self, *arguments: str | Path, cwd: Path) -> str:
        """Run a command of uv, and give what it writes on its standard output.

        Raises
        ------
        UvFailed
            If it ends with an error.
        """
        command = [self.program, "--color", "never", "--no-progress", *map(str, arguments)]
        options = {"capture_output": True, "text": True, "errors": "replace", "check": False, "stdin": subprocess.DEVNULL}
        ended = subprocess.run(command, cwd=cwd, env=dict(self.environ), pass_fds=self.keeps, **options)  # type: ignore[call-overload]
        if ended.returncode != 0:
            raise UvFailed(str(ended.stderr).strip() or f"uv ended with code {ended.returncode}")
        return str(ended.stdout)


def find_uv(environ: Mapping[str, str], *, keeps: Sequence[int] = ()) -> Uv:
    """Find uv: the one that is installed with pangeo-forge, else one on the path.

    Raises
    ------
    EngineError
        If there is none.
    """
    program = _find_program()
    if program is None:
        raise EngineError("uv, which builds the environments of recipes, is not installed", hint="pip install uv, or use --no-isolation.")
    variables = {name: value for name, value in environ.items() if name not in ("VIRTUAL_ENV", "CONDA_PREFIX")}
    if not any(name in variables for name in _SYSTEM_CERTIFICATES):
        variables["UV_SYSTEM_CERTS"] = "1"
    return Uv(program, variables, tuple(keeps))


def names_indexes(environ: Mapping[str, str]) -> bool:
    """Whether somebody has told uv where packages are found."""
    return any(environ.get(name) for name in _INDEXES)


def _find_program() -> str | None:
    try:
        from uv import find_uv_bin

        return os.fspath(find_uv_bin())
    except (ImportError, FileNotFoundError):  # conda's package of uv has the program alone
        return shutil.which("uv")
