"""The guides do what they say."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from docs.terminal import Shell
from docs.walkthrough import Walkthrough, comment_of, find_blocks, is_tested, language_of, source_of
from lint.feedstocks import META, codes, write_good
from pangeo_forge.feedstocks.reading import parse_meta

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = sorted(page.relative_to(DOCS).as_posix() for page in [*DOCS.glob("guide/*.md"), DOCS / "architecture.md"])


def blocks_of(name: str, language: str) -> list[str]:
    """Give the blocks of a language that belong to nothing else."""
    return [source_of(block) for block in find_blocks(DOCS / name) if language_of(block) == language and comment_of(block) == ("", "")]


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in PAGES if any(map(is_tested, find_blocks(DOCS / name)))])
def test_a_reader_who_does_what_a_guide_says_sees_what_it_shows(name: str, tmp_path: Path, make_shell: Callable[[Path], Shell]):
    (tmp_path / "work").mkdir()
    assert Walkthrough(make_shell(tmp_path / "work")).follow(DOCS / name)


@pytest.mark.parametrize("name", [name for name in PAGES if blocks_of(name, "python")])
def test_the_python_of_a_guide_is_one_program_that_runs(name: str, tmp_path: Path, forge_environ: dict[str, str]):
    program = "\n".join(blocks_of(name, "python"))
    ended = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=forge_environ, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr


def test_there_is_nothing_wrong_with_the_examples_of_meta_yaml():
    examples = blocks_of("guide/feedstocks.md", "yaml")
    assert len(examples) == 2
    for example in examples:
        meta, problems = parse_meta(example.encode(), "meta.yaml")
        assert problems == []
        assert meta.recipes


def test_every_recipe_that_the_guide_makes_can_be_pruned_and_planned(tmp_path: Path):
    """Planning opens no file, but finds out what does not fit together."""
    from pangeo_forge.plans.plan import PlanContext, Target
    from pangeo_forge.recipes import ZarrRecipe

    made: dict[str, object] = {}
    found = 0
    for block in blocks_of("guide/recipes.md", "python"):
        exec(block, made)
        if isinstance(recipe := made.get("recipe"), ZarrRecipe):
            found += 1
            steps = recipe.prune().plan(PlanContext(Target(str(tmp_path / "out.zarr")), Target(str(tmp_path / "scratch")))).steps
            assert [step.name for step in steps][:2] == ["cache", "inspect"]
    assert found > 3


@pytest.mark.slow
def test_the_rule_of_the_guide_is_applied_once_it_is_installed(tmp_path: Path, forge: Callable[..., subprocess.CompletedProcess[str]]):
    (rule,) = (block for block in blocks_of("guide/linting.md", "python") if "(Rule)" in block)
    (project,) = (block for block in blocks_of("guide/linting.md", "toml") if "[project]" in block)
    package, installed = tmp_path / "house-rules", tmp_path / "installed"
    package.mkdir()
    (package / "house_rules.py").write_text(rule)
    (package / "pyproject.toml").write_text(project)
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-build-isolation", "--no-deps", "--target", installed, package]
    subprocess.run(install, check=True, capture_output=True)

    feedstock = write_good(tmp_path / "sst-feedstock")
    ended = forge("recipe", "lint", feedstock, "--select", "PFX", PYTHONPATH=str(installed))
    place = f"{feedstock}/feedstock/meta.yaml:{META.partition('maintainers')[0].count(chr(10)) + 1}:1"
    assert ended.stdout == f"{place}: PFX001 none of the 1 maintainers has an address at example.org\n"
    assert forge("recipe", "lint", "--explain", "PFX001", PYTHONPATH=str(installed)).stdout.startswith(
        "PFX001 nobody-of-the-house (warning"
    )


def test_the_linter_has_nothing_against_the_workflow_of_the_guide(tmp_path: Path):
    (workflow,) = (block for block in blocks_of("guide/linting.md", "yaml") if block.startswith("name: lint"))
    (tmp_path / ".github/workflows").mkdir(parents=True)
    (tmp_path / ".github/workflows/lint.yaml").write_text(workflow)
    assert codes(write_good(tmp_path)) == []


def test_the_hook_that_the_guide_names_is_there():
    (config,) = (block for block in blocks_of("guide/linting.md", "yaml") if block.startswith("repos:"))
    (hook,) = YAML(typ="safe", pure=True).load(config)["repos"][0]["hooks"]
    (offered,) = YAML(typ="safe", pure=True).load((DOCS.parent / ".pre-commit-hooks.yaml").read_text())
    assert hook["id"] == offered["id"]
