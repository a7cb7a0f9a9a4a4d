"""Whether ``requirements.txt`` names what a recipe needs, in versions that stay."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from pangeo_forge.errors import Where
from pangeo_forge.lint.code.modules import Module
from pangeo_forge.lint.code.pipelines import TRANSFORMS
from pangeo_forge.lint.drafts import Draft
from pangeo_forge.lint.files.requirements import NAME, Requirements
from pangeo_forge.lint.findings import Finding, Level
from pangeo_forge.lint.rule import ReadingRule, Rule

_BEAM_PACKAGES = frozenset({"apache_beam", "pangeo_forge_recipes"})
#: Packages that need the library, so that it comes with them.
_EXTENSIONS = re.compile(r"pangeo-forge-.+|leap-data-management-utils")
#: The package that fsspec reads a protocol by, and what else brings it.
_PACKAGES = {"s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "abfs": "adlfs", "abfss": "adlfs", "az": "adlfs", "adl": "adlfs"}
_BRINGING = {"s3fs": frozenset({"s3fs", "earthaccess"}), "gcsfs": frozenset({"gcsfs"}), "adlfs": frozenset({"adlfs"})}
_EXTRAS = {
    "s3fs": frozenset({"s3", "s3fs", "all", "full"}),
    "gcsfs": frozenset({"gcs", "gs", "gcsfs", "all", "full"}),
    "adlfs": frozenset({"abfs", "adl", "adlfs", "full"}),
}
_CONDA_FILES = ("environment.yml", "environment.yaml")


class NoRequirements(Rule):
    """A recipe in the Beam API has no `requirements.txt`, or one that names nothing.

    Its services and actions install what `requirements.txt` names, and `pangeo-forge-recipes` first of all. Without it nobody learns
    from the feedstock which versions the recipe was written for.

    Bad (`recipe.py`):

    ```python
    import apache_beam as beam
    from pangeo_forge_recipes.patterns import pattern_from_file_sequence
    from pangeo_forge_recipes.transforms import OpenURLWithFSSpec, OpenWithXarray, StoreToZarr

    pattern = pattern_from_file_sequence(["https://data.example.org/1.nc", "https://data.example.org/2.nc"], "time")
    sst = (
        beam.Create(pattern.items())
        | OpenURLWithFSSpec()
        | OpenWithXarray()
        | StoreToZarr(store_name="sst.zarr", combine_dims=pattern.combine_dim_keys)
    )
    ```

    Bad (`requirements.txt`):

    ```text
    # to be written
    ```

    Good (`requirements.txt`):

    ```text
    pangeo-forge-recipes==0.10.8
    apache-beam==2.61.0
    ```
    """

    code = "PFD001"
    name = "no-requirements"
    level = Level.WARNING
    message = "{package} is imported, but {fault}"
    help = "Write `pangeo-forge-recipes==0.10.8`, or the version that you use, into requirements.txt beside meta.yaml."

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look at what the modules import, where the file is not there."""
        requirements = draft.requirements
        is_empty = requirements is not None and not (requirements.packages or requirements.options or requirements.faults)
        if not is_empty and (requirements is not None or draft.has_file(NAME)):
            return
        fault = "requirements.txt names no package" if is_empty else "there is no requirements.txt that says in which version"
        for module in draft.modules.values():
            found = _find_import(module) if _uses_beam(module) else None
            if found is not None:
                node, package = found
                yield self.found(module.at(node), end=module.end_of(node), package=package, fault=fault)
                return


class InvalidRequirement(ReadingRule):
    """A line of `requirements.txt` is one that pip refuses.

    Then pip installs nothing of the file. The usual cause is the way in which conda writes versions, with one `=`.

    Bad (`requirements.txt`):

    ```text
    xarray=2024.5.0
    ```

    Good (`requirements.txt`):

    ```text
    xarray==2024.5.0
    ```
    """

    code = "PFD002"
    name = "invalid-requirement"
    level = Level.ERROR
    fixable = True

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Report the problems that have this rule's code, up to where they end."""
        faults = {fault.problem: fault for fault in draft.requirements.faults} if draft.requirements else {}
        for problem in draft.problems:
            if problem.code == self.code and problem.where:
                fault = faults.get(problem)
                end, fix = (fault.end, fault.fix) if fault else (None, None)
                yield self.found(problem.where, end=end, help=problem.hint or "", fix=[fix] if fix else (), message=problem.message)


class NoLibrary(Rule):
    """`requirements.txt` does not name the library that the recipe is written for.

    The services and actions for recipes in the Beam API look for `pangeo-forge-recipes` there, and stop where they do not find it
    installed. Nothing is said where another package brings it.

    Bad (`recipe.py`):

    ```python
    import apache_beam as beam
    from pangeo_forge_recipes.patterns import pattern_from_file_sequence
    from pangeo_forge_recipes.transforms import OpenURLWithFSSpec, OpenWithXarray, StoreToZarr

    pattern = pattern_from_file_sequence(["https://data.example.org/1.nc", "https://data.example.org/2.nc"], "time")
    sst = (
        beam.Create(pattern.items())
        | OpenURLWithFSSpec()
        | OpenWithXarray()
        | StoreToZarr(store_name="sst.zarr", combine_dims=pattern.combine_dim_keys)
    )
    ```

    Bad (`requirements.txt`):

    ```text
    s3fs==2024.6.1
    ```

    Good (`requirements.txt`):

    ```text
    pangeo-forge-recipes==0.10.8
    s3fs==2024.6.1
    ```
    """

    code = "PFD003"
    name = "no-library"
    level = Level.WARNING
    message = "pangeo-forge-recipes is not named here, but {module} imports it"
    help = "Add `pangeo-forge-recipes==0.10.8`, or the version that you use."

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look for the library, where a module of the Beam API imports it."""
        requirements = draft.requirements
        if requirements is None or not requirements.packages or not requirements.is_whole:
            return
        if any(_EXTENSIONS.fullmatch(package.name or "") for package in requirements.packages):
            return
        for module in draft.modules.values():
            if _uses_beam(module) and module.imports("pangeo_forge_recipes"):
                yield self.found(requirements.text.at(1, 1), module=module.text.shown)
                return


class NoProtocol(Rule):
    """Addresses of a protocol are used, but the package that reads it is not named.

    `s3://` is read by s3fs, `gs://` by gcsfs, `abfs://` by adlfs, none of which comes with fsspec. What the modules import themselves is
    a matter of PFR034.

    Bad (`recipe.py`):

    ```python
    from pangeo_forge.recipes import ConcatDim, FilePattern, ZarrRecipe

    days = ConcatDim("time", keys=[1, 2, 3])
    sst = ZarrRecipe(FilePattern(lambda time: f"s3://noaa-data/{time}.nc", days))
    ```

    Good (`requirements.txt`):

    ```text
    s3fs==2025.7.0
    ```
    """

    code = "PFD009"
    name = "no-protocol"
    level = Level.HINT
    message = "{protocol}:// is read by {package}, which requirements.txt does not name"
    help = "Add `{package}` to requirements.txt, unless another package brings it."

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Report each package once, at the first address that needs it."""
        if draft.requirements is None or not draft.requirements.is_whole:
            return
        told = {package for package in _BRINGING if any(module.imports(package) for module in draft.modules.values())}
        for module in draft.modules.values():
            for url in draft.urls[module.name]:
                missing = {_PACKAGES[protocol]: protocol for protocol in url.protocols if protocol in _PACKAGES}
                for package, protocol in missing.items():
                    if package not in told and not _brings(draft.requirements, package):
                        told.add(package)
                        yield self.found(module.at(url.node), end=module.end_of(url.node), protocol=protocol, package=package)


class CondaEnvironment(Rule):
    """There is a conda environment, which nothing here reads.

    What a recipe needs is installed from `requirements.txt`. An environment beside it is for those who work on the recipe, and the two
    are soon of different opinions.

    Bad (`environment.yml`):

    ```yaml
    dependencies:
      - xarray
    ```

    Good (`requirements.txt`):

    ```text
    xarray==2026.4.0
    ```
    """

    code = "PFD011"
    name = "conda-environment"
    level = Level.HINT
    message = "nothing reads {file}: what a recipe needs is installed from requirements.txt"
    help = "List the packages in requirements.txt."

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look for the files that conda reads."""
        for name in _CONDA_FILES:
            if draft.has_file(name):
                yield self.found(Where(draft.show(name), 1, 1), file=name)


def _uses_beam(module: Module) -> bool:
    return module.imports("apache_beam") or module.imports(TRANSFORMS)


def _find_import(module: Module) -> tuple[ast.AST, str] | None:
    """Find the first statement that imports a package of the Beam API, and which it is."""
    for node in module.nodes:
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        package = next((name.partition(".")[0] for name in names if name.partition(".")[0] in _BEAM_PACKAGES), None)
        if package:
            return node, package
    return None


def _brings(requirements: Requirements, package: str) -> bool:
    """Whether a package is asked for by its name, or by an extra of another."""
    names = {asked.name for asked in requirements.packages}
    return bool(names & _BRINGING[package]) or any(asked.extras & _EXTRAS[package] for asked in requirements.packages)
