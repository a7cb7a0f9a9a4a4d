"""Building the environment that a recipe's author wrote down, with Beam and pins that may need an older Python."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from pangeo_forge.environments.explaining import explain
from pangeo_forge.environments.installing import describe, install, packages_in, resolve, write_lines
from pangeo_forge.environments.store import Environment, python_in
from pangeo_forge.environments.uv import Uv, UvFailed
from pangeo_forge.environments.wanted import Requirements, make_wanted

Tell = Callable[[str], None]

#: What each environment was made with when these recipes were written: packages of that time import it without asking for it.
_SETUPTOOLS = "setuptools<81"
#: Where a recipe names no version: the newest with which pangeo-forge-recipes can be imported and bakes.
_KNOWN_TO_WORK = ("zarr<3", "numcodecs<0.16", "xarray<2026.9")
#: Other Pythons to look for, the likeliest first: those that Beam was made for when recipes were written.
_PYTHONS = ("3.11", "3.10", "3.12", "3.9", "3.13")
#: What takes a compiler and many minutes where it is not there in compiled form: then another Python is tried.
_COMPILED = ("apache-beam", "grpcio", "h5py", "netcdf4", "numcodecs", "numpy", "pandas", "pyarrow", "scipy")


def complete(requirements: Requirements) -> Requirements:
    """Require besides what Beam recipes cannot do without."""
    named = {wanted.name for wanted in requirements.wanted}
    needed = {"pangeo-forge-recipes": "pangeo-forge-recipes", "apache-beam": "apache-beam", "setuptools": _SETUPTOOLS}
    more = tuple(make_wanted(text) for name, text in needed.items() if name not in named)
    return replace(requirements, wanted=(*requirements.wanted, *more))


def build_as_written(folder: Path, requirements: Requirements, *, uv: Uv, tell: Tell) -> Environment:
    """Build an environment that has what is required, and nothing else.

    Parameters
    ----------
    folder : Path
        Its own, which is not there yet.
    requirements : Requirements
        As `complete` makes them.
    uv : Uv
        How uv is called.
    tell : callable
        Is told what is being done.

    Raises
    ------
    ForgeError
        If the requirements cannot be met on any Python that is there, or packages cannot be fetched.
    """
    folder.mkdir()
    try:
        python, pins = _choose(folder, requirements, uv, tell)
        uv.run("venv", "--quiet", "--no-project", "--allow-existing", "--python", python, folder, cwd=folder.parent)
        tell(f"installing {len(pins)} packages on Python {_version_in(folder)}")
        install(folder, requirements.options, pins, uv)
    except UvFailed as error:
        raise explain(str(error), requirements.wanted) from None
    (place,) = (folder / "lib").glob("python3*/site-packages")
    return describe(folder, "as-written", _version_in(folder), requirements, packages_in(place), requirements.remarks)


def _choose(folder: Path, requirements: Requirements, uv: Uv, tell: Tell) -> tuple[str, list[str]]:
    """Choose the first Python for which versions are found, and these; first with what is known to work, then without."""
    known = write_lines(folder / "held.txt", _KNOWN_TO_WORK)
    only_compiled = [part for name in _COMPILED for part in ("--only-binary", name)]
    failures: list[UvFailed] = []
    for version, python in _find_pythons(folder, uv):
        for constraints in (("--constraints", known), ()):
            tell(f"choosing versions for Python {version}")
            how: list[str | Path] = ["--python", python, *only_compiled, *constraints]
            try:
                return python, resolve(folder, requirements.options, requirements.wanted, how, uv)
            except UvFailed as error:
                failures += [] if constraints else [error]  # what we hold besides is no reason that its author can mend
    raise failures[0]


def _find_pythons(folder: Path, uv: Uv) -> Iterator[tuple[str, str]]:
    """Find the Pythons of this machine, each with its version: this one first, which need not be on the path."""
    ours = ".".join(platform.python_version_tuple()[:2])
    yield ours, sys.executable
    for version in _PYTHONS:
        if version != ours:
            try:
                found = uv.run("python", "find", "--system", "--no-project", "--no-python-downloads", version, cwd=folder)
            except UvFailed:  # there is none of this version
                continue
            yield version, found.strip()


def _version_in(folder: Path) -> str:
    settings = dict(line.partition(" = ")[::2] for line in (folder / "pyvenv.cfg").read_text().splitlines())
    return settings.get("version_info", python_in(folder).resolve().name)
