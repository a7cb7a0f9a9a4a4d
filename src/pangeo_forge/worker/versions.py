"""The exact versions that a run was made with."""

from __future__ import annotations

import platform
from importlib.metadata import distributions


def find_versions() -> dict[str, str]:
    """Return Python's version and that of every installed package, by name."""
    found = {"python": platform.python_version()}
    packages: dict[str, str] = {}
    for distribution in distributions():
        name = distribution.name
        if name:
            packages.setdefault(name.lower(), distribution.version)
    return found | dict(sorted(packages.items()))
