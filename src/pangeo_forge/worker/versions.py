"""The exact versions that a run was made with."""

from __future__ import annotations

import platform
import re
import sys
from pathlib import Path

#: How a package's metadata folder is named (PyPA, *Recording installed projects*): faster to read than the metadata in it.
_INSTALLED = re.compile(r"(?P<name>[^-]+)-(?P<version>[^-]+)\.dist-info")


def find_versions() -> dict[str, str]:
    """Return Python's version and that of every installed package, by its normalized name (``ruamel-yaml``)."""
    packages: dict[str, str] = {}
    for place in map(Path, sys.path):
        for folder in place.glob("*.dist-info") if place.is_dir() else ():
            if match := _INSTALLED.fullmatch(folder.name):
                packages.setdefault(re.sub(r"[-_.]+", "-", match["name"]).lower(), match["version"])
    return {"python": platform.python_version(), **dict(sorted(packages.items()))}
