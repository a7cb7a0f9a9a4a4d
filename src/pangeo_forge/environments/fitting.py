"""What of a feedstock's requirements is to be installed, when its recipes run in today's stack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from pangeo_forge.environments.installed import OURS, find_requirements
from pangeo_forge.environments.wanted import Requirements, Wanted

#: What is never installed for a recipe that is lifted: stand-ins answer for the first two, and we are the others.
REPLACED = frozenset({"pangeo-forge-recipes", "apache-beam", "pangeo-forge-runner", OURS})


@dataclass(frozen=True, slots=True)
class Fitted:
    """Requirements as they are taken.

    Parameters
    ----------
    missing : tuple of Wanted
        What is to be installed.
    met : tuple of Wanted
        What is there already, and has to stay true.
    remarks : tuple of str
        What is taken otherwise than it is written, with file and line.
    """

    missing: tuple[Wanted, ...]
    met: tuple[Wanted, ...]
    remarks: tuple[str, ...]


def are_met(requirements: Requirements, versions: Mapping[str, str]) -> bool:
    """Tell whether all is there as it is written, but for what is replaced."""
    return all(_is_met(wanted, versions) for wanted in requirements.wanted if applies(wanted) and wanted.name not in REPLACED)


def fit(requirements: Requirements, versions: Mapping[str, str], stack: frozenset[str], bounds: Mapping[str, Requirement]) -> Fitted:
    """Leave out what is there or replaced, and let what pangeo-forge brings follow its own versions.

    Parameters
    ----------
    requirements : Requirements
        What a feedstock wants.
    versions : mapping
        What is installed in pangeo-forge's own environment.
    stack : frozenset of str
        What pangeo-forge brings itself, installed or not.
    bounds : mapping
        What its own extras ask of packages.
    """
    missing: list[Wanted] = []
    met: list[Wanted] = []
    remarks = list(requirements.remarks)
    for wanted in requirements.wanted:
        if not applies(wanted) or wanted.name in REPLACED:
            continue
        if wanted.name is None or wanted.name not in stack:
            (met if _is_met(wanted, versions) else missing).append(wanted)
            continue
        installed = versions.get(wanted.name)
        if installed is None:
            taken = _with_our_bounds(wanted, bounds)
            missing.append(taken)
            if not _is_open(wanted):
                remarks.append(f"{wanted.where}: {wanted.shown} is not held: {taken.text} is used, to fit pangeo-forge's own")
            continue
        missing.extend(_missing_of_extras(wanted, versions))
        if not _is_of_version(wanted, installed):
            remarks.append(f"{wanted.where}: {wanted.shown} is not held: pangeo-forge's own {installed} is used")
    return Fitted(tuple(missing), tuple(met), tuple(remarks))


def applies(wanted: Wanted) -> bool:
    """Whether a requirement's marker lets it apply to this Python on this machine."""
    return wanted.read is None or wanted.read.marker is None or wanted.read.marker.evaluate()


def _is_met(wanted: Wanted, versions: Mapping[str, str]) -> bool:
    version = versions.get(wanted.name or "")
    return version is not None and _is_of_version(wanted, version) and not any(True for _ in _missing_of_extras(wanted, versions))


def _is_of_version(wanted: Wanted, version: str) -> bool:
    return wanted.read is not None and wanted.read.url is None and wanted.read.specifier.contains(version, prereleases=True)


def _missing_of_extras(wanted: Wanted, versions: Mapping[str, str]) -> Iterator[Wanted]:
    """Yield what the extras of an installed package ask for and is not there."""
    for requirement in find_requirements(wanted.name or "", wanted.read.extras if wanted.read else ()):
        name = canonicalize_name(requirement.name)
        needed = Wanted(f"{requirement.name}{requirement.specifier}", wanted.where, name, requirement)
        if name not in versions or not _is_of_version(needed, versions[name]):
            yield needed


def _is_open(wanted: Wanted) -> bool:
    """Whether any version will do."""
    return wanted.read is not None and wanted.read.url is None and not wanted.read.specifier


def _with_our_bounds(wanted: Wanted, bounds: Mapping[str, Requirement]) -> Wanted:
    if wanted.read is None:
        return replace(wanted, text=str(bounds.get(wanted.name or "", wanted.name)), path=None)
    ours = bounds.get(wanted.name or "")
    read = Requirement(str(wanted.read))
    read.url, read.marker = None, None
    read.specifier = ours.specifier if ours else SpecifierSet()
    return replace(wanted, text=str(read), read=read, path=None)
