"""Recipe modules to write tests with: what the three APIs import, and a feedstock whose module is what a test says."""

from __future__ import annotations

from pathlib import Path

from lint.feedstocks import META, draft_of, write_good
from pangeo_forge.lint.drafts import Draft
from pangeo_forge.lint.findings import Finding
from pangeo_forge.lint.linter import lint_draft
from pangeo_forge.lint.options import Options

#: What modules of the Beam API begin with, and a pattern.
BEAM = """\
import apache_beam as beam
from pangeo_forge_recipes.patterns import ConcatDim, FilePattern, MergeDim, pattern_from_file_sequence
from pangeo_forge_recipes.transforms import (
    CheckpointFileTransfer, CombineReferences, ConsolidateDimensionCoordinates, ConsolidateMetadata, OpenURLWithFSSpec,
    OpenWithKerchunk, OpenWithXarray, StoreToZarr, WriteCombinedReference,
)
pattern = FilePattern(lambda time: f"https://example.org/{time}.nc", ConcatDim("time", range(1990, 2020)))
"""

#: The same for the class API.
CLASSIC = """\
from pangeo_forge_recipes.patterns import ConcatDim, FilePattern, MergeDim, pattern_from_file_sequence
from pangeo_forge_recipes.recipes import HDFReferenceRecipe, XarrayZarrRecipe
pattern = FilePattern(lambda time: f"https://example.org/{time}.nc", ConcatDim("time", range(1990, 2020)))
"""

#: The same for native recipes.
NATIVE = """\
from pangeo_forge.recipes import ConcatDim, FilePattern, MergeDim, ZarrRecipe, pattern_from_file_sequence
pattern = FilePattern(lambda time: f"https://example.org/{time}.nc", ConcatDim("time", range(1990, 2020)))
"""

#: An own transform such as most pipelines have.
PREPROCESS = """\
class Preprocess(beam.PTransform):
    @staticmethod
    def _one(item):
        index, ds = item
        return index, ds.drop_vars("crs")

    def expand(self, pcoll):
        return pcoll | "Clean" >> beam.Map(self._one)
"""

ONE = '  - id: sst\n    object: "recipe:sst"\n'
DICTIONARY = '  - dict_object: "recipe:sst"\n'


def entries(*names: str) -> str:
    """Write entries of ``meta.yaml`` for objects, each with its name as its id."""
    return "".join(f'  - id: {name}\n    object: "recipe:{name}"\n' for name in names)


def draft_with(root: Path, code: str, recipes: str = ONE, **others: str) -> Draft:
    """Make a draft whose ``recipe.py`` is this, whose ``meta.yaml`` names these recipes, with other modules beside it."""
    meta = META.replace(ONE, recipes)
    modules = {f"feedstock/{name}.py": text for name, text in others.items()}
    return draft_of(write_good(root, {"feedstock/meta.yaml": meta, "feedstock/recipe.py": code, **modules}))


def find(root: Path, rule: str, code: str, recipes: str = ONE, **others: str) -> tuple[Finding, ...]:
    """Apply one rule to such a draft."""
    return lint_draft(draft_with(root, code, recipes, **others), Options(select=(rule,))).findings


def at(finding: Finding) -> tuple[int | None, int | None]:
    """Give the line and column of a finding."""
    return finding.where.line, finding.where.column
