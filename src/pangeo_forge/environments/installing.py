"""Choosing versions and installing them: the steps that every environment is built by."""

from __future__ import annotations

import importlib.metadata
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from packaging.utils import canonicalize_name

from pangeo_forge.environments.store import Environment, measure, python_in
from pangeo_forge.environments.uv import Uv
from pangeo_forge.environments.wanted import Requirements, Wanted

_PRERELEASES = "--pre"
_CONSTRAINTS = ("-c", "--constraint")


def resolve(
    folder: Path, options: Iterable[str], wanted: Iterable[Wanted], how: Sequence[str | Path], uv: Uv, preferred: Iterable[str] = ()
) -> list[str]:
    """Choose a version of all that is wanted, and of what that needs.

    Parameters
    ----------
    folder : Path
        The environment's, where files are written for uv.
    options : iterable of str
        Where packages are found.
    wanted : iterable of Wanted
        What is wanted.
    how : sequence of str or Path
        uv's options.
    uv : Uv
        How uv is called.
    preferred : iterable of str
        Pins that are kept to where they fit.

    Returns
    -------
    list of str
        A pin, or an address, a package.

    Raises
    ------
    UvFailed
        If there are no versions that fit.
    """
    asked = write_lines(folder / "wanted.txt", [*_understood(options), *(one.text for one in wanted)])
    output = write_lines(folder / "pins.txt", preferred)
    how = [*how, *(["--prerelease", "allow"] if _PRERELEASES in options else [])]
    uv.run("pip", "compile", "--quiet", "--no-header", "--no-annotate", "--output-file", output, *how, asked, cwd=folder)
    return [line for line in output.read_text().splitlines() if line.strip() and not line.startswith(("#", "--"))]


def _understood(options: Iterable[str]) -> list[str]:
    return [option for option in options if option != _PRERELEASES]


def install(folder: Path, options: Iterable[str], pins: Iterable[str], uv: Uv) -> None:
    """Install what `resolve` chose, compiled to bytecode, and remove the files that were written for uv.

    Raises
    ------
    UvFailed
        If something cannot be fetched or built.
    """
    places = [option for option in _understood(options) if not option.startswith(_CONSTRAINTS)]
    listed = write_lines(folder / "pins.txt", [*places, *pins])
    uv.run("pip", "install", "--quiet", "--python", python_in(folder), "--no-deps", "--compile-bytecode", "-r", listed, cwd=folder)
    for name in ("wanted.txt", "pins.txt", "held.txt", "replaced.txt", "passed-over.txt"):
        (folder / name).unlink(missing_ok=True)


def write_lines(file: Path, lines: Iterable[str]) -> Path:
    """Write a file that nobody else may read: addresses may hold what is secret."""
    file.touch(mode=0o600)
    file.write_text("".join(f"{line}\n" for line in lines))
    return file


def packages_in(place: Path) -> dict[str, str]:
    """Name the packages that are installed in a folder, with their versions."""
    found = importlib.metadata.distributions(path=[str(place)])
    return dict(sorted((canonicalize_name(one.name), one.version) for one in found))


def describe(
    folder: Path, kind: str, python: str, requirements: Requirements, packages: dict[str, str], remarks: Iterable[str]
) -> Environment:
    """Describe an environment that has just been built."""
    asked = tuple(one.shown for one in requirements.wanted)
    return Environment(folder, kind, python, asked, packages, tuple(remarks), measure(folder), time.time())
