"""Real git repositories around feedstocks."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

NOREPLY = "1234+ada@users.noreply.github.com"


def git(folder: Path, *arguments: str, name: str = "Ada Lovelace", email: str = NOREPLY) -> str:
    """Run git as a developer would."""
    who = {f"GIT_{role}_{part}": value for role in ("AUTHOR", "COMMITTER") for part, value in (("NAME", name), ("EMAIL", email))}
    environ = {**os.environ, **who, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    return subprocess.run(["git", *arguments], cwd=folder, env=environ, capture_output=True, text=True, check=True).stdout.strip()


def start(folder: Path) -> Path:
    """Make a repository of a folder, with all that lies there in one commit on ``main``."""
    git(folder, "init", "--quiet", "--initial-branch=main")
    commit(folder)
    return folder


def commit(folder: Path, *, name: str = "Ada Lovelace", email: str = NOREPLY) -> None:
    """Commit all that lies in a repository."""
    git(folder, "add", "--all", "--force")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "Change", name=name, email=email)
