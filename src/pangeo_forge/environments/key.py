"""The name under which an environment is kept: a hash of all that decides what is in it."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pangeo_forge.environments.wanted import Requirements, Wanted

#: Raised when environments are built in another way.
_SCHEME = 1
_CHARACTERS = 20
_CONSTRAINTS = ("-c ", "--constraint ")


def make_key(
    kind: str, requirements: Requirements, brought: Iterable[str], versions: Mapping[str, str], folders: Iterable[Path], python: str = ""
) -> str:
    """Name the environment for what a feedstock requires.

    Parameters
    ----------
    kind : str
        ``lifted`` or ``as-written``.
    requirements : Requirements
        What is asked for: the text, and the state of what is installed from this machine.
    brought : iterable of str
        What is added because the recipes import it.
    versions : mapping
        What is installed beneath it, pangeo-forge itself included. A change of one of them makes another environment.
    folders : iterable of Path
        Where these lie.
    python : str
        The version of Python, where it is not this one's.
    """
    told: dict[str, Any] = {
        "scheme": _SCHEME,
        "kind": kind,
        "python": python or platform.python_version(),
        "cache_tag": sys.implementation.cache_tag,
        "platform": sysconfig.get_platform(),
        "prefix": sys.base_prefix,
        "wanted": [[wanted.text, _state(wanted)] for wanted in requirements.wanted],
        "options": [[option, _state_of_constraints(option)] for option in requirements.options],
        "brought": sorted(brought),
        "beneath": sorted(versions.items()),
        "folders": [str(folder) for folder in folders],
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:_CHARACTERS]


def _state(wanted: Wanted) -> list[tuple[str, int, int]]:
    """Describe what a requirement is installed from, if that lies on this machine, so that a change of it is seen."""
    path = wanted.path
    if path is None:
        return []
    files = sorted(file for file in path.rglob("*") if _is_source(file.relative_to(path))) if path.is_dir() else [path]
    return [(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in files if file.is_file()]


def _is_source(path: Path) -> bool:
    return not any(part.startswith(".") or part in ("build", "dist", "__pycache__") or part.endswith(".egg-info") for part in path.parts)


def _state_of_constraints(option: str) -> str:
    if not option.startswith(_CONSTRAINTS):
        return ""
    file = Path(option.partition(" ")[2])
    return file.read_text(errors="replace") if file.is_file() else ""
