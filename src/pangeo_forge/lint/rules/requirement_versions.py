"""Whether ``requirements.txt`` asks for versions: that stay, and that fit the recipe."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache, lru_cache
from importlib.metadata import PackageNotFoundError, requires, version

from packaging.requirements import Requirement as Specified
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from pangeo_forge.errors import Where
from pangeo_forge.feedstocks.problems import listing
from pangeo_forge.lint.code.modules import Module
from pangeo_forge.lint.code.pipelines import REFERENCE_CLASSES, TRANSFORMS, ZARR_CLASSES
from pangeo_forge.lint.drafts import Draft
from pangeo_forge.lint.files.requirements import NAME, Repository, Requirement, Requirements
from pangeo_forge.lint.findings import Edit, Finding, Level
from pangeo_forge.lint.rule import Rule

_OURS = "pangeo-forge"
_LIBRARY = "pangeo-forge-recipes"
_CLASSES = ZARR_CLASSES | REFERENCE_CLASSES
#: The library's releases with either API, among some that there never were.
_CLASSIC = tuple(f"0.{minor}.{patch}" for minor in range(3, 10) for patch in range(5))
_BEAM = tuple(f"0.10.{patch}" for patch in range(9))
_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_RELEASE = re.compile(
    r"(?:[A-Za-z_]{1,30}[-_/])?v?[0-9]{1,5}(?:\.[0-9]{1,5}){1,5}(?:[-+._]?(?:a|b|c|rc|alpha|beta|post|dev)[-.]?[0-9]{0,5})?"
)


class Unpinned(Rule):
    """Packages may come in any version.

    A recipe that works today fails when a package changes what the recipe relies on, and a dataset that is baked again is another one.
    One finding names all such packages. Those with an upper bound, and those from a repository (see PFD006), are not counted, and
    nothing is said where a file of constraints is named.

    Bad (`requirements.txt`):

    ```text
    s3fs
    rioxarray>=0.15
    ```

    Good (`requirements.txt`):

    ```text
    s3fs==2024.6.1
    rioxarray==0.15.7
    ```
    """

    code = "PFD005"
    name = "unpinned"
    level = Level.HINT
    message = "{packages} may come in any version, and in another one tomorrow"
    help = "Write the versions that the recipe works with, such as `{example}==1.2.3`; `pip freeze` lists what is installed."

    def check(self, draft: Draft) -> Iterable[Finding]:
        """List all such packages at the first of them."""
        if draft.requirements is None or draft.requirements.has_constraints:
            return
        packages = draft.requirements.packages
        bounded = {package.name for package in packages if not _is_open_ended(package)}
        open_ended = [package for package in packages if package.name not in bounded]
        if open_ended:
            first = open_ended[0]
            names = list(dict.fromkeys(package.name or "" for package in open_ended))
            yield self.found(draft.requirements.text.at(*first.start), end=first.end, packages=listing(names, 6), example=names[0])


class FloatingRef(Rule):
    """A package is installed from a branch of a repository, or from its default branch.

    Whatever is pushed there next is what the recipe runs with, on workers perhaps in the middle of a run, and a branch that is merged
    and deleted takes the recipe with it. Tags and commits are fine. With `--online --fix` the commit that the branch is at is written.

    Bad (`requirements.txt`):

    ```text
    git+https://github.com/pangeo-forge/pangeo-forge-recipes@main
    ```

    Good (`requirements.txt`):

    ```text
    git+https://github.com/pangeo-forge/pangeo-forge-recipes@5ee286d2e2c3e1c68a0c7e5885c17c8a9a70e8ca
    ```
    """

    code = "PFD006"
    name = "floating-ref"
    level = Level.WARNING
    message = "{package} comes from {ref} of {repository}, which may be something else tomorrow"
    help = "Write the commit, as in `{name}@5ee286d…`: `git ls-remote {repository}` shows it."
    fixable = True

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look at each package that comes from a repository."""
        for package, repository in _floating(draft.requirements):
            yield self._report(draft, package, repository)

    def check_online(self, draft: Draft) -> Iterable[Finding]:
        """Ask as well for the commit that each is at."""
        from pangeo_forge.lint.servers.remotes import find_commit

        for package, repository in _floating(draft.requirements):
            commit = find_commit(draft.servers, repository)
            found = self._report(draft, package, repository)
            if isinstance(commit, str):
                fix = Edit(NAME, repository.start, repository.end, f"@{commit}")
                yield replace(found, fix=(fix,), help=f"Write `{repository.name}@{commit}`, the commit that it is at.")
            elif commit is None:
                message = f"{package.name} comes from {_show_ref(repository)} of {repository.shown}, which is not there"
                yield replace(found, level=Level.ERROR, message=message, help="Write a branch, a tag or a commit that is there.")
            else:
                yield replace(found, help=f"{found.help} (It was not asked: {commit.reason}.)")

    def _report(self, draft: Draft, package: Requirement, repository: Repository) -> Finding:
        where = Where(draft.show(NAME), *(repository.start if repository.ref else package.start))
        end = repository.end if repository.ref else package.end
        shown, ref = repository.shown, _show_ref(repository)
        return self.found(where, end=end, package=package.name, ref=ref, repository=shown, name=repository.name)


class WrongLibrary(Rule):
    """The version of `pangeo-forge-recipes` that is asked for has another API than the recipe uses.

    Up to 0.9 there are the classes `XarrayZarrRecipe` and `HDFReferenceRecipe`, from 0.10 on there are transforms of Apache Beam, and
    no version has both.

    Bad (`recipe.py`):

    ```python
    from pangeo_forge_recipes.patterns import pattern_from_file_sequence
    from pangeo_forge_recipes.recipes import XarrayZarrRecipe

    sst = XarrayZarrRecipe(pattern_from_file_sequence(["https://data.example.org/1.nc", "https://data.example.org/2.nc"], "time"))
    ```

    Bad (`requirements.txt`):

    ```text
    pangeo-forge-recipes==0.10.8
    ```

    Good (`requirements.txt`):

    ```text
    pangeo-forge-recipes==0.9.4
    ```
    """

    code = "PFD007"
    name = "wrong-library"
    level = Level.WARNING
    message = "pangeo-forge-recipes{versions} has no {missing}, which {module} uses"
    help = "Write `{right}`."

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Compare the versions that may come with the API that all modules use."""
        asked = draft.requirements.named(_LIBRARY) if draft.requirements else ()
        versions = [package for package in asked if package.address is None and package.versions]
        if not versions:
            return
        beam = [module for module in draft.modules.values() if module.imports(TRANSFORMS)]
        classic = [module for module in draft.modules.values() if _uses_classes(module)]
        if bool(beam) == bool(classic):
            return
        missing, right, has, lacks = (
            ("transforms", "pangeo-forge-recipes==0.10.8", _BEAM, _CLASSIC)
            if beam
            else ("class recipes", "pangeo-forge-recipes==0.9.4", _CLASSIC, _BEAM)
        )
        module = (beam or classic)[0].text.shown
        for package in versions:
            if _allows(package.versions, lacks) and not _allows(package.versions, has):
                where = Where(draft.show(NAME), *package.start)
                yield self.found(where, end=package.end, versions=package.versions, missing=missing, module=module, right=right)


class Conflict(Rule):
    """A package is asked for in a version that `pangeo-forge` itself does not work with.

    Recipes of `pangeo_forge.recipes` run in one environment with it, in which there is one version of each package. Looked at are
    exact versions only.

    Bad (`requirements.txt`):

    ```text
    zarr==2.18.3
    ```

    Good (`requirements.txt`):

    ```text
    zarr==3.1.6
    ```
    """

    code = "PFD008"
    name = "conflict"
    level = Level.WARNING
    message = "{package}{versions} cannot be installed together with pangeo-forge {ours}, which needs {needed}"
    help = "Write a version that pangeo-forge works with, or leave the line out: the package comes with it."

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Compare exact versions with what the installed version of pangeo-forge needs."""
        requirements = draft.requirements
        if requirements is None or not any(module.imports("pangeo_forge") for module in draft.modules.values()):
            return
        ours, needs = _own_needs()
        if not ours or any(not package.versions.contains(ours, prereleases=True) for package in requirements.named(_OURS)):
            return
        for package in requirements.packages:
            exact = [part.version for part in package.versions if part.operator == "==" and not part.version.endswith(".*")]
            needed = needs.get(package.name or "")
            if exact and needed and not all(needed.contains(one, prereleases=True) for one in exact):
                yield self.found(
                    requirements.text.at(*package.start),
                    end=package.end,
                    package=package.name,
                    versions=package.versions,
                    ours=ours,
                    needed=needed,
                )


def _uses_classes(module: Module) -> bool:
    return any(name.startswith("pangeo_forge_recipes.") and name.rpartition(".")[2] in _CLASSES for name in module.aliases.values())


def _is_open_ended(package: Requirement) -> bool:
    return package.address is None and all(part.operator in (">=", ">", "!=") for part in package.versions)


def _floating(requirements: Requirements | None) -> Iterator[tuple[Requirement, Repository]]:
    for package in requirements.packages if requirements else ():
        repository = package.repository
        if repository and not _is_fixed(repository.ref):
            yield package, repository


def _show_ref(repository: Repository) -> str:
    return f"`{repository.ref}`" if repository.ref else "the default branch"


def _is_fixed(ref: str | None) -> bool:
    """Whether a ref is a commit, or looks like a release."""
    return ref is not None and bool(_COMMIT.fullmatch(ref) or _RELEASE.fullmatch(ref))


@lru_cache(256)
def _allows(versions: SpecifierSet, releases: tuple[str, ...]) -> bool:
    return any(versions.contains(release) for release in releases)


@cache
def _own_needs() -> tuple[str, dict[str, SpecifierSet]]:
    """Give our own version, and which versions of other packages it needs; nothing where it is not installed."""
    try:
        needs = [Specified(line) for line in requires(_OURS) or ()]
    except PackageNotFoundError:
        return "", {}
    return version(_OURS), {canonicalize_name(need.name): need.specifier for need in needs if need.marker is None}
