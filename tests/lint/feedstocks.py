"""A feedstock about which the linter has nothing to say, and writing it with some of its files replaced."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pangeo_forge.lint.discovery import find_drafts
from pangeo_forge.lint.drafts import Draft
from pangeo_forge.lint.findings import Finding
from pangeo_forge.lint.linter import lint_draft
from pangeo_forge.lint.options import Options

META = """\
title: Sea surface temperature
description: Daily sea surface temperature on a quarter of a degree, from satellites and ships.
recipes:
  - id: sst
    object: "recipe:sst"
provenance:
  providers:
    - name: Met Office
      description: The national meteorological service of the United Kingdom
      roles:
        - producer
        - licensor
      url: https://www.metoffice.gov.uk
  license: CC-BY-4.0
maintainers:
  - name: Ada Lovelace
    orcid: "0000-0002-1825-0097"
    github: ada
bakery:
  id: local
"""

RECIPE = '''\
"""Daily sea surface temperature, a file a month."""

from pangeo_forge.recipes import ConcatDim, FilePattern, ZarrRecipe

MONTHS = ["2020-01", "2020-02", "2020-03"]


def make_url(time):
    return f"https://data.example.org/sst/{time}.nc"


pattern = FilePattern(make_url, ConcatDim("time", keys=MONTHS))
sst = ZarrRecipe(pattern, target_chunks={"time": 31})
'''

#: By their paths in the repository.
GOOD = {
    "feedstock/meta.yaml": META,
    "feedstock/recipe.py": RECIPE,
    "feedstock/requirements.txt": "pangeo-forge==0.1.0\naiohttp==3.13.2\n",
    "README.md": "# Sea surface temperature\n\nDaily, on a quarter of a degree.\n",
    "LICENSE": "Apache License, Version 2.0\n",
    "CODEOWNERS": "* @ada\n",
}


def place_of(path: str) -> str:
    """Turn the path of an example's file (see `Documentation`) into one in the repository."""
    return path.removeprefix("/") if path.startswith("/") else f"feedstock/{path}"


def write(root: Path, files: Mapping[str, str | bytes | None]) -> Path:
    """Write files by their paths, folders included, leave out those that are None, and return the root."""
    for path, content in files.items():
        if content is None:
            continue
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def write_good(root: Path, files: Mapping[str, str | bytes | None] | None = None) -> Path:
    """Write the good feedstock with some files replaced, added, or (None) left out."""
    return write(root, {**GOOD, **(files or {})})


def draft_of(root: Path) -> Draft:
    """Make the draft of the one feedstock in a folder."""
    (draft,) = find_drafts(root, checkouts=root / ".checkouts")
    return draft


def lint(root: Path, options: Options | None = None) -> tuple[Finding, ...]:
    """Lint the one feedstock in a folder."""
    return lint_draft(draft_of(root), options or Options()).findings


def codes(root: Path, options: Options | None = None) -> list[str]:
    """Name the rules that find something, in the order of the findings."""
    return [finding.code for finding in lint(root, options)]
