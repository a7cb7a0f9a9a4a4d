"""Building the environment of recipes that run in today's stack: what is missing, in front of pangeo-forge's own packages."""

from __future__ import annotations

import importlib.metadata
import platform
import sys
import sysconfig
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from pangeo_forge.environments.explaining import explain, is_unsolvable
from pangeo_forge.environments.fitting import REPLACED, Fitted
from pangeo_forge.environments.installing import describe, install, packages_in, resolve, write_lines
from pangeo_forge.environments.store import Environment
from pangeo_forge.environments.uv import Uv, UvFailed
from pangeo_forge.environments.wanted import Requirements, Wanted

Tell = Callable[[str], None]

#: A virtual environment's way to see other packages: this module is found first, then what lies in the other folders.
_BENEATH = "_pangeo_forge.pth"


@dataclass(frozen=True, slots=True)
class Beneath:
    """What an environment that is built beside pangeo-forge's own sees of that.

    Parameters
    ----------
    folders : tuple of Path
        Where its packages lie.
    versions : mapping
        Which there are.
    stack : frozenset of str
        Which of them pangeo-forge brings.
    """

    folders: tuple[Path, ...]
    versions: Mapping[str, str]
    stack: frozenset[str]

    @property
    def held(self) -> list[str]:
        """The packages that stay as they are."""
        return sorted(self.stack & self.versions.keys() - REPLACED)


def build_beside(folder: Path, requirements: Requirements, fitted: Fitted, beneath: Beneath, *, uv: Uv, tell: Tell) -> Environment:
    """Build an environment in which what is missing is installed, and which sees pangeo-forge's own packages behind that.

    Parameters
    ----------
    folder : Path
        Its own, which is not there yet.
    requirements : Requirements
        What the feedstock asks for.
    fitted : Fitted
        What of it is missing.
    beneath : Beneath
        What is there already.
    uv : Uv
        How uv is called.
    tell : callable
        Is told what is being done.

    Raises
    ------
    ForgeError
        If the requirements cannot be met, or packages cannot be fetched.
    """
    try:
        uv.run("venv", "--quiet", "--no-project", "--python", sys.executable, folder, cwd=folder.parent)
        place = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder), "platbase": str(folder)}))
        (place / _BENEATH).write_text("; ".join(["import site", *(f"site.addsitedir({str(one)!r})" for one in beneath.folders)]) + "\n")
        tell(f"choosing versions for {_count(fitted.missing, 'requirement')}")
        pins, held = _resolve_beside(folder, requirements.options, [*fitted.missing, *fitted.met], beneath, uv)
        pins = [pin for pin in pins if not _is_beneath(pin, beneath)]
        tell(f"installing {_count(pins, 'package')}")
        install(folder, requirements.options, pins, uv)
    except UvFailed as error:
        raise explain(str(error), [*fitted.missing, *fitted.met]) from None
    packages = packages_in(place)
    remarks = (*fitted.remarks, *(() if held else _disagreements(place, {**beneath.versions, **packages})))
    return describe(folder, "lifted", platform.python_version(), requirements, packages, remarks)


def _resolve_beside(folder: Path, options: Iterable[str], wanted: Iterable[Wanted], beneath: Beneath, uv: Uv) -> tuple[list[str], bool]:
    """Choose versions that fit those that are there, or, if there are none, that fit each other.

    Returns
    -------
    tuple of (list of str, bool)
        The pins; and whether what pangeo-forge brings fits what they ask of it.
    """
    names = [*beneath.held]
    holding = write_lines(folder / "held.txt", [f"{name}=={beneath.versions[name]}" for name in names])
    replaced = write_lines(folder / "replaced.txt", sorted(REPLACED))
    passed_over = write_lines(folder / "passed-over.txt", sorted({*REPLACED, *names}))
    # uv keeps to the versions that it finds in the file which it is to write, where they fit.
    preferred = [f"{name}=={version}" for name, version in beneath.versions.items() if name not in REPLACED]
    python = ("--python", sys.executable)
    try:
        return resolve(folder, options, wanted, [*python, "--constraints", holding, "--excludes", replaced], uv, preferred), True
    except UvFailed as strict:
        try:
            return resolve(folder, options, wanted, [*python, "--excludes", passed_over], uv, preferred), False
        except UvFailed as lenient:
            raise (lenient if is_unsolvable(str(lenient)) or not is_unsolvable(str(strict)) else strict) from None


def _is_beneath(pin: str, beneath: Beneath) -> bool:
    try:
        read = Requirement(pin)
    except InvalidRequirement:
        return False
    name = canonicalize_name(read.name)
    version = beneath.versions.get(name)
    return read.url is None and version is not None and (name in beneath.stack or read.specifier.contains(version, prereleases=True))


def _disagreements(place: Path, versions: Mapping[str, str]) -> Iterator[str]:
    """Say which packages ask for another version than there is."""
    for distribution in importlib.metadata.distributions(path=[str(place)]):
        for requirement in map(Requirement, distribution.requires or ()):
            version = versions.get(canonicalize_name(requirement.name))
            applies = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
            if applies and version is not None and not requirement.specifier.contains(version, prereleases=True):
                asked = f"{requirement.name}{requirement.specifier}"
                yield f"{distribution.name} {distribution.version} asks for {asked}, and is given pangeo-forge's own {version}"


def _count(things: Iterable[object], what: str) -> str:
    number = len(list(things))
    return f"{number} {what}{'' if number == 1 else 's'}"
