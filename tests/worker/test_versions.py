"""The versions of a run are those that are installed."""

from __future__ import annotations

import platform
import re
from importlib.metadata import distributions

from pangeo_forge.worker.versions import find_versions


def test_every_installed_package_is_there_with_its_version_as_its_own_metadata_say() -> None:
    installed: dict[str, str] = {}
    for distribution in distributions():
        installed.setdefault(re.sub(r"[-_.]+", "-", distribution.name).lower(), distribution.version)
    assert find_versions() == {"python": platform.python_version(), **installed}
