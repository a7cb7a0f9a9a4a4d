"""Tiny packages, really built."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import chdir
from pathlib import Path

import hatchling.build

#: A builder of a package that says when it begins, and then waits to be let go on.
WAITING_BACKEND = """
import time
from pathlib import Path

def wait():
    Path(r"{begun}").touch()
    while not Path(r"{go}").exists():
        time.sleep(0.02)

def build_wheel(folder, config_settings=None, metadata_directory=None):
    import zipfile
    wait()
    name = "waits-1.0-py3-none-any.whl"
    info = "waits-1.0.dist-info/"
    with zipfile.ZipFile(Path(folder) / name, "w") as wheel:
        wheel.writestr("waits.py", "")
        wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: waits\\nVersion: 1.0\\n")
        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(info + "RECORD", "waits.py,,\\n" + info + "METADATA,,\\n" + info + "WHEEL,,\\n" + info + "RECORD,,\\n")
    return name
"""


def write_project(
    folder: Path, name: str, version: str = "1.0", requires: Sequence[str] = (), code: str = "", modules: Mapping[str, str] | None = None
) -> Path:
    """Write a project; its module is called as it is and holds `code`."""
    modules = modules or {name.replace("-", "_"): f'__version__ = "{version}"\n{code}'}
    project = folder / f"{name}-{version}"
    project.mkdir(parents=True, exist_ok=True)
    for module, text in modules.items():
        (project / f"{module}.py").write_text(text)
    (project / "pyproject.toml").write_text(
        f'[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
        f'[project]\nname = "{name}"\nversion = "{version}"\ndependencies = {json.dumps(list(requires))}\n'
        f"[tool.hatch.build.targets.wheel]\ninclude = {json.dumps([f'{module}.py' for module in modules])}\n"
    )
    return project


def pack(wheels: Path, project: Path) -> Path:
    """Build a project's wheel into a folder."""
    wheels.mkdir(exist_ok=True)
    with chdir(project):
        return wheels / hatchling.build.build_wheel(str(wheels))


def write_waiting_project(folder: Path) -> tuple[Path, Path, Path]:
    """Write a project whose building waits; give it, the file that tells of its begin, and the file that lets it go on."""
    project, begun, go = folder / "waits", folder / "begun", folder / "go"
    project.mkdir()
    (project / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n[project]\nname = "waits"\nversion = "1.0"\n'
    )
    (project / "backend.py").write_text(WAITING_BACKEND.format(begun=begun, go=go))
    return project, begun, go
