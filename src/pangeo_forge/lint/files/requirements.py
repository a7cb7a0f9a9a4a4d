"""``requirements.txt`` as pip reads it: what each line asks for, where it stands, and which lines pip would refuse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as Specified
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from pangeo_forge.errors import Problem, Where
from pangeo_forge.feedstocks.problems import shorten
from pangeo_forge.lint.files.texts import Text
from pangeo_forge.lint.findings import Edit

NAME = "requirements.txt"
CODE = "PFD002"

#: With the hashes of all files of all packages of an environment there are some thousand lines.
_MOST_LINES = 10_000
#: Without the hashes of its files, no requirement is longer, or has more parentheses, which are read by recursion.
_LONGEST = 1_000
_MOST_PARENTHESES = 20

_COMMENT = re.compile(r"(?:^|\s)#.*")
_LOGIN = re.compile(r"(?<=://)[^/\s@]+@")
_WORDS = re.compile(r"[^\s=]+")

# What pip takes in a line of its own, and what it takes behind a requirement.
_FILES = frozenset({"-r", "--requirement"})
_CONSTRAINTS = frozenset({"-c", "--constraint"})
_EDITABLE = frozenset({"-e", "--editable"})
_WITH_VALUE = frozenset(
    {"-i", "--index-url", "--pypi-url", "--extra-index-url", "-f", "--find-links", "--no-binary", "--only-binary", "--trusted-host"}
    | {"--use-feature", *_FILES, *_CONSTRAINTS, *_EDITABLE}
)
_ALONE = frozenset({"--no-index", "--prefer-binary", "--require-hashes", "--pre"})
_BEHIND = frozenset({"--hash", "--global-option", "--config-settings", "--config-setting", "-C"})
_OPTIONS = _WITH_VALUE | _ALONE | _BEHIND
_SHORT = re.compile(r"-[a-zA-Z](?=[^-\s])")

_PACKAGE = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?"
_EXTRAS = r"(?:\s{0,9}\[[\w\s,.-]{0,200}\])?"
_VERSION = r"[0-9][\w.*!+-]{0,60}"
_CONDA = re.compile(rf"(?P<name>{_PACKAGE}{_EXTRAS})\s{{0,9}}=\s{{0,9}}(?P<version>{_VERSION})(?P<build>=\S{{1,100}})?")
_SPACED = re.compile(rf"(?P<name>{_PACKAGE})\s{{1,9}}(?P<version>{_VERSION})")
_COMMAND = re.compile(r"!?%?(?:python\d? -m )?(?:pip\d?|conda|mamba) (?:install|add)\b")
_MERGE = re.compile(r"<{7}|={7}|>{7}")
_SEVERAL = re.compile(rf"{_PACKAGE}(?:[\s,]{{1,9}}{_PACKAGE}){{1,50}}")

_ADDRESS = re.compile(r"(?P<vcs>git|hg|svn|bzr)\+\S+|(?:https?|ftp|file)://\S+")
_GIT = re.compile(r"git\+(?P<url>(?:https?|ssh|git|file)://[^\s/#]*(?P<path>/[^\s#]*)?)(?:#(?P<fragment>\S*))?")
_EGG = re.compile(rf"(?:^|&)egg=(?P<name>{_PACKAGE})")
_WHEEL = re.compile(rf"(?P<name>{_PACKAGE})-[0-9]\S{{0,200}}(?:\.whl|\.tar\.gz|\.zip)")
_PATH = re.compile(r"[./~]|\S+(?:\.whl|\.tar\.gz|\.zip)(?:\s|$)")


@dataclass(frozen=True, slots=True)
class Repository:
    """The git repository that a package comes from.

    Parameters
    ----------
    url : str
        What git is told, credentials included.
    ref : str or None
        The branch, tag or commit; None where none is named.
    start, end : tuple of int
        Line and column of ``@ref``; both the place where it would stand, where there is none.
    """

    url: str
    ref: str | None
    start: tuple[int, int]
    end: tuple[int, int]

    @property
    def shown(self) -> str:
        """The address without its credentials."""
        return _LOGIN.sub("", self.url)

    @property
    def name(self) -> str:
        """The repository's name, as the end of its address; empty where there is only a host."""
        _, slash, path = self.url.partition("://")[2].rstrip("/").partition("/")
        return path.rpartition("/")[2].removesuffix(".git") if slash else ""


@dataclass(frozen=True, slots=True)
class Requirement:
    """A package that is asked for.

    Parameters
    ----------
    name : str or None
        In the form that all its spellings have in common; where only an address is given, guessed from it, or None.
    extras : frozenset of str
        What of the package is wanted in addition.
    versions : SpecifierSet
        Which may be installed; empty for all.
    address : str or None
        Where it comes from, if not by its name from an index.
    repository : Repository or None
        The git repository that it comes from.
    start, end : tuple of int
        Line and column; `end` is behind the last character.
    """

    name: str | None
    extras: frozenset[str]
    versions: SpecifierSet
    address: str | None
    repository: Repository | None
    start: tuple[int, int]
    end: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Fault:
    """What pip would refuse.

    Parameters
    ----------
    problem : Problem
        In words.
    end : tuple of int
        Line and column behind it.
    fix : Edit or None
        What mends it, where that is certain.
    """

    problem: Problem
    end: tuple[int, int]
    fix: Edit | None = None


@dataclass(frozen=True)
class Requirements:
    """A ``requirements.txt``.

    Parameters
    ----------
    text : Text
        Its text.
    packages : tuple of Requirement
        What it asks for.
    options : tuple of str
        The options in lines of their own, by their names.
    faults : tuple of Fault
        What pip would refuse in it.
    """

    text: Text
    packages: tuple[Requirement, ...]
    options: tuple[str, ...]
    faults: tuple[Fault, ...]

    @classmethod
    def parse(cls, text: Text) -> Requirements:
        """Read a file's text, whatever is wrong with it."""
        if len(text.starts) > _MOST_LINES:
            problem = Problem(f"the file has more than {_MOST_LINES:,} lines", text.at(1, 1), "List what the recipe itself imports.", CODE)
            return cls(text, (), (), (Fault(problem, (1, 1)),))
        lines = list(_join(text))
        read = [_read(line) for line in lines]
        packages = tuple(part for part in read if isinstance(part, Requirement))
        faults = tuple(part for part in read if isinstance(part, Fault))
        return cls(text, packages, tuple(_option(line) for line in lines if line.text.startswith("-")), faults)

    @property
    def is_whole(self) -> bool:
        """Whether all packages are known: no other file is read, each has a name, no line is beyond reading."""
        return not self.faults and not _FILES & {*self.options} and all(package.name for package in self.packages)

    @property
    def has_constraints(self) -> bool:
        """Whether versions may be said in another file."""
        return bool((_FILES | _CONSTRAINTS) & {*self.options})

    def named(self, name: str) -> tuple[Requirement, ...]:
        """Find what asks for a package."""
        return tuple(package for package in self.packages if package.name == name)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line as pip sees it: without its comment, joined with those that it is continued on.

    Parameters
    ----------
    source : Text
        The file.
    text : str
        The line.
    pieces : tuple of tuple of int
        Of each part of it, where it begins in `text`, and line and column in the file.
    """

    source: Text
    text: str
    pieces: tuple[tuple[int, int, int], ...]

    def place(self, index: int) -> tuple[int, int]:
        """Give line and column of a character, or of the end."""
        start, line, column = next(piece for piece in reversed(self.pieces) if piece[0] <= index)
        return line, column + index - start

    def end(self, index: int) -> tuple[int, int]:
        """Give line and column behind the character before `index`."""
        line, column = self.place(max(index - 1, 0))
        return line, column + 1

    def where(self, index: int) -> Where:
        """Name the place of a character."""
        return self.source.at(*self.place(index))

    def cut(self, start: int, end: int) -> _Line:
        """Give a part of the line, without the blanks around it."""
        text = self.text[start:end]
        start += len(text) - len(text.lstrip())
        line, column = self.place(start)
        later = tuple((begin - start, number, first) for begin, number, first in self.pieces if begin > start)
        return _Line(self.source, text.strip(), ((0, line, column), *later))


def _join(text: Text) -> Iterator[_Line]:
    """Join continued lines, and leave out comments and what is empty."""
    pieces: list[tuple[int, int, int]] = []
    joined = ""
    for number in range(1, len(text.starts) + 1):
        written = text.line(number)
        is_comment = written.lstrip().startswith("#")
        pieces.append((len(joined), number, 1))
        joined += written.rstrip("\\") if written.endswith("\\") and not is_comment else written
        if is_comment or not written.endswith("\\") or number == len(text.starts):
            comment = _COMMENT.search(joined)
            line = _Line(text, joined, tuple(pieces)).cut(0, comment.start() if comment else len(joined))
            if line.text:
                yield line
            pieces, joined = [], ""


def _read(line: _Line) -> Requirement | Fault | None:
    if line.text.startswith("-"):
        return _read_option(line)
    behind = re.search(r"\s-", line.text)
    wanted = line.cut(0, behind.start()) if behind else line
    for option in re.findall(r"(?<=\s)-[^\s=]*", line.text):
        if option not in _OPTIONS:
            message = f"pip knows no option {shorten(option)} behind a requirement"
            return _fault(line, message, "Remove it, or write one requirement a line.")
    return _read_requirement(wanted)


def _read_option(line: _Line) -> Requirement | Fault | None:
    name = _option(line)
    if name == "-":
        return _fault(line, "the line begins with '-', as the items of a list do in YAML", "Leave out the '-'.")
    if name not in _OPTIONS:
        return _fault(line, f"pip knows no option {shorten(name)}", "Write one requirement a line, or an option such as `-r`.")
    value = line.cut(len(name), len(line.text))
    value = value.cut(1, len(value.text)) if value.text.startswith("=") else value
    if name in _WITH_VALUE and not value.text:
        return _fault(line, f"nothing stands behind {name}", "Write what it is for, or remove the line.")
    return _read_requirement(value) if name in _EDITABLE else None


def _option(line: _Line) -> str:
    """Name the option that a line begins with."""
    found = _SHORT.match(line.text) or _WORDS.match(line.text)
    return found[0] if found else "-"


def _read_requirement(line: _Line) -> Requirement | Fault:
    text = line.text
    if len(text) > _LONGEST or text.count("(") > _MOST_PARENTHESES:
        return _fault(line, "the line is longer than any requirement", "Write one requirement a line.")
    if _ADDRESS.match(text) or _PATH.match(text):
        address = re.split(r"\s+;\s|\s", text, maxsplit=1)[0]
        return _from_address(line, address, None, frozenset())
    try:
        read = Specified(text)
    except InvalidRequirement:
        return _explain(line)
    if read.url:
        return _from_address(line, read.url, read.name, frozenset(read.extras))
    if canonicalize_name(read.name) == "python":
        return _fault(line, "`python` is no package that pip could install", "Remove the line: Python is there before pip is.")
    return _requirement(line, read.name, frozenset(read.extras), read.specifier)


def _requirement(
    line: _Line,
    name: str | None,
    extras: frozenset[str],
    versions: SpecifierSet,
    address: str | None = None,
    repository: Repository | None = None,
) -> Requirement:
    known = canonicalize_name(name) if name else None
    end = line.end(len(line.text))
    return Requirement(known, extras, versions, address, repository, line.place(0), end)


def _from_address(line: _Line, address: str, name: str | None, extras: frozenset[str]) -> Requirement | Fault:
    """Read a requirement that is a URL or a path, with a name in front or without."""
    found = _GIT.search(line.text)
    if found is None:
        last = address.partition("#")[0].rstrip("/").rpartition("/")[2]
        wheel = _WHEEL.fullmatch(last)
        egg = _EGG.search(address.partition("#")[2])
        guessed = name or (egg["name"] if egg else wheel["name"] if wheel else None)
        return _requirement(line, guessed, extras, SpecifierSet(), address)
    _, at, ref = (found["path"] or "").rpartition("@")
    if at and not ref:
        return _fault(line, "nothing stands behind the '@' of the repository", "Write a branch, a tag or a commit, or remove the '@'.")
    stop = found.end("url")
    start = stop - len(at + ref) if at else stop
    url = found["url"][: len(found["url"]) - len(at + ref)] if at else found["url"]
    place = line.place(start) if at else line.end(stop)
    repository = Repository(url, ref if at else None, place, line.end(stop))
    egg = _EGG.search(found["fragment"] or "")
    return _requirement(line, name or (egg["name"] if egg else repository.name or None), extras, SpecifierSet(), address, repository)


def _explain(line: _Line) -> Fault:
    """Say why pip cannot read a requirement, as far as that can be told."""
    text = line.text
    shown = shorten(_LOGIN.sub("…@", text))
    if found := _CONDA.fullmatch(text):
        right = f"{found['name']}=={found['version']}"
        fix = None if found["build"] or len(line.pieces) > 1 else Edit(line.source.path, line.place(0), line.end(len(text)), right)
        return _fault(line, f"pip cannot read {shown}: one '=' is how conda writes it", f"Write `{right}`.", fix)
    if found := _SPACED.fullmatch(text):
        return _fault(line, f"pip cannot read {shown}: '==' is missing", f"Write `{found['name']}=={found['version']}`.")
    if _COMMAND.match(text):
        return _fault(line, "this is a command, but pip wants the packages alone", "Write only the packages, one a line.")
    if _MERGE.match(text):
        return _fault(line, "a merge was left unfinished here", "Keep one of the two sides, and remove the marks.")
    if _SEVERAL.fullmatch(text):
        return _fault(line, f"pip cannot read {shown}: several packages stand in one line", "Write one requirement a line.")
    return _fault(line, f"pip cannot read {shown}", "Write `name==1.2.3`, `name @ https://…`, or an option such as `-r`.")


def _fault(line: _Line, message: str, hint: str, fix: Edit | None = None) -> Fault:
    return Fault(Problem(message, line.where(0), hint, CODE), line.end(len(line.text)), fix)
