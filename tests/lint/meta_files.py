"""Files meta.yaml to write tests with: the one of the good feedstock with some of its parts replaced."""

from __future__ import annotations

from pathlib import Path

from lint.feedstocks import META, RECIPE, draft_of, lint, write, write_good
from pangeo_forge.lint.findings import Finding
from pangeo_forge.lint.fixing import fix
from pangeo_forge.lint.options import Options

RECIPES = 'recipes:\n  - id: sst\n    object: "recipe:sst"\n'
PROVIDER = "    - name: Met Office\n      description: The weather service\n      url: https://www.metoffice.gov.uk\n"


def without(*lines: str) -> str:
    """Leave lines out of the good file, each with what is indented under it."""
    kept: list[str] = []
    depth: int | None = None
    for line in META.splitlines(keepends=True):
        own = len(line) - len(line.lstrip())
        if depth is not None and own > depth:
            continue
        depth = own if line.strip() in lines else None
        kept += [] if depth is not None else [line]
    return "".join(kept)


def with_provenance(text: str) -> str:
    """Write a file whose ``provenance:`` begins in its fifth line, with this text under it."""
    return f"title: Sea surface temperature\n{RECIPES}provenance:\n{text}"


def with_license(license: str, more: str = "") -> str:  # noqa: A002
    """Write a file whose licence begins in the ninth line, behind ``  license: ``."""
    return with_provenance(f"  providers:\n{PROVIDER}  license: {license}\n{more}")


def find(root: Path, code: str, meta: str) -> list[Finding]:
    """Find what one rule has to say of a file."""
    return list(lint(write_good(root, {"feedstock/meta.yaml": meta}), Options(select=(code,))))


def find_staged(root: Path, code: str, meta: str) -> list[Finding]:
    """Find what one rule has to say of a file among staged recipes."""
    return list(lint(write(root, {"recipes/sst/meta.yaml": meta, "recipes/sst/recipe.py": RECIPE}), Options(select=(code,))))


def shown(findings: list[Finding]) -> list[str]:
    """Write findings with their places and levels."""
    return [f"{found.where.line}:{found.where.column} {found.level} {found.message}" for found in findings]


def mend(root: Path, code: str, meta: str) -> str:
    """Give what one rule makes of a file, twice, as the second time must change nothing."""
    draft = draft_of(write_good(root, {"feedstock/meta.yaml": meta}))
    once = fix(draft, Options(select=(code,))).draft
    assert fix(once, Options(select=(code,))).draft.overlay == once.overlay
    return (once.overlay.get("meta.yaml") or meta.encode()).decode()
