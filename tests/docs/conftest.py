"""A reader of the documentation, with a home and a shell of their own."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from docs.terminal import Shell

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def make_shell(tmp_path: Path) -> Callable[[Path], Shell]:
    """Give a user's shell in a folder, with nothing set that the developer has set; the user's home is ``tmp_path / "home"``."""

    def make(folder: Path) -> Shell:
        (tmp_path / "home").mkdir()
        (tmp_path / "shell").mkdir()
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PANGEO_FORGE_", "XDG_", "NEMO_"))}
        return Shell(folder, tmp_path / "shell", {**inherited, "HOME": str(tmp_path / "home")})

    return make


@pytest.fixture(scope="session")
def pages() -> list[Path]:
    """The README and every page of the documentation that is written by hand."""
    written = [page for page in (PROJECT / "docs").rglob("*.md") if page.parent.name != "rules"]
    return [PROJECT / "README.md", *sorted(written)]
