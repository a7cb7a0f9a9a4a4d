"""What a feedstock wants to be installed: its ``requirements.txt``, read."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, canonicalize_name, parse_sdist_filename, parse_wheel_filename

from pangeo_forge.environments.requirement_files import NAME, Line, read_lines
from pangeo_forge.errors import UserError, Where
from pangeo_forge.types import redact_text

_OPTION_BEHIND = re.compile(r"\s--?[A-Za-z][\w-]*.*$")
_EDITABLE = re.compile(r"(?:-e|--editable)(?:\s+|=)(?P<path>.+)$")
_HASH = re.compile(r"\s--hash\b")
_GIT = re.compile(r"(?:git|hg|svn|bzr)\+\S+")
#: The name of a repository; a branch behind it may have slashes of its own.
_REPOSITORY = re.compile(r"(?:git|hg|svn|bzr)\+[a-z+]+://[^/\s]+(?:/[^/@#\s]+)*/(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)/?(?:[@#?]|$)")
_URL = re.compile(r"(?:https?|ftp|file)://\S+")
_PATH = re.compile(r"[./~]|\S+(?:\.whl|\.tar\.gz|\.zip)(?:\s|;|$)")
_MARKER = re.compile(r"\s+;\s*|;\s+")
_EGG = re.compile(r"[#&]egg=(?P<name>[A-Za-z0-9._-]+)")
#: The options of a line of their own that say where packages are found, and which may be taken.
_PASSED_ON = re.compile(
    r"(?:-i|--index-url|--extra-index-url|-f|--find-links|--no-index|--pre|--no-binary|--only-binary|-c|--constraint)\b"
)
_WITH_PATH = re.compile(r"(?P<option>-f|--find-links|-c|--constraint)(?:\s+|=|(?=[^\s-]))(?P<path>\S+)$")
_WITHOUT_MEANING = re.compile(r"(?:--require-hashes|--prefer-binary|--trusted-host|--use-feature|--process-dependency-links)\b")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One requirement.

    Parameters
    ----------
    text : str
        As an installer reads it, paths absolute.
    where : Where or None
        The line that asks for it; None where a recipe's imports do.
    name : str or None
        Of the package, in the form that all its spellings have in common; None where only an address is given, and tells no name.
    read : Requirement or None
        What `packaging` reads in it; None where it is an address or a path without a name.
    path : Path or None
        The file or folder that it is installed from, where it is one of this machine.
    """

    text: str
    where: Where | None
    name: str | None
    read: Requirement | None = None
    path: Path | None = None

    @property
    def shown(self) -> str:
        """The text without what may be secret in an address."""
        return redact_text(self.text)


@dataclass(frozen=True, slots=True)
class Requirements:
    """All that a feedstock wants.

    Parameters
    ----------
    wanted : tuple of Wanted
        The packages.
    options : tuple of str
        Lines that say where packages are found (``--find-links …``), paths absolute.
    remarks : tuple of str
        What is passed over, and where.
    """

    wanted: tuple[Wanted, ...] = ()
    options: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.wanted)


def read_requirements(folder: Path) -> Requirements:
    """Read the ``requirements.txt`` of a feedstock; without one nothing is wanted.

    Raises
    ------
    UserError
        If a line cannot be understood; the message names it.
    """
    file = folder / NAME
    if not file.is_file():
        return Requirements()
    wanted: list[Wanted] = []
    options: list[str] = []
    remarks: list[str] = []
    for line in read_lines(file):
        editable = _EDITABLE.match(line.text)
        if line.text.startswith("-") and editable is None:
            options.extend(_read_option(line))
            continue
        if _HASH.search(line.text):
            remarks.append(f"{line.where}: hashes of files are not compared")
        text = _OPTION_BEHIND.sub("", line.text)
        wanted.append(_read_editable(line, editable["path"]) if editable else _read_wanted(line, text))
    return Requirements(tuple(wanted), tuple(options), tuple(remarks))


def make_wanted(text: str) -> Wanted:
    """Want a package that no line asks for."""
    read = Requirement(text)
    return Wanted(text, None, canonicalize_name(read.name), read)


def _read_option(line: Line) -> Iterator[str]:
    if _WITHOUT_MEANING.match(line.text):
        return
    if not _PASSED_ON.match(line.text):
        name = re.split(r"[\s=]", line.text, maxsplit=1)[0]
        raise UserError(
            f"requirements.txt has an option that is not known, {name!r}",
            where=line.where,
            hint="Write one requirement a line.",
            code="PFD002",
        )
    found = _WITH_PATH.match(line.text)
    if found and "://" not in found["path"]:
        yield f"{found['option']} {_absolute(found['path'], line)}"
    else:
        yield line.text


def _absolute(path: str, line: Line) -> Path:
    return Path(os.path.abspath(line.folder / Path(path).expanduser()))  # noqa: PTH100  (a link stays one)


def _read_wanted(line: Line, text: str) -> Wanted:
    text = text.strip()
    if _GIT.match(text) or _URL.match(text):
        return _read_address(line, text)
    if _PATH.match(text):
        return _read_path(line, text)
    try:
        read = Requirement(text)
    except InvalidRequirement as error:
        reason = str(error).partition("\n")[0]
        raise UserError(
            f"{redact_text(text)!r} is no requirement: {redact_text(reason)}",
            where=line.where,
            hint="Write `name==1.2.3`, `name @ https://…`, or an option such as `-r`.",
            code="PFD002",
        ) from None
    path = _as_path(read.url) if read.url else None
    return Wanted(text, line.where, canonicalize_name(read.name), read, path)


def _read_editable(line: Line, text: str) -> Wanted:
    is_address = _GIT.match(text) or _URL.match(text)
    return _read_address(line, text) if is_address else _read_path(line, text)


def _as_path(url: str) -> Path | None:
    from urllib.parse import unquote, urlsplit

    return Path(unquote(urlsplit(url).path)) if url.startswith("file:") else None


def _read_address(line: Line, text: str) -> Wanted:
    address = _MARKER.split(text, maxsplit=1)[0]
    egg = _EGG.search(address)
    last = address.partition("#")[0].rstrip("/").rpartition("/")[2]
    name = egg["name"] if egg else _name_of_file(last)
    if name is None and (repository := _REPOSITORY.match(address)):
        name = repository["name"].removesuffix(".git")
    return Wanted(text, line.where, canonicalize_name(name) if name else None, None, _as_path(address))


def _read_path(line: Line, text: str) -> Wanted:
    written, *marker = _MARKER.split(text, maxsplit=1)
    bare, bracket, extras = written.partition("[")
    path = _absolute(bare.strip(), line)
    if not path.exists():
        raise UserError(f"there is no {path}, which is to be installed", where=line.where, hint="Write a path relative to the file.")
    text = "".join([str(path), bracket, extras, *(f" ; {part}" for part in marker)])
    return Wanted(text, line.where, _name_of_file(path.name), None, path)


def _name_of_file(name: str) -> str | None:
    try:
        return str(parse_wheel_filename(name)[0]) if name.endswith(".whl") else str(parse_sdist_filename(name)[0])
    except (InvalidWheelFilename, InvalidSdistFilename):
        return None
