"""Modules of the Beam API, written and loaded by tests."""

from __future__ import annotations

import itertools
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pangeo_forge.recipes.loading import load_recipe
from peer.archive import write_archive
from peer.recipes import HEAD

_NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def beam_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the files that the modules read."""
    return write_archive(tmp_path_factory.mktemp("archive"))


@pytest.fixture
def load_beam(tmp_path: Path, beam_archive: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Load an object of a module that begins with the usual imports."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setenv("ARCHIVE", str(beam_archive))

    def load(text: str, name: str = "recipe") -> Any:
        module = f"beam_module_{next(_NUMBERS)}"
        (tmp_path / f"{module}.py").write_text(HEAD + "\n" + textwrap.dedent(text))
        return load_recipe(tmp_path, [("recipe", f"{module}:{name}")], "recipe")[1]

    return load
