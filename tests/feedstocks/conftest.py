"""Real git repositories and feedstocks for the tests."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

_WHO = {f"GIT_{role}_{part}": value for role in ("AUTHOR", "COMMITTER") for part, value in (("NAME", "Ada"), ("EMAIL", "ada@example.org"))}

META = """\
title: Rain
recipes:
  - id: rain
    object: "recipe:recipe"
maintainers:
  - name: Ada Lovelace
    github: ada
"""


@pytest.fixture
def git() -> Callable[..., str]:
    """Run git as a developer would: ``git(folder, "log", "--oneline")``."""

    def run(folder: Path, *arguments: str) -> str:
        environ = {**os.environ, **_WHO, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        done = subprocess.run(["git", *arguments], cwd=folder, env=environ, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    return run


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write files into a folder of the test's own: ``write("rain", {"meta.yaml": "…", "recipe.py": ""})``."""

    def write(name: str, files: Mapping[str, str]) -> Path:
        folder = tmp_path / name
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        return folder

    return write


@pytest.fixture
def feedstock_folder(write: Callable[..., Path]) -> Path:
    """A small, valid feedstock outside of any git repository."""
    return write("rain-feedstock", {"feedstock/meta.yaml": META, "feedstock/recipe.py": "recipe = 1\n"})


@pytest.fixture
def repository(feedstock_folder: Path, git: Callable[..., str]) -> Path:
    """The same feedstock as a git repository with one commit on ``main``, tagged ``v1``."""
    git(feedstock_folder, "init", "--quiet", "--initial-branch=main")
    git(feedstock_folder, "add", "--all")
    git(feedstock_folder, "commit", "--quiet", "--message=First")
    git(feedstock_folder, "tag", "--annotate", "--message=One", "v1")
    return feedstock_folder


@pytest.fixture
def checkouts(tmp_path: Path) -> Path:
    """Where checkouts are kept."""
    return tmp_path / "checkouts"
