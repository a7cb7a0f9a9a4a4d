"""Every lint rule has a page, made of what the rule says of itself."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from pangeo_forge.lint.findings import Level
from pangeo_forge.lint.registry import find_rules
from pangeo_forge.lint.rule import ExecutedRule, Need, ReadingRule

DOCS = Path(__file__).resolve().parents[2] / "docs"


class Misspelt(ReadingRule):
    """A key is misspelt, as in `titel|title`.

    See PFX002, and not `PFX002`; there is no PFX999.

    Bad (`/README.md`):

    ```yaml
    titel: PFX002
    ```
    """

    code = "PFX001"
    name = "misspelt"
    level = Level.WARNING
    since = "0.2"
    fixable = True
    needs = Need.NETWORK


class Slow(ExecutedRule):
    """A recipe is slow."""

    code = "PFX002"
    name = "slow"
    level = Level.HINT


@pytest.fixture(scope="module")
def rule_pages() -> ModuleType:
    spec = importlib.util.spec_from_file_location("rule_pages", DOCS / "rule_pages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_page_says_all_that_the_rule_does(rule_pages):
    assert rule_pages.render_page(Misspelt(), ["PFX001", "PFX002"]) == (
        "# PFX001: misspelt\n\n"
        "*warning, since version 0.2, `--fix` can mend it, looked for with `--online` only*\n\n"
        "A key is misspelt, as in `titel|title`.\n\n"
        "See [PFX002](PFX002.md), and not `PFX002`; there is no PFX999.\n\n"
        "Bad (`README.md`, at the top of the repository):\n\n"
        "```{code-block} yaml\n:force:\n\ntitel: PFX002\n```\n\n"
        "## To pass over it\n\n"
        "In one line, by a comment at its end: `# noqa: PFX001`. In all of a repository, by its `pangeo-forge.toml`:\n\n"
        '```toml\n[lint]\nignore = ["PFX001"]\n```\n'
    )


def test_what_needs_the_recipe_to_run_is_not_passed_over(rule_pages):
    assert rule_pages.render_page(Slow(), []) == (
        "# PFX002: slow\n\n*hint, since version 0.1, found by `pangeo-forge recipe test`, which runs the recipe*\n\nA recipe is slow.\n"
    )


def test_rules_are_listed_by_family_also_those_of_other_packages(rule_pages):
    table = rule_pages.render_table([Slow(), *find_rules(), Misspelt()])
    headings = re.findall("^## (.*)$", table, re.MULTILINE)
    assert headings[-1] == "PFX: Others"
    assert set(headings[:-1]) <= {f"PF{letter}: {title}" for letter, title in rule_pages.FAMILIES.items()}
    assert "| [PFX001](rules/PFX001.md) | misspelt | warning | yes | A key is misspelt, as in `titel\\|title`. (looked" in table
    assert [f"[{rule.code}](rules/{rule.code}.md)" for rule in find_rules() if f"[{rule.code}](rules/{rule.code}.md)" not in table] == []


def test_every_rule_has_a_page_and_a_rule_that_is_gone_has_none(rule_pages, tmp_path):
    folder = tmp_path / "rules"
    rule_pages.write_pages(folder, [*find_rules(), Slow()])
    assert (folder / "PFX002.md").exists()
    rule_pages.write_pages(folder, find_rules())
    assert sorted(page.stem for page in folder.iterdir()) == [rule.code for rule in find_rules()]


def test_a_page_that_is_as_it_should_be_is_left_alone(rule_pages, tmp_path):
    folder = tmp_path / "rules"
    rule_pages.write_pages(folder, [Slow()])
    before = (folder / "PFX002.md").stat()
    rule_pages.write_pages(folder, [Slow()])
    assert (folder / "PFX002.md").stat() == before


@pytest.mark.parametrize("rule", find_rules(), ids=lambda rule: rule.code)
def test_every_block_of_a_page_is_highlighted_and_closed(rule_pages, rule):
    page = rule_pages.render_page(rule, [])
    fences = re.findall(r"^(```+)(.*)$", page, re.MULTILINE)
    assert len(fences) % 2 == 0
    assert all(rest for _, rest in fences[::2])
    assert not any(rest for _, rest in fences[1::2])
