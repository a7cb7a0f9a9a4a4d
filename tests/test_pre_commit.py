"""The hook that people get by naming this repository in their ``.pre-commit-config.yaml``."""

from __future__ import annotations

import os
import re
import subprocess
import sysconfig
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from lint.feedstocks import META, write_good

PROJECT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def hook() -> dict[str, object]:
    (hook,) = YAML(typ="safe", pure=True).load((PROJECT / ".pre-commit-hooks.yaml").read_text())
    return hook


@pytest.mark.parametrize(
    "path",
    [
        "feedstock/meta.yaml",
        "feedstock/data/points.csv",
        "recipes/sst/recipe.py",
        "meta.yaml",
        "recipe.py",
        "requirements.txt",
        "sst/meta.yml",
        ".github/workflows/main.yaml",
        "pangeo-forge.toml",
        "LICENSE",
    ],
)
def test_a_change_that_the_linter_looks_at_starts_it(hook, path):
    assert re.search(hook["files"], path)


@pytest.mark.parametrize("path", ["docs/index.md", "src/package/module.py", ".gitignore", "my-feedstock/notes.txt"])
def test_another_change_does_not(hook, path):
    assert not re.search(hook["files"], path)


def git(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    who = {
        f"GIT_{role}_{part}": value for role in ("AUTHOR", "COMMITTER") for part, value in (("NAME", "Ada"), ("EMAIL", "ada@example.org"))
    }
    return subprocess.run(["git", *arguments], cwd=folder, env=os.environ | who | environ, capture_output=True, text=True)


@pytest.mark.slow
def test_a_commit_with_a_fault_is_refused_and_one_without_is_made(tmp_path):
    """The hook is installed as from anywhere: from a clone of this project, at its last commit."""
    root = write_good(tmp_path / "sst-feedstock")
    revision = git(PROJECT, "rev-parse", "HEAD").stdout.strip()
    config = f"repos:\n  - repo: {PROJECT}\n    rev: {revision}\n    hooks:\n      - id: pangeo-forge-lint\n"
    (root / ".pre-commit-config.yaml").write_text(config)
    scripts = sysconfig.get_path("scripts")
    environ = {
        "PATH": f"{scripts}:{os.environ['PATH']}",
        "PRE_COMMIT_HOME": str(tmp_path / "pre-commit"),
        "PIP_CONSTRAINT": str(PROJECT / "constraints.txt"),
    }
    git(root, "init", "--quiet", "--initial-branch=main")
    subprocess.run([f"{scripts}/pre-commit", "install"], cwd=root, env=os.environ | environ, check=True, capture_output=True)

    (root / "feedstock/meta.yaml").write_text(META + "title: Sea ice\n")
    git(root, "add", "--all")
    refused = git(root, "commit", "--message=Begin", **environ)
    assert refused.returncode == 1
    assert re.search(r"^pangeo-forge recipe lint\.+Failed$", refused.stderr, re.MULTILINE), refused.stderr
    assert f"feedstock/meta.yaml:{META.count(chr(10)) + 1}:1: PFM003 the key 'title' stands twice" in refused.stderr

    (root / "feedstock/meta.yaml").write_text(META)
    git(root, "add", "--all")
    made = git(root, "commit", "--message=Begin", **environ)
    assert made.returncode == 0, made.stderr
    assert re.search(r"^pangeo-forge recipe lint\.+Passed$", made.stderr, re.MULTILINE)
